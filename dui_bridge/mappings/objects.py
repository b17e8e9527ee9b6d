"""Compiles objects: fields of a class, rows looked up, and one hit among several."""

from __future__ import annotations

from typing import Final

from jmespath.exceptions import JMESPathError

from dui_bridge.declared import Mapping, Node, Scalar
from dui_bridge.mappings import rules
from dui_bridge.mappings.conversions import CONVERSIONS
from dui_bridge.mappings.conversions_text import maybe_lost
from dui_bridge.mappings.fields import Field, fields_of
from dui_bridge.mappings.ground import Ground, Read, Spot
from dui_bridge.mappings.lists import choose_rows, compile_list
from dui_bridge.mappings.references import Reference
from dui_bridge.mappings.run import Leaf, Run
from dui_bridge.mappings.scopes import ALL_SAFETY_FIELDS, plain_path
from dui_bridge.mappings.values import VALUE_KEYS, Value, compile_value
from dui_bridge.model.exchange import Row
from dui_bridge.model.names import synonyms
from dui_bridge.model.types import Code, Modele

_LOOKUP_KEYS: Final = ("lookup", "by", "item", "else")
_ONE_KEYS: Final = ("one", "where", "item")
DEFAULT_AUTHOR: Final = "etablissement.default_author"


def compile_object(
    model: type[Modele], node: Node, spot: Spot, ground: Ground, leave_out: tuple[str, ...] = ()
) -> Read | None:
    """The reader of one object as a dict of its fields; None when every mapped field is blank.

    Args:
        leave_out: keys that stand in the node for another purpose.
    """
    if not isinstance(node, Mapping):
        ground.problems.expected("a map of fields", "une liste champ: colonne", node.place)
        return None
    fields = fields_of(model)
    other_names = synonyms(model)
    readers: list[tuple[str, Value]] = []
    constants: list[tuple[str, Read]] = []
    leaves: dict[str, Leaf] = {}
    seen: set[str] = set()
    for key, place, value in node.items():
        if key in leave_out:
            continue
        name = key if key in fields else other_names.get(key, key)
        field = fields.get(name)
        if field is None:
            ground.problems.unknown_key(key, place, (*fields, *leave_out))
            continue
        if name in seen:
            ground.misuse(f"'{key}' names the field {name} again", f"'{key}' nomme encore le champ {name}", place)
            continue
        seen.add(name)
        compiled = compile_field(field, value, spot.below(name, field.is_list), ground)
        if compiled is not None:
            if compiled.is_constant:
                constants.append((name, compiled.read))
            else:
                readers.append((name, compiled))
            leaves[name] = compiled.leaf
    required = [name for name, field in fields.items() if field.required]
    for name in required:
        if name not in seen:
            ground.problems.add(rules.REQUIRED_FIELD, node.place, field=name)
    needed = [(name, leaves[name]) for name in required if name in leaves]
    return _object_reader(tuple(readers), tuple(constants), tuple(needed))


def _object_reader(
    values: tuple[tuple[str, Value], ...],
    constants: tuple[tuple[str, Read], ...],
    required: tuple[tuple[str, Leaf], ...],
) -> Read:
    readers = [(name, value.read, value.column, value.known, value.is_free_text) for name, value in values]

    def read(row: Row, run: Run) -> object:
        found: dict[str, object] = {}
        before = len(run.findings)
        cells = row.cells
        for name, reader, column, known, is_free_text in readers:
            if column is not None:
                cell = cells.get(column, "")
                if cell == "":
                    continue
                if known is not None and isinstance(cell, str) and cell in known:
                    found[name] = known[cell]
                    continue
                # `is_plain`, written out: no call is made for most cells.
                if is_free_text and isinstance(cell, str) and cell.isprintable() and not maybe_lost(cell):
                    if text := cell.strip():
                        found[name] = text
                    continue
            value = reader(row, run)
            if value is not None:
                found[name] = value
        if not found:
            return None
        for name, reader in constants:
            found[name] = reader(row, run)
        for name, leaf in required:
            if name not in found:
                if not any(finding.path == run.path(leaf) for finding in run.findings[before:]):
                    run.report(rules.REQUIRED_BLANK, row, leaf, field=leaf.path[-1])
                return None
        return found

    return read


def compile_field(field: Field, node: Node, spot: Spot, ground: Ground) -> Value | None:
    """The reader of one field of any kind, or None after a finding or when the field is declared absent."""
    path = plain_path(spot.path)
    if isinstance(node, Mapping) and "absent" in node:
        _absent(node, path, ground)
        return None
    ground.mapped.setdefault(path, node.place)
    if field.is_list:
        return compile_list(field, node, spot, ground, compile_element)
    return compile_element(field, node, spot, ground)


def compile_element(field: Field, node: Node, spot: Spot, ground: Ground) -> Value | None:
    """The reader of one value or object (of one element, when the field is a list)."""
    model = field.model
    if model is None:
        return compile_value(field, node, spot, ground)
    if isinstance(node, Mapping) and "lookup" in node:
        return _lookup(model, node, spot, ground)
    if isinstance(node, Mapping) and "one" in node:
        return _one(model, node, spot, ground)
    if isinstance(node, Scalar) or (isinstance(node, Mapping) and _is_value(node, model)):
        return _class_value(field, model, node, spot, ground)
    read = compile_object(model, node, spot, ground)
    return None if read is None else Value(read, ground.leaf(spot, node.place))


def _is_value(node: Mapping, model: type[Modele]) -> bool:
    return any(key in node for key in VALUE_KEYS if key not in model.model_fields)


