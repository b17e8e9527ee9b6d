"""Cuts an XML text into the elements of one name, each with the start tags around it, in bounded memory.

It only finds where elements start and end: what they hold is read by the hardened parser, each by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NoReturn

from lxml import etree

from dui_bridge.connectors.xml import errors
from dui_bridge.xmlsafe import XmlRefused, parse_xml

LARGEST: Final = 16_000_000
"""Characters of one element."""

_MAX_TAG: Final = 65_536
_MAX_DEPTH: Final = 30
_NAMES_KEPT: Final = 100
_ENDS: Final = {"<!--": "-->", "<![CDATA[": "]]>", "<?": "?>"}
_OPAQUE: Final = re.compile(r"<!--|<!\[CDATA\[|<\?")
_NAME_END: Final = re.compile(r"[\s/>]")
_TAG: Final = re.compile(r"""<(?P<close>/?)(?P<name>[^\s<>/"'=!?]++)(?P<rest>(?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+)>""")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One element as text, with the names and start tags of the elements around it, outermost first."""

    around: tuple[tuple[str, str], ...]
    text: str
    line: int

    def element(self, file: str) -> etree._Element:
        """The element as the hardened parser reads it; its ancestors are those of the file.

        Raises:
            XmlDamaged: it is not well-formed.
        """
        # On one line, so that line 1 of what is parsed is the line where the element starts.
        before = "".join(tag for _, tag in self.around).replace("\n", " ")
        after = "".join(f"</{name}>" for name, _ in reversed(self.around))
        try:
            element = parse_xml(f"{before}{self.text}{after}".encode())
        except XmlRefused as error:
            line = str(self.line + max(error.line, 1) - 1)
            raise errors.XmlDamaged(
                file=file, line=line, reason="not well-formed XML", reason_fr="XML mal formé"
            ) from None
        for _ in self.around:
            element = element[0]
        return element


class Fragments:
    """The elements of one local name; iterate once.

    Attributes:
        names: names of elements met outside of them, for suggestions.
    """

    def __init__(self, blocks: Iterable[str], each: str, file: str) -> None:
        self._blocks, self._each, self._file = iter(blocks), each, file
        self._buffer, self._at, self._line = "", 0, 1
        self._inside = re.compile(rf"(?P<opaque>{_OPAQUE.pattern})|</?(?:[^\s<>/:]+:)?{re.escape(each)}(?=[\s/>])")
        self.names: dict[str, None] = {}

    def __iter__(self) -> Iterator[Fragment]:
        """Raises XmlCut or XmlDamaged, and what the blocks raise."""
        around: list[tuple[str, str]] = []
        lines: list[int] = []
        rooted = False
        while self._at_markup():
            opaque = _OPAQUE.match(self._buffer, self._at)
            if opaque is not None:
                self._move(self._past(opaque[0], 0))
                continue
            tag = self._tag(0)
            name, local = tag["name"], tag["name"].rpartition(":")[2]
            if tag["close"]:
                if not around or around[-1][0] != name:
                    self._damaged(f"</{name}> closes nothing", f"</{name}> ne ferme rien")
                around.pop()
                lines.pop()
            elif rooted and not around:
                self._damaged("a second element stands after the root", "un second élément suit la racine")
            elif local == self._each:
                rooted = True
                yield self._whole(tag, tuple(around))
                continue
            elif not tag["rest"].endswith("/"):
                around.append((name, tag[0]))
                lines.append(self._line)
                if len(around) > _MAX_DEPTH:
                    self._damaged("nested too deeply", "imbrication trop profonde")
            rooted = True
            if len(self.names) < _NAMES_KEPT:
                self.names[local] = None
            self._move(len(tag[0]))
        if around:
            raise errors.XmlCut(file=self._file, line=str(lines[-1]), name=around[-1][0])
        if not rooted:
            self._damaged("no element in it", "aucun élément")

    def _whole(self, tag: re.Match[str], around: tuple[tuple[str, str], ...]) -> Fragment:
        """The element that starts here, elements of its own name inside included."""
        name, line, length = tag["name"], self._line, len(tag[0])
        depth = 0 if tag["rest"].endswith("/") else 1
        while depth:
            found = self._inside.search(self._buffer, self._at + length)
            if found is None:
                last = self._buffer.rfind("<", self._at + length)
                is_cut = last >= 0 and _NAME_END.search(self._buffer, last + 2) is None
                length = (last if is_cut else len(self._buffer)) - self._at
                if not self._more():
                    raise errors.XmlCut(file=self._file, line=str(line), name=name)
                if len(self._buffer) - self._at > LARGEST:
                    self._damaged(f"an element {name} is too long", f"un élément {name} est trop long")
                continue
            length = found.start() - self._at
            if found["opaque"]:
                length = self._past(found["opaque"], length)
                continue
            inner = self._tag(length)
            length += len(inner[0])
            depth += -1 if inner["close"] else 0 if inner["rest"].endswith("/") else 1
        text = self._buffer[self._at : self._at + length]
        self._move(length)
        return Fragment(around, text, line)

    def _at_markup(self) -> bool:
        """Moves to the next `<`; False at the end."""
        while (found := self._buffer.find("<", self._at)) < 0:
            self._move(len(self._buffer) - self._at)
            if not self._more():
                return False
        self._move(found - self._at)
        while len(self._buffer) - self._at < len("<![CDATA[") and self._more():
            continue
        return True

    def _tag(self, offset: int) -> re.Match[str]:
        """The whole tag at an offset from here."""
        while (found := _TAG.match(self._buffer, self._at + offset)) is None:
            if len(self._buffer) - self._at - offset > _MAX_TAG or not self._more():
                line = self._line + self._buffer.count("\n", self._at, self._at + offset)
                self._damaged("a tag that cannot be read", "une balise illisible", line)
        return found

    def _past(self, start: str, offset: int) -> int:
        """The offset after a comment, section or instruction that starts at an offset from here."""
        looked = offset + len(start)
        while (end := self._buffer.find(_ENDS[start], self._at + looked)) < 0:
            looked = max(looked, len(self._buffer) - self._at - 2)
            if not self._more():
                raise errors.XmlCut(file=self._file, line=str(self._line), name=start)
            if len(self._buffer) - self._at > LARGEST:
                self._damaged("a comment or section is too long", "un commentaire ou une section est trop long")
        return end + len(_ENDS[start]) - self._at

    def _more(self) -> bool:
        """Reads on; what is behind is dropped. False at the end."""
        block = next(self._blocks, "")
        self._buffer, self._at = self._buffer[self._at :] + block, 0
        return bool(block)

    def _move(self, length: int) -> None:
        self._line += self._buffer.count("\n", self._at, self._at + length)
        self._at += length

    def _damaged(self, reason: str, reason_fr: str, line: int | None = None) -> NoReturn:
        raise errors.XmlDamaged(file=self._file, line=str(line or self._line), reason=reason, reason_fr=reason_fr)
