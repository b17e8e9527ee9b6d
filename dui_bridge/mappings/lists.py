"""Compiles lists: blocks of rows (`each`, `where`, `except`, `item`), and elements written one by one."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Items
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from jmespath.exceptions import JMESPathError

from dui_bridge.declared import Mapping, Node, Scalar, Sequence
from dui_bridge.declared.nodes import Entry
from dui_bridge.findings import Rule
from dui_bridge.mappings import rules
from dui_bridge.mappings.conditions import Condition, both, compile_except, compile_where
from dui_bridge.mappings.fields import Field
from dui_bridge.mappings.ground import NESTED, Ground, Read, Spot
from dui_bridge.mappings.run import Leaf, LeftOut, RowScope, Run
from dui_bridge.mappings.scopes import DOCUMENT_LISTS, scope_of_rows
from dui_bridge.mappings.values import Value
from dui_bridge.model.exchange import Row

SUPERSEDED: Final = "superseded"
_BLOCK_KEYS: Final = ("each", "path", "where", "except", "item", "unless_same_file_as")
_INTEGER_DIGITS: Final = 18
RowsOf: TypeAlias = Callable[[Row, Run], Items[Row]]
Element: TypeAlias = tuple[Read, RowScope, str | None]
"""What reads it, its leaves, and the column without which it reads nothing (`Value.column`)."""
CompileElement: TypeAlias = Callable[[Field, Node, Spot, Ground], "Value | None"]


class Chosen(NamedTuple):
    """What became of the rows of a block: taken, left out under a name, or held with the rule that says why."""

    taken: tuple[Row, ...]
    left_out: tuple[tuple[Row, str], ...] = ()
    held: tuple[tuple[Row, Rule, dict[str, str]], ...] = ()


@dataclass(frozen=True)
class Block:
    """One `{each: …, item: …}`.

    Args:
        alias: of its rows.
        rows_of: parent row → candidate rows.
        item: reads one row.
        rows: the scope of its rows.
        leaf: what findings about a whole row point at.
        keep_leaf: the same, for the column that tells which of several rows counts.
        condition: which rows are selected.
        key, keep_last_by: of the alias.
        same_file_as: the list whose files count as the same document.
    """

    alias: str
    rows_of: RowsOf
    item: Read
    rows: RowScope
    leaf: Leaf
    keep_leaf: Leaf
    condition: Condition | None = None
    key: tuple[str, ...] = ()
    keep_last_by: str | None = None
    same_file_as: str | None = None

    def candidates(self, parent: Row, run: Run) -> Items[Row]:
        """The rows below a row; none, with a finding, when the expression that gives them cannot be computed."""
        try:
            return self.rows_of(parent, run)
        except JMESPathError:
            run.report(rules.EXPRESSION_FAILED, parent, self.leaf)
            return ()

    def choose(self, candidates: Items[Row], run: Run) -> Chosen:
        """Selects, then keeps the row that counts of those with the same key."""
        left_out: list[tuple[Row, str]] = []
        selected: Items[Row] = candidates
        if self.condition is not None:
            passed: list[Row] = []
            for row in candidates:
                failed = self.condition(row, run)
                if failed is None:
                    passed.append(row)
                else:
                    left_out.append((row, f"not selected ({failed})"))
            selected = passed
        if not self.key or len(selected) < 2:
            return Chosen(tuple(selected), tuple(left_out))
        return self._by_key(selected, left_out)

    def key_of(self, row: Row) -> str:
        """The key of a row as text; empty when it is blank."""
        return " / ".join(text for column in self.key if (text := text_of(row, column)))

    def _by_key(self, selected: Items[Row], left_out: list[tuple[Row, str]]) -> Chosen:
        groups: dict[str, list[Row]] = {}
        for row in selected:
            groups.setdefault(self.key_of(row), []).append(row)
        if len(groups) == len(selected):
            return Chosen(tuple(selected), tuple(left_out))
        taken: list[Row] = []
        held: list[tuple[Row, Rule, dict[str, str]]] = []
        for key, rows in groups.items():
            if len(rows) == 1 or not key:
                taken.extend(rows)
            elif self.keep_last_by is None:
                if all(has_errors(row) for row in rows):
                    # The source has said so of each of them.
                    taken.extend(rows)
                    continue
                values = {"column": ", ".join(self.key), "key": key, "count": str(len(rows))}
                held.extend((row, rules.KEY_TWICE, values) for row in rows)
            else:
                found = _last(rows, key, self.keep_last_by)
                if isinstance(found, Row):
                    taken.append(found)
                    left_out.extend((row, SUPERSEDED) for row in rows if row is not found)
                else:
                    held.extend((row, *found) for row in rows)
        order = {id(row): place for place, row in enumerate(selected)}
        taken.sort(key=lambda row: order[id(row)])
        return Chosen(tuple(taken), tuple(left_out), tuple(held))


def _last(rows: list[Row], key: str, column: str) -> Row | tuple[Rule, dict[str, str]]:
    """The row with the highest number in a column, or why it cannot be told."""
    numbers: list[int] = []
    for row in rows:
        text = text_of(row, column)
        if not (text.isascii() and text.isdigit() and len(text) <= _INTEGER_DIGITS):
            return rules.KEEP_NOT_INTEGER, {"key": key, "column": column, "value": text}
        numbers.append(int(text))
    highest = max(numbers)
    if numbers.count(highest) > 1:
        return rules.KEEP_TIE, {"key": key, "column": column, "value": str(highest)}
    return rows[numbers.index(highest)]


def has_errors(row: Row) -> bool:
    """Whether the source found an error in the row itself."""
    return any(finding.is_error for finding in row.findings)


def _sound(rows: Items[Row]) -> Items[Row]:
    return [row for row in rows if not (row.findings and has_errors(row))]


def text_of(row: Row, column: str) -> str:
    """A cell as trimmed text; empty when blank or no text."""
    cell = row.cells.get(column)
    return cell.strip() if isinstance(cell, str) else ""


def compile_list(field: Field, node: Node, spot: Spot, ground: Ground, element: CompileElement) -> Value | None:
    """The reader of a list: of one block, of a list of blocks and elements, or of one bare column."""
    leaf = ground.leaf(spot, node.place)
    parts = compile_parts(field, node, spot, ground, element)
    only = parts[0] if len(parts) == 1 else None
    return Value(_list_reader(parts, leaf), leaf, column=only[2] if isinstance(only, tuple) else None)


def compile_parts(
    field: Field, node: Node, spot: Spot, ground: Ground, element: CompileElement
) -> tuple[Block | Element, ...]:
    """The blocks and single elements of a list, in their order; those with findings are missing."""
    parts: list[Block | Element] = []
    for part in node.items if isinstance(node, Sequence) else (node,):
        if isinstance(part, Mapping) and ("each" in part or "path" in part):
            block = compile_block(field, part, spot, ground, element)
            if block is not None:
                parts.append(block)
            continue
        if (
            isinstance(part, Mapping)
            and ("item" in part or "where" in part)
            and "lookup" not in part
            and "one" not in part
        ):
            ground.problems.missing_key("each", part.place)
            continue
        there = spot.with_rows(spot.alias, spot.inside)
        value = element(field, part, there, ground)
        if value is not None:
            parts.append((value.read, there.rows, value.column))
    return tuple(parts)


def compile_block(field: Field, node: Mapping, spot: Spot, ground: Ground, element: CompileElement) -> Block | None:
    """One block of rows, or None after a finding."""
    is_document = spot.path[0].removesuffix("[]") in DOCUMENT_LISTS and len(spot.path) == 1
    plain = field.model is None and "path" in node and "item" not in node
    known = _BLOCK_KEYS if is_document else _BLOCK_KEYS[:-1]
    settings = {name: entry for name, entry in node.entries.items() if name not in known}
    for name, entry in settings.items():
        if not plain:
            ground.problems.unknown_key(name, entry.place, known)
    source = node.get("each") or node.get("path")
    if source is None or ("each" in node and "path" in node):
        ground.problems.expected("either each or path", "soit each, soit path", node.place)
        return None
    leaf = ground.leaf(spot, source.place)
    chosen = choose_rows(source, None, spot, ground, leaf, expression="path" in node)
    item = node.get("item")
    if plain:
        item = Mapping(node.place, {**settings, "from": Entry(source.place, Scalar(source.place, "value"))})
    elif item is None:
        ground.problems.missing_key("item", node.place)
    if chosen is None or item is None:
        return None
    rows_of, alias, inside = chosen
    condition: Condition | None = None
    if (where := node.get("where")) is not None:
        condition = compile_where(where, alias, ground)
    if (but := node.get("except")) is not None:
        condition = both(condition, compile_except(but, alias, ground))
    there = spot.with_rows(alias, inside)
    value = element(field, item, there, ground)
    if value is None:
        return None
    shape = ground.shape.aliases.get(alias)
    key = shape.key if shape is not None and alias != ground.shape.root else ()
    keep = shape.keep_last_by if shape is not None else None
    return Block(
        alias,
        rows_of,
        value.read,
        there.rows,
        _row_leaf(leaf, there.whole(key[0]) if key else None),
        _row_leaf(leaf, there.whole(keep) if keep else None),
        condition,
        key,
        keep,
        _same_file_as(node, ground),
    )


def _row_leaf(leaf: Leaf, column: str | None) -> Leaf:
    columns = (column,) if column else ()
    path = (*leaf.path[:-1], leaf.path[-1].removesuffix("[]"))
    return Leaf(path, scope_of_rows(leaf.path), leaf.place, column, columns, (), leaf.inherited)


def _same_file_as(node: Mapping, ground: Ground) -> str | None:
    other = node.get("unless_same_file_as")
    if other is None:
        return None
    name = ground.text(other, " or ".join(DOCUMENT_LISTS), " ou ".join(DOCUMENT_LISTS))
    if name and name not in DOCUMENT_LISTS:
        ground.unknown("value", name, other.place, DOCUMENT_LISTS)
    return name


def choose_rows(
    source: Node, where: Node | None, spot: Spot, ground: Ground, leaf: Leaf, expression: bool | None = None
) -> tuple[RowsOf, str, str] | None:
    """What gives the rows below a row: a child alias, the root itself, or an expression; their alias, and the path of
    keys to them when they are objects inside another row.

    Args:
        expression: True when only an expression may stand here, False when only an alias may, None when either.
    """
    text = ground.text(source, "a file below this one", "un fichier sous celui-ci")
    below = ground.shape.below(spot.alias)
    inside = ""
    if not text:
        return None
    if expression is not True and text in below:
        alias = below[text]
        shape = ground.shape.aliases.get(alias)
        inside = shape.inside if shape is not None else ""
        rows_of = _children(text)
    elif expression is not True and text == ground.shape.root == spot.alias and len(spot.path) == 1:
        alias, rows_of = text, _itself
    elif expression is True or (expression is None and not text.isidentifier()):
        found = ground.expression(text, source.place, spot.alias)
        if found is None:
            return None
        alias = NESTED
        inside = spot.whole(found.paths[0]) if found.paths else spot.inside
        search = found.search

        def rows_of(row: Row, run: Run) -> Items[Row]:
            hits = search(row.cells)
            items = hits if isinstance(hits, list) else [] if hits is None else [hits]
            return [made for item in items if (made := nested(row, item)) is not None]
    else:
        known = ", ".join(below) or "-"
        ground.problems.add(rules.NOT_BELOW, source.place, name=text, alias=spot.alias, known=known)
        return None
    condition = compile_where(where, alias, ground) if where is not None else None
    if condition is None:
        return rows_of, alias, inside
    every = rows_of
    return lambda row, run: [child for child in every(row, run) if condition(child, run) is None], alias, inside


def _children(alias: str) -> RowsOf:
    def rows_of(row: Row, run: Run) -> Items[Row]:
        return row.children.get(alias, ())

    return rows_of


def _itself(row: Row, run: Run) -> Items[Row]:
    return (row,)


def nested(row: Row, value: object) -> Row | None:
    """An object inside a row, as a row of its own; a bare text stands in the column `value`."""
    if isinstance(value, dict):
        return Row(NESTED, row.file, row.number, value)
    if isinstance(value, str):
        return Row(NESTED, row.file, row.number, {"value": value})
    return None


def _list_reader(parts: tuple[Block | Element, ...], leaf: Leaf) -> Read:
    path = leaf.path
    selective = len(parts) > 1  # else no other part can take what one leaves

    def read(row: Row, run: Run) -> object:
        out: list[object] = []
        left: dict[int, str] = {}
        taken: set[int] = set()
        for part in parts:
            if not isinstance(part, Block):
                if part[2] is None or row.cells.get(part[2], "") != "":
                    elements(part[0], (row,), part[1], run, out)
                continue
            candidates = part.candidates(row, run)
            if not candidates:
                continue
            if part.condition is None and (len(candidates) == 1 or not part.key):
                if selective:
                    taken.update(map(id, candidates))
                elements(part.item, _sound(candidates), part.rows, run, out)
                continue
            chosen = part.choose(candidates, run)
            for child, name in chosen.left_out:
                left.setdefault(id(child), f"{part.alias}: {name}")
            for child, rule, values in chosen.held:
                run.report(rule, child, part.keep_leaf if part.keep_last_by else part.leaf, **values)
                taken.add(id(child))
            taken.update(map(id, chosen.taken))
            elements(part.item, _sound(chosen.taken), part.rows, run, out)
        for seen, name in left.items() if left else ():
            if seen not in taken:
                run.not_selected[name] = run.not_selected.get(name, 0) + 1
        return out or None

    def elements(reader: Read, each: Items[Row], rows: RowScope, run: Run, out: list[object]) -> None:
        indexes = run.indexes
        indexes.append(0)
        try:
            for row in each:
                indexes[-1] = len(out)
                try:
                    value = reader(row, run)
                except LeftOut as reason:
                    name = f"{rows.alias}: {reason.name}"
                    run.not_selected[name] = run.not_selected.get(name, 0) + 1
                    continue
                if value is not None:
                    run.rows.append((path, tuple(indexes), row, rows))
                    out.append(value)
        finally:
            indexes.pop()

    return read
