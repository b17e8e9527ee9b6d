"""The second reading of a document that lxml's schema refuses, by xmlschema: its messages name the element in full.

xmlschema is slow and cannot build the CDA schema: it is for small schemas, and only for what was refused already. It is
imported when first used.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree.ElementTree import ParseError

from dui_bridge.xmlsafe import parse_xml

if TYPE_CHECKING:
    from xmlschema import XMLSchema10

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_REASONS: Final = 10
_MAX_REASON: Final = 300


class SecondReadingUnusable(ValueError):
    """The schema cannot be built by xmlschema, or the document goes past its limits."""


def explain(schema: Path, document: bytes) -> list[tuple[str, str]]:
    """Why a document does not follow a schema; no network, no file but those beside the schema.

    Args:
        schema: an XSD 1.0; what it includes is in its folder or below.
        document: of at most `MAX_BYTES`.
    Returns:
        (path, reason), at most `MAX_REASONS`, in the document's order; empty when xmlschema has nothing against it.
        A path is an XPath from the root, `/list/item[2]`; a reason is in English, one line of at most 300 characters,
        and may quote the document.
    Raises:
        XmlRefused: the document is no XML that the bridge reads, or too large.
        SecondReadingUnusable: there is no second reading.
    """
    parse_xml(document, max_bytes=MAX_BYTES)
    from xmlschema import XMLResource, XMLSchemaException

    try:
        resource = XMLResource(document, base_url=str(schema.parent), allow="sandbox", defuse="always")
        errors = islice(_built(schema).iter_errors(resource), MAX_REASONS)
        return [(error.path or "/", _one_line(error.reason or "")) for error in errors]
    except (XMLSchemaException, ParseError, OSError, RecursionError):
        raise SecondReadingUnusable(schema.name) from None


@lru_cache(maxsize=8)
def _built(schema: Path) -> XMLSchema10:
    from xmlschema import XMLSchema10

    return XMLSchema10(str(schema), base_url=str(schema.parent), allow="sandbox", defuse="always")


def _one_line(reason: str) -> str:
    line = " ".join(reason.split())
    return line if len(line) <= _MAX_REASON else f"{line[: _MAX_REASON - 1]}…"
