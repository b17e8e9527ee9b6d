"""From what Pydantic refuses to findings: our words, at the place where the person wrote it."""

from __future__ import annotations

import re
import types
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dui_bridge.declared import Mapping, Node, Problems
from dui_bridge.declared import Sequence as ListNode
from dui_bridge.declared.problems import EXPECTED
from dui_bridge.findings import Finding, Place, Rule
from dui_bridge.site import rules

Part = str | int
Loc = Sequence[Part]

_SHAPES: Final = {
    "string_type": ("a text", "un texte"),
    "path_type": ("a path", "un chemin"),
    "model_type": ("a map of keys", "des clés et leurs valeurs"),
    "model_attributes_type": ("a map of keys", "des clés et leurs valeurs"),
    "dict_type": ("a map of keys", "des clés et leurs valeurs"),
    "tuple_type": ("a list", "une liste"),
    "too_short": ("at least one item", "au moins un élément"),
    "int_parsing": ("a whole number", "un nombre entier"),
    "float_parsing": ("a number", "un nombre"),
    "bool_parsing": ("true or false", "true ou false"),
}
_RULES: Final[dict[str, Rule]] = {
    rule.id: rule
    for rule in (
        EXPECTED,
        rules.UNKNOWN_VALUE,
        rules.LITERAL_SECRET,
        rules.SECRET_SOURCE,
        rules.INBOX_WAY,
        rules.AUTHOR_WITHOUT_ID,
    )
}


def report(error: ValidationError, model: type[BaseModel], root: Node, problems: Problems) -> None:
    """Adds one finding for each thing that Pydantic refused in the plain form of `root`."""
    for detail in error.errors(include_url=False, include_input=True):
        _report_one(detail, model, root, problems)


def _report_one(detail: ErrorDetails, model: type[BaseModel], root: Node, problems: Problems) -> None:
    path: Loc = detail["loc"]
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        problems.unknown_key(str(path[-1]), key_place(root, path), _known_keys(model, path[:-1]))
    elif kind == "missing":
        problems.missing_key(str(path[-1]), place(root, path[:-1]))
    elif kind == "union_tag_not_found":
        problems.missing_key("kind", place(root, path))
    elif kind in ("enum", "literal_error") and not isinstance(detail["input"], str):
        problems.expected(*_SHAPES["string_type"], place(root, path))
    elif kind in ("enum", "literal_error", "union_tag_invalid"):
        named = re.findall(r"'([^']*)'", str(context.get("expected") or context.get("expected_tags")))
        known = [one for one in named if one]
        value = str(context.get("tag", detail["input"]))
        at = place(root, [*path, "kind"] if kind == "union_tag_invalid" else path)
        values = rules.unknown_value(value, known, "a known value", "une valeur connue", listed=True)
        problems.findings.append(Finding(rules.UNKNOWN_VALUE, at, values))
    elif kind in _RULES:
        values = {name: str(value) for name, value in context.items()}
        problems.findings.append(Finding(_RULES[kind], place(root, path), values))
    else:
        what, what_fr = _SHAPES.get(kind, ("another form of value", "une valeur d'une autre forme"))
        problems.expected(what, what_fr, place(root, path))


def place(root: Node, path: Loc) -> Place:
    """Where the value at a path stands; of its nearest parent when it is not there.

    A part that is no key of the file (the kind of a destination, which Pydantic puts into its paths) is passed over;
    `[key]` means the key before it.
    """
    if path and path[-1] == "[key]":
        return key_place(root, path[:-1])
    return _walk(root, path)[0].place


def key_place(root: Node, path: Loc) -> Place:
    """Where the key that ends a path stands."""
    node, _ = _walk(root, path[:-1])
    if isinstance(node, Mapping) and (entry := node.entries.get(str(path[-1]))) is not None:
        return entry.place
    return node.place


def find(root: Node, path: Loc) -> Node | None:
    """The value at a path, or None when the path does not lead to one."""
    node, whole = _walk(root, path)
    return node if whole else None


def _walk(root: Node, path: Loc) -> tuple[Node, bool]:
    """The node where a path leads, and whether every part of it was found."""
    node, whole = root, True
    for part in path:
        if isinstance(node, Mapping) and (entry := node.entries.get(str(part))) is not None:
            node = entry.value
        elif isinstance(node, ListNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
        else:
            whole = False
    return node, whole


def _known_keys(model: type[BaseModel], path: Loc) -> list[str]:
    """The keys that may stand in the map at a path."""
    annotation: Any = model
    for part in path:
        annotation = _step(_bare(annotation), part)
    bare = _bare(annotation)
    if isinstance(bare, type) and issubclass(bare, BaseModel):
        return list(bare.model_fields)
    return [one.name for one in fields(bare)] if is_dataclass(bare) else []


def _step(annotation: Any, part: Part) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(str(part))
        return field.annotation if field is not None else None
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return arguments[1]
    if origin is tuple:
        return arguments[0]
    # One of several models: the part is the kind that chose it.
    return next((one for one in arguments if one.model_fields["kind"].default == part), None)


def _bare(annotation: Any) -> Any:
    """Without `Annotated` and without `| None`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, types.UnionType):
        real = [one for one in get_args(annotation) if one is not type(None)]
        if len(real) == 1:
            return _bare(real[0])
    return annotation
