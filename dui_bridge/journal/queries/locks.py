"""Locks that PostgreSQL keeps. SQLite has one writer at a time and needs none within a transaction."""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, cast, column, func, select, table

_LOCKS = table("pg_locks", column("locktype"), column("classid"), column("objid"), column("pid"), column("granted"))
_SESSIONS = table("pg_stat_activity", column("pid"), column("application_name"))


def alone(connection: Connection, key: int) -> None:
    """Until the transaction ends, no other one passes here with the same key (64 bits, signed). Waits for its turn."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(key)))


def try_lock(connection: Connection, key: int) -> bool:
    """Takes a lock for as long as the connection lives; PostgreSQL only."""
    return bool(connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one())


def unlock(connection: Connection, key: int) -> bool:
    """Lets go of a lock of `try_lock`; False when the connection does not hold it."""
    return bool(connection.execute(select(func.pg_advisory_unlock(key))).scalar_one())


def holder(connection: Connection, key: int) -> str | None:
    """The name that the session with this lock gave itself (PostgreSQL manual: pg_locks, advisory locks)."""
    high, low = (key >> 32) & 0xFFFFFFFF, key & 0xFFFFFFFF
    found = connection.execute(
        select(_SESSIONS.c.application_name)
        .select_from(_LOCKS.join(_SESSIONS, _LOCKS.c.pid == _SESSIONS.c.pid))
        .where(
            _LOCKS.c.locktype == "advisory",
            _LOCKS.c.granted,
            cast(_LOCKS.c.classid, BigInteger) == high,
            cast(_LOCKS.c.objid, BigInteger) == low,
        )
        .limit(1)
    )
    name = found.scalar()
    return None if name is None else str(name)
