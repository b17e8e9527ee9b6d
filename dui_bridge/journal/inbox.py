"""Mails that came: kept sealed before they are marked in their mailbox, and what became of each.

`keep` commits a mail and how far its mailbox was read, in one transaction; only then is it marked there. `treat` and
`tie` commit what became of it, and the answer that is due, in one transaction: a process killed before that does the
same again, one killed after has nothing more to do.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from dui_bridge.journal import dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.dossiers import DossierKey
from dui_bridge.journal.inbox_records import (
    CANDIDATES,
    HANDED,
    AnswerState,
    CameMail,
    DocumentEntry,
    KeptDocument,
    KnownMail,
    KnownMailbox,
    MailState,
    ReceiptEntry,
    Treated,
)
from dui_bridge.journal.keys import blind
from dui_bridge.journal.queries import inbox as queries
from dui_bridge.journal.queries import receipts as receipt_queries
from dui_bridge.journal.queries import transitions
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.records import Json
from dui_bridge.journal.vault import LARGE, DataKey, Unsealable
from dui_bridge.model.states import DeliveryEvent

_PAGE: Final = 200
_HEAD_END: Final = re.compile(rb"\r?\n\r?\n")


class Inbox:
    """Times are aware. Every method may raise a `JournalUnusable`. Nothing that an erased mail had is given."""

    def __init__(self, access: Access) -> None:
        self._access = access

    # --- from the mailbox

    def mailboxes(self) -> list[KnownMailbox]:
        """How far each mailbox was read."""
        with self._access.reading() as connection:
            return queries.mailboxes(connection)

    def cursor(self, mailbox: str, folder: str) -> str | None:
        """Where to go on in a mailbox; None: nothing of it was ever kept."""
        return next((one.cursor for one in self.mailboxes() if (one.address, one.folder) == (mailbox, folder)), None)

    def keep(self, mail: CameMail, at: datetime) -> bool:
        """Commits a mail, sealed, and that its mailbox was read up to it; False when it is known already.

        The same mail is known by its Message-ID and its body, wherever in the mailbox it is found. One that was refused
        and came again, by another way, is a mail of its own: it is judged as things stand now.
        """
        vault, name = self._access.vault, os.urandom(16).hex()
        wrapped, key = vault.make_key(_key_name(name))
        fingerprint = self._fingerprint(mail)
        with self._access.writing() as connection:
            known = queries.find(connection, mail.mailbox, fingerprint)
            if known is not None and self._came_again(connection, known["id"], mail):
                fingerprint = self._index("mail again", hashlib.sha256(mail.data or b"").hexdigest())
                known = queries.find(connection, mail.mailbox, fingerprint)
            if known is not None:
                if known["cursor"] != mail.cursor:
                    queries.place_anew(connection, known["id"], mail.cursor)
            else:
                in_file = mail.data is not None and len(mail.data) > LARGE
                if mail.data is not None and in_file:
                    vault.write(key, name, mail.data)
                sealed = None if mail.data is None or in_file else key.seal(_body(name), mail.data)
                values = {
                    "mailbox": mail.mailbox,
                    "cursor": mail.cursor,
                    "fingerprint": fingerprint,
                    "name": name,
                    "wrapped_key": wrapped,
                    "size": mail.size,
                    "body": sealed,
                    "in_file": in_file,
                    "detail": None,
                    "kind": "",
                    "code": "",
                    "at": at,
                    "state": MailState.TO_TREAT.value,
                    "cause": "",
                    "who": "",
                    "since": at,
                    "marked": False,
                }
                queries.add(connection, values)
            queries.advance(connection, mail.mailbox, mail.folder, {"cursor": mail.cursor, "read_at": at})
        return known is None

    def read(self, mailbox: str, folder: str, at: datetime, code: str = "") -> None:
        """Notes that a mailbox was read to its end, or what kept it from being read."""
        values: dict[str, Any] = {"read_at": at, "code": code[:40]}
        with self._access.writing() as connection:
            queries.advance(connection, mailbox, folder, values if code else {**values, "success_at": at})

    def to_mark(self, mailbox: str) -> Sequence[Row]:
        """What is kept of a mailbox and was not marked there: `id, cursor, size, cause, kind`."""
        with self._access.reading() as connection:
            return queries.to_mark(connection, mailbox)

    def marked(self, mail_id: int) -> None:
        """A mail is marked in its mailbox."""
        with self._access.writing() as connection:
            queries.mark(connection, mail_id)

    # --- what became of it

    def to_treat(self) -> list[int]:
        """The mails that nobody has looked at, the oldest first."""
        with self._access.reading() as connection:
            return queries.ids(connection, MailState.TO_TREAT)

    def mail(self, mail_id: int) -> KnownMail | None:
        """A mail that came."""
        with self._access.reading() as connection:
            row = queries.get(connection, mail_id)
            return None if row is None else self._known(row, kept=row["in_file"] or row["body"] is not None)

    def mails(self, states: Collection[MailState]) -> Iterator[KnownMail]:
        """The mails in these states, the oldest first."""
        after = 0
        while True:
            with self._access.reading() as connection:
                rows = queries.page(connection, [one.value for one in states], after, _PAGE)
                found = [self._known(row, kept=row["in_file"] or row["in_row"]) for row in rows]
            yield from found
            if len(found) < _PAGE:
                return
            after = found[-1].id

    def body(self, mail_id: int) -> bytes | None:
        """A mail as it came; None when it was too large to be fetched, is purged or erased, or does not open."""
        with self._access.reading() as connection:
            row = queries.get(connection, mail_id)
        return None if row is None else self._opened(row)

    def _opened(self, row: Row) -> bytes | None:
        if row["purged_at"] is not None:
            return None
        try:
            key = self._key(row)
            if key is None:
                return None
            if row["in_file"]:
                return self._access.vault.read(key, row["name"])
            return None if row["body"] is None else key.open(_body(row["name"]), row["body"])
        except (Unsealable, OSError):
            return None

    def begin_handing(self, mail_id: int, key: str) -> int:
        """Commits, before documents are handed to who cannot be asked whether they have them, that they may be.

        Args:
            key: of what is handed over, always the same for it.
        Returns:
            1, or more when that was begun before.
        Raises:
            JournalOvertaken: the mail is erased.
        """
        with self._access.writing() as connection:
            row = queries.get(connection, mail_id)
            opened = None if row is None else self._key(row)
            if row is None or opened is None:
                raise self._access.overtaken()
            detail = opened.open_json(_detail(row["name"]), row["detail"])
            before = detail.get(HANDED)
            known = before.get("times") if isinstance(before, dict) and before.get("key") == key else None
            times = known + 1 if isinstance(known, int) else 1
            told: dict[str, Json] = {**detail, HANDED: {"key": key, "times": times}}
            queries.set_detail(connection, mail_id, opened.seal_json(_detail(row["name"]), told))
        return times

    def treat(self, mail_id: int, treated: Treated, at: datetime, before: MailState = MailState.TO_TREAT) -> bool:
        """Commits what became of a mail, its documents and the answer that is due; False when it moved meanwhile."""
        with self._access.writing() as connection:
            row = queries.get(connection, mail_id)
            if row is None or not self._set(connection, row, treated, at, before):
                return False
            queries.forget_documents(connection, mail_id)
            for document in treated.documents:
                self._add_document(connection, row, document)
            if treated.code is not None:
                state = AnswerState.DOUBTFUL if treated.answered else AnswerState.WAITING
                receipt_queries.add_answer(connection, mail_id, treated.code, state, at, treated.answered)
            if treated.delivery_id is not None and treated.replies:
                receipt_queries.replied(connection, treated.delivery_id, at)
        return True

    def tie(
        self,
        mail_id: int,
        treated: Treated,
        receipts: Sequence[ReceiptEntry],
        at: datetime,
        before: MailState = MailState.TO_TREAT,
    ) -> bool:
        """Commits what a report says: its receipts, what they change of deliveries, and the addresses that are suspect.

        Returns:
            False when it moved meanwhile: nothing was written.
        """
        with self._access.writing() as connection:
            row = queries.get(connection, mail_id)
            if row is None or not self._set(connection, row, treated, at, before):
                return False
            for one in receipts:
                self._add_receipt(connection, mail_id, one, at)
        return True

    def kept(self, unique_id: str, set_id: str, replaces: Sequence[str], besides: int) -> list[KeptDocument]:
        """Documents of this id or set, those that it replaces, and those that replace it; the oldest first.

        Args:
            besides: the mail whose own documents do not count.
        """
        unique = [self._index("document", one) for one in (unique_id, *replaces)]
        of_set = self._index("set", set_id) if set_id else ""
        with self._access.reading() as connection:
            rows = queries.documents(connection, unique, of_set, unique[0], besides)
        found = (self._document(row) for row in rows)
        return [one for one in found if one is not None]

    def counts(self) -> dict[MailState, tuple[int, datetime]]:
        """State → how many mails, and since when the first of them is in it."""
        with self._access.reading() as connection:
            return {MailState(state): found for state, found in queries.counts(connection).items()}

    def _set(self, connection: Connection, row: Row, treated: Treated, at: datetime, before: MailState) -> bool:
        key, detail = self._key(row), treated.detail
        if key is not None and (handed := key.open_json(_detail(row["name"]), row["detail"]).get(HANDED)) is not None:
            detail = {**detail, HANDED: handed}
        values = {
            "kind": treated.kind,
            "state": treated.state.value,
            "cause": treated.cause,
            "who": treated.who,
            "code": treated.code or "",
            "since": at,
            "delivery_id": treated.delivery_id,
            "dossier_id": treated.dossier_id,
            "detail": None if key is None else key.seal_json(_detail(row["name"]), detail),
        }
        return queries.set_state(connection, row["id"], before, values)

    def _add_document(self, connection: Connection, row: Row, document: DocumentEntry) -> None:
        key = self._key(row)
        terms: dict[str, Json] = {
            "unique_id": document.unique_id,
            "set_id": document.set_id,
            "replaces": list(document.replaces),
            "sender": document.sender,
            "name": document.name,
        }
        queries.add_document(
            connection,
            {
                "received_id": row["id"],
                "dossier_id": document.dossier_id,
                "unique_index": self._index("document", document.unique_id),
                "set_index": self._index("set", document.set_id) if document.set_id else "",
                "replaces": " ".join(self._index("document", one) for one in document.replaces),
                "version": document.version,
                "sha256": document.sha256,
                "state": document.state,
                "terms": None if key is None else key.seal_json(_terms(row["name"]), terms),
            },
        )
        if document.target is not None:
            queries.set_document_state(connection, *document.target)

    def _add_receipt(self, connection: Connection, mail_id: int, one: ReceiptEntry, at: datetime) -> None:
        receipt_queries.add_receipt(
            connection,
            {
                "received_id": mail_id,
                "delivery_id": one.delivery_id,
                "original": original_index(self._access, one.original),
                "told": one.told,
                "code": one.code,
                "cause": one.cause,
                "recipient": address_index(self._access, one.recipient),
                "at": at,
            },
        )
        if one.delivery_id is None:
            return
        for event in one.events:
            # What arrived with a reserve has arrived: the reserve stands with the report.
            why = ("", "nobody") if event is DeliveryEvent.ACKNOWLEDGE else (one.cause, one.who)
            transitions.change(connection, event, *why, at, [one.delivery_id])
        if one.reference:
            receipt_queries.set_reference(connection, one.delivery_id, one.reference)
        if one.suspect:
            dossier = receipt_queries.dossier_of(connection, one.delivery_id)
            key = dossiers.find_key(connection, self._access.vault, dossier)
            note_suspect(self._access, connection, one.delivery_id, key, one.suspect, one.cause, at)

    def _known(self, row: Row, *, kept: bool) -> KnownMail:
        key = self._key(row)
        return KnownMail(
            id=row["id"],
            mailbox=row["mailbox"],
            cursor=row["cursor"],
            size=row["size"],
            kind=row["kind"],
            code=row["code"],
            at=row["at"],
            state=MailState(row["state"]),
            cause=row["cause"],
            who=row["who"],
            since=row["since"],
            delivery_id=row["delivery_id"],
            dossier_id=row["dossier_id"],
            kept=kept and row["purged_at"] is None and key is not None,
            detail={} if key is None else key.open_json(_detail(row["name"]), row["detail"]),
        )

    def _document(self, row: Row) -> KeptDocument | None:
        """None once its mail is erased, or its terms do not open."""
        try:
            key = self._key(row)
            if key is None or row["terms"] is None:
                return None
            terms = key.open_json(_terms(row["name"]), row["terms"])
        except Unsealable:
            return None
        replaces = terms["replaces"]
        return KeptDocument(
            id=row["id"],
            received_id=row["received_id"],
            unique_id=str(terms["unique_id"]),
            sha256=row["sha256"],
            state=row["state"],
            sender=str(terms["sender"]),
            set_id=str(terms["set_id"]),
            version=row["version"],
            replaces=tuple(map(str, replaces)) if isinstance(replaces, list) else (),
            dossier_id=row["dossier_id"],
            name=str(terms["name"]),
        )

    def _came_again(self, connection: Connection, known: int, mail: CameMail) -> bool:
        """Whether a mail was sent once more after it was refused, and is not the one that is known, found once more."""
        row = queries.get(connection, known)
        if mail.data is None or row is None or row["state"] != MailState.REFUSED:
            return False
        kept = self._opened(row)
        # What each way adds to its headers tells them apart; of one that is purged nothing can.
        return kept is not None and kept != mail.data

    def _key(self, row: Row) -> DataKey | None:
        wrapped = row["wrapped_key"]
        return None if wrapped is None else self._access.vault.key(_key_name(row["name"]), wrapped)

    def _index(self, kind: str, value: str) -> str:
        return blind(self._access.key, f"received {kind}", value)

    def _fingerprint(self, mail: CameMail) -> str:
        if mail.data is None:
            return self._index("mail", f"{mail.folder}\0{mail.cursor}")
        end = _HEAD_END.search(mail.data)
        # Its headers are added to on each way that it takes; a Message-ID alone may have been used twice.
        digest = hashlib.sha256(mail.data[end.end() :] if end is not None else mail.data).hexdigest()
        return blind(self._access.key, "received mail", mail.message_id, digest)


def address_index(access: Access, address: str) -> str:
    """What stands for the address of a correspondent."""
    return blind(access.key, "address", address.strip().lower()) if address else ""


def forget_candidate(connection: Connection, access: Access, dossier_id: int) -> None:
    """Takes an erased dossier from among those that may be meant by the mails of others, or of nobody yet."""
    after = 0
    while rows := queries.details(connection, after, _PAGE):
        after = rows[-1]["id"]
        for row in rows:
            try:
                key = access.vault.key(_key_name(row["name"]), row["wrapped_key"])
                detail = key.open_json(_detail(row["name"]), row["detail"])
            except Unsealable:
                continue  # it tells nobody anything
            candidates = detail.get(CANDIDATES)
            if isinstance(candidates, list) and dossier_id in candidates:
                left = {**detail, CANDIDATES: [one for one in candidates if one != dossier_id]}
                queries.set_detail(connection, row["id"], key.seal_json(_detail(row["name"]), left))


def note_suspect(
    access: Access,
    connection: Connection,
    delivery_id: int,
    dossier: DossierKey | None,
    address: str,
    cause: str,
    at: datetime,
) -> None:
    """Notes that nothing is to be sent to an address, unless it is suspect already. `dossier`: of the delivery."""
    index = address_index(access, address)
    sealed = None if dossier is None else dossier.key.seal(suspect_place(index), address.encode("utf-8", "replace"))
    receipt_queries.add_suspect(connection, delivery_id, index, sealed, cause, at)


def original_index(access: Access, message_id: str) -> str:
    """What stands for the Message-ID that a report names; empty for none."""
    return blind(access.key, "original", message_id) if message_id else ""


def suspect_place(index: str) -> str:
    """What a suspect address is bound to."""
    return f"suspect:address:{index}"


def _key_name(name: str) -> str:
    return f"received:{name}"


def _body(name: str) -> str:
    return f"received:body:{name}"


def _detail(name: str) -> str:
    return f"received:detail:{name}"


def _terms(name: str) -> str:
    return f"received_document:terms:{name}"
