"""Reads one CSV file row by row, with physical line numbers, and says what is wrong with a row instead of guessing."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import NamedTuple

from dui_bridge.connectors.csv import errors
from dui_bridge.connectors.csv.encoding import BOM, SIGNS, check_encoding, undecodable_at
from dui_bridge.connectors.csv.settings import MAX_CELL, MAX_COLUMNS, MAX_ROW, CsvSettings
from dui_bridge.connectors.wire.export_rules import FileDenied
from dui_bridge.errors import os_reasons
from dui_bridge.findings import Rule

_SUSPECT = re.compile(f"[\udc80-\udcff]|{SIGNS.pattern}")
_MAYBE_SUSPECT = re.compile("[\x80-\x9f\xc2\xc3\ufffd\udc80-\udcff]")
"""One of these stands in everything that `_SUSPECT` finds; one set of characters is searched far quicker."""

_ESCAPED = re.compile("[\udc80-\udcff]")

_MAX_REREAD = 200_000
"""Lines of one file that are read again after a quotation mark left open; bounds the time of a hostile file."""


class _RowTooLong(Exception):
    """The row being read exceeds MAX_ROW."""


@dataclass(frozen=True, slots=True)
class Damage:
    """Why a row is not used. `cut` when the file ends inside it."""

    rule: Rule
    values: dict[str, str] = field(default_factory=dict)
    cut: bool = False


class ReadRow(NamedTuple):
    """One row: its physical line, its cells (as far as they can be told when it is damaged), the damage, the
    positions of the cells that show signs of a wrong encoding, and the last line when a quoted text holds lines that
    look like rows."""

    number: int
    cells: list[str]
    damage: Damage | None
    signs: tuple[int, ...]
    swallowed_to: int | None = None


_sound_row = partial(tuple.__new__, ReadRow)
"""Makes a ReadRow of all its parts, in a third of the time: nearly every row of an export is one of these."""


class CsvRows:
    """One open file. Iterating its `rows()` gives every row after the header; empty lines are skipped.

    Args:
        path: the file.
        name: how findings call it.
        settings: encoding, separator and quote.
    Raises:
        HeaderInvalid: no header, two columns of one name, or too many columns.
        WrongEncoding: the file is not in the declared encoding.
        FileDenied: it cannot be read.
    """

    def __init__(self, path: Path, name: str, settings: CsvSettings) -> None:
        self.name = name
        self._path = path
        self._settings = settings
        self._again: deque[str] = deque()
        self._ahead = ""  # a line that was read but not yet counted
        self._lines: list[str] = []
        self._size = 0
        self._reread = 0
        self._number = 0
        try:
            check_encoding(path, name, settings.encoding)
            binary = path.open("rb")
            binary.seek(len(BOM) if binary.read(len(BOM)) == BOM else 0)
        except OSError as error:
            raise FileDenied(file=name, **os_reasons(error)) from None
        self._stream = io.TextIOWrapper(binary, settings.encoding, "surrogateescape", newline="")
        self._parser = csv.reader(
            self,
            delimiter=settings.separator,
            quotechar=settings.quote,
            quoting=csv.QUOTE_NONE if settings.quote is None else csv.QUOTE_MINIMAL,
            strict=True,
        )
        try:
            self.header = self._header()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._stream.close()

    @property
    def columns(self) -> tuple[str, ...]:
        """The header without the unnamed columns that trailing separators make."""
        names = list(self.header)
        while names and not names[-1]:
            names.pop()
        return tuple(names)

    def _header(self) -> tuple[str, ...]:
        first = next(self._read(None), None)
        if first is None:
            raise self._bad_header("the file is empty", "le fichier est vide")
        if first.damage is not None:
            raise self._bad_header(*(_fill(first.damage, french) for french in (False, True)))
        header = tuple(first.cells)
        named = header[: max((i + 1 for i, name in enumerate(header) if name), default=0)]
        if not named:
            raise self._bad_header("the header line is blank", "la ligne d'en-tête est vide")
        if len(header) > MAX_COLUMNS:
            raise self._bad_header(f"more than {MAX_COLUMNS} columns", f"plus de {MAX_COLUMNS} colonnes")
        for position, name in enumerate(named):
            if name in named[:position]:
                raise self._bad_header(f"column '{name}' stands twice", f"la colonne '{name}' figure deux fois")
        return header

    def _bad_header(self, reason: str, reason_fr: str) -> errors.HeaderInvalid:
        return errors.HeaderInvalid(file=self.name, reason=reason, reason_fr=reason_fr)

    def rows(self) -> Iterator[ReadRow]:
        """Every row after the header, blank ones included. Raises FileCut, WrongEncoding or FileDenied."""
        return self._read(len(self.header))

    def _read(self, width: int | None) -> Iterator[ReadRow]:
        parser, lines, again, readline = self._parser, self._lines, self._again, self._stream.readline
        separator, quote = self._settings.separator, self._settings.quote
        while True:
            lines.clear()
            self._size = 0
            start = self._number + 1
            cells: list[str] = []
            failure = ""
            try:
                if width is not None and not again:
                    # Most lines hold no quotation mark and nothing to look at: splitting them is parsing them.
                    line = readline(MAX_ROW)
                    if (quote is None or quote not in line) and len(line) <= MAX_CELL and _is_clean(line):
                        cells = line.rstrip("\r\n").split(separator)
                        if len(cells) == width and (width > 1 or cells[0]):
                            self._number = start
                            yield _sound_row((start, cells, None, (), None))
                            continue
                    self._ahead = line
                cells = next(parser)
            except StopIteration:
                return
            except (csv.Error, _RowTooLong) as error:
                failure = str(error) or "too long"
            except UnicodeDecodeError:
                row, offset = undecodable_at(self._path, self._settings.encoding)
                values = {"file": self.name, "row": str(row), "offset": str(offset), "near": "", "near_fr": ""}
                raise errors.WrongEncoding(encoding=self._settings.encoding, **values) from None
            except OSError as error:
                raise FileDenied(file=self.name, **os_reasons(error)) from None
            text = lines[0] if len(lines) == 1 else "".join(lines)
            fine = not failure and (width is None or len(cells) == width) and len(text) <= MAX_CELL
            if fine and _is_clean(text):
                if cells:
                    yield ReadRow(start, cells, None, (), self._swallowed_to(width))
                elif width is None:
                    yield ReadRow(start, [""], None, ())
                continue
            damage = self._damage(cells, text, failure, width)
            if damage is None:
                signs = tuple(i for i, cell in enumerate(cells) if SIGNS.search(cell))
                if cells:
                    yield ReadRow(start, cells, None, signs, self._swallowed_to(width))
                continue
            if damage.cut and not self._again:
                raise errors.FileCut(file=self.name, row=str(start))
            yield ReadRow(start, cells or self._split(lines[0]), damage, ())

    def _damage(self, cells: list[str], text: str, failure: str, width: int | None) -> Damage | None:
        """What is wrong with the row just read; lines that it swallowed are given back to be read as rows."""
        broken = bool(failure) or (width is not None and len(cells) != width)
        swallowed = len(self._lines) > 1 and broken
        if swallowed and (failure or self._look_like_rows(self._lines[1:], width)) and self._give_back():
            cells, text, failure = [], self._lines[0], failure or "swallowed"
        at_end = not text.endswith(("\n", "\r")) and not self._again
        if "\0" in text:
            return Damage(errors.NUL, {"encoding": self._settings.encoding}, cut=at_end)
        if found := _ESCAPED.search(text):
            before = text[: found.start()].encode(self._settings.encoding, "surrogateescape")
            values = {"offset": str(len(before) + 1), "byte": f"{ord(found[0]) - 0xDC00:02X}"}
            return Damage(errors.UNDECODABLE, values | {"encoding": self._settings.encoding}, cut=at_end)
        too_long = any(len(cell) > MAX_CELL for cell in cells) if cells else len(text) > MAX_CELL
        if too_long or len(text) >= MAX_ROW:
            return Damage(errors.CELL_TOO_LONG, {"limit": str(MAX_CELL)})
        if failure:
            return Damage(errors.STRAY_QUOTE, cut=at_end and failure == "unexpected end of data")
        if width is None or len(cells) == width or not cells:
            return None
        values = {"found": str(len(cells)), "expected": str(width), "separator": self._settings.separator}
        if len(cells) > width:
            return Damage(errors.TOO_MANY_CELLS, values)
        return Damage(errors.TOO_FEW_CELLS, values, cut=at_end)

    def _look_like_rows(self, lines: list[str], width: int | None) -> bool:
        return any(line.count(self._settings.separator) + 1 == width for line in lines)

    def _swallowed_to(self, width: int | None) -> int | None:
        """The last line of the row when a quoted text in it holds lines that look like rows."""
        if len(self._lines) < 3 or width == 1 or not self._look_like_rows(self._lines[1:-1], width):
            return None
        return self._number

    def _give_back(self) -> bool:
        """Keeps the first line of the row and lets the others be read again, within the bound of a file."""
        rest = self._lines[1:]
        if self._reread + len(rest) > _MAX_REREAD:
            return False
        self._reread += len(rest)
        self._again.extendleft(reversed(rest))
        self._number -= len(rest)
        del self._lines[1:]
        return True

    def _split(self, line: str) -> list[str]:
        """The cells of a line whose quoting is broken: good enough to find the number of the dossier."""
        cells = line.rstrip("\r\n").split(self._settings.separator)
        quote = self._settings.quote
        return [cell.strip(quote) for cell in cells] if quote is not None else cells

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        """The next physical line, for the parser."""
        if self._again:
            line = self._again.popleft()
        else:
            line = self._ahead or self._stream.readline(MAX_ROW)
            self._ahead = ""
            if not line:
                raise StopIteration
            if self._number == 0:
                line = line.removeprefix("\ufeff")
            if len(line) == MAX_ROW and not line.endswith(("\n", "\r")):
                self._skip_line()
        self._number += 1
        self._size += len(line)
        self._lines.append(line)
        if self._size >= MAX_ROW:
            raise _RowTooLong
        return line

    def _skip_line(self) -> None:
        while (rest := self._stream.readline(MAX_ROW)) and not rest.endswith(("\n", "\r")):
            continue


def _is_clean(text: str) -> bool:
    """Whether a text holds neither NUL nor signs of a wrong encoding."""
    return "\0" not in text and (text.isascii() or not _MAYBE_SUSPECT.search(text) or not _SUSPECT.search(text))


def _fill(damage: Damage, french: bool) -> str:
    return (damage.rule.fr if french else damage.rule.en).format_map(damage.values)
