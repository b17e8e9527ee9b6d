"""The code tables of the stand-in. They are its own, so that a mistake in those of a client shows.

Each file says in its first lines which published tables it holds.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

Pair = tuple[str, str]
"""A code and its system."""

CLASSES: Final = "1.2.250.1.213.1.1.4.1"
DMP_CLASSES: Final = frozenset({"10", "11", "31", "42", "43", "44", "45", "52", "60", "90", "95"})
"""JDV_J57: the classes of documents that the DMP takes."""
LEVELS: Final = frozenset(
    {("N", "2.16.840.1.113883.5.25"), ("R", "2.16.840.1.113883.5.25"), ("V", "2.16.840.1.113883.5.25")}
)
MASK_SYSTEM: Final = "1.2.250.1.213.1.1.4.13"


@cache
def class_of_types() -> Mapping[Pair, str]:
    """The class of each type of document."""
    return MappingProxyType({(row["code"], row["system"]): row["class"] for row in _rows("types")})


@cache
def formats() -> Mapping[Pair, Pair]:
    """The format of a templateId and, at level 1, a media type: those that the DMP takes."""
    listed = [row for row in _rows("formats") if row["dmp"]]
    return MappingProxyType({(row["template"], row["media"]): (row["code"], row["system"]) for row in listed})


@cache
def allowed(attribute: str) -> frozenset[Pair]:
    """The codes that an attribute may have.

    Args:
        attribute: `classCode`, `typeCode`, `formatCode`, `healthcareFacilityTypeCode`, `practiceSettingCode`,
            `contentTypeCode` or `referenceIdList`; or `subject:role` of a VIHF.
    Raises:
        KeyError: another attribute.
    """
    valued: dict[str, set[Pair]] = {}
    for row in _rows("values"):
        valued.setdefault(row["attribute"], set()).add((row["code"], row["system"]))
    return {
        "classCode": frozenset((one, CLASSES) for one in DMP_CLASSES),
        "typeCode": frozenset(class_of_types()),
        "formatCode": frozenset(formats().values()),
        "healthcareFacilityTypeCode": frozenset(valued["facility"]),
        "practiceSettingCode": frozenset(valued["practice"]),
        # JDV_J59 is not published with its codes: what it is made of is, activities and sectors.
        "contentTypeCode": frozenset(valued["activity"] | valued["facility"]),
        "referenceIdList": frozenset(valued["reference"]),
        "subject:role": frozenset(valued["role"]),
    }[attribute]


def _rows(table: str) -> list[dict[str, str]]:
    text = files("dui_bridge.sandbox.dmp").joinpath(f"{table}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader([line for line in text.splitlines() if not line.startswith("#")], delimiter=";"))
