"""Does a file hold the encoding that its mapping declares? Looked at before its rows are read."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import NoReturn

from dui_bridge.connectors.csv import errors

SAMPLE = 1 << 18
"""Bytes read to judge."""

BOM = codecs.BOM_UTF8

_ENOUGH = 3
"""Lines that must speak against the declared encoding to refuse the file; fewer are findings of their rows."""

_UTF8_READ_AS_ANOTHER = "[ÂÃ][\xa0-¿€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
SIGNS = re.compile(f"[\x80-\x9f\ufffd]|{_UTF8_READ_AS_ANOTHER}")
"""What a wrong encoding leaves in a text: C1 controls, replacement characters, UTF-8 read as a one-byte encoding."""


def check_encoding(path: Path, name: str, encoding: str) -> None:
    """Raises WrongEncoding when the beginning of the file clearly is in another encoding than the declared one."""
    with path.open("rb") as stream:
        sample = stream.read(SAMPLE)
    marked = sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if encoding.startswith("utf-16"):
        if encoding == "utf-16" and sample and not marked:  # without its mark the order of bytes would be a guess
            _refuse(name, encoding, 1, 0, "")
        return
    if marked:
        _refuse(name, encoding, 1, 0, "utf-16")
    offset = len(BOM) if sample.startswith(BOM) else 0
    row = 1
    against: list[tuple[int, int]] = []
    accented = 0
    lines = sample[offset:].split(b"\n")
    for line in () if sample.isascii() else lines[:-1] if len(sample) == SAMPLE else lines:
        if not line.isascii():
            accented += 1
            not_utf8 = _undecodable_utf8(line)
            if not_utf8 is not None and encoding.startswith("utf-8"):
                against.append((row, offset + not_utf8))
            elif not_utf8 is None and not encoding.startswith("utf-8"):
                against.append((row, offset + next(i for i, byte in enumerate(line) if byte > 0x7F)))
        row += 1
        offset += len(line) + 1
    if len(against) < _ENOUGH:
        return
    if encoding.startswith("utf-8"):
        if 2 * len(against) > accented:
            _refuse(name, encoding, *against[0], "")
    elif len(against) == accented:
        _refuse(name, encoding, *against[0], "utf-8")


def _undecodable_utf8(line: bytes) -> int | None:
    """Where a line stops being UTF-8, None when all of it is."""
    try:
        line.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _refuse(name: str, encoding: str, row: int, offset: int, probably: str) -> NoReturn:
    near = f": probably {probably}" if probably else ""
    near_fr = f" : sans doute {probably}" if probably else ""
    raise errors.WrongEncoding(
        file=name, row=str(row), offset=str(offset), encoding=encoding, near=near, near_fr=near_fr
    )


def undecodable_at(path: Path, encoding: str) -> tuple[int, int]:
    """Row and offset of the first byte of a file that does not decode. Reads the file once more."""
    decoder = codecs.getincrementaldecoder(encoding)()
    row, offset = 1, 0
    with path.open("rb") as stream:
        while True:
            data = stream.read(4096)
            state = decoder.getstate()
            try:
                row += decoder.decode(data, final=not data).count("\n")
            except UnicodeDecodeError as error:
                sound = error.start - len(state[0])
                decoder.setstate(state)
                return row + decoder.decode(data[: max(0, sound)]).count("\n"), offset + sound
            offset += len(data)
            if not data:
                return row, offset
