"""What slows or stops a destination, in every process that serves it: pauses, circuits, the rate."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from dui_bridge.journal.access import Access
from dui_bridge.journal.control_records import Brake, Circuit
from dui_bridge.journal.lock import number
from dui_bridge.journal.policy_mark import policy_changed
from dui_bridge.journal.queries import brakes as queries
from dui_bridge.journal.queries import locks
from dui_bridge.journal.queries.prepared import Row

_SKEW: Final = timedelta(minutes=1)
"""Clocks of several hosts differ less than this; a clock that went back by more was set, and counting starts anew."""
_KEPT_TO: Final = timedelta(seconds=1)
_BURST: Final = 1.0
_ROUNDING: Final = 1e-9


class Brakes:
    """The brakes of all destinations. One that was never braked has none: `get` gives a `Brake` that slows nothing."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def get(self, destination: str) -> Brake:
        """How a destination stands."""
        with self._access.glancing() as connection:
            row = queries.row(connection, destination)
        return Brake(destination) if row is None else queries.known(row)

    def all(self) -> list[Brake]:
        """Those of which something is known, by name."""
        with self._access.reading() as connection:
            return [queries.known(row) for row in queries.rows(connection)]

    def of_establishments(self) -> dict[tuple[str, str], Brake]:
        """Destination and FINESS → how the destination stands for that establishment alone, where it ever refused it.

        `brake_of` names such a brake for `failed` and `succeeded`; `resume` of the destination closes it too.
        """
        with self._access.glancing() as connection:
            found = [queries.known(row) for row in queries.of_establishments(connection)]
        return {(name, finess): one for one in found for name, _, finess in (one.destination.partition(" "),)}

    def pause(self, destination: str, by: str, reason: str, until: datetime | None, at: datetime) -> None:
        """Stops a destination, until a time or until `resume`. A pause that lasts is replaced."""
        with self._access.writing() as connection:
            self._pause(connection, destination, by, reason, until, at)

    def pause_all(self, reason: str, by: str, at: datetime, destinations: Collection[str]) -> None:
        """Stops these destinations and all that the journal knows, in one transaction, until each is resumed."""
        with self._access.writing() as connection:
            for destination in sorted({*destinations, *queries.destinations(connection)}):
                self._pause(connection, destination, by, reason, None, at)

    def resume(self, destination: str, by: str, at: datetime) -> bool:
        """Ends a pause, and closes an open circuit: one item goes first (`Brake.gate` is `probe` until a success).

        The circuits of establishments at this destination are closed in the same way.

        Args:
            by: who; kept as the last who touched the pause.
        Returns:
            False when nothing stopped it; nothing is changed then.
        """
        with self._access.writing() as connection:
            rows = [queries.row(connection, destination, kept=True)]
            rows += queries.of_establishments(connection, destination)
            stopped = [row["destination"] for row in rows if row is not None and _is_stopped(row)]
            for name in stopped:
                queries.put(
                    connection,
                    name,
                    {
                        "paused_at": None,
                        "paused_by": by,
                        "reason": "",
                        "until": None,
                        "resumed": "probing",
                        "circuit": Circuit.CLOSED.value,
                        "failures": 0,
                        "retry_at": None,
                    },
                )
            self._tell_policy(connection, stopped)
        return bool(stopped)

    def take(self, destination: str, per_second: float, now: datetime, *, burst: float | None = None) -> float:
        """Takes a token of the destination's bucket, which fills at this rate.

        Committed before it returns, so that the rate holds across processes.

        Args:
            destination: or what else is done so often; with a space in it, it is shown as no destination.
            per_second: above 0.
            burst: how many the bucket holds; None: `max(1, per_second)`.
        Returns:
            0.0 when it was taken; else the seconds until there may be one, and nothing was taken.
        """
        size = max(_BURST, per_second) if burst is None else burst
        with self._access.writing() as connection:
            row = self._row(connection, destination, now, size)
            counted_at: datetime = row["tokens_at"]
            ahead = timedelta(0)
            if now < counted_at:
                if counted_at - now > _SKEW:
                    counted_at = now
                ahead = counted_at - now
            gained = max(0.0, (now - counted_at).total_seconds()) * per_second
            tokens: float = min(size, row["tokens"] + gained)
            counted_at = max(counted_at, now)
            if tokens < 1.0 - _ROUNDING:
                if counted_at < row["tokens_at"]:
                    queries.set_tokens(connection, destination, tokens, counted_at)
                return ahead.total_seconds() + float(1.0 - tokens) / per_second
            queries.set_tokens(connection, destination, max(0.0, tokens - 1.0), counted_at)
        return 0.0

    def succeeded(self, destination: str, at: datetime, *, arrived: bool = True) -> None:
        """A destination works: closes the circuit, ends a probe and a pause whose time is over.

        Within a second of the last success, and with nothing to end, nothing is written.

        Args:
            arrived: a delivery did; else the destination refused one, which is no success to be told.
        """
        with self._access.glancing() as connection:
            row = queries.row(connection, destination)
        if row is not None and not _to_end(row, at) and (not arrived or _is_recent(row["last_success_at"], at)):
            return
        with self._access.writing() as connection:
            row = self._row(connection, destination, at)
            values: dict[str, object] = {
                "resumed": "",
                "circuit": Circuit.CLOSED.value,
                "failures": 0,
                "last_code": "",
                "retry_at": None,
                "last_success_at": at if arrived else row["last_success_at"],
            }
            if row["until"] is not None and row["until"] <= at:
                values |= {"paused_at": None, "reason": "", "until": None}
            queries.put(connection, destination, values)
            self._tell_policy(connection, [destination])

    def failed(self, destination: str, code: str, at: datetime, retry_at: datetime | None, opens: bool) -> None:
        """A passing failure. `opens`: the circuit opens until `retry_at`; one that is open stays so."""
        with self._access.writing() as connection:
            row = self._row(connection, destination, at)
            queries.put(
                connection,
                destination,
                {
                    "failures": row["failures"] + 1,
                    "last_code": code,
                    "retry_at": retry_at,
                    "circuit": Circuit.OPEN.value if opens else row["circuit"],
                },
            )
            self._tell_policy(connection, [destination])

    def _pause(
        self, connection: Connection, destination: str, by: str, reason: str, until: datetime | None, at: datetime
    ) -> None:
        self._row(connection, destination, at)
        queries.put(
            connection,
            destination,
            {"paused_at": at, "paused_by": by, "reason": reason, "until": until, "resumed": ""},
        )

    @staticmethod
    def _tell_policy(connection: Connection, names: Collection[str]) -> None:
        """Policy is asked about an establishment; how the destination itself stands comes with each delivery."""
        if any(" " in name for name in names):
            policy_changed(connection)

    def _row(self, connection: Connection, destination: str, at: datetime, tokens: float = _BURST) -> Row:
        """The row of a destination, made when there is none, which nobody else changes before the commit."""
        row = queries.row(connection, destination, kept=True)
        if row is None:
            locks.alone(connection, number(f"brake {destination}"))
            if queries.row(connection, destination) is None:
                queries.add(connection, destination, tokens, at)
            row = queries.row(connection, destination, kept=True)
        if row is None:
            raise self._access.overtaken()
        return row


def _is_stopped(row: Row) -> bool:
    return row["paused_at"] is not None or row["circuit"] != Circuit.CLOSED.value


def _to_end(row: Row, at: datetime) -> bool:
    return bool(
        row["resumed"]
        or row["failures"]
        or row["circuit"] != Circuit.CLOSED.value
        or (row["until"] is not None and row["until"] <= at)
    )


def _is_recent(last: datetime | None, at: datetime) -> bool:
    return last is not None and timedelta(0) <= at - last < _KEPT_TO
