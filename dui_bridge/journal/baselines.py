"""Where a destination starts from: everything dated before its baseline is known, and not sent."""

from __future__ import annotations

import json
from datetime import date
from typing import Final

from dui_bridge.journal.access import Access
from dui_bridge.journal.lock import number
from dui_bridge.journal.policy_mark import changing_policy
from dui_bridge.journal.queries import locks, settings

_NAME: Final = "baselines"
EVERY: Final = ""
"""Stands for every destination."""


class Baselines:
    """Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def all(self) -> dict[str, date]:
        """Destination, or `EVERY` → day."""
        with self._access.glancing() as connection:
            return _read(settings.value(connection, _NAME))

    def put(self, destination: str | None, day: date) -> None:
        """Sets the baseline of a destination, or that of all (None), in place of the one it had."""
        with changing_policy(self._access) as connection:
            locks.alone(connection, number(_NAME))
            known = {**_read(settings.value(connection, _NAME)), destination or EVERY: day}
            settings.put(connection, _NAME, json.dumps({name: one.isoformat() for name, one in known.items()}))


def _read(text: str | None) -> dict[str, date]:
    return {name: date.fromisoformat(day) for name, day in json.loads(text or "{}").items()}
