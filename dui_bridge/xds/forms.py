"""The composite values of XDS, each as one text: CX, CXi, XCN, XON, PID fields, times in UTC.

Source: IHE ITI TF-3 §4.2.3.1.7 (data types, from HL7 v2.5); CI-SIS, volet Partage de documents de santé (types of
identifiers). A component may hold any text: the delimiters of HL7 v2 are escaped.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from dui_bridge.cda.reading_values import Moment
from dui_bridge.cda.xml import clean

PERSONS: Final = "1.2.250.1.71.4.2.1"
"""Identifiers of professionals (PS_IdNat)."""
STRUCTURES: Final = "1.2.250.1.71.4.2.2"
"""Identifiers of structures (Struct_IdNat)."""
SIREN: Final = "1.3.2"
ACCESSION: Final = "urn:ihe:iti:xds:2013:accession"
ORDER: Final = "urn:ihe:iti:xds:2013:order"

_ESCAPES: Final = {"\\": "\\E\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\", "|": "\\F\\"}
_READ: Final = {escape: plain for plain, escape in _ESCAPES.items()}
_TRANSLATED: Final = str.maketrans(_ESCAPES)
_DELIMITER: Final = re.compile(r"[\\^&~|]")
_DTM: Final = re.compile(r"\d{4}(\d\d){0,5}", re.ASCII)
_ESCAPED: Final = re.compile(r"\\[ESTRF]\\")
_SEPARATORS: Final = str.maketrans("", "", "-T:")
_HOUR: Final = len("AAAAMMJJHH")
_MINUTE: Final = len("AAAAMMJJHHMM")
_SECOND: Final = len("AAAAMMJJHHMMSS")
_FIRST: Final = "00010101000000"
"""What completes a shorter DTM to a time."""
_ZERO: Final = timedelta()
_AN_HOUR: Final = timedelta(hours=1)


def part(text: str | None) -> str:
    """A text as one component: on one line, its delimiters escaped; empty for None."""
    said = clean(text)
    return said.translate(_TRANSLATED) if _DELIMITER.search(said) else said


def plain(component: str) -> str:
    """The text that a component says."""
    return _ESCAPED.sub(lambda found: _READ[found.group()], component) if "\\" in component else component


def component(value: str, number: int) -> str:
    """A component, 1-based, as text; empty when the value has fewer."""
    found = value.split("^")
    return plain(found[number - 1]) if number <= len(found) else ""


def authority(value: str, number: int) -> str:
    """The OID of an assigning authority written `&oid&ISO`; empty for any other form."""
    found = value.split("^")
    parts = found[number - 1].split("&") if number <= len(found) else []
    return parts[1] if len(parts) == 3 and not parts[0] and parts[2] == "ISO" else ""


def cx(extension: str, root: str, kind: str) -> str:
    """An identifier of a patient; `kind` is `PI` for a local one."""
    return f"{part(extension)}^^^&{part(root)}&ISO^{kind}"


def cxi(extension: str, root: str, kind: str) -> str:
    """An entry of a referenceIdList; without a root, an identifier that is unique by itself."""
    return f"{part(extension)}^^^{_authority(root)}^{kind}"


def xcn_person(extension: str | None, root: str | None, family: str | None, given: str | None, kind: str) -> str:
    """A person; `kind` is `IDNPS`, `NH` or `RI`. Without an identifier, the name alone."""
    identified = bool(extension and root)
    return _xcn(extension if identified else "", family, given, root if identified else "", "D", kind)


def xcn_device(extension: str | None, root: str | None, software: str | None, model: str | None) -> str:
    """A software: its name and model stand for family and given name."""
    identified = bool(extension and root)
    return _xcn(extension if identified else "", software, model, root if identified else "", "U", "RI")


def xon(name: str | None, extension: str | None, root: str | None) -> str:
    """A structure; without an identifier, its name alone."""
    if not (extension and root):
        return part(name)
    kind = {STRUCTURES: "IDNST", SIREN: "SIREN"}.get(root, "")
    return f"{part(name)}^^^^^{_authority(root)}^{kind}^^^{part(extension)}"


def specialty(code: str, display: str | None, system: str | None) -> str:
    """An authorSpecialty."""
    return f"{part(code)}^{part(display)}^{part(system)}"


def utc(moment: Moment | None) -> str | None:
    """A time of a document as DTM: in UTC and as precise as written.

    A day stays that day. A time whose offset is not known cannot be converted: its day is kept. None for no time, or
    for one that is not in the calendar or leaves it.
    """
    if moment is None or moment.day is None:
        return None
    if moment.at is None:
        return moment.day.replace("-", "")
    digits = re.split(r"[.+-]", moment.written, maxsplit=1)[0]
    # An offset of 05:30 moves whole hours to half ones.
    whole = (moment.at.utcoffset() or _ZERO) % _AN_HOUR == _ZERO
    length = _MINUTE if len(digits) == _HOUR and not whole else len(digits)
    try:
        return dtm(moment.at)[:length]
    except OverflowError:
        return None


def dtm(at: datetime) -> str:
    """An aware instant as DTM, to the second."""
    return at.astimezone(UTC).isoformat(timespec="seconds").translate(_SEPARATORS)[:_SECOND]


@lru_cache(maxsize=256)
def is_dtm(value: str) -> bool:
    """Whether a value is a DTM: 4 to 14 digits in pairs that are a time of the calendar."""
    if not _DTM.fullmatch(value):
        return False
    try:
        whole = f"{value}{_FIRST[len(value) :]}"
        date(int(whole[:4]), int(whole[4:6]), int(whole[6:8]))
        time(int(whole[8:10]), int(whole[10:12]), int(whole[12:]))
    except ValueError:
        return False
    return True


def _xcn(extension: str | None, family: str | None, given: str | None, root: str | None, name: str, kind: str) -> str:
    identifier = part(extension)
    said = f"{identifier}^{part(family)}^{part(given)}^^^^^^{_authority(root)}^{name}"
    return f"{said}^^^{kind}" if identifier else said


def _authority(root: str | None) -> str:
    return f"&{part(root)}&ISO" if root else ""