def _class_value(field: Field, model: type[Modele], node: Node, spot: Spot, ground: Ground) -> Value | None:
    """A class given by one value: by a conversion that makes it, by a table of codes, or by its shorthand field."""
    asked = node.get("as") if isinstance(node, Mapping) else None
    makes_class = field.conversion is not None
    if isinstance(asked, Scalar) and asked.text in CONVERSIONS:
        makes_class = model in CONVERSIONS[asked.text].outputs
    coded = model is Code and isinstance(node, Mapping) and ("table" in node or "codes" in node or "value" in node)
    shorthand = model.SHORTHAND
    if makes_class or coded or (isinstance(node, Mapping) and "first_of" in node and shorthand is None):
        return compile_value(field, node, spot, ground)
    if shorthand is None:
        ground.problems.expected(
            f"the fields of {model.__name__}: {', '.join(model.model_fields)}",
            f"les champs de {model.__name__} : {', '.join(model.model_fields)}",
            node.place,
        )
        return None
    inner = compile_value(fields_of(model)[shorthand], node, spot.below(shorthand), ground)
    if inner is None:
        return None
    read = inner.read

    def wrapped(row: Row, run: Run) -> object:
        value = read(row, run)
        return None if value is None else {shorthand: value}

    return Value(wrapped, inner.leaf, inner.is_constant, inner.column)


def _absent(node: Mapping, path: str, ground: Ground) -> None:
    for key, place, _ in node.items():
        if key != "absent":
            ground.problems.unknown_key(key, place, ("absent",))
    reason = node.get("absent")
    text = ground.text(reason, "the reason", "la raison") if reason is not None else ""
    allowed = (*ALL_SAFETY_FIELDS, "usager.ins")
    if any(f"{name}.".startswith(f"{path}.") or f"{path}.".startswith(f"{name}.") for name in allowed):
        ground.absent[path] = text
    else:
        ground.problems.add(rules.ABSENT_NOT_HERE, node.place)


def _lookup(model: type[Modele], node: Mapping, spot: Spot, ground: Ground) -> Value | None:
    for key, place, _ in node.items():
        if key not in _LOOKUP_KEYS:
            ground.problems.unknown_key(key, place, _LOOKUP_KEYS)
    for key in ("by", "item"):
        if key not in node:
            ground.problems.missing_key(key, node.place)
    default = node.get("else")
    if default is not None and not (isinstance(default, Scalar) and default.text == DEFAULT_AUTHOR):
        ground.problems.expected(DEFAULT_AUTHOR, DEFAULT_AUTHOR, default.place)
    by, item = node.get("by"), node.get("item")
    named = node.get("lookup")
    alias = ground.text(named, "a file of references", "un fichier de référence") if named is not None else ""
    column = ground.text(by, "a column", "une colonne") if by is not None else ""
    shape = ground.shape.aliases.get(alias)
    references = tuple(name for name, known in ground.shape.aliases.items() if known.is_reference)
    if alias and named is not None and (shape is None or not shape.is_reference):
        ground.unknown("file", alias, named.place, references)
        return None
    if not alias or by is None or item is None or not ground.column(column, by.place, spot.alias):
        return None
    leaf = ground.leaf(spot, by.place, (column,))
    there = spot.with_rows(alias)
    read_item = compile_object(model, item, there, ground)
    if read_item is None:
        return None
    is_establishment = spot.path[-1] == "etablissement"
    softly = default is not None
    reader = Reference(model, read_item)

    def read(row: Row, run: Run) -> object:
        cell = row.cells.get(column)
        key = cell.strip() if isinstance(cell, str) else ""
        if not key:
            return None
        target = run.record.lookup(alias, key)
        run.lookups[alias, key] = target
        if target is None:
            if softly or is_establishment:
                run.row, run.leaf = row, leaf
                run.flag(rules.MISSING_ROW, value=key, alias=alias)
            else:
                run.report(rules.MISSING_ROW, row, leaf, value=key, alias=alias)
            return {"code_local": key} if is_establishment else None
        run.remember(spot.path, target, there.rows)
        return reader.read(key, target, run)

    return Value(read, leaf, column=column)


def _one(model: type[Modele], node: Mapping, spot: Spot, ground: Ground) -> Value | None:
    """`{one: EXPRESSION, item: …}` or `{one: alias, where: …, item: …}`: two hits are a finding."""
    for key, place, _ in node.items():
        if key not in _ONE_KEYS:
            ground.problems.unknown_key(key, place, _ONE_KEYS)
    source, item = node.get("one"), node.get("item")
    if item is None or source is None:
        ground.problems.missing_key("item", node.place)
        return None
    leaf = ground.leaf(spot, source.place)
    chosen = choose_rows(source, node.get("where"), spot, ground, leaf)
    if chosen is None:
        return None
    rows_of, alias, inside = chosen
    there = spot.with_rows(alias, inside)
    read_item = compile_object(model, item, there, ground)
    if read_item is None:
        return None

    def read(row: Row, run: Run) -> object:
        try:
            hits = rows_of(row, run)
        except JMESPathError:
            run.report(rules.EXPRESSION_FAILED, row, leaf)
            return None
        if len(hits) > 1:
            run.report(rules.SEVERAL_HITS, row, leaf, count=str(len(hits)))
            return None
        if not hits:
            return None
        run.remember(spot.path, hits[0], there.rows)
        return read_item(hits[0], run)

    return Value(read, leaf)
