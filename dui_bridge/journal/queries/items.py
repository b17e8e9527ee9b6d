"""Items: what a reading made of each usager and each document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from dui_bridge.journal.queries.prepared import Prepared
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.schema import dossier, item

_WRITTEN = ("dossier_id", "series_id", "doc_type", "finess", "run_id", "state", "cause", "who", "since", "detail")
_UPDATE = (
    update(item)
    .where(item.c.id == bindparam("which"))
    .values({**{name: bindparam(name) for name in _WRITTEN}, "gone_at": None})
)
_BY_ID = Prepared(
    select(*item.c, dossier.c.usager_key, dossier.c.number, dossier.c.wrapped_key)
    .join_from(item, dossier)
    .where(item.c.id == bindparam("which"))
)


def standing(connection: Connection, source: str, keys: Sequence[str]) -> Sequence[Any]:
    """Rows of key, id, state, cause and `since` of the items with these digests."""
    return connection.execute(
        select(item.c.key, item.c.id, item.c.series_id, item.c.state, item.c.cause, item.c.since).where(
            # Both kinds are named, so that the unique index is searched by the key.
            item.c.source == source,
            item.c.kind.in_(["usager", "document"]),
            item.c.key.in_(keys),
        )
    ).all()


def add_all(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(insert(item), list(values))


def update_all(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """Stores what was read of known items (`which`: row id)."""
    connection.execute(_UPDATE, list(values))


def fitting_cause(cause: str) -> str:
    """The cause as the column will hold it: a name that a mapping gave may quote a cell of the export."""
    return fitted(item.c.cause, cause)


def set_gone(connection: Connection, source: str, run_id: str, kind: str, at: datetime) -> int:
    """Marks the items of a source that this run did not read; how many were not marked yet."""
    marked = connection.execute(
        update(item)
        .where(item.c.source == source, item.c.kind == kind, item.c.run_id != run_id, item.c.gone_at.is_(None))
        .values(gone_at=at)
    )
    return marked.rowcount


def by_id(connection: Connection, item_id: int) -> Mapping[str, Any] | None:
    """With the number and the wrapped key of its dossier."""
    return _BY_ID.first(connection, which=item_id)
