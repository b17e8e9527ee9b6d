"""`outcomes`: what goes back to the DUI. Read and checked with the mapping; nothing writes it before the journal knows
deliveries."""

from __future__ import annotations

import codecs
import string
from typing import Final

from dui_bridge.declared import Mapping, Node, Scalar
from dui_bridge.mappings.ground import Ground

SOURCES: Final = (
    "usager.identifiant_local", "document.identifiant", "document.type", "document.version",
    "state", "code", "message_fr", "message_en", "who_acts", "at", "external_id", "destination", "run",
)  # fmt: skip
_CSV_KEYS: Final = ("file", "encoding", "separator", "columns")
_PLACEHOLDERS: Final = ("run", "date")


def check_outcomes(node: Node | None, ground: Ground) -> None:
    """Checks keys, placeholders, encoding, sources and tables."""
    if node is None:
        return
    if not isinstance(node, Mapping):
        ground.problems.expected("{csv: …}", "{csv: …}", node.place)
        return
    for key, place, value in node.items():
        if key != "csv":
            ground.problems.unknown_key(key, place, ("csv",))
        elif isinstance(value, Mapping):
            _check_csv(value, ground)
        else:
            ground.problems.expected("file and columns", "file et columns", place)


def _check_csv(node: Mapping, ground: Ground) -> None:
    for key, place, _ in node.items():
        if key not in _CSV_KEYS:
            ground.problems.unknown_key(key, place, _CSV_KEYS)
    file, encoding, columns = node.get("file"), node.get("encoding"), node.get("columns")
    if file is None:
        ground.problems.missing_key("file", node.place)
    else:
        _check_file(file, ground)
    if isinstance(encoding, Scalar):
        try:
            codecs.lookup(encoding.text or "")
        except (LookupError, ValueError):
            ground.misuse(f"unknown encoding '{encoding.text}'", f"encodage inconnu '{encoding.text}'", encoding.place)
    if not isinstance(columns, Mapping) or not columns.entries:
        ground.problems.missing_key("columns", node.place)
        return
    for _, _, value in columns.items():
        if isinstance(value, Mapping):
            _check_coded(value, ground)
        else:
            _check_source(value, ground)


def _check_file(node: Node, ground: Ground) -> None:
    name = ground.text(node, "the name of a file", "le nom d'un fichier")
    try:
        fields = [field for _, field, _, _ in string.Formatter().parse(name) if field is not None]
    except ValueError:
        fields = [name]
    wrong = [field for field in fields if field not in _PLACEHOLDERS]
    if wrong or "/" in name or "\\" in name:
        ground.misuse(
            "the name may hold {run} and {date}, and no folder",
            "le nom peut contenir {run} et {date}, sans dossier",
            node.place,
        )


def _check_coded(node: Mapping, ground: Ground) -> None:
    for key, place, _ in node.items():
        if key not in ("from", "table"):
            ground.problems.unknown_key(key, place, ("from", "table"))
    source, table = node.get("from"), node.get("table")
    if source is None:
        ground.problems.missing_key("from", node.place)
    else:
        _check_source(source, ground)
    if table is not None:
        name = ground.text(table, "the name of a table", "le nom d'une table")
        ground.used_tables.add(name)
        if name and name not in ground.tables:
            ground.unknown("table", name, table.place, tuple(ground.tables))


def _check_source(node: Node, ground: Ground) -> None:
    name = ground.text(node, "a source", "une source")
    if name and name not in SOURCES:
        ground.unknown("value", name, node.place, SOURCES)
