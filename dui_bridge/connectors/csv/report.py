"""Outcome rows as a CSV that a DUI reads, and that a person may open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

from dui_bridge.connectors.wire.outcome_text import Cells, Encoded, writable

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so is run as a formula by spreadsheets (source: OWASP, CSV Injection)."""

_TEXT_MARK: Final = "'"


def encode(rows: Iterable[Cells], columns: Sequence[str], encoding: str, separator: str) -> Encoded:
    """The file: a header, then one line a row; quoted where needed, lines ended by CR LF (RFC 4180).

    A text that begins like a formula gets an apostrophe before it; a number is written as it is.
    """
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=separator, lineterminator="\r\n")
    replaced = neutralised = 0

    def cell(value: str | int | None) -> str:
        nonlocal replaced, neutralised
        if not isinstance(value, str):
            return "" if value is None else str(value)
        text, count = writable(value, encoding)
        replaced += count
        if text.startswith(_FORMULA):
            neutralised += 1
            return f"{_TEXT_MARK}{text}"
        return text

    writer.writerow([writable(name, encoding)[0] for name in columns])
    for row in rows:
        writer.writerow([cell(row[name]) for name in columns])
    return Encoded(stream.getvalue().encode(encoding), replaced, neutralised)
