"""From a built document to the destinations, in the order that makes a crash harmless (see `journal.store`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from dui_bridge.findings import Finding
from dui_bridge.journal.records import Fingerprints, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Answer, BuiltDocument
from dui_bridge.pipeline.assemble import destinations
from dui_bridge.site.settings import Site


class Handover:
    """Records versions and hands documents over. Without a journal (a dry run) it does neither."""

    def __init__(self, site: Site, source: str, run: str, versions: Mapping[str, str], journal: Journal | None) -> None:
        self.run, self.versions = run, versions
        self._source, self._journal = source, journal
        self._destinations = destinations(site, source)

    @property
    def writes(self) -> bool:
        """Whether anything is written at all."""
        return self._journal is not None

    def finish_interrupted(self) -> None:
        """Marks what an earlier run had handed over but could not write down any more."""
        if self._journal is None or not self._destinations:
            return
        for waiting in self._journal.waiting(self._source):
            if all(there.holds(waiting.ids.unique_id, waiting.sha256) for there in self._destinations.values()):
                self._journal.mark_handed_over(waiting.ids.unique_id, datetime.now(UTC))

    def hand_over(
        self, key: SeriesKey, built: BuiltDocument, fingerprints: Fingerprints, *, resumed: bool
    ) -> tuple[Finding, ...]:
        """Commits the version, hands it to every destination, commits that it is there.

        Returns:
            findings when a destination refused; the version then waits and is tried again by the next run.
        Raises:
            FixConfiguration: a folder or the journal cannot be used. Nothing is lost: the next run goes on.
        """
        if self._journal is None:
            return ()
        if not resumed:
            self._journal.record_version(
                self.run,
                key,
                built.ids,
                finess=built.document.finess,
                fingerprints=fingerprints,
                sha256=built.sha256,
                size=built.size,
                versions=self.versions,
                at=datetime.now(UTC),
            )
        findings: list[Finding] = []
        for destination in self._destinations.values():
            outcome = destination.send(destination.prepare(built))
            if outcome.answer is Answer.REFUSED:
                findings += outcome.findings
        if not findings:
            self._journal.mark_handed_over(built.ids.unique_id, datetime.now(UTC))
        return tuple(findings)
