"""A CDA document as the checks see it: paths, places, values; and the hits that they give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final, TypeAlias

from lxml import etree

from dui_bridge.cda.xml import HL7, Element
from dui_bridge.validation.rules import CdaRule

_TEXT: Final = etree.XPath("normalize-space(string())")


@dataclass(frozen=True)
class Hit:
    """A rule broken at an element; `values` fill its message."""

    row: CdaRule
    at: Element
    values: dict[str, str] = field(default_factory=dict)


Hits: TypeAlias = Iterator[Hit]


@cache
def _path(path: str) -> str:
    return "/".join(step if step in {".", "", "*"} else f"{{{HL7}}}{step}" for step in path.split("/"))


def each(parent: Element, path: str) -> list[Element]:
    """The elements at a path of HL7 names (`assignedEntity/id`, `.//telecom`)."""
    return parent.findall(_path(path))


def first(parent: Element | None, path: str) -> Element | None:
    """The first element at a path, or None."""
    return None if parent is None else parent.find(_path(path))


def present(parent: Element | None, path: str) -> Element | None:
    """The first element at a path when it has no nullFlavor."""
    found = first(parent, path)
    return None if found is None or found.get("nullFlavor") else found


def header_of(root: Element, name: str) -> Iterator[Element]:
    """Every element of a name, anywhere in the header, not in the body."""
    body = f"{{{HL7}}}component"
    for child in root:
        if child.tag != body:
            yield from child.iter(f"{{{HL7}}}{name}")


def text_of(element: Element | None) -> str:
    """The text of an element, blanks collapsed; empty for None."""
    return "" if element is None else str(_TEXT(element))


def local_name(element: Element) -> str:
    """The name of an element without its namespace."""
    return etree.QName(element).localname


def place(element: Element) -> str:
    """An XPath that a person can follow: `/ClinicalDocument/author[2]/time`."""
    steps = []
    current: Element | None = element
    while current is not None:
        tag = str(current.tag)
        before = len(list(current.itersiblings(tag, preceding=True)))
        alone = not before and next(current.itersiblings(tag), None) is None
        steps.append(local_name(current) + ("" if alone else f"[{before + 1}]"))
        current = current.getparent()
    return "/" + "/".join(reversed(steps))
