"""To whom mails were written, so that nobody gets one twice and nobody is forgotten.

A mail leaves for those who can be written to; those who cannot are the recipients of a delivery of their own, of the
same document: it waits for what is missing, as any other. Recipients stand as keyed digests.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from dui_bridge.journal.access import Access
from dui_bridge.journal.addressee_records import AddresseeEntry
from dui_bridge.journal.dossiers import DossierKey
from dui_bridge.journal.inbox import address_index, note_suspect
from dui_bridge.journal.keys import blind
from dui_bridge.journal.payloads import Payloads
from dui_bridge.journal.queries import addressees as queries
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.records import Finished, KnownDelivery
from dui_bridge.model.states import DeliveryState


@dataclass(frozen=True)
class Reached:
    """Who has a version by mail, and for whom one delivery of it is."""

    _access: Access = field(repr=False)
    _meant: frozenset[str]
    _whos: frozenset[str]
    _addresses: frozenset[str]
    _own: frozenset[str]

    @property
    def is_rest(self) -> bool:
        """Whether the delivery is for some recipients only."""
        return bool(self._meant)

    def is_meant(self, one: AddresseeEntry) -> bool:
        """Whether the delivery is for this recipient."""
        return not self._meant or _who(self._access, one) in self._meant

    def has(self, one: AddresseeEntry) -> bool:
        """Whether this recipient has the version, or somebody reads it in the same mailbox."""
        return _who(self._access, one) in self._whos or address_index(self._access, one.address) in self._addresses

    def wrote_to(self, address: str) -> bool:
        """Whether this very delivery was written to a mailbox, as far as is known."""
        return bool(address) and address_index(self._access, address) in self._own

    def may_have_written_to(self, address: str) -> bool:
        """As `wrote_to`; also where it is not known to whom it was."""
        return not self._own or self.wrote_to(address)


class Addressees:
    """Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def of(self, delivery: KnownDelivery) -> Reached:
        """Who has the version of a delivery from its destination, as far as is known."""
        with self._access.glancing() as connection:
            meant = queries.meant(connection, delivery.id)
            written = queries.written(connection, delivery.version_id, delivery.destination)
        return Reached(
            self._access,
            frozenset(row["who"] for row in meant),
            frozenset(row["who"] for row in written) - {""},
            frozenset(row["address"] for row in written) - {""},
            frozenset(row["address"] for row in written if row["delivery_id"] == delivery.id),
        )


def part(access: Access, connection: Connection, row: Row, dossier: DossierKey, finished: Finished) -> None:
    """Notes, with the end of a try, whom a mail was written to, and plans what the others are to get.

    Args:
        row: the delivery, which moved just now.
    """
    parted, at = finished.parted, finished.at
    if parted is None:
        return
    for one in parted.written:
        _add(access, connection, row["id"], queries.WRITTEN, one, at)
    waiting = {one["who"] for one in queries.waiting(connection, row["version_id"], row["destination"])}
    later = [one for one in parted.later if _who(access, one) not in waiting]
    if later:
        state = DeliveryState.BLOCKED if parted.cause else DeliveryState.PLANNED
        rest = queries.add_rest(connection, row["id"], state.value, parted.cause, parted.who, at)
        for one in later:
            _add(access, connection, rest, queries.MEANT, one, at)
    for turned in parted.refused:
        rest = queries.add_rest(connection, row["id"], DeliveryState.RETURNED.value, turned.cause, turned.who, at)
        _add(access, connection, rest, queries.MEANT, turned.addressee, at)
        answer = Payloads(access, connection, dossier, at).add("answer", turned.answer)
        queries.add_try(connection, rest, worker=row["worker"] or "", at=at, code=turned.code, answer=answer)
        if turned.suspect:
            note_suspect(access, connection, rest, dossier, turned.addressee.address, turned.cause, at)


def _add(
    access: Access, connection: Connection, delivery_id: int, role: str, one: AddresseeEntry, at: datetime
) -> None:
    who, address = _who(access, one), address_index(access, one.address)
    queries.add(connection, delivery_id, role, at, who=who, address=address)


def _who(access: Access, one: AddresseeEntry) -> str:
    return blind(access.key, "addressee", one.who) if one.who else ""
