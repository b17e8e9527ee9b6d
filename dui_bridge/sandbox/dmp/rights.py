"""Who may do what in INDIRECTE and AIR (GIE SESAM-Vitale, PDT-INF-526 and 606), and who sees which document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dui_bridge.sandbox.dmp.objects import Thing
from dui_bridge.sandbox.dmp.soap import Refusal
from dui_bridge.sandbox.dmp.vihf import Caller, Mode
from dui_bridge.sandbox.dmp.words import MASKED, Transaction


class State(StrEnum):
    """A person's DMP.

    `OPPOSED` is open, but the person lets nobody of the structure read it, not even in an emergency.
    """

    OPEN = "open"
    CLOSED = "closed"
    OPPOSED = "opposed"
    NONE = "none"

    @property
    def takes_documents(self) -> bool:
        """Whether it is active: feeding needs no authorisation to read."""
        return self in {State.OPEN, State.OPPOSED}


@dataclass(frozen=True, slots=True)
class Dossier:
    """What the stand-in says of a person.

    Args:
        authorisation: of the structure: `VALIDE`, `EXPIRE`, `INTERDIT`, `NON_EXISTE`.
        treating: national ids of the treating doctors.
        observations: codes that TD0.2 answers with `true`, besides the usual ones.
    """

    state: State = State.OPEN
    authorisation: str = "VALIDE"
    treating: frozenset[str] = frozenset()
    observations: tuple[str, ...] = ()

    @property
    def stated_authorisation(self) -> str:
        """What TD0.2 answers."""
        return "INTERDIT" if self.state is State.OPPOSED else self.authorisation


@dataclass(frozen=True, slots=True)
class Rights:
    """What a kind of caller may do.

    Args:
        references_only: a query is answered with the whole of the structure's own documents alone, else with ids.
        deletes_only: of the updates only the deletion of the structure's own documents.
    """

    transactions: frozenset[Transaction]
    references_only: bool = False
    deletes_only: bool = False


_ALWAYS: Final = frozenset({Transaction.EXISTS, Transaction.QUERY, Transaction.UPDATE})
_RIGHTS: Final[Mapping[tuple[Mode, bool], Rights]] = {
    (Mode.INDIRECTE, True): Rights(_ALWAYS | {Transaction.DEPOSIT}, references_only=True, deletes_only=True),
    (Mode.INDIRECTE, False): Rights(_ALWAYS | {Transaction.DEPOSIT}, references_only=True, deletes_only=True),
    (Mode.RENFORCEE, True): Rights(_ALWAYS | {Transaction.RETRIEVE}),
    (Mode.RENFORCEE, False): Rights(_ALWAYS, references_only=True, deletes_only=True),
}


def rights(caller: Caller) -> Rights:
    """What a caller may do."""
    return _RIGHTS[caller.mode, caller.professional]


def denied(why: str) -> Refusal:
    """The fault for a right that the caller has not."""
    return Refusal("DMPAccessDeniedByRightsService", f"Bac à sable : {why}")


def check_right(caller: Caller, transaction: Transaction, dossier: Dossier) -> None:
    """Makes sure that a caller may do this at all, and read this person's DMP if this is what is asked.

    Raises:
        Refusal: DMPAccessDeniedByRightsService.
    """
    allowed = rights(caller)
    if transaction not in allowed.transactions:
        raise denied(f"{transaction} n'est pas permis en {caller.mode}")
    reads = transaction is Transaction.RETRIEVE or (transaction is Transaction.QUERY and not allowed.references_only)
    if not reads or not dossier.state.takes_documents:
        return
    if dossier.state is State.OPPOSED:
        raise denied("la personne s'oppose à la consultation")
    if caller.purpose == "normal" and dossier.authorisation != "VALIDE":
        raise denied("la structure n'a pas d'autorisation valide")


def sees(caller: Caller, dossier: Dossier, entry: Thing) -> bool:
    """Whether a document exists for a caller: a masked one only for its authors and for the treating doctor."""
    if MASKED not in entry.masks or rights(caller).references_only:
        return True
    return entry.has_author(caller.name_id) or caller.name_id in dossier.treating
