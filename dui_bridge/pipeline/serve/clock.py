"""The clock: says when a source is to be read and when the daily work is due. It never carries the work.

APScheduler keeps the time, in memory: what the process missed while it was down is found in the journal (`missed`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from dui_bridge.journal.records import KnownRun
from dui_bridge.model.states import REGULAR, RunState
from dui_bridge.pipeline.serve.errors import ScheduleUnusable
from dui_bridge.site.declaration import SourceSettings
from dui_bridge.site.forms import seconds

_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_STEPPED: Final = re.compile(r"(\*|\w+(?:-\w+)?)(?:/([1-9][0-9]?))?", re.ASCII)
_CUT: Final = frozenset({RunState.RUNNING, RunState.INTERRUPTED})


class Trigger(Protocol):
    """When something is due."""

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime | None:
        """The first time at or after `now`."""


def cron(line: str, zone: ZoneInfo) -> Trigger:
    """The trigger of a cron line, in local time.

    As cron has it, and APScheduler has not: Sunday is 0 and 7, and a day of the month and a weekday that are both
    restricted are alternatives (source: POSIX.1-2024, crontab, EXTENDED DESCRIPTION).

    Raises:
        ScheduleUnusable.
    """
    minute, hour, day, month, weekday = line.split()
    try:
        weekdays = _weekdays(weekday)
        both = day != "*" and weekdays != "*"
        pairs = [(day, "*"), ("*", weekdays)] if both else [(day, weekdays)]
        triggers = [
            CronTrigger(minute=minute, hour=hour, day=on, month=month, day_of_week=at, timezone=zone)
            for on, at in pairs
        ]
    except ValueError:
        raise ScheduleUnusable(schedule=line) from None
    trigger: Trigger = triggers[0] if len(triggers) == 1 else OrTrigger(triggers)
    return trigger


def trigger_of(source: SourceSettings, zone: ZoneInfo, since: datetime) -> Trigger | None:
    """When a source is read; None when the site does not say. `since`: what an interval is counted from."""
    if source.schedule is not None:
        return cron(source.schedule, zone)
    if source.every is not None:
        interval: Trigger = IntervalTrigger(
            seconds=seconds(source.every), start_date=since + timedelta(seconds=seconds(source.every)), timezone=zone
        )
        return interval
    return None


def missed(source: SourceSettings, zone: ZoneInfo, runs: Sequence[KnownRun], now: datetime) -> bool:
    """Whether a reading was due while no process was there, however often: it is caught up once.

    Args:
        runs: of the source, the last first. A run that was cut off does not count as one.
    """
    full = [run for run in runs if run.kind in REGULAR]
    last = next((run.started_at for run in full if run.state not in _CUT), None)
    if last is None:
        # One that never ran waits for its hour, unless it was cut off, or is simply to be read again and again.
        return bool(full) or (source.schedule is None and source.every is not None)
    trigger = trigger_of(source, zone, last)
    # From the minute after: a run that began within the minute it was due answers for that minute.
    due = trigger.get_next_fire_time(None, last + timedelta(seconds=1)) if trigger is not None else None
    return due is not None and due <= now


class Clock:
    """Calls what is due, each in a thread of the scheduler: what is called only notes it and returns at once."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._scheduler = BackgroundScheduler(timezone=zone)

    def add(self, name: str, trigger: Trigger, call: Callable[[], None]) -> None:
        """Calls at each time of the trigger. Times that passed while the machine slept are one call."""
        self._scheduler.add_job(
            call, trigger, id=name, coalesce=True, max_instances=1, misfire_grace_time=None, replace_existing=True
        )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=False)


def _weekdays(field: str) -> str:
    """A weekday field of cron in the names that APScheduler reads. Raises ValueError."""
    if field == "*":
        return field
    found: set[int] = set()
    for item in field.lower().split(","):
        match = _STEPPED.fullmatch(item)
        if match is None:
            raise ValueError(item)
        span, step = match[1], int(match[2] or 1)
        first, _, last = ("0", "-", "6") if span == "*" else span.partition("-")
        begin = _weekday(first)
        end = _weekday(last) if last else (6 if match[2] else begin)
        if last and end < begin:
            end += 7
        found.update(number % 7 for number in range(begin, end + 1, step))
    return ",".join(_DAYS[number] for number in sorted(found))


def _weekday(text: str) -> int:
    if text in _DAYS:
        return _DAYS.index(text)
    number = int(text)
    if number > 7:
        raise ValueError(text)
    return number
