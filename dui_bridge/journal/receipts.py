"""What follows from mails that came: answers to be sent, addresses that are suspect, replies that are awaited."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from dui_bridge.journal import dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.inbox import address_index, original_index, suspect_place
from dui_bridge.journal.inbox_records import AnswerState, KnownAnswer, KnownReceipt, KnownSuspect, Late
from dui_bridge.journal.queries import receipts as queries
from dui_bridge.journal.queries.prepared import Row

_TOLD: Final = timedelta(days=30)
"""A reply that did not come is told for so long: nobody waits for it any more."""


class Suspects(Collection[str]):
    """The addresses that nothing is to be sent to, known by their digests: they can be asked for, not listed."""

    def __init__(self, access: Access, indexes: frozenset[str]) -> None:
        self._access, self._indexes = access, indexes

    def __contains__(self, address: object) -> bool:
        return (
            bool(self._indexes) and isinstance(address, str) and address_index(self._access, address) in self._indexes
        )

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return len(self._indexes)


class Receipts:
    """Times are aware. Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def delivery_of(self, message_id: str, recipient: str = "") -> int | None:
        """The delivery whose mail has this Message-ID, without brackets; those of the bridge are ASCII.

        A document that some get later than others leaves under one Message-ID: it is the delivery that was written to
        this recipient, or else the first.
        """
        if not (message_id.isascii() and message_id.isprintable()):
            return None  # no database holds every text that a mail may
        with self._access.reading() as connection:
            return queries.delivery_of(connection, message_id, address_index(self._access, recipient))

    def replayed_delivery_of(self, message_id: str) -> int | None:
        """The delivery of which an earlier mail had this Message-ID, before a person had it sent again."""
        if not (message_id.isascii() and message_id.isprintable()):
            return None
        with self._access.reading() as connection:
            return queries.replayed_delivery_of(connection, message_id)

    def recorded(self, message_id: str, recipients: Collection[str], since: datetime | None) -> bool:
        """Whether a report came, later than `since`, that the mail with this Message-ID arrived at one of these
        addresses."""
        addresses = [address_index(self._access, one) for one in recipients]
        with self._access.reading() as connection:
            return queries.has_arrived(connection, original_index(self._access, message_id), addresses, since)

    def of(self, deliveries: Collection[int]) -> list[KnownReceipt]:
        """The reports about deliveries, the first first."""
        with self._access.reading() as connection:
            return queries.receipts(connection, deliveries)

    def is_about(self, one: KnownReceipt, mailbox: str) -> bool:
        """Whether a report is about a mailbox."""
        return bool(mailbox) and one.recipient == address_index(self._access, mailbox)

    # --- answers

    def due_answers(self, mailbox: str, now: datetime) -> list[KnownAnswer]:
        """The answers that a mailbox is to send now, the oldest first."""
        with self._access.reading() as connection:
            return [_answer(row) for row in queries.due_answers(connection, mailbox, now)]

    def answer_to(self, mail_id: int) -> KnownAnswer | None:
        """The answer to a mail; None when none is due."""
        with self._access.reading() as connection:
            row = queries.answer_to(connection, mail_id)
            return None if row is None else _answer(row)

    def start_answer(self, answer_id: int) -> bool:
        """Commits that an answer is being sent; False when it was not waiting any more."""
        with self._access.writing() as connection:
            return queries.set_answer(
                connection, answer_id, AnswerState.WAITING, {"state": AnswerState.SENDING.value, "not_before": None}
            )

    def end_answer(self, answer: KnownAnswer, state: AnswerState, at: datetime, cause: str = "") -> None:
        """Commits how the sending of an answer ended."""
        values = {"state": state.value, "cause": cause[:80], "ended_at": at}
        with self._access.writing() as connection:
            queries.set_answer(connection, answer.id, AnswerState.SENDING, values)

    def retry_answer(self, answer: KnownAnswer, not_before: datetime, cause: str) -> None:
        """It certainly did not leave, and may later."""
        values = {"state": AnswerState.WAITING.value, "tries": answer.tries + 1, "cause": cause[:80]}
        with self._access.writing() as connection:
            queries.set_answer(connection, answer.id, AnswerState.SENDING, {**values, "not_before": not_before})

    def lose_answers(self, at: datetime, restored: datetime | None = None) -> int:
        """What may have left is not sent again; how many.

        Args:
            restored: when the journal was put back. What waited then may have left since its backup, and what was being
                sent, when a process died.
        """
        with self._access.writing() as connection:
            return queries.lose_answers(connection, at, restored)

    def undecided_answers(self) -> list[KnownAnswer]:
        """The answers that may have left, and those of a refusal that could not or may not be sent, the oldest first: a
        person says what follows."""
        with self._access.reading() as connection:
            return [_answer(row) for row in queries.undecided_answers(connection)]

    def decide_answer(self, mail_id: int, state: AnswerState, at: datetime) -> bool:
        """A person says of such an answer that it arrived (`SENT`), or has it sent again (`WAITING`).

        Returns:
            False when the mail has none such.
        """
        # It bears a new date: an older one may be from before a restore, and would not be sent.
        again = {"at": at, "ended_at": None} if state is AnswerState.WAITING else {"ended_at": at}
        values = {"state": state.value, "cause": "", "tries": 0, "not_before": None, **again}
        with self._access.writing() as connection:
            return queries.decide_answer(connection, mail_id, values)

    def unsure_since(self) -> tuple[int, datetime] | None:
        """How many answers may have left of which nobody said whether they did, and since when; None: none may.

        Those to mails from before the mailbox was first read are not among them: another software answered then.
        """
        with self._access.reading() as connection:
            number, oldest = queries.unsure(connection)
        return None if oldest is None else (number, oldest)

    def answers_by_state(self) -> dict[AnswerState, int]:
        """State → how many answers."""
        with self._access.reading() as connection:
            return {AnswerState(state): number for state, number in queries.answers_by_state(connection).items()}

    # --- suspect addresses

    def suspects(self) -> Suspects:
        """The addresses that nothing is to be sent to."""
        with self._access.reading() as connection:
            return Suspects(self._access, frozenset(queries.suspect_indexes(connection)))

    def suspect_list(self) -> list[KnownSuspect]:
        """The same for a person, with the delivery that came back."""
        found = []
        with self._access.reading() as connection:
            for row in queries.suspects(connection):
                key = dossiers.unwrap(
                    self._access.vault, row["dossier_id"], row["source"], row["usager_key"], row["wrapped_key"]
                )
                address = ""
                if key is not None and row["address"] is not None:
                    address = key.key.open(suspect_place(row["address_index"]), row["address"]).decode()
                found.append(KnownSuspect(row["id"], address, row["since"], row["cause"], row["delivery_id"]))
        return found

    def clear_suspect(self, address: str, by: str, at: datetime) -> bool:
        """A person says that an address is right; False when it was not suspect."""
        with self._access.writing() as connection:
            return queries.clear(connection, address_index(self._access, address), by, at)

    # --- awaited replies

    def not_looked_at(self, destinations: Collection[str], limit: int = 200) -> list[int]:
        """Deliveries that left to these destinations, of which `await_replies` was not told yet."""
        with self._access.reading() as connection:
            return queries.not_looked_at(connection, destinations, limit)

    def await_replies(self, entries: Mapping[int, datetime | None]) -> None:
        """Delivery → until when its reply is awaited; None: none is."""
        with self._access.writing() as connection:
            queries.await_reply(connection, entries)

    def untold(self, since: datetime) -> int:
        """How many senders could not be told since a time what became of their documents."""
        with self._access.reading() as connection:
            return queries.untold(connection, since)

    def late(self, now: datetime) -> Late | None:
        """Replies that did not come in time, those of the last weeks; None when there are none."""
        with self._access.reading() as connection:
            return _late(queries.late(connection, now, now - _TOLD))

    def unconfirmed(self, destination: str, before: datetime) -> Late | None:
        """Mails that left before this time, in the last weeks, of which no report says that they arrived."""
        with self._access.reading() as connection:
            return _late(queries.unconfirmed(connection, destination, before, before - _TOLD))

    def reply_awaited(self, delivery_id: int) -> tuple[datetime, datetime | None] | None:
        """Until when a reply to a delivery is awaited, and when one came; None when none is awaited."""
        with self._access.reading() as connection:
            row = queries.reply_awaited(connection, delivery_id)
        return None if row is None or row["until"] is None else (row["until"], row["replied_at"])


def _late(found: Sequence[tuple[int, datetime]]) -> Late | None:
    return Late(tuple(number for number, _ in found), found[0][1]) if found else None


def _answer(row: Row) -> KnownAnswer:
    return KnownAnswer(
        id=row["id"],
        received_id=row["received_id"],
        mailbox=row["mailbox"],
        code=row["code"],
        at=row["at"],
        state=AnswerState(row["state"]),
        tries=row["tries"],
        cause=row["cause"],
    )
