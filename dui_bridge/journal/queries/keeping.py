"""What may be forgotten, and forgetting it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select, update

from dui_bridge.journal.queries import inbox, receipts
from dui_bridge.journal.records import VersionState
from dui_bridge.journal.schema import attempt, delivery, document_version, dossier, item, outbox, payload, run
from dui_bridge.model.states import NOT_LEFT, SETTLED, DeliveryState, RunState

_S = DeliveryState
_LEAVING: Final = (_S.PLANNED, _S.READY, _S.SENDING)
"""Their bytes are still to be sent."""
_STUCK: Final = (_S.BLOCKED, _S.DOUBTFUL)
"""Their bytes may still be needed, as long as no newer version of the document was made."""
_ERRORED: Final = (_S.BLOCKED, _S.DOUBTFUL, _S.REFUSED, _S.RETURNED)

_later = document_version.alias("later")
_answers = attempt.join(payload, payload.c.id == attempt.c.answer_id).join(
    delivery, delivery.c.id == attempt.c.delivery_id
)


class Kept(NamedTuple):
    """A payload that was not purged yet; `size` in bytes, in clear."""

    id: int
    name: str
    in_file: bool
    size: int


def spent_versions(
    connection: Connection, *, settled: datetime, stuck: datetime, after: int, limit: int
) -> Sequence[int]:
    """Row ids of the next versions whose bytes nobody needs any more and that still have some.

    Args:
        settled: what was settled after this time is kept.
        stuck: what errored, or is held, since after this time is kept.
    """
    query = (
        select(document_version.c.id)
        .where(document_version.c.id > after, _has_bytes(), *_spent(settled, stuck))
        .order_by(document_version.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def payloads_of(
    connection: Connection, versions: Collection[int], delivered: datetime, unsettled: datetime
) -> list[int]:
    """Row ids of the payloads of those of these versions that are still spent."""
    query = select(document_version.c.cda_id, document_version.c.pdf_id).where(
        document_version.c.id.in_(versions), *_spent(delivered, unsettled)
    )
    return [payload_id for row in connection.execute(query) for payload_id in row if payload_id is not None]


def spent_attempts(
    connection: Connection, *, settled: datetime, stuck: datetime, after: int, limit: int
) -> Sequence[int]:
    """Row ids of the next attempts whose raw answers nobody needs any more and are still there."""
    query = (
        select(attempt.c.id)
        .select_from(_answers)
        .where(attempt.c.id > after, *_spent_answer(settled, stuck))
        .order_by(attempt.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def answers_of(
    connection: Connection, attempts: Collection[int], delivered: datetime, unsettled: datetime
) -> list[int]:
    """Row ids of the answers of those of these attempts that are still spent."""
    query = (
        select(payload.c.id)
        .select_from(_answers)
        .where(attempt.c.id.in_(attempts), *_spent_answer(delivered, unsettled))
    )
    return list(connection.execute(query).scalars())


def bytes_of(connection: Connection, payloads: Collection[int]) -> list[Kept]:
    """Payloads that are not purged yet, of these row ids."""
    return _payloads(connection, payload.c.id.in_(payloads))


def bytes_of_dossier(connection: Connection, dossier_id: int) -> list[Kept]:
    """All payloads of a dossier that are not purged yet."""
    return _payloads(connection, payload.c.dossier_id == dossier_id)


def forget(connection: Connection, payloads: Collection[int], at: datetime) -> None:
    """Drops the bytes of payloads from their rows; hashes and sizes stay."""
    connection.execute(update(payload).where(payload.c.id.in_(payloads)).values(body=None, purged_at=at))


def spent_rows(connection: Connection, *, written: datetime, after: int, limit: int) -> Sequence[int]:
    """Row ids of the next outcome rows that were written before this time and still have their content."""
    query = (
        select(outbox.c.id)
        .where(outbox.c.id > after, outbox.c.written_at <= written, func.length(outbox.c.row) > 0)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def forget_rows(connection: Connection, rows: Collection[int]) -> None:
    """Drops the content of outcome rows."""
    connection.execute(update(outbox).where(outbox.c.id.in_(rows)).values(row=b""))


def erase(connection: Connection, dossier_id: int, cause: str, who: str, at: datetime) -> bool:
    """Destroys the key of a dossier and all that was sealed with it or stands for its traits.

    What has not left is cancelled. False when there is no such dossier.
    """
    erased = connection.execute(
        update(dossier).where(dossier.c.id == dossier_id).values(wrapped_key=None, facts=None, number=b"", traits={})
    )
    if erased.rowcount == 0:
        return False
    connection.execute(update(item).where(item.c.dossier_id == dossier_id).values(detail=None))
    connection.execute(update(document_version).where(document_version.c.dossier_id == dossier_id).values(facts=None))
    connection.execute(
        update(delivery)
        .where(delivery.c.dossier_id == dossier_id, delivery.c.state.in_(_values(NOT_LEFT)))
        .values(state=_S.CANCELLED.value, cause=cause, who=who, since=at, settled_at=at, not_before=None)
    )
    inbox.erase(connection, inbox.of_dossier(connection, dossier_id))
    receipts.forget_suspects(connection, dossier_id)
    connection.execute(delete(outbox).where(outbox.c.dossier_id == dossier_id, outbox.c.written_at.is_(None)))
    connection.execute(update(outbox).where(outbox.c.dossier_id == dossier_id).values(row=b""))
    return True


def files(connection: Connection, names: Collection[str] | None = None) -> set[str]:
    """The names of the files that payloads and mails stand in; of these names only, when some are given."""
    query = select(payload.c.name).where(payload.c.in_file, payload.c.purged_at.is_(None))
    if names is not None:
        query = query.where(payload.c.name.in_(names))
    return set(connection.execute(query).scalars()) | inbox.files(connection, names, purged=False)


def purged_files(connection: Connection, names: Collection[str]) -> set[str]:
    """Those of these names that belong to payloads or mails that were purged."""
    query = select(payload.c.name).where(payload.c.name.in_(names), payload.c.purged_at.is_not(None))
    return set(connection.execute(query).scalars()) | inbox.files(connection, names, purged=True)


def _spent_answer(delivered: datetime, unsettled: datetime) -> list[ColumnElement[bool]]:
    return [
        payload.c.purged_at.is_(None),
        delivery.c.state.not_in(_values(_LEAVING)),
        ~_recent(delivery.c, delivered, unsettled),
    ]


def _spent(delivered: datetime, unsettled: datetime) -> list[ColumnElement[bool]]:
    mine = delivery.c.version_id == document_version.c.id
    is_latest = ~exists().where(
        _later.c.series_id == document_version.c.series_id,
        _later.c.version > document_version.c.version,
        _later.c.state != VersionState.DISCARDED.value,
    )
    # Discarding that run would bring the earlier version back.
    overtaken_by_held = exists().where(
        _later.c.series_id == document_version.c.series_id,
        _later.c.version > document_version.c.version,
        _later.c.run_id == run.c.id,
        run.c.state == RunState.HELD.value,
    )
    never_asked_for = and_(
        ~exists().where(mine),
        document_version.c.state != VersionState.DISCARDED.value,
        document_version.c.built_at > unsettled,
    )
    return [
        document_version.c.built_at <= delivered,
        ~exists().where(mine, delivery.c.state.in_(_values(_LEAVING))),
        ~and_(is_latest, exists().where(mine, delivery.c.state.in_(_values(_STUCK)))),
        ~exists().where(mine, _recent(delivery.c, delivered, unsettled)),
        ~never_asked_for,
        ~overtaken_by_held,
    ]


def _recent(columns: Any, delivered: datetime, unsettled: datetime) -> ColumnElement[bool]:
    """Whether a delivery is too young for its bytes to be forgotten."""
    settled_at = func.coalesce(columns.settled_at, columns.since)
    return or_(
        and_(columns.state.in_(_values(SETTLED)), settled_at > delivered),
        and_(columns.state.in_(_values(_ERRORED)), columns.since > unsettled),
    )


def _has_bytes() -> ColumnElement[bool]:
    return exists().where(
        or_(payload.c.id == document_version.c.cda_id, payload.c.id == document_version.c.pdf_id),
        payload.c.purged_at.is_(None),
    )


def _payloads(connection: Connection, which: ColumnElement[bool]) -> list[Kept]:
    query = select(payload.c.id, payload.c.name, payload.c.in_file, payload.c.size).where(
        which, payload.c.purged_at.is_(None)
    )
    return [Kept(row.id, row.name, row.in_file, row.size) for row in connection.execute(query)]


def _values(states: Collection[DeliveryState]) -> list[str]:
    return [state.value for state in states]


def purged_versions(connection: Connection, unique_ids: Collection[str]) -> list[str]:
    """Those of these versions whose CDA was purged."""
    query = (
        select(document_version.c.unique_id)
        .join(payload, payload.c.id == document_version.c.cda_id)
        .where(document_version.c.unique_id.in_(unique_ids), payload.c.purged_at.is_not(None))
    )
    return list(connection.execute(query).scalars())
