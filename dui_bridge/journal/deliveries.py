"""Deliveries: what is to leave, what is leaving, and how each try ended.

`start` commits `sending` with its attempt before the first byte leaves; `finish` commits how it ended. A process killed
in between leaves `sending`: whoever next holds the lock of the destination asks it whether it has the document.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from dui_bridge.journal import addressees, dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.dossiers import DossierKey
from dui_bridge.journal.payloads import Payloads, open_body
from dui_bridge.journal.queries import arrivals, attempts, brakes, standing, transitions
from dui_bridge.journal.queries import deliveries as queries
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.records import (
    Damaged,
    Decided,
    DeliveryCase,
    Finished,
    Json,
    KeptBack,
    KnownAttempt,
    KnownDelivery,
    Sendable,
    Verdict,
)
from dui_bridge.journal.vault import Unsealable
from dui_bridge.journal.versions import facts_place
from dui_bridge.model.exchange import BuiltDocument, Document, DocumentIds, Operation
from dui_bridge.model.states import NOT_LEFT, DeliveryEvent, DeliveryState, DocumentState, RunState

_REFERENCE, _CODE, _RESULT, _CAUSE = 400, 40, 20, 80
"""Lengths that the tables give to what a service says."""
_PAGE: Final = 500
_MAY_HAVE_LEFT: Final = (DeliveryState.DELIVERED, DeliveryState.DOUBTFUL)
_UNREADABLE: Final = (Unsealable, OSError)
"""What opening one delivery raises when it is damaged, or its file cannot be read: the others are not concerned."""


class Deliveries:
    """The deliveries of the journal. Every method may raise a `JournalUnusable`; times are aware."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def cases(
        self,
        destination: str | None = None,
        states: Sequence[DeliveryState] = (DeliveryState.PLANNED, DeliveryState.BLOCKED),
        after: int = 0,
        limit: int = 200,
        source: str | None = None,
        dossier: int | None = None,
    ) -> list[DeliveryCase]:
        """The deliveries in these states, by id, those that follow `after`; at most `limit`."""
        with self._access.reading() as connection:
            ids = queries.ids_after(connection, states, destination, after, limit, source, dossier)
            return [self._case(row) for row in queries.cases(connection, ids)] if ids else []

    def taken_between(self, destination: str, begin: datetime, end: datetime) -> int:
        """How many the destination took, or may have taken, by a try that began from `begin` to before `end`."""
        with self._access.reading() as connection:
            return queries.taken_between(connection, destination, begin, end)

    def case(self, delivery_id: int) -> DeliveryCase | None:
        """One delivery with its facts, in whatever state."""
        with self._access.reading() as connection:
            row = queries.case(connection, delivery_id)
            return None if row is None else self._case(row)

    def several(self, wanted: Sequence[int]) -> list[DeliveryCase]:
        """As `case`, of several, by id."""
        with self._access.reading() as connection:
            return [self._case(row) for row in queries.cases(connection, wanted)]

    def change(self, changes: Sequence[tuple[int, DeliveryEvent, str, str]], at: datetime) -> int:
        """Applies events (delivery, event, cause, who) in one transaction; how many were applied.

        An event that the state of its delivery does not know is skipped: it moved since the caller looked.
        """
        if not changes:
            return 0
        alike: dict[tuple[DeliveryEvent, str, str], list[int]] = {}
        for delivery_id, event, cause, who in changes:
            alike.setdefault((event, cause, who), []).append(delivery_id)
        with self._access.writing() as connection:
            # In order, so that two that change the same ones do not wait for each other.
            return sum(transitions.change(connection, *what, at, sorted(alike[what])) for what in sorted(alike))

    def next(
        self, destination: str, now: datetime, skip: Collection[int] = (), only: int | None = None
    ) -> Sendable | Damaged | None:
        """What may leave next to a destination: ready, its time come, its task not paused; urgent first, then by id.

        Never one whose series has an earlier delivery to this destination that is planned, ready, sending or doubtful.
        What one task (a replay, a backfill) brings of an usager leaves in its order, but for what is urgent: one that
        failed for now is waited for, one that waits for a person is not.
        One whose dossier was erased or whose bytes are purged is passed over; one that does not open is `Damaged`.
        What is found says how its destination stands (`Sendable.brake`).

        Args:
            skip: ids to leave out.
            only: this delivery or none.
        """
        passed = set(skip)
        # What changes between its statements is found by `start`.
        with self._access.glancing() as connection:
            if not passed and only is None:
                row = queries.next_sendable(connection, destination, now)
            else:
                row = self._row_after(connection, destination, now, passed, only)
            while row is not None:
                try:
                    sendable = self._sendable(row)
                except _UNREADABLE:
                    return Damaged(row["id"])
                if sendable is not None:
                    return sendable
                passed.add(row["id"])
                row = self._row_after(connection, destination, now, passed, only)
        return None

    def start(
        self,
        delivery_id: int,
        worker: str,
        at: datetime,
        finished: Finished | None = None,
        *,
        is_first: bool = False,
    ) -> bool:
        """Commits that a delivery is being sent, with its attempt; False when it was not ready any more.

        Args:
            worker: who sends.
            finished: the end of the previous try of this worker, committed with it in any case.
            is_first: it brings the first version of its document: nothing is replaced.
        """
        with self._access.writing_at_once() as connection:
            if finished is not None:
                self._finish(connection, finished)
            started = transitions.start(connection, delivery_id, worker, at, is_first=is_first)
            attempts.add(connection, delivery_id, at)
        return started.rowcount == 1

    def finish(self, finished: Finished) -> DeliveryState | None:
        """Commits how a try ended: the delivery, its attempt, and the version when the destination has it.

        Returns:
            the state that follows (`cancelled` after a failure when a newer version overtook it meanwhile); None when
            the delivery had moved meanwhile: nothing was written.
        """
        with self._access.writing_at_once() as connection:
            ended = self._finish(connection, finished)
        return ended.state

    def sending(self, destination: str) -> list[KnownDelivery]:
        """What was being sent. To whoever holds the lock of the destination these are the remains of a dead process."""
        with self._access.reading() as connection:
            return queries.sending(connection, destination)

    def sendable(self, delivery_id: int) -> Sendable | None:
        """A delivery with its bytes, in whatever state; None when there is none, it is erased or purged, or its bytes
        or its facts do not open."""
        with self._access.glancing() as connection:
            row = queries.sendable(connection, delivery_id)
        try:
            return None if row is None else self._sendable(row)
        except _UNREADABLE:
            return None

    def earlier(self, delivery: KnownDelivery) -> dict[str, dict[str, Json] | None]:
        """The facts of the versions before that of a delivery which its destination has, by unique id, the first first.

        None for facts that do not open, or are erased.
        """
        key = None
        with self._access.reading() as connection:
            with suppress(Unsealable):
                key = dossiers.find_key(connection, self._access.vault, delivery.dossier_id)
            found = arrivals.earlier(connection, delivery.series_id, delivery.destination, delivery.version)
        known: dict[str, dict[str, Json] | None] = dict.fromkeys(one["unique_id"] for one in found)
        if key is None:
            return known
        for one in found:
            with suppress(Unsealable):
                known[one["unique_id"]] = key.key.open_json(facts_place(one["unique_id"]), one["facts"])
        return known

    def replaced_reference(self, delivery: KnownDelivery) -> str:
        """How its destination names the version there that a delivery replaces; empty when that is not known."""
        with self._access.glancing() as connection:
            return arrivals.reference(connection, delivery.series_id, delivery.destination, delivery.version)

    def attempts(self, delivery_id: int) -> list[KnownAttempt]:
        """All tries of a delivery, the first one first."""
        with self._access.reading() as connection:
            return attempts.of_delivery(connection, delivery_id)

    def answers(self, delivery_id: int) -> dict[int, bytes]:
        """What destinations answered, by the number of the try; what is purged, erased or does not open is left out."""
        with self._access.reading() as connection:
            row, rows = queries.case(connection, delivery_id), attempts.answers(connection, delivery_id)
        found: dict[int, bytes] = {}
        if row is None:
            return found
        for one in rows:
            with suppress(*_UNREADABLE):
                key = self._key(row)
                clear = None if key is None else open_body(self._access.vault, key, one, "answer")
                if clear is not None:
                    found[one["number"]] = clear
        return found

    def cancel_overtaken(self, destination: str, at: datetime) -> int:
        """Cancels what has not left to a destination of versions that do not stand any more; how many.

        A newer version cancels the earlier ones as it is recorded, where it goes itself: what is found here was to go
        to a destination that the site did not name then.
        """
        cancelled = 0
        while True:
            with self._access.reading() as connection:
                found = standing.overtaken(connection, destination, _PAGE)
            if found:
                with self._access.writing() as connection:
                    cancelled += standing.cancel_overtaken(connection, found, at)
            if len(found) < _PAGE:
                return cancelled

    def cancel_needless(self, destination: str, at: datetime) -> int:
        """Cancels what came back from a destination that a later version of the same document went to since; how many.

        Nothing is to be done about it any more: it is never sent again.
        """
        with self._access.reading() as connection:
            if not standing.has_needless(connection, destination):
                return 0
        with self._access.writing() as connection:
            return standing.cancel_needless(connection, destination, at)

    def add_missing(
        self, destination: str, urgent_types: Collection[str], at: datetime, kept_back: KeptBack | None = None
    ) -> tuple[int, int]:
        """Plans what stands and was never to go to a destination: the site did not name it when it was recorded.

        A delivery counts in whatever state: what was cancelled there does not come back. A version whose dossier was
        erased is passed over.

        Args:
            urgent_types: of the documents that overtake others.
            kept_back: how they are recorded when they are many; None: as planned, however many.
        Returns:
            how many were recorded, and how many cannot be: their bytes are not kept any more.
        """
        added, not_kept, after, many = 0, 0, 0, False
        while True:
            with self._access.reading() as connection:
                found = standing.missing(connection, destination, after, _PAGE)
                if kept_back is not None and found and after == 0:
                    many = standing.kept(connection, destination) > kept_back.above
            kept = [version_id for _, version_id, is_kept in found if is_kept]
            not_kept += len(found) - len(kept)
            if kept:
                with self._access.writing() as connection:
                    blocked = kept_back if many else None
                    added += standing.add_missing(connection, destination, kept, urgent_types, at, blocked)
            if len(found) < _PAGE:
                return added, not_kept
            after = found[-1][0]

    def not_kept(self, destination: str) -> int:
        """How many documents that stand were never to go to a destination, and cannot: their bytes are not kept."""
        with self._access.reading() as connection:
            return standing.not_kept(connection, destination)

    def destinations(self, state: DeliveryState) -> list[str]:
        """The destinations of the deliveries in a state, by name; the site may not name them any more."""
        with self._access.reading() as connection:
            return queries.destinations(connection, state)

    def bring_near(self, destination: str, latest: datetime) -> int:
        """Lets what is ready and waits for a time after `latest` leave at `latest`; how many."""
        with self._access.reading() as connection:
            if not queries.has_after(connection, destination, latest):
                return 0
        with self._access.writing() as connection:
            return queries.bring_near(connection, destination, latest)

    def next_time(self, destination: str, now: datetime, only: Collection[int] | None = None) -> datetime | None:
        """When the first of what is ready and still waits for its time may leave; None when nothing does."""
        with self._access.reading() as connection:
            return queries.next_time(connection, destination, now, only)

    def waiting_versions(self, source: str) -> int:
        """How many versions of a source have a delivery that policy has not been asked about."""
        with self._access.reading() as connection:
            return queries.planned_versions(connection, source)

    def hasten(self, delivery_id: int) -> bool:
        """Makes a delivery that has not left urgent, and lets it go without waiting for its time; False when it has."""
        with self._access.writing() as connection:
            return queries.hasten(connection, delivery_id)

    def _finish(self, connection: Connection, finished: Finished) -> transitions.Ended:
        ended = transitions.finish(
            connection,
            finished.delivery_id,
            finished.event,
            finished.at,
            cause=finished.cause[:_CAUSE],
            who=finished.who,
            not_before=finished.not_before,
            reference=finished.reference[:_REFERENCE],
        )
        attempts.end(
            connection,
            finished.delivery_id,
            finished.at,
            result=(finished.result or finished.event.value)[:_RESULT],
            code=finished.code[:_CODE],
            reference=finished.reference[:_REFERENCE],
            answer=self._keep_answer(connection, finished),
        )
        if finished.parted is not None:
            self._part(connection, finished)
        return ended

    def _part(self, connection: Connection, finished: Finished) -> None:
        row = queries.case(connection, finished.delivery_id)
        dossier = None if row is None or row["since"] != finished.at else self._key(row)
        # Otherwise it had moved meanwhile, or was erased.
        if row is not None and dossier is not None and row["state"] in _MAY_HAVE_LEFT:
            addressees.part(self._access, connection, row, dossier, finished)

    def _keep_answer(self, connection: Connection, finished: Finished) -> str | None:
        if finished.answer is None:
            return None
        row = queries.case(connection, finished.delivery_id)
        # Otherwise it had moved meanwhile.
        dossier = None if row is None or row["since"] != finished.at else self._key(row)
        if dossier is None:
            return None
        return Payloads(self._access, connection, dossier, finished.at).add("answer", finished.answer)

    def _row_after(
        self, connection: Connection, destination: str, now: datetime, passed: Collection[int], only: int | None
    ) -> Row | None:
        found = queries.next_id(connection, destination, now, passed, only)
        return None if found is None else queries.sendable(connection, found)

    def _key(self, row: Row) -> DossierKey | None:
        return dossiers.unwrap(
            self._access.vault, row["dossier_id"], row["dossier_source"], row["usager_key"], row["wrapped_key"]
        )

    def _case(self, row: Row) -> DeliveryCase:
        try:
            return _opened(row, self._key(row))
        except Unsealable:
            return replace(_opened(row, None), damaged=True)

    def _sendable(self, row: Row) -> Sendable | None:
        key = self._key(row)
        if key is None:
            return None
        data = open_body(self._access.vault, key, row, "cda")
        if data is None:
            return None
        there = row["replaces_there"]
        if DeliveryState(row["state"]) in NOT_LEFT and row["operation"] in (Operation.DEPOSIT, Operation.REPLACE):
            row = {**row, "operation": Operation.DEPOSIT if there is None else Operation.REPLACE}
        case = _opened(row, key)
        built = BuiltDocument(
            document=Document(
                type=case.delivery.kind,
                key="",
                source=case.delivery.source,
                dossier=case.number,
                finess=case.delivery.finess,
                path="",
                state=DocumentState.BUILT,
            ),
            ids=DocumentIds(
                unique_id=row["unique_id"],
                set_id=row["set_id"],
                version=row["version"],
                replaces=row["replaces"],
                replaces_version=row["replaces_version"],
            ),
            data=data,
            media_type=row["media_type"],
            sha1=row["sha1"],
            sha256=row["sha256"],
            pdf=open_body(self._access.vault, key, row, "pdf"),
            versions=row["versions"],
        )
        return Sendable(case, built, brakes.of_delivery(row), there)


def _opened(row: Row, key: DossierKey | None) -> DeliveryCase:
    return DeliveryCase(
        delivery=queries.known(row),
        number=key.number(row["dossier_number"]) if key is not None else "",
        usager=key.facts(row["usager_facts"]) if key is not None else {},
        document=key.key.open_json(facts_place(row["unique_id"]), row["document_facts"]) if key is not None else {},
        run_state=RunState(row["run_state"]),
        usager_read=row["usager_read"],
        document_read=row["document_read"],
        decided=None if row["verdict"] is None else Decided(Verdict(row["verdict"]), row["decided_by"]),
        policy_mark=row["policy_mark"],
    )
