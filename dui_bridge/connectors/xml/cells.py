"""An XML element as nested values: attributes and children under their names, its own text under `text`.

An element without attributes and children is its text. Prefixes are dropped; the names must still tell things apart.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lxml import etree

from dui_bridge.connectors.xml import errors
from dui_bridge.findings import Finding, Origin, Rule

Value: TypeAlias = "str | list[Value] | dict[str, Value] | None"
TEXT: Final = "text"
_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_MOST_FAULTS: Final = 20
_COMMAND: Final = re.compile("[\x80-\x9f]")


@dataclass
class ElementReader:
    """Reads the elements of one file.

    Args:
        file: as findings show it.
        encoding: that the file was read with.
        lists: elements that are always lists.
        marker: what stands before the name of an attribute.
        paths: paths whose lines are wanted.
    """

    file: str
    encoding: str
    lists: Collection[str]
    marker: str = ""
    paths: Collection[tuple[str, ...]] = ()
    _namespaces: dict[str, str] = field(default_factory=dict)

    def read(self, element: etree._Element, line: int, above: Sequence[str] = ()) -> Reading:
        """The element that starts at a line of its file, line 1 of what was parsed.

        Args:
            above: names of ancestors whose attributes it gets.
        """
        reading = Reading(self, line)
        cells = reading.of(element, (), "")
        if not isinstance(cells, dict):
            cells = {TEXT: cells} if cells else {}
        for ancestor in element.iterancestors():
            name = _local(ancestor.tag)
            if name not in above:
                continue
            if name in cells:
                reading.fault(errors.TWO_MEANINGS, element, "", name=name)
                del cells[name]
            else:
                cells[name] = dict(reading.attributes(ancestor, name))
        reading.cells = cells
        return reading

    def same_namespace(self, tag: str) -> bool:
        """Whether the name was never met in another namespace."""
        namespace, _, local = tag.rpartition("}")
        return self._namespaces.setdefault(local, namespace) == namespace


@dataclass
class Reading:
    """What was read of one element.

    Attributes:
        cells: its content.
        faults: what is wrong in it, each with its line and path.
        lines: of the elements at each path that was asked for, in their order.
    """

    reader: ElementReader
    line: int
    cells: dict[str, Value] = field(default_factory=dict)
    faults: list[Finding] = field(default_factory=list)
    lines: dict[tuple[str, ...], list[int]] = field(default_factory=dict)

    def of(self, element: etree._Element, names: tuple[str, ...], path: str) -> Value:
        """An element as a value."""
        if names in self.reader.paths:
            self.lines.setdefault(names, []).append(self._line_of(element))
        if not len(element) and not element.attrib:
            return self._checked(element.text or "", element, path)
        children = [child for child in element if isinstance(child.tag, str)]
        nil = element.attrib.get(f"{{{_XSI}}}nil") in ("true", "1") if element.attrib else False
        made: dict[str, Value] = dict(self.attributes(element, path)) if element.attrib else {}
        if nil and not made and not children:
            return None
        own = "".join([element.text or "", *(part.tail or "" for part in element)])
        is_mixed = bool(children) and not own.isspace() and own != ""
        if children:
            self._children(children, names, path, made, is_mixed)
        if not made and not is_mixed:
            return self._checked(own, element, path)
        if is_mixed or own.strip():
            if TEXT in made:
                self.fault(errors.TWO_MEANINGS, element, path, name=TEXT)
            made[TEXT] = self._checked(_whole_text(element) if is_mixed else own, element, path)
        return made

    def attributes(self, element: etree._Element, path: str) -> list[tuple[str, str]]:
        """The attributes by name; those of XML Schema's own namespace say nothing of the content."""
        found: dict[str, str] = {}
        twice: set[str] = set()
        for tag, value in element.attrib.items():
            namespace, _, local = str(tag).rpartition("}")
            if namespace[1:] == _XSI:
                continue
            name = self.reader.marker + local
            if name in found:
                self.fault(errors.NAMESPACES, element, path, name=name)
                twice.add(name)
            found[name] = self._checked(str(value), element, _join(path, name))
        return [(name, value) for name, value in found.items() if name not in twice]

    def fault(self, rule: Rule, element: etree._Element, path: str, **values: str) -> None:
        """Something wrong at a path."""
        if len(self.faults) < _MOST_FAULTS:
            at = Origin(self.reader.file, self._line_of(element), path or None)
            self.faults.append(Finding(rule, at, values))

    def _children(
        self,
        children: list[etree._Element],
        names: tuple[str, ...],
        path: str,
        made: dict[str, Value],
        is_mixed: bool,
    ) -> None:
        groups: dict[str, list[etree._Element]] = {}
        foreign = set()
        for child in children:
            name = _local(child.tag)
            groups.setdefault(name, []).append(child)
            if not self.reader.same_namespace(str(child.tag)):
                foreign.add(name)
        for name, group in groups.items():
            here, at = (*names, name), _join(path, name)
            if name in foreign:
                self.fault(errors.NAMESPACES, group[0], at, name=name)
            elif name in made:
                self.fault(errors.TWO_MEANINGS, group[0], at, name=name)
                del made[name]
            elif name in self.reader.lists:
                made[name] = [self.of(child, here, f"{at}[{place}]") for place, child in enumerate(group)]
            elif len(group) == 1:
                made[name] = self.of(group[0], here, at)
            elif not (is_mixed and all(not child.attrib and not len(child) for child in group)):
                self.fault(errors.REPEATED, group[1], at, name=name, count=str(len(group)))

    def _checked(self, text: str, element: etree._Element, path: str) -> str:
        if not text.isascii() and _COMMAND.search(text):
            self.fault(errors.WRONG_CHARACTERS, element, path, encoding=self.reader.encoding)
        return text

    def _line_of(self, element: etree._Element) -> int:
        return self.line + max(int(element.sourceline or 1), 1) - 1


def key_in(element: etree._Element, key: str, marker: str) -> str | None:
    """The trimmed text of the attribute or only child that identifies an element; None when blank or missing."""
    found = [str(value) for name, value in element.attrib.items() if marker + _local(str(name)) == key] + [
        child.text or "" for child in element if isinstance(child.tag, str) and _local(child.tag) == key
    ]
    return found[0].strip() or None if len(found) == 1 else None


def _local(tag: str | bytes | bytearray | etree.QName) -> str:
    return str(tag).rpartition("}")[2]


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _whole_text(element: etree._Element) -> str:
    """The text of an element with that of its children, in order; comments left out."""
    return str(element.xpath("string()"))
