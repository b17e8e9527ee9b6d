"""What each way of calling may do at the DMP, as data; looked up before anything leaves.

Source: matrices of functional rights of the DMP, v1.8 (2024-09-25) and, for AIR, v1.3 (2025-07-08). Direct ways (a
card) are not those of a bridge without a user at its side. Which types of document a profession sees is decided by the
DMP alone (arrêté of 2023-10-26): nothing here knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Final

from dui_bridge.connectors.dmp.errors import NotAllowed, NotOwn
from dui_bridge.connectors.wire.vihf import Caller, Mode
from dui_bridge.data.codes import rows
from dui_bridge.xds.entries import DocumentEntry
from dui_bridge.xds.forms import component

_STRUCTURE_ID: Final = 10
"""Component of an XON."""


class Transaction(StrEnum):
    """What is asked of the DMP."""

    EXISTS = "TD0.2"
    FEED = "TD2.1"
    SEARCH = "TD3.1a"
    LOOK_UP = "TD3.1b"
    READ = "TD3.2"
    MASK = "TD3.3a"
    MAKE_VISIBLE = "TD3.3b"
    DELETE = "TD3.3c"
    ARCHIVE = "TD3.3d"


class Access(StrEnum):
    """How one calls."""

    STRUCTURE = "structure"  # INDIRECTE: the certificate of the structure alone
    PROFESSIONAL = "professional"  # AIR, a named professional of health (`dmp_professions.csv`)
    OTHER = "other"  # AIR, anybody else, and any profession that the table does not know


class Right(StrEnum):
    """Whether it may be done."""

    NO = "no"
    YES = "yes"
    OWN = "own"  # documents of the caller's structure only


_T, _R = Transaction, Right

RIGHTS: Final[Mapping[Access, Mapping[Transaction, Right]]] = MappingProxyType(
    {
        Access.STRUCTURE: MappingProxyType({_T.EXISTS: _R.YES, _T.FEED: _R.YES, _T.LOOK_UP: _R.YES, _T.DELETE: _R.OWN}),
        Access.PROFESSIONAL: MappingProxyType({one: _R.NO if one is _T.FEED else _R.YES for one in _T}),
        Access.OTHER: MappingProxyType({_T.EXISTS: _R.YES, _T.LOOK_UP: _R.YES, _T.DELETE: _R.OWN}),
    }
)
"""What is not told may not be done."""


def access_of(caller: Caller) -> Access:
    """How a caller calls, by the mode and the profession that its assertion will tell."""
    if caller.mode is Mode.INDIRECTE:
        return Access.STRUCTURE
    profession = next(((one.system, one.code) for one in caller.roles), None)
    return Access.OTHER if profession is None else _professions().get(profession, Access.OTHER)


@cache
def _professions() -> Mapping[tuple[str, str], Access]:
    """System and code of the first role → how they call."""
    return MappingProxyType({(row["systeme"], row["code"]): Access(row["acces"]) for row in rows("dmp_professions")})


def ensure(caller: Caller, transaction: Transaction, entry: DocumentEntry | None = None) -> None:
    """Makes sure that a caller may do this.

    Args:
        entry: the document that it is done to; for a right that depends on whose it is.
    Raises:
        NotAllowed: never.
        NotOwn: not to this document.
    """
    access = access_of(caller)
    right = RIGHTS[access].get(transaction, Right.NO)
    if right is Right.NO:
        raise NotAllowed(transaction=transaction.value, mode=caller.mode.value)
    if right is Right.OWN and (entry is None or caller.structure not in _structures(entry)):
        raise NotOwn(transaction=transaction.value)


def _structures(entry: DocumentEntry) -> frozenset[str]:
    return frozenset(component(one, _STRUCTURE_ID) for author in entry.authors for one in author.institutions)
