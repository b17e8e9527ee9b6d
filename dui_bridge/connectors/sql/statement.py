"""Whether a text is one SELECT that changes nothing; what can be said early, the session being read-only besides."""

from __future__ import annotations

import re
from typing import Final

_TOKEN: Final = re.compile(
    r"""
    (?P<blank>\s+|--[^\n]*|/\*.*?\*/)
  | (?P<quoted>(?<![\w])[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
  | (?P<word>[^\W\d]\w*)
  | (?P<other>[^'"`;])
  | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL,
)
_CHANGES: Final = frozenset(
    {
        *("insert", "update", "delete", "merge", "into", "create", "drop", "alter", "truncate", "grant", "revoke"),
        *("call", "copy", "lock", "attach", "pragma", "vacuum"),
    }
)


def why_not(text: str) -> tuple[str, str] | None:
    """Why a text is not one SELECT that only reads, in English and French; None when it is."""
    words: list[str] = []
    ended = False
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return "a quotation mark is never closed", "un guillemet n'est jamais fermé"
        at = found.end()
        if found["blank"]:
            continue
        if ended:
            return "there are several statements", "il y a plusieurs instructions"
        ended = bool(found["end"])
        if found["word"]:
            words.append(found["word"].casefold())
        elif not words and found[0] != "(":
            break
    if not words or words[0] not in ("select", "with"):
        return "it starts with another word", "elle commence par un autre mot"
    for word in words:
        if word in _CHANGES:
            return f"it holds the word {word.upper()}", f"elle contient le mot {word.upper()}"
    return None
