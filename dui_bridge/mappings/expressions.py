"""JMESPath, checked before it is used.

Bounded by construction: short, shallow, and only those parts of the language in which no value can be multiplied (no
multi-select, no `map`, no expression references), so that evaluation takes at most one pass per level of the data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError, LexerError, ParseError

from dui_bridge.declared import Problems
from dui_bridge.findings import Place
from dui_bridge.mappings import rules

MAX_LENGTH: Final = 300
_MAX_NODES: Final = 60
_MAX_DEPTH: Final = 24
_PLAIN: Final = frozenset(
    (
        "field",
        "subexpression",
        "index",
        "slice",
        "index_expression",
        "projection",
        "value_projection",
        "filter_projection",
        "flatten",
        "comparator",
        "and_expression",
        "or_expression",
        "not_expression",
        "literal",
        "current",
        "identity",
        "pipe",
        "function_expression",
    )
)
_FOLLOWING: Final = frozenset(
    ("subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe")
)
"""Those that go on from what their first child gives."""

_FUNCTIONS: Final = frozenset(
    ("contains", "ends_with", "starts_with", "length", "not_null", "to_number", "keys", "values", "join", "sort")
)
_NUMBERS: Final = frozenset({"length", "to_number"})
_ORDER: Final = frozenset({"lt", "lte", "gt", "gte"})


@dataclass(frozen=True)
class Expression:
    """A compiled expression, the columns that it starts from, and the whole paths that it follows from them.

    `identite.identifiants[?type=='NSS'].valeur` starts from `identite` and follows `identite.identifiants[].valeur`.
    """

    text: str
    columns: tuple[str, ...]
    paths: tuple[str, ...]
    _parsed: Any

    def search(self, cells: Mapping[str, object]) -> object:
        """Its value on one object; None when it cannot be computed or is not there. Raises JMESPathError."""
        return self._parsed.search(cells)


def compile_expression(text: str, place: Place, problems: Problems) -> Expression | None:
    """The expression, or None after one finding that says what is wrong and where."""
    if len(text) > MAX_LENGTH or sum(map(text.count, "([{!&")) > _MAX_DEPTH:
        _refuse(problems, place, "too much", "trop", "write a shorter one", "écrivez-en une plus courte")
        return None
    try:
        parsed = jmespath.compile(text)
    except LexerError as error:
        _unreadable(text, error.lexer_position, place, problems)
        return None
    except ParseError as error:
        _unreadable(text, error.lex_position, place, problems)
        return None
    except (JMESPathError, ValueError, RecursionError):
        _unreadable(text, 0, place, problems)
        return None
    nodes = list(_walk(parsed.parsed))
    if len(nodes) > _MAX_NODES:
        _refuse(problems, place, "too much", "trop", "write a shorter one", "écrivez-en une plus courte")
        return None
    for node in nodes:
        if not _check(node, place, problems):
            return None
    columns, paths = (tuple(dict.fromkeys(read(parsed.parsed))) for read in (_starts, _paths))
    return Expression(text, columns, paths, parsed)


def _unreadable(text: str, position: int | None, place: Place, problems: Problems) -> None:
    at = len(text) if position is None else position
    problems.add(rules.EXPRESSION_SYNTAX, place, expression=text, position=str(at))


def _refuse(problems: Problems, place: Place, en: str, fr: str, instead: str, instead_fr: str) -> None:
    problems.add(rules.EXPRESSION_REFUSED, place, what=en, what_fr=fr, instead=instead, instead_fr=instead_fr)


def _check(node: Mapping[str, Any], place: Place, problems: Problems) -> bool:
    kind = str(node["type"])
    if kind not in _PLAIN:
        _refuse(
            problems, place, kind.replace("_", " "), kind, "only paths, filters and tests", "chemins, filtres, tests"
        )
        return False
    if kind == "function_expression" and node["value"] not in _FUNCTIONS:
        known = ", ".join(sorted(_FUNCTIONS))
        name = f"{node['value']}()"
        _refuse(problems, place, name, name, f"the functions are {known}", f"les fonctions sont {known}")
        return False
    if kind == "comparator" and node["value"] in _ORDER and not all(map(_is_number, node["children"])):
        _refuse(
            problems,
            place,
            "< or > on text",
            "< ou > sur du texte",
            "it would be ordered letter by letter; write {COLUMN: {after: today}} or {before: JJ/MM/AAAA}",
            "l'ordre serait celui des lettres ; écrivez {COLONNE: {after: today}} ou {before: JJ/MM/AAAA}",
        )
        return False
    return True


def _is_number(node: Mapping[str, Any]) -> bool:
    if node["type"] == "literal":
        return isinstance(node["value"], int | float)
    return node["type"] == "function_expression" and node["value"] in _NUMBERS


def _walk(node: Any) -> Iterator[Mapping[str, Any]]:
    """Every node; the parser's recursion is bounded by the length of the text, so this one is too."""
    pending = [node]
    while pending:
        current = pending.pop()
        if isinstance(current, dict):
            yield current
            pending.extend(current.get("children", ()))


def _starts(node: Mapping[str, Any]) -> Iterator[str]:
    """Fields that are read from the row itself."""
    kind, children = node["type"], node.get("children", ())
    if kind == "field":
        yield str(node["value"])
    elif kind in _FOLLOWING and kind != "pipe":
        if kind == "subexpression" and children[0]["type"] == "current":
            children = children[1:]
        yield from _starts(children[0])
    elif kind == "pipe":
        yield from _starts(children[0])
    elif kind in ("comparator", "and_expression", "or_expression", "not_expression", "function_expression"):
        for child in children:
            yield from _starts(child)


def _paths(node: Mapping[str, Any]) -> Iterator[str]:
    """The paths that are followed from the row itself."""
    path = _path(node)
    if path:
        yield path
        return
    children = node.get("children", ())
    # What goes on from the value of a function is not read from the row.
    for child in children[:1] if node["type"] in _FOLLOWING else children:
        yield from _paths(child)


def _path(node: Mapping[str, Any]) -> str:
    """The path that a node follows, with `[]` for every element of a list; empty when it is none."""
    kind, children = node["type"], node.get("children", ())
    if kind == "field":
        return str(node["value"])
    if kind == "index":
        return f"[{node['value']}]"
    if kind not in _FOLLOWING:
        return ""
    first = _path(children[0])
    if not first and children[0]["type"] not in ("current", "identity"):
        return ""  # it goes on from what a function gives
    if kind == "flatten":
        return f"{first}[]"
    if kind in ("projection", "filter_projection") and not first.endswith("[]"):
        first += "[]"
    elif kind == "value_projection":
        first += ".*"
    for child in children[1:2] if kind.endswith("projection") else children[1:]:
        rest = _path(child)
        first += f".{rest}" if first and rest and not rest.startswith("[") else rest
    return first
