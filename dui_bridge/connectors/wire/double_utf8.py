"""UTF-8 that was read as Windows-1252 or Latin-1 and written as UTF-8 again: `RenÃ©` for `René`."""

from __future__ import annotations

import re
from typing import Final

_MOST_TIMES: Final = 3

_CP1252: Final = {
    bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0xA0) if byte not in b"\x81\x8d\x8f\x90\x9d"
}
_TAIL: Final = "[\x80-\xbf" + "".join(_CP1252) + "]"
# Only what French text holds: Latin-1 (C2, C3), œ Œ Ÿ (C5), quotes, dashes and € (E2 80, E2 82). A wider net would take
# `CAFÉ»` for a damaged word.
_DOUBLED: Final = re.compile(f"Â[\xa0-\xbf]|Ã{_TAIL}|Å[\x92\x93’“¸]|â[\x80\x82€‚]{_TAIL}")


def undouble(text: str) -> str | None:
    """The text that was probably meant, or None when nothing shows a double encoding."""
    meant = text
    for _ in range(_MOST_TIMES):
        repaired = _DOUBLED.sub(_decoded, meant)
        if repaired == meant:
            break
        meant = repaired
    return meant if meant != text else None


def _decoded(found: re.Match[str]) -> str:
    data = bytes(_CP1252.get(character, ord(character) & 0xFF) for character in found[0])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return found[0]
