"""What the stand-in does on a bad day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from dui_bridge.sandbox.dmp.words import ROUTES, Transaction
from dui_bridge.sandbox.troubles import TroubleQueue


class Cut(StrEnum):
    """Where the connection ends.

    `HEADERS`: before the headers of the request are read. `BODY`: in the middle of its body; `UNDONE`: after its last
    byte, before anything is done. `DONE`: after what was asked is done, without a byte of an answer. `ANSWER`: in the
    middle of the answer.
    """

    HEADERS = "headers"
    BODY = "body"
    UNDONE = "undone"
    DONE = "done"
    ANSWER = "answer"


class Wrong(StrEnum):
    """An answer that is not the one to the question: it relates to another message, or the document has other bytes."""

    RELATES_TO = "relates_to"
    DOCUMENT = "document"


FAULTS: Final[Mapping[str, tuple[str, str, str]]] = {
    "certificate": ("DMPInvalidCertificate", "Not a valid signature certificate", "Sender"),
    "rights": ("DMPAccessDeniedByRightsService", "Accès refusé par le service des droits", "Sender"),
    "structure": ("", "Structure introuvable ou Inactive", "Sender"),
    "not_linked": ("", "PS et Structure non liés", "Sender"),
    "legal_person": ("", "Erreur d'authentification de la personne morale", "Sender"),
    "receiver": ("", "Le service est indisponible", "Receiver"),
    "unknown": ("DMPInconnu", "Une erreur que nul ne connaît", "Sender"),
}
"""Faults by the name under which they can be asked for: subcode, text, and whose fault it is.

The words of `certificate`, `structure`, `not_linked` and `legal_person` were seen; the others are the stand-in's own.
"""

Seconds = Annotated[float, Field(ge=0, le=600)]


@dataclass
class Trouble:
    """One failure of the answers to some calls.

    Args:
        transaction: only to calls of it; None for all.
        times: how many calls fail.
        after: how many are served before that.
        fault: a fault of `FAULTS`, by name.
        error: an errorCode of XDS: nothing is done, and the answer is a failure with this code; TD0.2, which has none,
            then says AE.
        context: what the error says.
        partial, warning: with `error`, what was asked is done, and the answer is a partial success with that error, or
            a success with it as a warning.
        status, body: this HTTP status and these bytes instead of an answer, before anything is done.
        cut: where the connection ends.
        wrong: how the answer is not the right one.
        delay: seconds before the answer.
        drip: seconds between its blocks.
    """

    transaction: Transaction | None = None
    times: int = 1
    after: int = 0
    fault: Literal["", "certificate", "rights", "structure", "not_linked", "legal_person", "receiver", "unknown"] = ""
    error: str = ""
    context: str = "Bac à sable : erreur demandée"
    partial: bool = False
    warning: bool = False
    status: Annotated[int, Field(ge=100, le=599)] | None = None
    body: bytes = b""
    cut: Cut | None = None
    wrong: Wrong | None = None
    delay: Seconds = 0.0
    drip: Seconds = 0.0


EARLY: Final = frozenset({Cut.HEADERS, Cut.BODY})
"""Cuts before the request is read, when only its address, or its Content-Type, is known."""


def meant(path: str, content_type: str = "") -> frozenset[Transaction]:
    """The transactions that a request may be for: those of its path, or the one whose action its Content-Type has."""
    there = frozenset(one for one, route in ROUTES.items() if route.path == path)
    named = frozenset(one for one in there if f'action="{ROUTES[one].action}"' in content_type)
    return named or there


class Troubles(TroubleQueue[Trouble]):
    """The failures to come."""

    def next(self, transactions: Collection[Transaction], cut: Cut | None = None) -> Trouble | None:
        """The failure of this call, counted as used.

        Args:
            transactions: what the call may be.
            cut: only an early cut of this kind; None for every failure that is no early cut.
        """

        def meant(one: Trouble) -> bool:
            early = one.cut if one.cut in EARLY else None
            return early is cut and (one.transaction is None or one.transaction in transactions)

        return self.take(meant)
