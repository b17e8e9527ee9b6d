"""What the journal keeps, sealed, of the identity of a dossier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import TypeAdapter

from dui_bridge.ins.effective import withheld
from dui_bridge.ins.statut import Identite
from dui_bridge.ins.traits import Traits
from dui_bridge.journal.records import Json
from dui_bridge.model.insi import Individu


@dataclass(frozen=True, slots=True)
class Search:
    """The last search that ended.

    Args:
        traits: the digest of the traits of the DUI that it was made with.
        codes: step of the ladder and code of each call, in order.
        individu: whom INSi found, whose traits are not those of the DUI: a person has to compare.
        refused: a person refused that answer; the same traits are not searched again.
    """

    traits: str
    codes: tuple[tuple[str, str], ...] = ()
    individu: Individu | None = None
    refused: bool = False

    def pending(self, traits: str) -> Individu | None:
        """Whom a person has to compare: never the answer to a search with other traits than these (their digest)."""
        return self.individu if self.traits == traits and not self.refused else None


@dataclass(frozen=True, slots=True)
class Proposed:
    """What the pre-flight proposes to a person; never applied. `confidence` is 0 to 1."""

    trait: str
    value: str
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class IdentityRecord:
    """The identity, the traits that the DUI gave when it was last read, and the last search.

    Args:
        twin: another dossier of the establishment that has the matricule of this one, or the one that INSi answered.
        error: code of the error that kept the last search from ending.
        values: what fills the words of the cause (`identity.rules`).
    """

    identite: Identite
    locaux: Traits
    search: Search | None = None
    proposals: tuple[Proposed, ...] = ()
    twin: int | None = None
    error: str = ""
    values: tuple[tuple[str, str], ...] = ()

    @property
    def number(self) -> str:
        """The matricule of the dossier, else the one of the answer that waits for a decision; blank without either."""
        pending = self.search.individu if self.search is not None and not self.search.refused else None
        return self.identite.matricule or (pending.actif.matricule15 if pending is not None else "")

    @property
    def counting(self) -> Identite:
        """The identity as it counts: its INS is withheld while another dossier of the establishment has the same."""
        return self.identite if self.twin is None or self.identite.matricule is None else withheld(self.identite)


_RECORD: Final = TypeAdapter(IdentityRecord)


def to_json(record: IdentityRecord) -> Mapping[str, Json]:
    """JSON-able, every value unaltered."""
    made: Mapping[str, Json] = _RECORD.dump_python(record, mode="json")
    return made


def matricule_of(kept: Mapping[str, Json]) -> str | None:
    """The matricule alone, without reading the rest; None when there is none."""
    identite = kept.get("identite")
    matricule = identite.get("matricule") if isinstance(identite, Mapping) else None
    return matricule if isinstance(matricule, str) else None


def from_json(kept: Mapping[str, Json]) -> IdentityRecord:
    """The record. Raises ValueError: it was not written by `to_json`."""
    return _RECORD.validate_python(kept)
