"""`dmp acknowledge`: the DUI hands over that a professional has read and understood the rules of access to the DMP.

The text is shown, and "j'ai compris" clicked, in the DUI; here that is recorded, in the audit, which nobody can change
unseen. A professional stands there as a keyed digest. Source: Ségur, SC.DMP/CONF.11 and CONF.21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Final

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Finding, Place
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions import rules
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.actions.errors import DayAhead
from dui_bridge.pipeline.actions.sheet import Imported
from dui_bridge.pipeline.actions.spreadsheet import read_rows
from dui_bridge.pipeline.dmp.consult_errors import DayUnreadable, VersionMissing
from dui_bridge.pipeline.dmp.consult_person import ACKNOWLEDGED, acknowledgements_of, digest, national_id

COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "professional": ("professional", "professionnel"),
    "version": ("version", "version"),
    "date": ("date", "date"),
}
"""Column → its English and French titles."""

_ISO: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LONGEST: Final = 60
"""Characters of the name of a version."""


def acknowledge(desk: Desk, rpps: str, version: str, day: date | None) -> Done:
    """Records one.

    Args:
        version: of the text that they read.
        day: local; None: today.
    Raises:
        ProfessionalUnreadable, VersionMissing, DayAhead: nothing was recorded.
    """
    today = _today(desk)
    person, version, day = national_id(rpps), version.strip(), day or today
    if not version or len(version) > _LONGEST or not version.isprintable():
        raise VersionMissing
    if day > today:
        raise DayAhead(day=day.isoformat())
    values: dict[str, Json] = {"version": version, "date": day.isoformat()}
    if not _is_recorded(desk, person, version, day):
        desk.audit(ACKNOWLEDGED, digest(desk, person), **values)
    return Done("dmp_acknowledged", values)


def acknowledge_all(desk: Desk, path: Path) -> Imported:
    """Records those of a CSV file: columns professional (RPPS), version, date; each line wholly or not at all.

    A file may be handed over again: what is recorded already is left as it is.

    Raises:
        FileUnusable, SheetUnreadable: nothing was recorded.
    """
    findings: list[Finding] = []
    number = 0
    for row, cells in read_rows(path, COLUMNS, tuple(COLUMNS)):
        try:
            acknowledge(desk, cells["professional"], cells["version"], _day(cells["date"]))
            number += 1
        except FixConfiguration as error:
            words = {"reason": error.message("en"), "reason_fr": error.message("fr")}
            findings.append(Finding(rules.NOT_RECORDED, Place(path.name, row), words))
    values: dict[str, Json] = {"number": number, "wrong": len(findings)}
    return Imported(Done("dmp_acknowledged_all", values, exit_code=int(bool(findings))), tuple(findings))


def _is_recorded(desk: Desk, person: str, version: str, day: date) -> bool:
    return any((one.text_version, one.at.date()) == (version, day) for one in acknowledgements_of(desk, person))


def _today(desk: Desk) -> date:
    return desk.now.astimezone(desk.zone).date()


def _day(written: str) -> date:
    """AAAA-MM-JJ, or JJ/MM/AAAA as a French spreadsheet makes of it. Raises DayUnreadable."""
    day = "-".join(reversed(written.split("/")))
    try:
        if _ISO.fullmatch(day):
            return date.fromisoformat(day)
    except ValueError:
        raise DayUnreadable from None
    raise DayUnreadable
