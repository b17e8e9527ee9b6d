"""From a built document to the journal, which plans what goes where: nothing leaves from here (see `delivery`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from dui_bridge.journal.records import DossierEntry, Fingerprints, Json, NewVersion, PlannedDelivery, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import BuiltDocument
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.site.settings import Site

_TOGETHER: Final = 32
"""So many first versions are one commit: until then the journal knows nothing of them, and the next run makes them."""
_TOGETHER_BYTES: Final = 4 * 1024 * 1024


class Handover:
    """Records versions with what each destination is to receive. Without a journal (a dry run) it does nothing."""

    def __init__(
        self, site: Site, run: str, versions: Mapping[str, str], journal: Journal | None, *, urgent: bool
    ) -> None:
        self.run, self.versions = run, versions
        self._site, self._journal, self._urgent = site, journal, urgent
        self._waiting: dict[SeriesKey, NewVersion] = {}
        self._bytes = 0

    @property
    def writes(self) -> bool:
        """Whether anything is written at all."""
        return self._journal is not None

    def record(
        self,
        key: SeriesKey,
        built: BuiltDocument,
        fingerprints: Fingerprints,
        dossier: DossierEntry,
        facts: Mapping[str, Json],
    ) -> None:
        """Commits the version, its bytes, and a planned delivery for each destination of the site: the first version of
        a document with others, by `flush` at the latest, and one that follows another at once.

        Raises:
            JournalUnusable: nothing was written; the next run makes it again under the same ids.
        """
        if self._journal is None:
            return
        urgent = self._urgent or built.document.type in self._site.declaration.urgent_types
        planned = [PlannedDelivery(name, urgent) for name in self._site.destinations]
        version = NewVersion(key, built, fingerprints, dossier, facts, planned)
        if built.ids.version > 1:
            self._commit([version])
            return
        self._waiting[key] = version
        self._bytes += built.size + len(built.pdf or b"")
        if len(self._waiting) >= _TOGETHER or self._bytes >= _TOGETHER_BYTES:
            self.flush()

    def flush(self, key: SeriesKey | None = None) -> None:
        """Commits what waits; with `key` only when a version of this series is among it.

        Raises:
            JournalUnusable: as `record`.
        """
        if self._waiting and (key is None or key in self._waiting):
            self._commit(list(self._waiting.values()))
            self._waiting, self._bytes = {}, 0

    def _commit(self, versions: list[NewVersion]) -> None:
        if self._journal is not None:
            reached("record.before")
            self._journal.record_versions(self.run, versions, datetime.now(UTC))
            reached("record.after")
