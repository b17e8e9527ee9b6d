"""How far the last complete reading went: what is asked of the next one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from dui_bridge.connectors.rest.settings import RestSettings

DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EVERY_DAY: Final = "day"

_OVERLAP: Final = timedelta(minutes=10)
"""Asked again each time: what was being written while the last reading began."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is stored between two runs.

    Args:
        since: the server's time when the last complete reading began; aware.
        full: the day of the last full reading.
    """

    since: datetime
    full: date

    def asked(self) -> str:
        """The time to ask from, as the DUI reads it: ISO 8601 in UTC."""
        return (self.since - _OVERLAP).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def is_due(self, today: date, every: str) -> bool:
        """Whether such a day has come since the last full reading."""
        if every == EVERY_DAY:
            return self.full < today
        back = (today.weekday() - DAYS.index(every)) % 7
        return self.full < today - timedelta(days=back)


def read(text: str | None, settings: RestSettings) -> Cursor | None:
    """The cursor of a stored text; None when there is none, or when it is of another list: all is then read."""
    try:
        found = json.loads(text or "")
        if found["of"] != _of(settings):
            return None
        since = datetime.fromisoformat(found["since"])
        full = date.fromisoformat(found["full"])
    except (ValueError, KeyError, TypeError):
        return None
    return Cursor(since, full) if since.tzinfo is not None else None


def write(cursor: Cursor, settings: RestSettings) -> str:
    """The text to be stored; opaque to everyone else."""
    return json.dumps({"since": cursor.since.isoformat(), "full": cursor.full.isoformat(), "of": _of(settings)})


def _of(settings: RestSettings) -> str:
    """What the cursor belongs to: a new list, or one that must be read anew since another key counts."""
    parts = [(part.alias, part.path) for part in settings.parts.values()]
    text = repr((settings.base, settings.root.path, settings.root.key, settings.cursor, parts))
    return hashlib.sha256(text.encode()).hexdigest()[:16]
