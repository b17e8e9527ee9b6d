"""The one XML parser: every XML that the bridge reads goes through `parse_xml`, or its beginning `leading_children`.

No entity, no DTD, no network, no external file, and a cap on the size before anything is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypedDict

from lxml import etree

MAX_BYTES: Final = 50 * 1024 * 1024
"""Default cap; whoever expects larger documents says so."""

_CHUNK: Final = 4096
_ROOT_AT_ONCE: Final = re.compile(
    rb"""(<\?xml\s+version=["']1\.0["']\s+encoding=["'](?i:UTF-8)["']\s*\?>)?\s*<[A-Za-z_]""", re.ASCII
)
"""The beginning of most documents: in UTF-8, with nothing before the root element, so without a DOCTYPE."""


class _Options(TypedDict):
    resolve_entities: bool
    no_network: bool
    load_dtd: bool
    dtd_validation: bool


_HARDENED: Final = _Options(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False)


class XmlRefused(ValueError):
    """The bytes are not XML that the bridge reads. The message is technical and quotes nothing of the content.

    Args:
        reason: `not_xml`, `doctype` or `too_large`.
        line: 1-based line of the fault, 0 when there is none.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        self.reason = reason
        self.line = line
        super().__init__(reason)


def parse_xml(data: bytes, *, max_bytes: int = MAX_BYTES, huge: bool = False) -> etree._Element:
    """The root element of an XML document.

    Args:
        data: the whole document, in any encoding that it declares.
        max_bytes: refuse more than this before parsing.
        huge: lift libxml2's own limits (a text node over 10 MB, as the base64 of a large PDF).

    Raises:
        XmlRefused: not well-formed, a DOCTYPE, or too large.
    """
    if len(data) > max_bytes:
        raise XmlRefused("too_large")
    try:
        if _declares_doctype(data):
            raise XmlRefused("doctype")
        return etree.fromstring(data, etree.XMLParser(huge_tree=huge, recover=False, **_HARDENED))
    except etree.XMLSyntaxError as error:
        raise XmlRefused("not_xml", error.lineno or 0) from None


def leading_children(blocks: Iterable[bytes], tag: str, *, max_bytes: int = MAX_BYTES) -> list[etree._Element]:
    """The first children of the root of this name that follow one another. What comes after them is not read, so that
    nothing is known of it: not even whether it is well-formed.

    Args:
        blocks: of the document, as they come.
        tag: in Clark notation.
        max_bytes: refuse a document that needs more than this to be read so far.
    Returns:
        empty when the whole document has none.

    Raises:
        XmlRefused: as `parse_xml`.
    """
    parser, depth, size = etree.XMLPullParser(events=("start", "end"), **_HARDENED), 0, 0
    found: list[etree._Element] = []
    try:
        for block in blocks:
            size += len(block)
            if size > max_bytes:
                raise XmlRefused("too_large")
            parser.feed(block)
            for event, element in parser.read_events():
                depth += 1 if event == "start" else -1
                if event == "start" and depth == 1 and _has_doctype(element):
                    raise XmlRefused("doctype")
                if event == "start" and depth == 2 and found and element.tag != tag:
                    return found
                if event == "end" and depth == 1 and element.tag == tag:
                    found.append(element)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise XmlRefused("not_xml", error.lineno or 0) from None
    return found


def _declares_doctype(data: bytes) -> bool:
    """Whether a DOCTYPE stands before the root element.

    Only the prolog and the root's start tag are parsed, with libxml2's limits on: the entities that a DTD declares are
    never in force while a document is read with `huge`, which lifts the limit on their expansion.
    """
    if _ROOT_AT_ONCE.match(data):
        return False
    parser = etree.XMLPullParser(events=("start",), **_HARDENED)
    for start in range(0, len(data), _CHUNK):
        parser.feed(data[start : start + _CHUNK])
        for _, element in parser.read_events():
            return _has_doctype(element)
    return False


def _has_doctype(element: etree._Element) -> bool:
    docinfo = element.getroottree().docinfo
    return bool(docinfo.doctype) or docinfo.internalDTD is not None
