"""Checks of single values: times, codes of our tables, national identifiers, OIDs."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final

from dui_bridge.cda.people import PERSONS, STRUCTURES
from dui_bridge.cda.xml import Element
from dui_bridge.data.codes import codes
from dui_bridge.validation import rules
from dui_bridge.validation.cda_document import Hit, Hits, local_name
from dui_bridge.validation.rules import CdaRule

PATIENT_HOST: Final = "1.2.250.1.213.4.1"
"""Root of the custodian of a document that a patient put there."""

_OID: Final = re.compile(r"[0-2](\.(0|[1-9]\d*))+", re.ASCII)
_UUID: Final = re.compile(r"[\dA-Fa-f]{8}(-[\dA-Fa-f]{4}){3}-[\dA-Fa-f]{12}", re.ASCII)
_TS: Final = re.compile(r"(\d{4}|\d{6}|\d{8}|\d{10}|\d{12}|\d{14})(\.\d+)?([+-]\d{4})?", re.ASCII)
_PARTS: Final = "%Y%m%d%H%M%S"
_PERSON: Final = re.compile(r"8\d{11}|0[\dA-Z]{9}|3\d[\dAB]\d{7}/.+|5\d{14}/.+|[46]\d+/.+", re.ASCII)
_STRUCTURE: Final = re.compile(r"1\d[\dAB]\d{7}|2\d{9}|3\d{14}|[04]\d{9,}", re.ASCII)

ALSO_ACCEPTED: Final = {("functions", "PCP"): "Médecin Traitant"}
"""Displays that a Schematron of the official suite asks for against its own value set."""


def is_oid(value: str | None) -> bool:
    """Whether this is an OID or a UUID."""
    return value is not None and (_OID.fullmatch(value) is not None or _UUID.fullmatch(value) is not None)


def is_time(value: str) -> bool:
    """Whether this is an HL7 TS that exists in the calendar."""
    match = _TS.fullmatch(value)
    if match is None:
        return False
    digits = match[1]
    try:
        datetime.strptime(digits, _PARTS[: len(digits) - 2])  # noqa: DTZ007 - only whether the day and hour exist
    except ValueError:
        return False
    return True


def is_instant(value: str) -> bool:
    """Whether a TS tells the minute and the time zone."""
    match = _TS.fullmatch(value)
    return match is not None and len(match[1]) >= 12 and match[3] is not None


def time_hits(element: Element | None, *, instant: bool) -> Hits:
    """The `value` of a time element: a TS, and an instant where one is asked for."""
    if element is None or element.get("nullFlavor"):
        return
    value, name = element.get("value", ""), local_name(element)
    if not is_time(value):
        yield Hit(rules.TIME, element, {"element": name, "value": value})
    elif instant and not is_instant(value):
        yield Hit(rules.TIME_ZONE, element, {"element": name})


def code_hits(element: Element | None, table: str, outside: CdaRule) -> Hits:
    """A code of one of our tables: in it (else `outside`), in its system, with its display."""
    if element is None or (element.get("nullFlavor") and element.get("code") is None):
        return
    code, name = element.get("code", ""), local_name(element)
    row = codes(table).get(code)
    if row is None:
        yield Hit(outside, element, {"code": code})
        return
    if element.get("codeSystem") != row.system:
        yield Hit(rules.CODE_SYSTEM, element, {"element": name, "code": code, "expected": row.system})
    if element.get("displayName") not in {row.display, ALSO_ACCEPTED.get((table, code))}:
        yield Hit(rules.DISPLAY, element, {"element": name, "code": code, "expected": row.display})


def person_id_hits(element: Element | None) -> Hits:
    """The identifier of a professional: root and form of a national one."""
    yield from _id_hits(element, rules.PERSON_ID, PERSONS, _PERSON)


def structure_id_hits(element: Element | None) -> Hits:
    """The identifier of a structure: root and form of a national one."""
    if element is not None and element.get("root") == PATIENT_HOST:
        return
    yield from _id_hits(element, rules.STRUCTURE_ID, STRUCTURES, _STRUCTURE)


def _id_hits(element: Element | None, row: CdaRule, root: str, form: re.Pattern[str]) -> Hits:
    if element is None or element.get("nullFlavor"):
        return
    extension = element.get("extension", "")
    if element.get("root") != root or form.fullmatch(extension) is None:
        parent = element.getparent()
        name = local_name(element if parent is None else parent)
        yield Hit(row, element, {"element": name, "root": element.get("root", ""), "extension": extension})
