"""Mails that came, with their documents, and what the mailboxes were read up to."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, MappingResult, func, insert, or_, select, update

from dui_bridge.journal.inbox_records import KnownMailbox, MailState
from dui_bridge.journal.inbox_schema import mailbox, received, received_document
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.queries.texts import fitted


def mailboxes(connection: Connection) -> list[KnownMailbox]:
    rows = connection.execute(select(mailbox).order_by(mailbox.c.address, mailbox.c.folder)).mappings()
    return [KnownMailbox(**row) for row in rows]


def advance(connection: Connection, address: str, folder: str, values: Mapping[str, Any]) -> None:
    """Notes how far a mailbox was read, or what kept it from being read."""
    which = (mailbox.c.address == address, mailbox.c.folder == folder)
    if connection.execute(update(mailbox).where(*which).values(values)).rowcount == 0:
        base = {"cursor": None, "first_at": values["read_at"], "success_at": None, "code": "", **values}
        connection.execute(insert(mailbox).values(address=address, folder=folder, **base))


def find(connection: Connection, address: str, fingerprint: str) -> Row | None:
    query = select(received.c.id, received.c.cursor).where(
        received.c.mailbox == address, received.c.fingerprint == fingerprint
    )
    return one_row(connection.execute(query).mappings())


def add(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(received).values(dict(values)))


def place_anew(connection: Connection, mail_id: int, cursor: str) -> None:
    """A mail that is known is found elsewhere in its mailbox, or once more: it is to be marked there."""
    connection.execute(update(received).where(received.c.id == mail_id).values(cursor=cursor, marked=False))


def get(connection: Connection, mail_id: int) -> Row | None:
    return one_row(connection.execute(select(received).where(received.c.id == mail_id)).mappings())


def page(connection: Connection, states: Collection[str], after: int, limit: int) -> list[Row]:
    """The next mails in these states by id, without their bytes."""
    query = (
        select(*(one for one in received.c if one.name != "body"), received.c.body.is_not(None).label("in_row"))
        .where(received.c.state.in_(states), received.c.id > after)
        .order_by(received.c.id)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def ids(connection: Connection, state: str) -> list[int]:
    query = select(received.c.id).where(received.c.state == state).order_by(received.c.id)
    return list(connection.execute(query).scalars())


def to_mark(connection: Connection, address: str) -> list[Row]:
    """`id, cursor, size, cause, kind` of what is kept of a mailbox and was not marked there."""
    query = (
        select(received.c.id, received.c.cursor, received.c.size, received.c.cause, received.c.kind)
        .where(received.c.mailbox == address, received.c.marked.is_(False))
        .order_by(received.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def mark(connection: Connection, mail_id: int) -> None:
    connection.execute(update(received).where(received.c.id == mail_id).values(marked=True))


def set_state(connection: Connection, mail_id: int, before: str, values: Mapping[str, Any]) -> bool:
    """Changes a mail that is in this state; False when it moved meanwhile."""
    cut = {name: fitted(received.c[name], value) if isinstance(value, str) else value for name, value in values.items()}
    changed = connection.execute(
        update(received).where(received.c.id == mail_id, received.c.state == before).values(cut)
    )
    return changed.rowcount == 1


def details(connection: Connection, after: int, limit: int) -> list[Row]:
    """`id, name, wrapped_key, detail` of the next mails of which a person is shown something."""
    query = (
        select(received.c.id, received.c.name, received.c.wrapped_key, received.c.detail)
        .where(received.c.id > after, received.c.detail.is_not(None), received.c.wrapped_key.is_not(None))
        .order_by(received.c.id)
        .limit(limit)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def set_detail(connection: Connection, mail_id: int, detail: bytes) -> None:
    connection.execute(update(received).where(received.c.id == mail_id).values(detail=detail))


def add_document(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(received_document).values(dict(values)))


def forget_documents(connection: Connection, mail_id: int) -> None:
    """Takes back what was stored of the documents of a mail: it is decided anew."""
    connection.execute(received_document.delete().where(received_document.c.received_id == mail_id))


def set_document_state(connection: Connection, document_id: int, state: str) -> None:
    connection.execute(update(received_document).where(received_document.c.id == document_id).values(state=state))


def documents(connection: Connection, unique: Collection[str], of_set: str, replaced: str, besides: int) -> list[Row]:
    """Documents with one of these digests as their id or this as their set, or that replace this one; oldest first.

    Args:
        of_set: '' for none.
        besides: the mail whose own documents are left out.
    """
    like = [received_document.c.unique_index.in_(unique), received_document.c.replaces.contains(replaced)]
    if of_set:
        like.append(received_document.c.set_index == of_set)
    query = (
        select(received_document, received.c.name, received.c.wrapped_key)
        .join(received, received.c.id == received_document.c.received_id)
        .where(or_(*like), received_document.c.received_id != besides)
        .order_by(received_document.c.id)
    )
    return [dict(row) for row in connection.execute(query).mappings()]


def counts(connection: Connection) -> dict[str, tuple[int, datetime]]:
    """State → how many mails, and since when the first of them is in it."""
    query = select(received.c.state, func.count(), func.min(received.c.since)).group_by(received.c.state)
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


# --- keeping


def spent(connection: Connection, *, settled: datetime, stuck: datetime, after: int, limit: int) -> Sequence[int]:
    """Row ids of the next mails whose bytes nobody needs any more and are still there."""
    done = [MailState.FILED.value, MailState.TIED.value, MailState.IGNORED.value]
    query = (
        select(received.c.id)
        .where(
            received.c.id > after,
            received.c.purged_at.is_(None),
            received.c.marked,
            or_(
                received.c.state.in_(done) & (received.c.since <= settled),
                (received.c.state == MailState.REFUSED.value) & (received.c.since <= stuck),
            ),
        )
        .order_by(received.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def bytes_of(connection: Connection, mails: Collection[int]) -> list[Row]:
    """`id, name, in_file, size` of mails that are not purged yet."""
    query = select(received.c.id, received.c.name, received.c.in_file, received.c.size)
    found = query.where(received.c.id.in_(mails), received.c.purged_at.is_(None))
    return [dict(row) for row in connection.execute(found).mappings()]


def of_dossier(connection: Connection, dossier_id: int) -> list[int]:
    """The mails that are about a dossier, purged or not."""
    query = select(received.c.id).where(received.c.dossier_id == dossier_id)
    return list(connection.execute(query).scalars())


def forget(connection: Connection, mails: Collection[int], at: datetime) -> None:
    """Drops the bytes of mails and what a person is shown of them; states, sizes and digests stay."""
    connection.execute(
        update(received)
        .where(received.c.id.in_(mails), received.c.purged_at.is_(None))
        .values(body=None, detail=None, purged_at=at)
    )


def erase(connection: Connection, mails: Collection[int]) -> None:
    """Destroys the keys of mails: nothing sealed with them can be read any more."""
    connection.execute(
        update(received).where(received.c.id.in_(mails)).values(wrapped_key=None, detail=None, body=None)
    )
    connection.execute(update(received_document).where(received_document.c.received_id.in_(mails)).values(terms=None))


def files(connection: Connection, names: Collection[str] | None, *, purged: bool) -> set[str]:
    """The names of the files that mails stand in, or stood in before they were purged; of these names, if given."""
    query = select(received.c.name).where(
        received.c.purged_at.is_not(None) if purged else received.c.in_file & received.c.purged_at.is_(None)
    )
    if names is not None:
        query = query.where(received.c.name.in_(names))
    return set(connection.execute(query).scalars())


def one_row(found: MappingResult) -> Row | None:
    """The first row, for whoever wants a plain one."""
    row = found.first()
    return None if row is None else dict(row)
