"""Forms of values of XDS in France (CI-SIS, volet Partage de documents de santé; HL7 v2 CX, XCN, XON)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

_AUTHORITY: Final = r"&[0-9.]+&ISO"

OID: Final = re.compile(r"(?=.{1,64}$)[0-2](?:\.(?:0|[1-9]\d*))+", re.ASCII)
INS: Final = re.compile(
    r"[1-8]\d{4}(?:\d{2}|2[AB])\d{8}\^\^\^&1\.2\.250\.1\.213\.1\.4\.(?:8|9|10|11)&ISO\^NH(?:\^\^\d{8,14})?", re.ASCII
)
LOCAL_PATIENT: Final = re.compile(rf"[^^]+\^\^\^{_AUTHORITY}\^(?:PI|NH)(?:\^\^\d{{8,14}})?")
PERSON: Final = re.compile(
    rf"[^^]+(?:\^[^^]*){{2}}\^{{6}}{_AUTHORITY}\^[DU]\^\^\^(?:IDNPS|EI|RI|NH|PI)|\^[^^]+\^[^^]*\^{{6}}\^[DU]"
)
"""XCN with its identifier, or the name alone."""
STRUCTURE: Final = re.compile(
    r"[^^]+\^{5}&(?:1\.2\.250\.1\.71\.4\.2\.2&ISO\^IDNST|1\.2\.250\.1\.213\.\d[\d.]*&ISO\^\w*)\^{3}[^^]+"
)
SPECIALTY: Final = re.compile(r"[^^]+\^[^^]*\^[0-9.]+")
PATIENT_INFO: Final = re.compile(r"PID-\d+\|.+")
REFERENCE: Final = re.compile(r"[^^]+\^\^\^[^^]*\^[^^]+(?:\^.*)?")
SHA1: Final = re.compile(r"[0-9a-fA-F]{40}", re.ASCII)
NUMBER: Final = re.compile(r"\d{1,12}", re.ASCII)
LANGUAGE: Final = re.compile(r"fr-FR|art", re.ASCII)
TEXT: Final = re.compile(r"(?s).+")
_ESCAPES: Final = {"\\E\\": "\\", "\\S\\": "^", "\\T\\": "&", "\\R\\": "~", "\\F\\": "|"}
_ESCAPED: Final = re.compile(r"\\[ESTRF]\\")
_MOST_COMPONENTS: Final = 23
"""Of the longest composite that is read, an XCN."""
_TS: Final = re.compile(r"(\d{10,14})(?:\.\d+)?([+-]\d{4})", re.ASCII)
_FORMS: Final = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 10: "%Y%m%d%H"}
"""Of a TS with an offset, by the number of its digits."""
_DTM: Final = re.compile(r"\d{4}(?:\d{2}){0,5}", re.ASCII)


def is_time(value: str) -> bool:
    """Whether a value is a time: 4 to 14 digits, that is in the calendar."""
    if _DTM.fullmatch(value) is None:
        return False
    try:
        datetime.strptime(value + "00010101000000"[len(value) :], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def same_patient(one: str, other: str) -> bool:
    """Whether two CX name the same person: a date after the identifier is no part of it."""
    return one.split("^")[:5] == other.split("^")[:5]


def without_date(patient: str) -> str:
    """A CX as the stand-in keeps it."""
    return "^".join(patient.split("^")[:5])


def components(value: str) -> tuple[str, ...]:
    """The components of a CX, XCN, XON or PID field, without the escapes of HL7 v2; what is not there is empty."""
    parts = [_ESCAPED.sub(lambda found: _ESCAPES[found.group()], part) for part in value.split("^")]
    return (*parts, *[""] * (_MOST_COMPONENTS - len(parts)))


def authority(component: str) -> str:
    """The OID of a component `&oid&ISO`; empty for another."""
    return component.removeprefix("&").removesuffix("&ISO") if component.startswith("&") else ""


def same_time(written: str, utc: str) -> bool:
    """Whether a TS of a document is a DTM; a time without an offset says nothing, its day then holds."""
    found = _TS.fullmatch(written)
    form = None if found is None else _FORMS.get(len(found[1]))
    if found is None or form is None:
        return written[:8] == utc[:8]
    try:
        at = datetime.strptime(f"{found[1]}{found[2]}", f"{form}%z").astimezone(UTC)
    except (ValueError, OverflowError):
        return False
    return utc == f"{at:%Y%m%d%H%M%S}"[: len(utc)] and len(utc) >= len("AAAAMMJJHH")
