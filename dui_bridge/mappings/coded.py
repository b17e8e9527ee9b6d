"""Values that come from a closed list: codes of a table, constants written in the mapping, enumerations."""

from __future__ import annotations

from typing import NamedTuple

from jmespath.exceptions import JMESPathError

from dui_bridge.declared import Mapping, Node, Scalar
from dui_bridge.findings import did_you_mean
from dui_bridge.mappings import rules
from dui_bridge.mappings.conversion import Convert, Known, Reading, Rejected, Settings, Written
from dui_bridge.mappings.conversions import CONVERSIONS
from dui_bridge.mappings.fields import CHOICE, Field
from dui_bridge.mappings.ground import Fetch, Ground, Read
from dui_bridge.mappings.run import Leaf, LeftOut, Run
from dui_bridge.mappings.scopes import is_strict
from dui_bridge.mappings.tables import ABSENT, LEFT_OUT, Table, read_table
from dui_bridge.model.exchange import Row
from dui_bridge.model.types import Code


def by_choice(field: Field) -> Convert:
    choices = frozenset(field.choices)
    listed = ", ".join(field.choices)

    def convert(text: str, reading: Reading) -> object:
        if text not in choices:
            raise Rejected(rules.NOT_A_CHOICE, value=text, choices=listed)
        return text

    return convert


def typed(field: Field, text: str, strict: bool) -> object:
    """A text written in the mapping, as the field takes it; None when it does not."""
    if field.target is Code:
        return Code(code=text)
    conversion = CONVERSIONS.get(field.conversion or "")
    convert = conversion.bind(Settings({}, field.target, field.kind, strict)) if conversion else None
    if convert is None:
        if field.conversion != CHOICE:
            return None
        convert = by_choice(field)
    try:
        return convert(text, Written())
    except Rejected:
        return None


def not_a_value(field: Field, text: str, node: Node | None, ground: Ground) -> None:
    choices = field.choices or (field.takes()[0],)
    if node is not None:
        ground.problems.add(
            rules.NOT_A_VALUE,
            node.place,
            value=text,
            field=field.name,
            near=did_you_mean(text, field.choices),
            near_fr=did_you_mean(text, field.choices, "fr"),
            choices=", ".join(choices),
        )


class CodeReader(NamedTuple):
    """Reads a code; `reads_blank` when a blank one means something; `known` fills with what codes gave."""

    read: Read
    reads_blank: bool
    known: Known


def by_table(field: Field, node: Mapping, leaf: Leaf, fetch: Fetch, ground: Ground) -> CodeReader | None:
    """The reader of a code, or None after a finding."""
    table = _table(node, ground)
    if table is None:
        return None
    values: dict[str, object] = {}
    for code, entry in table.entries.items():
        if entry.value in (ABSENT, LEFT_OUT):
            values[code] = entry.value
        elif field.target is Code:
            values[code] = Code(code=entry.value, libelle=entry.label, systeme=entry.system)
        else:
            converted = typed(field, entry.value, is_strict(leaf.path))
            if converted is None:
                not_a_value(field, entry.value, Scalar(entry.place, entry.value), ground)
            values[code] = converted
    left_out = {code for code, entry in table.entries.items() if entry.value == LEFT_OUT}
    absent = {code for code, entry in table.entries.items() if entry.value == ABSENT}

    known = Known()

    def read(row: Row, run: Run) -> object:
        try:
            cell = fetch(row)
        except JMESPathError:
            run.report(rules.EXPRESSION_FAILED, row, leaf)
            return None
        if cell is not None and not isinstance(cell, str):
            run.report(rules.NOT_TEXT, row, leaf)
            return None
        text = cell.strip() if cell else ""
        code = table.key(text)
        value = values.get(code)
        if value is not None:
            if code in left_out:
                raise LeftOut(f"left_out ({leaf.column}={text})")
            if code in absent:
                return None
            known.keep(text, value)
            return value
        if not text or code in values:
            return None
        if table.refuses:
            run.report(rules.UNKNOWN_CODE, row, leaf, value=text, table=table.name)
        else:
            run.row, run.leaf = row, leaf
            run.flag(rules.UNKNOWN_CODE_FLAGGED, value=text, table=table.name)
        return None

    blank = table.key("")
    return CodeReader(read, values.get(blank) is not None and blank not in absent, known)


def _table(node: Mapping, ground: Ground) -> Table | None:
    named, codes = node.get("table"), node.get("codes")
    if named is None:
        only = {key: entry for key, entry in node.entries.items() if key in ("codes", "match", "unknown")}
        name = "codes"
        return read_table(name, node.place, Mapping(node.place, only), lambda place, file: b"", ground.problems)
    for key in ("codes", "match", "unknown", "as"):
        if key in node:
            ground.misuse(
                f"'{key}' does not stand beside table", f"'{key}' ne va pas avec table", node.entries[key].place
            )
    name = ground.text(named, "the name of a table", "le nom d'une table")
    table = ground.tables.get(name)
    if name and table is None:
        ground.unknown("table", name, named.place, tuple(ground.tables))
    ground.used_tables.add(name)
    return table if codes is None else None
