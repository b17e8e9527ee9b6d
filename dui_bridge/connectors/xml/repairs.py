"""Mends the text of an XML file before the parser reads it: only what the mapping declares, and every repair counted.

Nothing is mended in comments, CDATA sections and processing instructions. Lines stay where they were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.entities import html5
from typing import Final, NoReturn

from dui_bridge.connectors.xml import errors

HTML_ENTITIES: Final = "html_entities"
BARE_AMPERSAND: Final = "bare_ampersand"
DOCTYPE: Final = "doctype"
REPAIRS: Final = (HTML_ENTITIES, BARE_AMPERSAND, DOCTYPE)

_OF_XML: Final = frozenset({"amp", "lt", "gt", "quot", "apos"})
_STARTS: Final = re.compile(r"&|<!--|<!\[CDATA\[|<\?|<!DOCTYPE")
_ENDS: Final = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_REFERENCE: Final = re.compile(r"&(?:#[0-9]{1,7}|#x[0-9A-Fa-f]{1,6}|(?P<name>[A-Za-z][A-Za-z0-9]{0,31}));")
_LONGEST_REFERENCE: Final = 34
_DECLARATION: Final = re.compile(r"""<!DOCTYPE(?:[^<>\[\]"']++|"[^"]*+"|'[^']*+')*+""")
_LONGEST_DECLARATION: Final = 4_096
# XML 1.0 §2.2: what no character may be; and halves of surrogate pairs, which stand for bytes that were no character.
_NO_CHARACTER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_WHY: Final = {
    HTML_ENTITIES: ("&{name}; is an entity of HTML, not of XML", "&{name}; est une entité de HTML, pas de XML"),
    BARE_AMPERSAND: ("an ampersand stands alone, it should be &amp;", "une esperluette est seule, il faudrait &amp;"),
    DOCTYPE: ("a DOCTYPE names a grammar, which is not read", "un DOCTYPE nomme une grammaire, qui n'est pas lue"),
}


class Repaired:
    """The text of one file, mended; iterate once.

    Args:
        blocks: the text as read.
        file: as errors show it.
        encoding: that it was read with.
        allowed: the repairs that the mapping declares.

    Attributes:
        counts: repairs made, by name.
        first: where the first of each was made: 1-based line and column.
    """

    def __init__(self, blocks: Iterable[str], file: str, encoding: str, allowed: frozenset[str]) -> None:
        self._blocks, self._file, self._encoding, self._allowed = iter(blocks), file, encoding, allowed
        self._line = self._column = 1
        self._buffer, self._at = "", 0
        self._end: str | None = None
        self._begun = False
        self.counts: dict[str, int] = {}
        self.first: dict[str, tuple[int, int]] = {}

    def __iter__(self) -> Iterator[str]:
        """Raises XmlNeedsRepair, XmlDoctype, XmlEncoding or XmlDamaged."""
        final = False
        while not final:
            block = next(self._blocks, "")
            final = not block
            self._buffer, self._at = self._buffer[self._at :] + block, 0
            if made := "".join(self._mended(final)):
                yield made

    def _mended(self, final: bool) -> Iterator[str]:
        """What can be told of the buffer; the rest waits for more."""
        while True:
            if self._end is not None:
                end = self._buffer.find(self._end, self._at)
                if end < 0:
                    yield self._pass(len(self._buffer) if final else max(self._at, len(self._buffer) - 2))
                    return
                yield self._pass(end + len(self._end))
                self._end = None
            found = _STARTS.search(self._buffer, self._at)
            if found is None:
                cut = -1 if final else self._buffer.rfind("<", max(self._at, len(self._buffer) - len("<!DOCTYP")))
                yield self._plain(cut if cut >= 0 else len(self._buffer))
                return
            yield self._plain(found.start())
            left = len(self._buffer) - self._at
            if found[0] in _ENDS:
                self._end = _ENDS[found[0]]
                yield self._pass(found.end())
            elif found[0] == "&":
                if not final and left < _LONGEST_REFERENCE:
                    return
                yield self._ampersand()
            else:
                declared = _DECLARATION.match(self._buffer, self._at)
                stop = declared.end() if declared is not None else len(self._buffer)
                if stop == len(self._buffer) and not final and left < _LONGEST_DECLARATION:
                    return
                yield self._doctype(stop)

    def _plain(self, to: int) -> str:
        text = self._pass(to)
        self._begun = self._begun or bool(text.strip())
        return text

    def _ampersand(self) -> str:
        found = _REFERENCE.match(self._buffer, self._at)
        name = found["name"] if found is not None else ""
        if found is not None and (not name or name in _OF_XML):
            return self._pass(found.end())
        if found is not None and (meant := html5.get(f"{name};")) is not None:
            self._count(HTML_ENTITIES, name)
            self._pass(found.end())
            # As numbers, so that no character of markup and no line end comes out of a repair.
            return "".join(f"&#{ord(character)};" for character in meant)
        self._count(BARE_AMPERSAND)
        self._pass(self._at + 1)
        return "&amp;"

    def _doctype(self, stop: int) -> str:
        if self._begun or self._buffer[stop : stop + 1] != ">":
            raise errors.XmlDoctype(**self._place())
        self._count(DOCTYPE)
        self._begun = True  # there is one at most, before the root (XML 1.0 §2.8)
        return "\n" * self._pass(stop + 1).count("\n")

    def _count(self, repair: str, name: str = "") -> None:
        if repair not in self._allowed:
            reason, reason_fr = (text.replace("{name}", name) for text in _WHY[repair])
            raise errors.XmlNeedsRepair(repair=repair, reason=reason, reason_fr=reason_fr, **self._place())
        self.counts[repair] = self.counts.get(repair, 0) + 1
        self.first.setdefault(repair, (self._line, self._column))

    def _pass(self, to: int) -> str:
        """The text up to a place in the buffer, which is now behind."""
        text = self._buffer[self._at : to]
        wrong = None if text.isascii() and text.isprintable() else _NO_CHARACTER.search(text)
        self._step(text[: wrong.start()] if wrong is not None else text)
        if wrong is not None:
            self._refuse(wrong[0])
        self._at = to
        return text

    def _step(self, text: str) -> None:
        ends = text.count("\n")
        self._line += ends
        self._column = len(text) - text.rfind("\n") if ends else self._column + len(text)

    def _refuse(self, character: str) -> NoReturn:
        code = ord(character)
        if 0xDC80 <= code <= 0xDCFF:
            byte = f" (0x{code - 0xDC00:02X})"
            raise errors.XmlEncoding(file=self._file, line=str(self._line), encoding=self._encoding, byte=byte)
        where = f"U+{code:04X} {{}} {self._column}"
        raise errors.XmlDamaged(
            file=self._file,
            line=str(self._line),
            reason=f"{where.format('in column')} is no character of XML",
            reason_fr=f"{where.format('en colonne')} n'est pas un caractère de XML",
        )

    def _place(self) -> dict[str, str]:
        return {"file": self._file, "line": str(self._line), "column": str(self._column)}
