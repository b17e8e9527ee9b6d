"""Dossiers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from dui_bridge.journal.queries.prepared import Prepared, Row, adding
from dui_bridge.journal.schema import dossier, item

_BY_KEY = Prepared(
    select(dossier).where(dossier.c.source == bindparam("source"), dossier.c.usager_key == bindparam("usager_key"))
)
_KEY_OF = Prepared(
    select(dossier.c.id, dossier.c.wrapped_key).where(
        dossier.c.source == bindparam("source"), dossier.c.usager_key == bindparam("usager_key")
    )
)
_BY_ID = Prepared(select(dossier).where(dossier.c.id == bindparam("which")))
_ADD = Prepared(adding(dossier).returning(dossier.c.id))
_SEEN = Prepared(
    update(dossier)
    .where(dossier.c.id == bindparam("which"))
    .values(
        {name: bindparam(name) for name in ("finess", "wrapped_key", "number", "facts", "traits", "seen_at", "gone_at")}
    )
)
_SEEN_AGAIN = (
    update(dossier).where(dossier.c.id == bindparam("which")).values(seen_at=bindparam("seen_at"), gone_at=None)
)


def by_key(connection: Connection, source: str, usager_key: str) -> Row | None:
    """By the digest of the usager's key."""
    return _BY_KEY.first(connection, source=source, usager_key=usager_key)


def wrapped_key(connection: Connection, source: str, usager_key: str) -> Callable[[], Row | None]:
    """Asks for `id` and `wrapped_key`, by the digest of the usager's key; None when it is not known."""
    return _KEY_OF.asked(connection, source=source, usager_key=usager_key)


def by_id(connection: Connection, dossier_id: int) -> Row | None:
    return _BY_ID.first(connection, which=dossier_id)


def wrapped_keys(
    connection: Connection, source: str, usager_keys: Sequence[str]
) -> dict[str, tuple[int, bytes | None]]:
    """Digest of the usager's key → row id and wrapped key."""
    rows = connection.execute(
        select(dossier.c.usager_key, dossier.c.id, dossier.c.wrapped_key).where(
            dossier.c.source == source, dossier.c.usager_key.in_(usager_keys)
        )
    )
    return {row.usager_key: (row.id, row.wrapped_key) for row in rows}


def add(connection: Connection, values: Mapping[str, Any]) -> int:
    """Adds a dossier and returns its row id."""
    return int(_ADD.scalar(connection, **values))


def add_all(connection: Connection, values: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Adds dossiers; digest of the usager's key → row id."""
    added = connection.execute(insert(dossier).returning(dossier.c.usager_key, dossier.c.id), list(values))
    return {row.usager_key: row.id for row in added}


def refresh(connection: Connection, values: Sequence[Mapping[str, Any]]) -> None:
    """Stores what was read of known dossiers (`which`: row id)."""
    _SEEN.run_each(connection, values)


def see_again(connection: Connection, ids: Sequence[int], at: datetime) -> None:
    """Notes that dossiers were read of which nothing could be used: what is known of them stays."""
    connection.execute(_SEEN_AGAIN, [{"which": one, "seen_at": at} for one in ids])


def set_traits(connection: Connection, dossier_id: int, traits: Mapping[str, str]) -> bool:
    changed = connection.execute(update(dossier).where(dossier.c.id == dossier_id).values(traits=dict(traits)))
    return changed.rowcount == 1


def set_gone(connection: Connection, source: str, run_id: str, at: datetime) -> int:
    """Marks the dossiers of a source of which this run read no item; how many were not marked yet."""
    # By the run and not by time: a clock that was set back must not make everybody disappear.
    read = select(item.c.dossier_id).where(item.c.source == source, item.c.run_id == run_id)
    marked = connection.execute(
        update(dossier)
        .where(dossier.c.source == source, dossier.c.gone_at.is_(None), dossier.c.id.not_in(read))
        .values(gone_at=at)
    )
    return marked.rowcount
