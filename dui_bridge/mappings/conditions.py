"""`where`, `except`, `when`, `left_out`: allow-lists written as data. Blank or unknown never means yes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, TypeAlias

from jmespath.exceptions import JMESPathError

from dui_bridge.declared import Mapping, Node, Scalar, Sequence
from dui_bridge.findings import shown
from dui_bridge.mappings.conversion import Convert, Rejected, Settings, SettingsInvalid, Written
from dui_bridge.mappings.conversions_dates import CONVERSIONS as DATES
from dui_bridge.mappings.ground import Ground
from dui_bridge.mappings.run import Run
from dui_bridge.model.exchange import Row

Condition: TypeAlias = Callable[[Row, Run], str | None]
"""None when the row passes, else `COLUMN=value` of the first test that it fails."""

_TYPED: Final = ("before", "after", "formats")
_EXPRESSION: Final = "expression"
_SHOWN: Final = 24


def compile_where(node: Node, alias: str, ground: Ground) -> Condition | None:
    """Passes the listed values only; every column must hold."""
    return _all(node, alias, ground, allow=True)


def compile_except(node: Node, alias: str, ground: Ground) -> Condition | None:
    """Passes every value not listed; blank passes only when `""` is listed."""
    return _all(node, alias, ground, allow=False)


def _all(node: Node, alias: str, ground: Ground, allow: bool) -> Condition | None:
    if not isinstance(node, Mapping) or not node.entries:
        ground.problems.expected("{COLUMN: [values]}", "{COLONNE: [valeurs]}", node.place)
        return None
    tests: list[Condition] = []
    for key, place, value in node.items():
        if key == _EXPRESSION and isinstance(value, Scalar):
            test = _expression(value, alias, ground)
        else:
            ground.column(key, place, alias)
            test = _test(key, value, ground, allow)
        if test is not None:
            tests.append(test)
    if len(tests) == 1:
        return tests[0]

    def condition(row: Row, run: Run) -> str | None:
        for test in tests:
            failed = test(row, run)
            if failed is not None:
                return failed
        return None

    return condition


def _test(column: str, node: Node, ground: Ground, allow: bool) -> Condition | None:
    if isinstance(node, Mapping):
        if not allow:
            ground.problems.expected(
                "a list of values (before and after stand under where)",
                "une liste de valeurs (before et after se placent sous where)",
                node.place,
            )
            return None
        return _typed(column, node, ground)
    items = node.items if isinstance(node, Sequence) else (node,)
    values: set[str] = set()
    for item in items:
        if isinstance(item, Scalar):
            values.add((item.text or "").strip())
        else:
            ground.problems.expected("a value", "une valeur", item.place)
    listed = frozenset(values)

    def where(row: Row, run: Run) -> str | None:
        value = _value(row, column)
        return None if value in listed else _failed(column, value)

    def but(row: Row, run: Run) -> str | None:
        value = _value(row, column)
        if value is None:
            return _failed(column, value)
        passes = value not in listed if value else value in listed
        return None if passes else _failed(column, value)

    return where if allow else but


def _value(row: Row, column: str) -> str | None:
    """The text of a cell, "" when blank; None when it is no text, which no list holds."""
    cell = row.cells.get(column)
    if cell is None:
        return ""
    return cell.strip() if isinstance(cell, str) else None


def _failed(column: str, value: str | None) -> str:
    text = value or ""
    plain = len(text) <= _SHOWN and text.isprintable()
    return f"{column}={text if plain else shown(text, _SHOWN)}"


def _expression(node: Scalar, alias: str, ground: Ground) -> Condition | None:
    expression = ground.expression(node.text or "", node.place, alias)
    if expression is None:
        return None

    def condition(row: Row, run: Run) -> str | None:
        try:
            holds = expression.search(row.cells)
        except JMESPathError:
            holds = None
        return None if holds is True else _EXPRESSION

    return condition


def _typed(column: str, node: Mapping, ground: Ground) -> Condition | None:
    """`{after: today}`, `{before: 01/01/2026}`: a day, strictly before or after; what is no day never passes."""
    formats: tuple[str, ...] = ()
    if (given := node.get("formats")) is not None:
        formats = ground.texts(given)
    try:
        read = DATES[0].bind(Settings({"formats": formats} if formats else {}, target=date))
        plain = DATES[0].bind(Settings(target=date))
    except SettingsInvalid as error:
        ground.misuse(error.en, error.fr, node.place)
        return None
    bounds: dict[str, date | None] = {}
    for key, place, value in node.items():
        if key not in _TYPED:
            ground.problems.unknown_key(key, place, _TYPED)
        elif key != "formats":
            bound = _bound(value, plain, ground)
            if bound is not None:
                bounds[key] = bound[0]
    if not bounds:
        ground.problems.expected("before or after", "before ou after", node.place)
        return None

    def condition(row: Row, run: Run) -> str | None:
        value = _value(row, column)
        failed = _failed(column, value)
        if not value:
            return failed
        try:
            day = read(value, run)
        except Rejected:
            return failed
        if not isinstance(day, date):
            return failed
        if "before" in bounds and not day < (bounds["before"] or run.today):
            return failed
        if "after" in bounds and not day > (bounds["after"] or run.today):
            return failed
        return None

    return condition


def _bound(node: Node, read: Convert, ground: Ground) -> tuple[date | None] | None:
    """The day (None inside = today), or None after a finding."""
    text = node.text or "" if isinstance(node, Scalar) else ""
    if text == "today":
        return (None,)
    try:
        day = read(text, Written())
    except Rejected:
        day = None
    if not isinstance(day, date):
        ground.problems.expected("today or a day JJ/MM/AAAA", "today ou un jour JJ/MM/AAAA", node.place)
        return None
    return (day,)


def both(first: Condition | None, second: Condition | None) -> Condition | None:
    """Passes when both pass."""
    if first is None or second is None:
        return first or second

    def condition(row: Row, run: Run) -> str | None:
        return first(row, run) or second(row, run)

    return condition
