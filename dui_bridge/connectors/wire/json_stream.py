"""Cuts a JSON text into the elements of one of its lists, in bounded memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TextIO

from dui_bridge.connectors.wire.json_text import NotJson, parse_json

LARGEST_ELEMENT: Final = 8_000_000
"""Characters of one element; a longer one ends the reading."""

_CHUNK: Final = 1 << 16
_MAX_DEPTH: Final = 200
_LARGEST_BESIDE: Final = 10_000
_IN_STRING: Final = re.compile(r'["\\]')
# Up to the next bracket, over strings without escapes; any other string stops it at its opening quote.
_OUTSIDE: Final = re.compile(r'(?:[^"\[\]{}]++|"[^"\\]*+")*+["\[\]{}]')
_OPENING: Final = re.compile(r'["\[{]')
_SCALAR_END: Final = re.compile(r"[\s,\]}]")
_CLOSES: Final = {"[": "]", "{": "}"}
_BLANK: Final = " \t\r\n"


class Broken(Exception):
    """The text cannot be cut. `cut` when it ends too early: it was half written or half received."""

    def __init__(self, reason: str, reason_fr: str, *, cut: bool = False) -> None:
        self.reason, self.reason_fr, self.cut = reason, reason_fr, cut
        super().__init__(reason)


class JsonList:
    """The elements of the list at a path, as texts, in their order. To be iterated once.

    The text is read to its end: a list that is followed by damage raises too, after its last element.

    Args:
        stream: the text.
        path: the keys that lead to the list; empty when the text is the list.
        or_bare: a text that is a list by itself is accepted whatever the path.

    Attributes:
        beside: raw JSON of the other keys of the outermost object; empty text for a long one.
        is_bare: whether the text was the list itself.
    """

    def __init__(self, stream: TextIO, path: tuple[str, ...], *, or_bare: bool = False) -> None:
        self._stream, self._path, self._or_bare = stream, path, or_bare
        self._buffer, self._at = "", 0
        self.beside: dict[str, str] = {}
        self.is_bare = False

    def __iter__(self) -> Iterator[str]:
        """Raises Broken."""
        self.is_bare = self._or_bare and self._peek() == "["
        yield from self._inside(() if self.is_bare else self._path, outermost=True)
        if self._peek():
            raise Broken("text after the end", "du texte après la fin")

    def _inside(self, path: tuple[str, ...], *, outermost: bool = False) -> Iterator[str]:
        if not path:
            yield from self._list()
            return
        self._take("{")
        found = False
        while self._peek(must=True) != "}":
            key = self._key()
            self._take(":")
            if key == path[0]:
                if found:
                    raise Broken(f"the key {key} stands twice", f"la clé {key} figure deux fois")
                found = True
                yield from self._inside(path[1:])
            else:
                text = self._value(keep=outermost)
                if outermost:
                    self.beside[key] = text if len(text) <= _LARGEST_BESIDE else ""
            self._comma("}")
        self._take("}")
        if not found:
            raise Broken(f"there is no key {path[0]}", f"il n'y a pas de clé {path[0]}")

    def _list(self) -> Iterator[str]:
        self._take("[")
        while self._peek(must=True) != "]":
            yield self._value(keep=True)
            self._comma("]")
        self._take("]")

    def _comma(self, end: str) -> None:
        if self._peek(must=True) != end:
            self._take(",")
            if self._peek(must=True) == end:
                raise Broken(f"a comma before '{end}'", f"une virgule avant '{end}'")

    def _key(self) -> str:
        if self._peek(must=True) != '"':
            raise Broken("a key is expected", "une clé est attendue")
        try:
            return str(parse_json(self._value(keep=True)))
        except NotJson as error:
            raise Broken(error.reason, error.reason) from None

    def _take(self, character: str) -> None:
        found = self._peek(must=True)
        if found != character:
            raise Broken(f"'{character}' is expected, not '{found}'", f"'{character}' est attendu, pas '{found}'")
        self._at += 1

    def _peek(self, *, must: bool = False) -> str:
        """The next character that is not blank; empty at the end."""
        while True:
            while self._at < len(self._buffer):
                if self._buffer[self._at] not in _BLANK:
                    return self._buffer[self._at]
                self._at += 1
            if not self._more(forget=self._at):
                if must:
                    raise Broken("it ends too early", "il s'arrête trop tôt", cut=True)
                return ""

    def _more(self, *, forget: int) -> bool:
        """Reads on; the first `forget` characters of the buffer are dropped. False at the end."""
        data = self._stream.read(_CHUNK)
        self._buffer = self._buffer[forget:] + data
        self._at -= forget
        return bool(data)

    def _value(self, *, keep: bool) -> str:
        """Passes one value; its text when it is kept."""
        self._peek(must=True)
        start = self._at
        open_: list[str] = []
        in_string = False
        while True:
            if in_string:
                pattern = _IN_STRING
            elif open_:
                pattern = _OUTSIDE
            else:
                pattern = _OPENING if self._buffer[self._at] in '"[{' else _SCALAR_END
            # A search of what begins with a repetition would begin anew at every character.
            found = (pattern.match if pattern is _OUTSIDE else pattern.search)(self._buffer, self._at)
            character = self._buffer[found.end() - 1] if found is not None else ""
            if found is None or (character == "\\" and found.end() == len(self._buffer)):
                self._at = len(self._buffer) if found is None else found.start()
                forget = start if keep else self._at
                start -= forget
                if not self._more(forget=forget):
                    if pattern is _SCALAR_END:
                        return self._buffer[start:]
                    raise Broken("it ends too early", "il s'arrête trop tôt", cut=True)
                if self._at - start > LARGEST_ELEMENT:
                    raise Broken("an element is too long", "un élément est trop long")
                continue
            if pattern is _SCALAR_END:
                if found.start() == start:
                    raise Broken("a value is expected", "une valeur est attendue")
                self._at = found.start()
                return self._buffer[start : self._at] if keep else ""
            self._at = found.end()
            if character == "\\":
                self._at += 1
            elif character == '"':
                in_string = not in_string
            elif character in _CLOSES:
                open_.append(_CLOSES[character])
                if len(open_) > _MAX_DEPTH:
                    raise Broken("nested too deeply", "imbrication trop profonde")
            elif not open_ or open_.pop() != character:
                raise Broken(f"'{character}' closes nothing", f"'{character}' ne ferme rien")
            if not open_ and not in_string:
                return self._buffer[start : self._at] if keep else ""
