"""Times of a document, all from the record and never from the clock.

The DUI records days; CDA wants instants. A day becomes local midnight in the establishment's zone, with that day's
offset (our choice: no official text says how).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def local_midnight(day: date, zone: ZoneInfo) -> str:
    """The start of a local day as an HL7 TS: `AAAAMMJJ000000+HHMM`."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    minutes = round((midnight.utcoffset() or timedelta()).total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    hours, rest = divmod(abs(minutes), 60)
    return f"{day:%Y%m%d}000000{sign}{hours:02d}{rest:02d}"


def partial_day(value: str) -> str:
    """A `PartialDate` (`AAAA`, `AAAA-MM`, `AAAA-MM-JJ`) as an HL7 TS of the same precision, without a zone."""
    return value.replace("-", "")
