"""From a built document to the journal, which plans what goes where: nothing leaves from here (see `delivery`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from dui_bridge.journal.records import DossierEntry, Fingerprints, Json, PlannedDelivery, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import BuiltDocument
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.site.settings import Site


class Handover:
    """Records versions with what each destination is to receive. Without a journal (a dry run) it does nothing."""

    def __init__(
        self, site: Site, run: str, versions: Mapping[str, str], journal: Journal | None, *, urgent: bool
    ) -> None:
        self.run, self.versions = run, versions
        self._site, self._journal, self._urgent = site, journal, urgent

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
        """Commits the version, its bytes, and a planned delivery for each destination of the site.

        Raises:
            JournalUnusable: nothing was written; the next run makes it again under the same ids.
        """
        if self._journal is None:
            return
        urgent = self._urgent or built.document.type in self._site.declaration.urgent_types
        reached("record.before")
        self._journal.record_version(
            self.run,
            key,
            built,
            fingerprints=fingerprints,
            dossier=dossier,
            facts=facts,
            deliveries=[PlannedDelivery(name, urgent) for name in self._site.destinations],
            at=datetime.now(UTC),
        )
        reached("record.after")
