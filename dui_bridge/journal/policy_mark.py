"""A mark that changes with what policy asks of every delivery, so that a worker reads that again only when it must."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from dui_bridge.journal.access import Access
from dui_bridge.journal.lock import number
from dui_bridge.journal.queries import locks, settings


@contextmanager
def changing_policy(access: Access) -> Iterator[Connection]:
    """A transaction (`Access.writing`) that changes holds, declarations or baselines."""
    with access.writing() as connection:
        yield connection
        policy_changed(connection)


def policy_changed(connection: Connection) -> None:
    """To be called, last, by what changes establishments that were refused."""
    # The first one makes the row: two at once would both find it missing.
    locks.alone(connection, number(settings.POLICY_MARK))
    settings.put(connection, settings.POLICY_MARK, os.urandom(8).hex())
