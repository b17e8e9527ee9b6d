"""The JSON Schema of the `source.xml` part of a mapping; the keys are those that `declaration` reads."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.connectors.wire.declaration import DOUBLE_UTF8
from dui_bridge.connectors.wire.schema_forms import (
    COMPLETE,
    FOLDER,
    KEEP,
    LIST_PATH,
    NAMES,
    SHARED,
    TEXT,
    Schema,
    by_alias,
    encoding,
    form,
)
from dui_bridge.connectors.xml import declaration
from dui_bridge.connectors.xml.repairs import REPAIRS
from dui_bridge.connectors.xml.text import ENCODINGS

_ELEMENT: Final[Schema] = {"type": "string", "pattern": "^[^\\s/:@]+$"}
_REPAIR: Final[Schema] = {"enum": [*REPAIRS, DOUBLE_UTF8]}
_FORMS: Final[dict[str, tuple[str, Schema]]] = {
    **SHARED,
    "file": ("The name of the file, or a pattern of names such as `DUI_*.xml`; `*.xml` by default.", TEXT),
    "encoding": encoding("The encoding of the files, when what they say of themselves is wrong", ENCODINGS),
    "folder": FOLDER,
    "complete": COMPLETE,
    "each": ("The element with one usager, without prefix: the name to use in `each`.", _ELEMENT),
    "key": ("The attribute or child that identifies a usager; `num` by default.", TEXT),
    "lists": ("Elements that are always lists, even when one stands alone.", NAMES),
    "attributes": (
        "`plain` (by default): an attribute is named as it is; `at`: with `@` before its name.",
        {"enum": list(declaration.ATTRIBUTES)},
    ),
    "above": ("Elements around the usager's own whose attributes he gets, under their name.", NAMES),
    "repair": (
        "What is mended before the parser reads, and counted.",
        {"anyOf": [_REPAIR, {"type": "array", "minItems": 1, "items": _REPAIR}]},
    ),
}
_PART_FORMS: Final[dict[str, tuple[str, Schema]]] = {
    "each": ("The path of the list from the usager's own element.", LIST_PATH),
    "key": ("The attribute or child that identifies an element.", TEXT),
    "keep": KEEP,
}

PART: Final = {key: _PART_FORMS[key] for key in declaration.PART_KEYS}
"""Keys of one list inside a usager's element, with what they mean and their form."""

_FORMS["then"] = ("The lists inside a usager's element, by alias.", by_alias(form(PART, ("each",))))
KEYS: Final = {key: _FORMS[key] for key in declaration.KEYS}
"""Keys of `source.xml`, with what they mean and their form."""


def xml_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of what stands under `source.xml`."""
    return form(KEYS, required=("each",))
