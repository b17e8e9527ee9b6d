"""Tables of codes: written in the mapping, or read from a file beside it.

A table file is UTF-8, `;`-separated, with a header: `code;libellé;code officiel;système`. Only `code` must be there; a
blank official code keeps the vendor's own code with its label and no code system.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from dui_bridge.declared import Mapping, Node, Problems, Scalar
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Place
from dui_bridge.mappings import rules
from dui_bridge.mappings.conversions_text import fold

ABSENT: Final = "absent"
LEFT_OUT: Final = "left_out"
_KEYS: Final = ("codes", "file", "match", "unknown")
_MAX_ROWS: Final = 50_000
_COLUMNS: Final = {
    "code": "code",
    "libelle": "label",
    "code officiel": "official",
    "systeme": "system",
}


@dataclass(frozen=True, slots=True)
class TableEntry:
    """What one code of the vendor becomes. `value` may be the reserved `absent` or `left_out`."""

    value: str
    place: Place
    label: str | None = None
    system: str | None = None


@dataclass(frozen=True)
class Table:
    """A table of codes. `refuses`: an unknown code is an error; else absent with a warning."""

    name: str
    place: Place
    entries: dict[str, TableEntry]
    folded: bool = False
    refuses: bool = True

    def key(self, code: str) -> str:
        """How a vendor's code ("" for blank) stands in `entries`."""
        return fold(code) if self.folded else code


def read_tables(node: Node | None, opener: Callable[[Place, str], bytes], problems: Problems) -> dict[str, Table]:
    """The tables of a mapping by name.

    Args:
        node: what stands under `tables`.
        opener: place of the file's name → bytes of the file beside the YAML that names it; raises DuiBridgeError.
        problems: takes the findings; a table with findings is still returned, as far as it could be read.
    """
    if node is None:
        return {}
    if not isinstance(node, Mapping):
        problems.expected("a map of tables", "une liste de tables nommées", node.place)
        return {}
    return {name: read_table(name, place, value, opener, problems) for name, place, value in node.items()}


def read_table(name: str, place: Place, node: Node, opener: Callable[[Place, str], bytes], problems: Problems) -> Table:
    """One table: `{codes: …}` or `{file: …}`, with `match` and `unknown`."""
    if not isinstance(node, Mapping):
        problems.expected("a table: {codes: …} or {file: …}", "une table : {codes: …} ou {file: …}", node.place)
        return Table(name, place, {})
    for key, key_place, _ in node.items():
        if key not in _KEYS:
            problems.unknown_key(key, key_place, _KEYS)
    folded = _choice(node, "match", ("exact", "folded"), problems) == "folded"
    refuses = _choice(node, "unknown", ("refuse", "flag"), problems) != "flag"
    codes, file = node.get("codes"), node.get("file")
    entries: dict[str, TableEntry] = {}
    if (codes is None) == (file is None):
        problems.expected("either codes or file", "soit codes, soit file", node.place)
    elif codes is not None:
        entries = read_codes(codes, problems, folded)
    elif isinstance(file, Scalar) and file.text:
        entries = _read_file(file.place, file.text, opener, problems, folded)
    else:
        problems.expected("the name of a file", "le nom d'un fichier", node.place)
    return Table(name, place, entries, folded, refuses)


def read_codes(node: Node, problems: Problems, folded: bool = False) -> dict[str, TableEntry]:
    """Codes written in place: vendor's code → value."""
    if not isinstance(node, Mapping):
        problems.expected("a map of codes", "une liste code: valeur", node.place)
        return {}
    entries: dict[str, TableEntry] = {}
    for code, place, value in node.items():
        if not isinstance(value, Scalar) or not value.text:
            problems.expected("a value for this code", "une valeur pour ce code", place)
            continue
        _enter(entries, code, TableEntry(value.text, value.place), folded, problems)
    return entries


def _enter(entries: dict[str, TableEntry], code: str, entry: TableEntry, folded: bool, problems: Problems) -> None:
    key = fold(code) if folded else code
    other = entries.get(key)
    if other is not None and (other.value, other.label, other.system) != (entry.value, entry.label, entry.system):
        problems.add(
            rules.MISUSE,
            entry.place,
            reason=f"code '{code}' stands twice with different values",
            reason_fr=f"le code '{code}' figure deux fois avec des valeurs différentes",
        )
    entries.setdefault(key, entry)


def _choice(node: Mapping, key: str, choices: tuple[str, ...], problems: Problems) -> str | None:
    value = node.get(key)
    if value is None:
        return None
    if isinstance(value, Scalar) and value.text in choices:
        return value.text
    problems.expected(f"{key}: {' or '.join(choices)}", f"{key} : {' ou '.join(choices)}", value.place)
    return None


def _read_file(
    place: Place, name: str, opener: Callable[[Place, str], bytes], problems: Problems, folded: bool
) -> dict[str, TableEntry]:
    def refuse(reason: str, reason_fr: str) -> dict[str, TableEntry]:
        problems.add(rules.TABLE_FILE, place, file=name, reason=reason, reason_fr=reason_fr)
        return {}

    try:
        data = opener(place, name)
    except DuiBridgeError as error:
        return refuse(error.message("en"), error.message("fr"))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return refuse("it is not UTF-8", "il n'est pas en UTF-8")
    entries: dict[str, TableEntry] = {}
    try:
        for row, line in _rows(text):
            code = row.get("code", "")
            official = row.get("official", "")
            label = row.get("label") or None
            entry = TableEntry(official or code, Place(name, line), label, row.get("system") or None)
            if entry.value:
                _enter(entries, code, entry, folded, problems)
            if len(entries) > _MAX_ROWS:
                return refuse(f"more than {_MAX_ROWS} rows", f"plus de {_MAX_ROWS} lignes")
    except csv.Error as error:
        return refuse(f"not a table: {error}", f"ce n'est pas une table : {error}")
    except KeyError:
        return refuse(
            "the first line must name the columns code;libellé;code officiel;système",
            "la première ligne doit nommer les colonnes code;libellé;code officiel;système",
        )
    return entries


def _rows(text: str) -> Iterator[tuple[dict[str, str], int]]:
    """Rows by our names of the columns, with the line. Raises csv.Error, or KeyError when the header is not right."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    header = next(reader, [])
    names = [_COLUMNS[fold(name)] for name in header]
    if "code" not in names or len(set(names)) != len(names):
        raise KeyError("code")
    for cells in reader:
        if any(cells):
            yield dict(zip(names, (cell.strip() for cell in cells), strict=False)), reader.line_num
