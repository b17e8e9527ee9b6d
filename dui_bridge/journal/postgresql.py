"""What is particular to PostgreSQL (14 or later): its address, its sessions, and what its codes mean.

A reading sees one moment (REPEATABLE READ). A writing is READ COMMITTED: what must not happen twice is a condition of
its UPDATE, or a unique constraint, or stands behind `queries.locks.alone`.
"""

from __future__ import annotations

import os
import socket
from contextlib import AbstractContextManager, closing
from typing import Any, Final

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from dui_bridge.errors import JournalUnusable
from dui_bridge.journal.errors import (
    AddressUnusable,
    DriverMissing,
    JournalDamaged,
    JournalLocked,
    JournalRefused,
    JournalUnreachable,
    JournalUnwritable,
)

_DRIVER: Final = "postgresql+psycopg"
_NAMES: Final = frozenset({"postgres", "postgresql", _DRIVER})
_CONNECT: Final = {
    "client_encoding": "utf8",
    "connect_timeout": 10,
    # A server that vanished is noticed within a minute, also by a connection that only keeps a lock.
    "keepalives_idle": 20,
    "keepalives_interval": 10,
    "keepalives_count": 4,
}
_MORE_CONNECTIONS: Final = 25

# SQLSTATE, or its class of two characters → what it means (PostgreSQL manual, appendix A).
_MEANINGS: Final[dict[str, type[JournalUnusable]]] = {
    "08": JournalUnreachable,
    "57P": JournalUnreachable,  # the server is going down or coming up
    "28": JournalRefused,
    "3D": JournalRefused,
    "42501": JournalRefused,
    "40": JournalLocked,  # serialization failure, deadlock
    "55P03": JournalLocked,
    "57014": JournalLocked,  # a time-out that the server's administrator has set
    "25006": JournalUnwritable,  # a standby
    "53": JournalUnwritable,  # disk full, too many connections
    "58": JournalUnwritable,
    "XX": JournalDamaged,
}
_PASSING: Final = ("starting up", "shutting down", "recovery", "too many", "remaining connection slots")
"""Words of a server that refuses everybody for now."""


def parse(address: str) -> tuple[URL, str]:
    """The address for SQLAlchemy, and how it is named to a person: without account and password.

    Raises:
        AddressUnusable: it is none of PostgreSQL. The text never shows it.
    """
    try:
        url = make_url(address.strip())
    except (ArgumentError, ValueError):
        raise AddressUnusable(reason="it cannot be read", reason_fr="elle est illisible") from None
    if url.drivername not in _NAMES:
        raise AddressUnusable(reason="it is not PostgreSQL's", reason_fr="ce n'est pas celle d'un PostgreSQL")
    if not url.database:
        raise AddressUnusable(reason="it names no database", reason_fr="elle ne nomme aucune base")
    port = f":{url.port}" if url.port else ""
    return url.set(drivername=_DRIVER), f"postgresql://{url.host or ''}{port}/{url.database}"


def open_engine(url: URL, name: str, wait: float, *, pooled: bool = True) -> Engine:
    """An engine on this database; a lock within it is waited for, up to `wait` seconds.

    Args:
        pooled: False for connections that each keep a lock.
    Raises:
        DriverMissing
    """
    pool: dict[str, Any] = {"max_overflow": _MORE_CONNECTIONS} if pooled else {"poolclass": NullPool}
    try:
        engine = create_engine(
            url,
            hide_parameters=True,
            isolation_level="READ COMMITTED" if pooled else "AUTOCOMMIT",
            connect_args={**_CONNECT, "application_name": f"dui-bridge {socket.gethostname()[:40]}:{os.getpid()}"},
            **pool,
        )
    except ImportError:
        raise DriverMissing(file=name) from None
    settings = {
        "plan_cache_mode": "force_generic_plan",
        "synchronous_commit": "on",
        "TimeZone": "UTC",
        "lock_timeout": str(max(1, round(wait * 1000))),
    }
    if not pooled:
        settings["idle_session_timeout"] = "0"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        with closing(connection.cursor()) as cursor:
            for setting, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (setting, value))
        connection.commit()

    return engine


def together(driver: Any) -> AbstractContextManager[object]:
    """While it lasts the statements on a connection of the driver are sent without waiting for an answer to each."""
    # Around the transaction as a whole: an error makes the server skip what follows it, the COMMIT included.
    kept: AbstractContextManager[object] = driver.driver_connection.pipeline()
    return kept


def meaning(error: BaseException, name: str) -> JournalUnusable:
    """What an error of the driver means to a person. Never shows the driver's own text: it quotes values."""
    state = getattr(error, "sqlstate", None)
    if not state:
        # While a connection is made the driver keeps the server's words and drops its code.
        words = str(error)
        refused = "FATAL" in words and not any(passing in words for passing in _PASSING)
        return JournalRefused(file=name) if refused else JournalUnreachable(file=name)
    kind = next((kind for length in (5, 3, 2) if (kind := _MEANINGS.get(state[:length]))), JournalUnusable)
    reason = f"SQLSTATE {state}"
    return kind(file=name, reason=reason)
