"""Runs Schematrons with SaxonC-HE: one processor per process, one parse of a document for all its Schematrons.

SaxonC-HE cannot store a compiled stylesheet, so each process compiles what it uses, once. Not for several threads: a
second one gains nothing, the processor works one document at a time. `saxonche` is imported when first used (heavy).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, NewType

from lxml import etree

from dui_bridge.validation.schematron.errors import SchematronUnusable
from dui_bridge.validation.schematron.reading import read_schema
from dui_bridge.validation.schematron.schema import Check, Schema
from dui_bridge.validation.schematron.stylesheet import NAMESPACE, Stylesheet, stylesheet
from dui_bridge.xmlsafe import XmlRefused, parse_xml

Parsed = NewType("Parsed", object)
"""A document as Saxon holds it."""

_CAREFUL: Final = 16
"""How many careful stylesheets of one Schematron are kept."""

_RESULT: Final = 512 * 1024 * 1024


class Unparsable(ValueError):
    """A document that Saxon cannot read."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An assertion that a document breaks.

    Args:
        at: XPath of the node, as `fn:path` writes it.
        message: the text of the assertion, blanks collapsed; may show values of the document.
        role: as the Schematron says it: `error`, `warning`…
        pattern: its id.
    """

    at: str
    message: str
    role: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Raised:
    """An assertion that could not be evaluated on a node.

    Args:
        at: XPath of the node; empty when the Schematron could not run at all.
        pattern: its id.
        code: the XPath error: `XPTY0004`.
    """

    at: str
    pattern: str
    code: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one Schematron says of one document."""

    hits: tuple[Hit, ...]
    raised: tuple[Raised, ...] = ()


@cache
def _processor() -> Any:
    from saxonche import PySaxonProcessor

    processor = PySaxonProcessor(license=False)
    # What Saxon prints of a document that makes a Schematron raise quotes the document.
    processor.set_configuration_property("http://saxon.sf.net/feature/standardErrorOutputFile", os.devnull)
    return processor


@cache
def _failure() -> type[Exception]:
    """What Saxon raises."""
    from saxonche import PySaxonApiError

    return PySaxonApiError  # type: ignore[no-any-return]


def parse(data: bytes, root: etree._Element) -> Parsed:
    """A document for Saxon. It never reads a DTD: the caller's own parse has refused one.

    Args:
        data: the bytes.
        root: the same, as the hardened parser read it.
    Raises:
        Unparsable: Saxon's parser refuses what the hardened one accepted.
    """
    encoding = (root.getroottree().docinfo.encoding or "UTF-8").upper()
    if encoding in {"UTF-8", "US-ASCII", "ASCII"}:
        text = data.decode("utf-8-sig")
    else:
        text = etree.tostring(root.getroottree(), encoding="unicode")
    try:
        return Parsed(_processor().parse_xml(xml_text=text))
    except _failure():
        raise Unparsable from None


@dataclass(frozen=True, slots=True)
class _Compiled:
    """What Saxon runs, and the assertions that its hits name by number."""

    executable: Any
    checks: tuple[Check, ...]


class Schematron:
    """A compiled Schematron."""

    def __init__(self, file: Path, pack: Path) -> None:
        """Reads and compiles.

        Raises:
            SchematronUnusable: it cannot be read or compiled.
        """
        self.name: Final = file.stem
        self._schema: Final[Schema] = read_schema(file, pack)
        sheet = stylesheet(self._schema)
        self.missing: Final = sheet.missing
        self._plain = self._compiled(sheet)
        self._careful: dict[frozenset[int], _Compiled] = {}

    def _compiled(self, sheet: Stylesheet) -> _Compiled:
        try:
            executable = _processor().new_xslt30_processor().compile_stylesheet(stylesheet_text=sheet.text)
        except _failure() as error:
            raise SchematronUnusable(self._schema.file.name, f"it does not compile: {error}") from None
        for name, file in sheet.documents.items():
            local = name.partition(":")[2]
            document = _document(file, _expanded(sheet.only[name], sheet.namespaces))
            executable.set_parameter(f"{{{NAMESPACE}}}{local}", document)
        return _Compiled(executable, sheet.checks)

    def run(self, document: Parsed) -> Outcome:
        """What it says of a document. What raises is told, every other hit is given."""
        try:
            found = _Found()
            found.add(self._plain, document)
            if found.failed:
                found.add(self._carefully(found.failed), document)
        except (_failure(), SchematronUnusable):
            return Outcome((), (Raised("", "", ""),))
        return Outcome(tuple(found.hits), tuple(found.raised))

    def _carefully(self, groups: frozenset[int]) -> _Compiled:
        if len(self._careful) >= _CAREFUL:
            self._careful.clear()
        if groups not in self._careful:
            self._careful[groups] = self._compiled(stylesheet(self._schema, careful_of=groups))
        return self._careful[groups]


def _expanded(name: str | None, namespaces: Mapping[str, str]) -> str | None:
    if name is None:
        return None
    prefix, colon, local = name.rpartition(":")
    return f"{{{namespaces[prefix]}}}{local}" if colon else local


class _Found:
    """What the results of stylesheets say."""

    def __init__(self) -> None:
        self.hits: list[Hit] = []
        self.raised: list[Raised] = []
        self.failed = frozenset[int]()

    def add(self, compiled: _Compiled, document: Parsed) -> None:
        result = compiled.executable.transform_to_string(xdm_node=document)
        for element in parse_xml(result.encode(), max_bytes=_RESULT, huge=True):
            at, pattern = element.get("at", ""), element.get("pattern", "")
            match etree.QName(element).localname:
                case "hit":
                    check = compiled.checks[int(element.get("check", ""))]
                    self.hits.append(Hit(at, _message(check, element), check.role, pattern))
                case "raised":
                    self.raised.append(Raised(at, pattern, element.get("code", "")))
                case _:
                    self.failed |= {int(element.get("group", ""))}


def _message(check: Check, hit: etree._Element) -> str:
    """The text of an assertion with the values of a hit in their places, blanks collapsed."""
    values = iter(hit)
    parts = (part if isinstance(part, str) else next(values).get("is", "") for part in check.message)
    return " ".join("".join(parts).split())


@cache
def _document(file: Path, only: str | None) -> Parsed:
    """A document of a pack; with `only`, just its elements of that name (a code list of megabytes becomes small)."""
    try:
        root = parse_xml(file.read_bytes(), max_bytes=_RESULT, huge=True)
    except (XmlRefused, OSError):
        raise SchematronUnusable(file.name, "not readable XML") from None
    if only is not None:
        kept = etree.Element("kept")
        kept.extend(list(_outermost(root, only)))
        for element in kept:
            element.tail = None  # blanks between elements: a text node each in Saxon's tree
        root = kept
    return Parsed(_processor().parse_xml(xml_text=etree.tostring(root, encoding="unicode")))


def _outermost(root: etree._Element, name: str) -> Iterator[etree._Element]:
    for element in root.iter(name):
        if next(element.iterancestors(name), None) is None:
            yield element
