"""A mark that changes with what policy asks of every delivery, so that a worker reads that again only when it must."""

from __future__ import annotations

import os

from sqlalchemy import Connection

from dui_bridge.journal.lock import number
from dui_bridge.journal.queries import locks, settings


def policy_changed(connection: Connection) -> None:
    """To be called, last, by what changes holds, declarations, baselines, or establishments that were refused."""
    # The first one makes the row: two at once would both find it missing.
    locks.alone(connection, number(settings.POLICY_MARK))
    settings.put(connection, settings.POLICY_MARK, os.urandom(8).hex())
