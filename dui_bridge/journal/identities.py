"""Identities: what is known of the INS of each dossier, every call made for it, and everything that happened to it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from dui_bridge.journal import dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.identity_records import (
    Deposited,
    EndedCall,
    IdentityEntry,
    IdentityEvent,
    IdentityState,
    KnownCall,
    KnownIdentity,
)
from dui_bridge.journal.keys import blind
from dui_bridge.journal.payloads import Payloads
from dui_bridge.journal.queries import audit
from dui_bridge.journal.queries import dossiers as dossier_queries
from dui_bridge.journal.queries import identities as queries
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.queries.versions import payload_id
from dui_bridge.journal.records import DossierEntry
from dui_bridge.journal.versions import facts_place

SEARCH: Final = "ins search"
"""The action in the audit of a call that is made outside any dossier."""
_SCANNED: Final = 1000
"""So many records are read at once."""


class Identities:
    """Times are aware. Every method may raise a `JournalUnusable`. Nothing that an erased dossier had is given."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def of(self, source: str, usager_key: str) -> KnownIdentity | None:
        """The identity of the DUI's local id of an usager."""
        with self._access.reading() as connection:
            row = queries.of(connection, source, dossiers.usager_digest(self._access.key, usager_key))
            return None if row is None else self._known(row)

    def get(self, dossier_id: int) -> KnownIdentity | None:
        """By the id that items and deliveries give."""
        with self._access.reading() as connection:
            row = queries.by_dossier(connection, dossier_id)
            return None if row is None else self._known(row)

    def store(self, entries: Sequence[tuple[DossierEntry, IdentityEntry]], at: datetime) -> None:
        """Stores how identities stand now, and what made them so, in one transaction; new dossiers are added."""
        if not entries:
            return
        with self._access.writing() as connection:
            for dossier, entry in entries:
                self._store(connection, self._ensure(connection, dossier, at), entry, at)

    def change(self, dossier_id: int, entry: IdentityEntry, at: datetime) -> None:
        """As `store`, of a dossier that is known.

        Raises:
            JournalOvertaken: there is no such dossier, or it is erased.
        """
        with self._access.writing() as connection:
            of_dossier = dossiers.find_key(connection, self._access.vault, dossier_id)
            if of_dossier is None:
                raise self._access.overtaken()
            self._store(connection, of_dossier, entry, at)

    def begin_call(self, dossier: DossierEntry, *, by: str, run: str, at: datetime) -> int:
        """Notes a call before it is made: it counts even when the process dies during it. Returns its id."""
        with self._access.writing() as connection:
            return queries.add_call(
                connection,
                {
                    "dossier_id": self._ensure(connection, dossier, at).id,
                    "run_id": run,
                    "step": "",
                    "by": by,
                    "at": at,
                    "ended_at": None,
                    "code": "",
                    "message_id": "",
                    "request_id": None,
                    "answer_id": None,
                },
            )

    def end_call(self, dossier: DossierEntry, call_id: int, ended: EndedCall, at: datetime) -> None:
        """Notes what was asked in a call and what came of it."""
        with self._access.writing() as connection:
            of_dossier = self._ensure(connection, dossier, at)
            payloads = Payloads(self._access, connection, of_dossier, at)

            def kept(role: str, body: bytes) -> int:
                return payload_id(connection, payloads.add(role, body))

            queries.end_call(
                connection,
                call_id,
                {
                    "step": ended.step,
                    "ended_at": at,
                    "code": ended.code,
                    "message_id": ended.message_id,
                    "request_id": kept("request", ended.request),
                    "answer_id": None if ended.answer is None else kept("answer", ended.answer),
                },
            )

    def calls_since(self, at: datetime) -> int:
        """How many calls were begun, of all sources and processes, and with those of searches outside any dossier."""
        with self._access.reading() as connection:
            return queries.calls_since(connection, at) + audit.count_since(connection, SEARCH, at)

    def calls(self, dossier_id: int) -> list[KnownCall]:
        """The calls made for a dossier, the oldest first."""
        with self._access.reading() as connection:
            return queries.calls(connection, dossier_id)

    def events(self, dossier_id: int) -> list[IdentityEvent]:
        """What happened to the identity of a dossier, the oldest first; nothing of an erased one."""
        with self._access.reading() as connection:
            of_dossier = dossiers.find_key(connection, self._access.vault, dossier_id)
            if of_dossier is None:
                return []
            return [
                IdentityEvent(
                    event=row["event"],
                    before=row["before"],
                    after=row["after"],
                    by=row["by"],
                    origin=row["origin"],
                    reason=row["reason"],
                    detail=of_dossier.key.open_json(_event_place(of_dossier), row["detail"]),
                    at=row["at"],
                )
                for row in queries.events(connection, dossier_id)
            ]

    def page(
        self,
        states: Collection[IdentityState],
        *,
        source: str | None = None,
        finess: str | None = None,
        after: int = 0,
        limit: int = 200,
    ) -> list[KnownIdentity]:
        """Identities in some states, by dossier id; those whose dossier disappeared are left out."""
        with self._access.reading() as connection:
            rows = queries.page(connection, [str(one) for one in states], source, finess, after, limit)
            return [self._known(row) for row in rows]

    def holding(self, value: str) -> Iterator[KnownIdentity]:
        """Identities of dossiers, still read, whose record has this text as one of its values; by dossier id.

        No index tells them: every record is opened, and read only when the text is in it.
        """
        wanted, after = json.dumps(value).encode("ascii"), 0
        while True:
            with self._access.reading() as connection:
                rows = queries.records(connection, after, _SCANNED)
            if not rows:
                return
            after = rows[-1]["dossier_id"]
            for row in rows:
                key = dossiers.unwrap(
                    self._access.vault, row["dossier_id"], row["source"], row["usager_key"], row["wrapped_key"]
                )
                if key is not None and wanted in key.key.open(_place(key), row["record"]):
                    known = self.get(key.id)
                    if known is not None:
                        yield known

    def states(self, source: str | None = None) -> dict[str, int]:
        """State → how many identities."""
        with self._access.reading() as connection:
            return queries.states(connection, source)

    def with_matricule(self, matricule: str) -> list[int]:
        """The dossiers, still read, that have this matricule of 15 characters."""
        with self._access.reading() as connection:
            return queries.with_index(connection, self.ins_index(matricule))

    def shared(self) -> set[str]:
        """What `ins_index` makes of the matricules that several dossiers, still read, have."""
        with self._access.reading() as connection:
            return queries.shared_indexes(connection)

    def ins_index(self, matricule: str) -> str:
        """What stands for a matricule in the journal."""
        return blind(self._access.key, "ins", matricule)

    def deposited(self, dossier_id: int) -> list[Deposited]:
        """The documents that carry the INS of a dossier and were delivered, the oldest first."""
        with self._access.reading() as connection:
            of_dossier = dossiers.find_key(connection, self._access.vault, dossier_id)
            if of_dossier is None:
                return []
            return [
                one
                for one, facts in queries.arrived(connection, dossier_id)
                if of_dossier.key.open_json(facts_place(one.unique_id), facts).get("with_ins") is True
            ]

    def _ensure(self, connection: Connection, dossier: DossierEntry, at: datetime) -> dossiers.DossierKey:
        digest = dossiers.usager_digest(self._access.key, dossier.usager_key)
        known = dossier_queries.wrapped_key(connection, dossier.source, digest)
        return dossiers.ensure(connection, self._access.vault, dossier, digest, known(), at)

    def _store(
        self, connection: Connection, of_dossier: dossiers.DossierKey, entry: IdentityEntry, at: datetime
    ) -> None:
        queries.store(
            connection,
            of_dossier.id,
            {
                "statut": entry.statut,
                "state": entry.state.value,
                "cause": entry.cause,
                "who": entry.who,
                "local": entry.local,
                "ins_index": None if entry.matricule is None else self.ins_index(entry.matricule),
                "record": of_dossier.key.seal_json(_place(of_dossier), entry.record),
                "called_at": entry.called_at,
                "verified_at": entry.verified_at,
            },
            at,
        )
        for event in entry.events:
            queries.add_event(
                connection,
                of_dossier.id,
                {
                    "at": event.at or at,
                    "event": event.event,
                    "before": event.before,
                    "after": event.after,
                    "by": event.by,
                    "origin": event.origin,
                    "reason": event.reason,
                    "detail": of_dossier.key.seal_json(_event_place(of_dossier), event.detail),
                },
            )

    def _known(self, row: Row) -> KnownIdentity:
        key = dossiers.unwrap(
            self._access.vault, row["dossier_id"], row["source"], row["usager_key"], row["wrapped_key"]
        )
        return KnownIdentity(
            dossier_id=row["dossier_id"],
            source=row["source"],
            finess=row["finess"],
            number=key.number(row["number"]) if key is not None else "",
            statut=row["statut"],
            state=IdentityState(row["state"]),
            cause=row["cause"],
            who=row["who"],
            since=row["since"],
            local=row["local"],
            record=key.key.open_json(_place(key), row["record"]) if key is not None else {},
            called_at=row["called_at"],
            verified_at=row["verified_at"],
        )


def _place(dossier: dossiers.DossierKey) -> str:
    return f"identity:record:{dossier.name}"


def _event_place(dossier: dossiers.DossierKey) -> str:
    return f"identity_event:detail:{dossier.name}"
