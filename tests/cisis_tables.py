"""The published tables of the CI-SIS, where the official reference material is."""

from __future__ import annotations

import csv
from pathlib import Path

from lxml import etree

from tests.shared import shared_path

SHARED = shared_path()
CISIS = (SHARED or Path()) / "reference" / "cisis"


def published(name: str) -> list[list[str]]:
    """The rows of a table, without its first line, which names the columns."""
    lines = (CISIS / name).read_text(encoding="utf-8").splitlines()
    return list(csv.reader([line for line in lines if not line.startswith("#")], delimiter="\t"))[1:]


def value_set(name: str) -> set[tuple[str, str]]:
    """The codes of a value set (`JDV_J02`), with their systems."""
    (path,) = (CISIS / "jeuxDeValeurs").glob(f"{name}_*.xml")
    return {(one.get("code", ""), one.get("codeSystem", "")) for one in etree.parse(path).iter("{*}Concept")}
