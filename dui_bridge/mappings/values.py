"""Compiles one value: a column, a path, a constant, a table, alternatives; with its conversion."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from jmespath.exceptions import JMESPathError

from dui_bridge.declared import Mapping, Node, Scalar, Sequence
from dui_bridge.declared.nodes import Entry
from dui_bridge.findings import Place
from dui_bridge.mappings import rules
from dui_bridge.mappings.coded import by_choice, by_table, not_a_value, typed
from dui_bridge.mappings.conditions import Condition, compile_where
from dui_bridge.mappings.conversion import (
    Conversion,
    Convert,
    Known,
    Parameter,
    ParameterKind,
    Rejected,
    Remembered,
    Settings,
    SettingsInvalid,
)
from dui_bridge.mappings.conversions import CONVERSIONS, PARAMETERS
from dui_bridge.mappings.conversions_text import free_text
from dui_bridge.mappings.expressions import Expression
from dui_bridge.mappings.fields import CHOICE, Field
from dui_bridge.mappings.ground import Fetch, Ground, Read, Spot
from dui_bridge.mappings.run import Leaf, Run
from dui_bridge.mappings.scopes import is_strict
from dui_bridge.model.exchange import Row

SOURCES: Final = ("from", "path", "value", "first_of")
VALUE_KEYS: Final = (*SOURCES, "as", "table", "codes", "unknown", "match", "when", "mark")


@dataclass(frozen=True, slots=True)
class Value:
    """A compiled value. A constant never makes an object on its own.

    `read` need not be called where `column` is blank, as most cells of an export are (it gives None and does nothing
    else), nor for a text of that column that is `known` (it gives that value and does nothing else), nor, when
    `is_free_text`, for a text that `is_plain` (it gives that text without surrounding blanks).
    """

    read: Read
    leaf: Leaf
    is_constant: bool = False
    column: str | None = None
    known: Known | None = None
    is_free_text: bool = False


def compile_value(field: Field, node: Node, spot: Spot, ground: Ground) -> Value | None:
    """The reader of one value, or None after a finding."""
    if isinstance(node, Scalar):
        if not node.text:
            ground.problems.expected("a column", "une colonne", node.place)
            return None
        if node.text in field.choices:
            return _choice_or_column(field, node, spot, ground)
        return _compile(field, Mapping(node.place, {"from": Entry(node.place, node)}), spot, ground)
    if isinstance(node, Sequence):
        ground.problems.expected("one column, or {first_of: […]}", "une colonne, ou {first_of: […]}", node.place)
        return None
    return _compile(field, node, spot, ground)


def _choice_or_column(field: Field, node: Scalar, spot: Spot, ground: Ground) -> Value | None:
    text = node.text or ""
    if text in (ground.known_columns(spot.alias) or ()):
        ground.problems.add(rules.AMBIGUOUS, node.place, text=text, field=field.name, alias=spot.alias)
        return None
    return Value(lambda row, run: text, ground.leaf(spot, node.place), is_constant=True)


def _compile(field: Field, node: Mapping, spot: Spot, ground: Ground) -> Value | None:
    if "first_of" in node:
        return _first_of(field, node, spot, ground)
    named = _named(field, node, ground)
    given = [key for key in SOURCES if key in node]
    known = (*VALUE_KEYS, *(parameter.name for parameter in (named.parameters if named else ())))
    for key, place, _ in node.items():
        if key in known:
            continue
        if key not in PARAMETERS:
            ground.problems.unknown_key(key, place, known)
        elif named is not None:
            ground.misuse(
                f"'{key}' does not stand beside as: {named.name}", f"'{key}' ne va pas avec as: {named.name}", place
            )
        elif "as" not in node:
            _no_conversion(key, field, place, ground)
    if len(given) != 1:
        ground.problems.expected(
            "one of from, path, value, first_of", "l'un de from, path, value, first_of", node.place
        )
        return None
    settings, columns = _settings(field, named, node, spot, ground)
    if given[0] == "value":
        return _constant(field, node, spot, ground)
    when: Condition | None = None
    if (when_node := node.get("when")) is not None:
        when = compile_where(when_node, spot.alias, ground)
        if isinstance(when_node, Mapping):
            columns = (*columns, *when_node.entries)
    source = _fetch(node, spot, ground)
    if source is None:
        return None
    fetch, own = source
    conversions = (named.name,) if named is not None and _table_node(node) is None else ()
    leaf = ground.leaf(spot, node.get(given[0]).place, (*own, *columns), conversions)  # type: ignore[union-attr]
    reads_blank = named is not None and named.reads_blank
    is_free_text = False
    kept: Known | None
    if _table_node(node) is not None:
        made = by_table(field, node, leaf, fetch, ground)
        if made is None:
            return None
        read, reads_blank, kept = made
    else:
        convert = _bind(field, named, settings, node, ground)
        if convert is None:
            return None
        read = _by_conversion(fetch, convert, leaf, reads_blank)
        is_free_text = convert is free_text
        kept = convert.known if isinstance(convert, Remembered) else None
    mark = node.get("mark")
    if mark is not None:
        read = _marked(read, ground.text(mark, "a word", "un mot"), leaf)
    column = own[0] if "from" in node and not reads_blank else None
    if mark is not None or when is not None:
        kept, is_free_text = None, False
    return Value(read if when is None else _only_when(read, when), leaf, False, column, kept, is_free_text)


def _no_conversion(parameter: str, field: Field, place: Place, ground: Ground) -> None:
    """A parameter where no conversion reads: the field has a closed list of values, or takes a code."""
    owners = [f"as: {one.name}" for one in CONVERSIONS.values() if any(parameter == p.name for p in one.parameters)]
    choices = f" ({', '.join(field.choices)})" if field.choices else ""
    ground.misuse(
        f"'{parameter}' goes with {' or '.join(owners)}, and no conversion reads {field.name}: remove it; if the column"
        f" does not hold its values{choices}, translate them with table or codes",
        f"'{parameter}' va avec {' ou '.join(owners)}, et aucune conversion ne lit {field.name} : retirez-le ; si la"
        f" colonne ne contient pas ses valeurs{choices}, traduisez-les par table ou codes",
        place,
    )


def _table_node(node: Mapping) -> Node | None:
    return node.get("table") or node.get("codes")


def _named(field: Field, node: Mapping, ground: Ground) -> Conversion | None:
    """The conversion that a value names, else the one of its field."""
    asked = node.get("as")
    if asked is None:
        return CONVERSIONS.get(field.conversion or "")
    name = ground.text(asked, "the name of a conversion", "le nom d'une conversion")
    found = CONVERSIONS.get(name)
    if name and found is None:
        ground.unknown("conversion", name, asked.place, tuple(CONVERSIONS))
    elif found is not None and (field.target not in found.outputs or field.choices):
        takes, takes_fr = field.takes()
        ground.problems.add(
            rules.WRONG_TYPE, asked.place, conversion=name, field=field.name, takes=takes, takes_fr=takes_fr
        )
        return None
    return found


def _settings(
    field: Field, named: Conversion | None, node: Mapping, spot: Spot, ground: Ground
) -> tuple[Settings, tuple[str, ...]]:
    """What the conversion is bound to, and the columns that its parameters name."""
    given: dict[str, tuple[str, ...]] = {}
    columns: list[str] = []
    for parameter in named.parameters if named is not None else ():
        value = node.get(parameter.name)
        if value is None:
            continue
        texts = ground.texts(value)
        if parameter.kind in (ParameterKind.COLUMN, ParameterKind.COLUMNS):
            texts = tuple(text for text in texts if ground.column(text, value.place, spot.alias))
            columns.extend(texts)
        _check_texts(parameter, texts, value, ground)
        given[parameter.name] = texts
    return Settings(given, field.target, field.kind, is_strict(spot.path)), tuple(columns)


def _check_texts(parameter: Parameter, texts: tuple[str, ...], node: Node, ground: Ground) -> None:
    if parameter.kind in (ParameterKind.CHOICE, ParameterKind.COLUMN) and isinstance(node, Sequence):
        ground.problems.expected("one value", "une seule valeur", node.place)
    if parameter.kind is ParameterKind.CHOICE:
        for text in texts:
            if text not in parameter.choices:
                ground.unknown("value", text, node.place, parameter.choices)


def _bind(field: Field, named: Conversion | None, settings: Settings, node: Mapping, ground: Ground) -> Convert | None:
    if named is not None:
        try:
            return named.bind(settings)
        except SettingsInvalid as error:
            ground.misuse(error.en, error.fr, node.place)
            return None
    if field.conversion == CHOICE:
        return by_choice(field)
    if "as" not in node:
        takes, takes_fr = field.takes()
        ground.problems.expected(takes, takes_fr, node.place)
    return None


def _fetch(node: Mapping, spot: Spot, ground: Ground) -> tuple[Fetch, tuple[str, ...]] | None:
    """What reads the raw cell, and its columns."""
    source = node.get("from")
    if source is not None:
        column = ground.text(source, "a column", "une colonne")
        if not column or not ground.column(column, source.place, spot.alias):
            return None
        return lambda row: row.cells.get(column), (column,)
    path = node.get("path")
    text = ground.text(path, "an expression", "une expression") if path is not None else ""
    expression = ground.expression(text, path.place, spot.alias) if path is not None and text else None
    if expression is None:
        return None
    return lambda row: _found(expression, row), expression.paths


def _found(expression: Expression, row: Row) -> object:
    value = expression.search(row.cells)
    if isinstance(value, bool):
        return "oui" if value else "non"
    return str(value) if isinstance(value, int | float) else value


def _constant(field: Field, node: Mapping, spot: Spot, ground: Ground) -> Value | None:
    value = node.get("value")
    text = ground.text(value, "a value", "une valeur") if value is not None else ""
    if not text or value is None:
        return None
    converted = typed(field, text, strict=False)
    if converted is None:
        not_a_value(field, text, value, ground)
        return None
    return Value(lambda row, run: converted, ground.leaf(spot, value.place), is_constant=True)


def _by_conversion(fetch: Fetch, convert: Convert, leaf: Leaf, reads_blank: bool) -> Read:
    def read(row: Row, run: Run) -> object:
        try:
            cell = fetch(row)
        except JMESPathError:
            run.report(rules.EXPRESSION_FAILED, row, leaf)
            return None
        if cell is None:
            if not reads_blank:
                return None
            text = ""
        elif isinstance(cell, str):
            text = cell.strip()
            if not text and not reads_blank:
                return None
        else:
            run.report(rules.NOT_TEXT, row, leaf)
            return None
        run.row = row
        run.leaf = leaf
        try:
            return convert(text, run)
        except Rejected as error:
            run.reject(error, row, leaf)
            return None

    return read


def _first_of(field: Field, node: Mapping, spot: Spot, ground: Ground) -> Value | None:
    choices = node.get("first_of")
    if not isinstance(choices, Sequence) or not choices.items:
        ground.problems.expected("a list of columns or values", "une liste de colonnes ou de valeurs", node.place)
        return None
    shared = {key: entry for key, entry in node.entries.items() if key != "first_of"}
    alternatives: list[Value] = []
    for choice in choices.items:
        own = choice.entries if isinstance(choice, Mapping) else {"from": Entry(choice.place, choice)}
        value = _compile(field, Mapping(choice.place, {**shared, **own}), spot, ground)
        if value is not None:
            alternatives.append(value)
    if len(alternatives) != len(choices.items):
        return None
    readers = [(value.read, value.leaf) for value in alternatives]
    columns = tuple(dict.fromkeys(column for value in alternatives for column in value.leaf.columns))
    spot.rows.leaves.pop(".".join(part.removesuffix("[]") for part in spot.path[spot.rows.depth :]), None)
    # The columns are whole paths already.
    leaf = ground.leaf(replace(spot, inside=""), node.place, columns, alternatives[0].leaf.conversions)

    def read(row: Row, run: Run) -> object:
        before = len(run.findings)
        for reader, used in readers:
            value = reader(row, run)
            if value is not None:
                if used is not readers[0][1]:
                    run.choices[run.path(used)] = used
                return value
            if len(run.findings) > before:
                return None
        return None

    return Value(read, leaf)


def _marked(read: Read, mark: str, leaf: Leaf) -> Read:
    def marked(row: Row, run: Run) -> object:
        value = read(row, run)
        if value is not None:
            run.marks[run.path(leaf)] = mark
            run.row, run.leaf = row, leaf
            run.flag(rules.MARKED, field=leaf.path[-1], mark=mark)
        return value

    return marked


def _only_when(read: Read, when: Condition) -> Read:
    return lambda row, run: None if when(row, run) is not None else read(row, run)
