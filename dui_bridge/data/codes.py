"""The code tables of `data/tables/*.csv`: read once, by name.

A table of codes has the columns `code;systeme;libelle`; lines that start with `#` tell its OID and source.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Coded:
    """A code with the OID of its code system and the display that its value set gives."""

    code: str
    system: str
    display: str


@dataclass(frozen=True, slots=True)
class DocumentType:
    """How a document that the bridge produces is declared.

    Args:
        coded: type code (value set JDV_J07).
        template: the last templateId of the CDA, with its `extension` if it has one.
        parent: a templateId that stands before it, for a model that refines another.
        format_code: XDS formatCode.
        class_code: XDS classCode, in 1.2.250.1.213.1.1.4.1.
    """

    coded: Coded
    template: str
    format_code: str
    class_code: str
    extension: str = ""
    parent: str = ""


OTHER_FACILITY: Final = "SA41"
"""Facility type of a category that `facility_by_category.csv` does not know."""


def rows(table: str) -> tuple[dict[str, str], ...]:
    """The rows of `data/tables/<table>.csv`, by column."""
    text = (files("dui_bridge") / "data" / "tables" / f"{table}.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return tuple(csv.DictReader(lines, delimiter=";"))


@cache
def codes(table: str) -> Mapping[str, Coded]:
    """A table of codes, by code (no table of ours has the same code in two systems)."""
    return MappingProxyType({row["code"]: Coded(row["code"], row["systeme"], row["libelle"]) for row in rows(table)})


@cache
def document_types() -> Mapping[str, DocumentType]:
    """The documents that the bridge produces, by the value of `TypeDocument`."""
    return MappingProxyType(
        {
            row["type"]: DocumentType(
                Coded(row["code"], row["systeme"], row["libelle"]), row["template"], row["format"], row["classe"]
            )
            for row in rows("documents")
        }
    )


@cache
def structured_types() -> Mapping[str, DocumentType]:
    """The structured documents that the bridge makes from the clinical part, by the value of `TypeDocument`."""
    return MappingProxyType(
        {
            row["type"]: DocumentType(
                Coded(row["code"], row["systeme"], row["libelle"]),
                row["template"],
                row["format"],
                row["classe"],
                row["extension"],
                row["parent"],
            )
            for row in rows("ips_documents")
        }
    )


def facility_type(category: str, chosen: str | None = None) -> Coded:
    """The healthCareFacility code chosen, else that of a category, however it is written (`Foyer de vie` is a `FOYER`),
    else `SA41`. Raises KeyError for a chosen code that is not in JDV_J02."""
    if chosen is not None:
        return codes("facility_types")[chosen]
    table, name = _facility_by_category(), _folded(category)
    return codes("facility_types")[table.get(name) or table.get(name.split("_")[0], OTHER_FACILITY)]


def relation(lien: str, civilite: str | None) -> Coded | None:
    """The relation code of a contact: for its link and civility, else for its link alone, else None."""
    table = _relation_by_lien()
    code = table.get((lien, civilite or "")) or table.get((lien, ""))
    return codes("relations")[code] if code else None


@cache
def _facility_by_category() -> Mapping[str, str]:
    return {row["categorie"]: row["code"] for row in rows("facility_by_category")}


@cache
def _relation_by_lien() -> Mapping[tuple[str, str], str]:
    return {(row["lien"], row["civilite"]): row["code"] for row in rows("relation_by_lien")}


def _folded(category: str) -> str:
    plain = unicodedata.normalize("NFD", category).encode("ascii", "ignore").decode()
    return "_".join(re.findall(r"\w+", plain.upper()))
