"""Two dossiers of one establishment with one matricule: found in the journal, without asking it twice of everybody."""

from __future__ import annotations

from collections.abc import Callable

from dui_bridge.journal.identity_records import KnownIdentity
from dui_bridge.journal.records import DossierEntry
from dui_bridge.journal.store import Journal


class Twins:
    """What one reading knows of matricules that several dossiers have.

    Args:
        flush: writes what the reading has not written yet.
    """

    def __init__(self, journal: Journal, flush: Callable[[], None]) -> None:
        self._journal, self._flush = journal, flush
        self._shared: set[str] | None = None
        self._unwritten: set[str] = set()

    def keep(self, matricule: str | None) -> None:
        """A dossier has this matricule, which is still to be written."""
        if matricule is not None:
            self._unwritten.add(matricule)

    def written(self) -> None:
        """Everything that was to be written is."""
        self._unwritten.clear()

    def of(self, entry: DossierEntry, known: KnownIdentity | None, matricule: str, *, settled: bool) -> int | None:
        """Another dossier of the same establishment that has this matricule, by its id in the journal.

        Args:
            known: of this dossier; None when it is read for the first time.
            matricule: blank when it has none.
            settled: nobody else had it when this dossier was read before: the journal is asked only where it is shared.
        """
        if not matricule:
            return None
        if self._shared is None:
            self._shared = self._journal.identities.shared()
        index = self._journal.identities.ins_index(matricule)
        if settled and index not in self._shared:
            return None
        if index in self._shared or matricule in self._unwritten:
            self._flush()
        for dossier_id in self._journal.identities.with_matricule(matricule):
            if known is not None and dossier_id == known.dossier_id:
                continue
            other = self._journal.identities.get(dossier_id)
            if other is not None and other.finess == entry.finess and other.number != entry.number:
                self._shared.add(index)
                return dossier_id
        return None
