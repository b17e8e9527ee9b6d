"""Pauses, circuits and token buckets, one row for each destination, and for each establishment that one refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, union, update

from dui_bridge.journal.control_records import Brake, Circuit
from dui_bridge.journal.queries.prepared import Prepared, Row
from dui_bridge.journal.queries.texts import fitted
from dui_bridge.journal.schema import brake, delivery

# Asked for each delivery.
_THE_ROW = select(brake).where(brake.c.destination == bindparam("which"))
_ROW = Prepared(_THE_ROW)
_ROW_KEPT = Prepared(_THE_ROW.with_for_update())
_COLUMNS = brake.c.keys()
_of_establishment = brake.c.destination.contains(" ")
_ROWS = select(brake).where(~_of_establishment).order_by(brake.c.destination)
_OF_ESTABLISHMENTS = Prepared(select(brake).where(_of_establishment).order_by(brake.c.destination))
_SET_TOKENS = Prepared(
    update(brake)
    .where(brake.c.destination == bindparam("which"))
    .values(tokens=bindparam("left"), tokens_at=bindparam("counted_at"))
)


def row(connection: Connection, destination: str, *, kept: bool = False) -> Row | None:
    """The row of a destination. `kept`: nobody else changes it until the transaction ends."""
    return (_ROW_KEPT if kept else _ROW).first(connection, which=destination)


def rows(connection: Connection) -> list[Row]:
    """Those of destinations, by name."""
    return [dict(one) for one in connection.execute(_ROWS).mappings()]


def of_establishments(connection: Connection, destination: str | None = None) -> Sequence[Row]:
    """Those of establishments at a destination, or at any, by name."""
    found = _OF_ESTABLISHMENTS.rows(connection)
    return [row for row in found if destination is None or row["destination"].startswith(f"{destination} ")]


def add(connection: Connection, destination: str, tokens: float, at: datetime) -> None:
    """A row that slows nothing."""
    connection.execute(
        insert(brake).values(
            destination=destination,
            paused_by="",
            reason="",
            resumed="",
            circuit=Circuit.CLOSED.value,
            failures=0,
            last_code="",
            tokens=tokens,
            tokens_at=at,
        )
    )


def put(connection: Connection, destination: str, values: Mapping[str, Any]) -> None:
    """Changes the row of a destination. Texts are cut to fit."""
    fitting = {
        name: fitted(brake.c[name], value) if isinstance(value, str) else value for name, value in values.items()
    }
    _putting(tuple(fitting)).run(connection, which=destination, **fitting)


@cache
def _putting(names: tuple[str, ...]) -> Prepared:
    changed = update(brake).where(brake.c.destination == bindparam("which"))
    return Prepared(changed.values({name: bindparam(name) for name in names}))


def set_tokens(connection: Connection, destination: str, tokens: float, at: datetime) -> None:
    _SET_TOKENS.run(connection, which=destination, left=tokens, counted_at=at)


def destinations(connection: Connection) -> list[str]:
    """Every destination that the journal knows, by a brake or a delivery."""
    known = union(select(brake.c.destination).where(~_of_establishment), select(delivery.c.destination))
    return sorted(connection.execute(known).scalars())


def of_delivery(found: Row) -> Brake:
    """How the destination of a delivery stands, from the columns `brake_…`."""
    row = {name: found[f"brake_{name}"] for name in _COLUMNS}
    return Brake(found["destination"]) if row["destination"] is None else known(row)


def known(found: Row) -> Brake:
    return Brake(
        destination=found["destination"],
        paused_at=found["paused_at"],
        paused_by=found["paused_by"],
        reason=found["reason"],
        until=found["until"],
        resumed="probing" if found["resumed"] else "",
        circuit=Circuit(found["circuit"]),
        failures=found["failures"],
        last_code=found["last_code"],
        retry_at=found["retry_at"],
        last_success_at=found["last_success_at"],
    )
