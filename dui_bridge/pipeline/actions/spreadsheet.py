"""Lists of decisions as CSV: written for a spreadsheet, and read back from what spreadsheets make of them.

A spreadsheet changes what looks like a number or a date, drops leading zeros, and saves in an encoding of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from dui_bridge.connectors.wire.durable import write_through
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Language
from dui_bridge.pipeline.actions.errors import SheetExists, SheetUnreadable

Columns = Mapping[str, tuple[str, str]]
"""Column → its English and French titles."""

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MAX_BYTES: Final = 20_000_000
_SEPARATORS: Final = ";\t,"


def write_rows(path: Path, columns: Columns, rows: Iterable[Sequence[str]], language: Language) -> None:
    """Writes a list, readable by this user only; cells in the order of the columns.

    Raises:
        SheetExists: the file is there: it may hold decisions.
        FileUnusable: it cannot be written.
    """
    place = 1 if language == "fr" else 0
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([titles[place] for titles in columns.values()])
    for cells in rows:
        writer.writerow([harmless(cell) for cell in cells])
    try:
        # With a mark: without it spreadsheets take UTF-8 for something else.
        write_through(path, text.getvalue().encode("utf-8-sig"), over=False, mode=0o600)
    except FileExistsError:
        raise SheetExists(file=str(path)) from None
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None


def read_rows(path: Path, columns: Columns, needed: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number (from 1, the titles being the first) and cells by column; a column that is not there is not in them.

    Args:
        needed: the columns without which it is no such list.
    Raises:
        FileUnusable, SheetUnreadable: it cannot be read, or is not such a list.
    """
    text = _read(path)
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        titles = _titles(next(rows, []), path, columns, needed)
        for cells in rows:
            named = {name: cells[place].strip() if place < len(cells) else "" for name, place in titles.items()}
            if any(named.values()):
                yield rows.line_num, named
    except csv.Error:
        raise SheetUnreadable(
            file=str(path), reason=f"line {rows.line_num}", reason_fr=f"ligne {rows.line_num}"
        ) from None


def harmless(cell: str) -> str:
    """A text of the DUI is never a formula to whoever opens the file."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def same_number(cell: str, number: str) -> bool:
    """Whether a cell is a dossier number, whatever a spreadsheet took away from it."""
    return _plain(cell) == _plain(harmless(number))


def _plain(number: str) -> str:
    return number.strip().removeprefix("'").lstrip("0").casefold()


def _titles(cells: Sequence[str], path: Path, columns: Columns, needed: Sequence[str]) -> dict[str, int]:
    given = [cell.strip().casefold() for cell in cells]
    found = {
        name: place
        for name, titles in columns.items()
        for place, cell in enumerate(given)
        if cell in {title.casefold() for title in titles}
    }
    missing = [name for name in needed if name not in found]
    if missing:
        english, french = (", ".join(columns[name][language] for name in missing) for language in (0, 1))
        raise SheetUnreadable(
            file=str(path), reason=f"without the columns {english}", reason_fr=f"sans les colonnes {french}"
        )
    return found


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
    if len(data) > _MAX_BYTES or b"\0" in data:
        raise SheetUnreadable(file=str(path), reason="not a CSV file", reason_fr="ce n'est pas un fichier CSV")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a French spreadsheet saves as "CSV".
        return data.decode("cp1252", "replace")
