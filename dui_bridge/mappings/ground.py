"""What every part of the compiler stands on: the findings, the source's shape, the tables, and what was used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from dui_bridge.declared import Node, Problems, Scalar, Sequence
from dui_bridge.findings import Place, did_you_mean, suggest
from dui_bridge.mappings import rules
from dui_bridge.mappings.expressions import Expression, compile_expression
from dui_bridge.mappings.run import Leaf, RowScope, Run
from dui_bridge.mappings.scopes import scope_of
from dui_bridge.mappings.shape import SourceShape
from dui_bridge.mappings.tables import Table
from dui_bridge.model.exchange import Row

Read: TypeAlias = Callable[[Row, Run], object]
"""Reads one value of the model from a row; None = absent."""

Fetch: TypeAlias = Callable[[Row], object]
"""Reads the raw cell."""

NESTED: Final = ""
"""The alias of objects inside a row: their columns are not known beforehand."""

_KINDS: Final = {
    "conversion": "conversion inconnue",
    "field": "champ inconnu",
    "file": "fichier inconnu",
    "table": "table inconnue",
    "value": "valeur inconnue",
}


@dataclass(frozen=True)
class Spot:
    """Where the compiler stands in the model: the path, the alias whose rows are read, and their scope.

    `inside` is the path of keys to those rows, when they are objects inside another row.
    """

    path: tuple[str, ...]
    alias: str
    rows: RowScope
    inside: str = ""

    def below(self, name: str, is_list: bool = False) -> Spot:
        """The same rows, one field deeper."""
        return Spot((*self.path, f"{name}[]" if is_list else name), self.alias, self.rows, self.inside)

    def with_rows(self, alias: str, inside: str = "") -> Spot:
        """The same path, reading other rows from here on."""
        return Spot(self.path, alias, RowScope(alias, len(self.path)), inside)

    def whole(self, column: str) -> str:
        """The path of keys to a column of its rows."""
        return f"{self.inside}.{column}" if self.inside else column


@dataclass
class Ground:
    """Shared by the parts of the compiler of one mapping."""

    problems: Problems
    shape: SourceShape
    tables: dict[str, Table]
    inherited: frozenset[str] = frozenset()
    used_columns: dict[str, set[str]] = field(default_factory=dict)
    used_tables: set[str] = field(default_factory=set)
    mapped: dict[str, Place] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def known_columns(self, alias: str) -> tuple[str, ...] | None:
        """The columns of an alias when they are known."""
        return None if alias == NESTED else self.shape.columns(alias)

    def column(self, name: str, place: Place, alias: str) -> bool:
        """Notes that a column is read; says when it is not there, forbidden or ignored."""
        if alias == NESTED:
            return True
        self.used_columns.setdefault(alias, set()).add(name)
        shape = self.shape.aliases.get(alias)
        if shape is not None and name in shape.forbidden:
            self.problems.add(rules.FORBIDDEN_USED, place, column=name, alias=alias)
            return False
        if shape is not None and name in shape.ignored:
            self.problems.add(rules.IGNORED_USED, place, column=name, alias=alias)
        known = self.shape.columns(alias)
        if known is None or name in known:
            return True
        near, near_fr = did_you_mean(name, known), did_you_mean(name, known, "fr")
        self.problems.add(rules.UNKNOWN_COLUMN, place, column=name, alias=alias, near=near, near_fr=near_fr)
        return False

    def expression(self, text: str, place: Place, alias: str) -> Expression | None:
        """A checked expression; its columns count as read."""
        expression = compile_expression(text, place, self.problems)
        if expression is None:
            return None
        for column in expression.columns:
            self.column(column, place, alias)
        return expression

    def leaf(self, spot: Spot, place: Place, columns: tuple[str, ...] = (), conversions: tuple[str, ...] = ()) -> Leaf:
        """A leaf at a spot, known from now on to whoever asks where a value came from."""
        whole = tuple(map(spot.whole, columns))
        leaf = Leaf(
            spot.path,
            scope_of(spot.path),
            place,
            whole[0] if whole else None,
            whole,
            conversions,
            place.file in self.inherited,
            spot.inside,
        )
        relative = ".".join(part.removesuffix("[]") for part in spot.path[spot.rows.depth :])
        spot.rows.leaves.setdefault(relative, leaf)
        return leaf

    def misuse(self, en: str, fr: str, place: Place) -> None:
        """A meaning that cannot be."""
        self.problems.add(rules.MISUSE, place, reason=en, reason_fr=fr)

    def unknown(self, kind: str, name: str, place: Place, known: tuple[str, ...]) -> None:
        """A name that is not in a list of names."""
        near = suggest(name, known)
        self.problems.add(
            rules.UNKNOWN_NAME,
            place,
            kind=kind,
            kind_fr=_KINDS[kind],
            name=name,
            near=f": did you mean {near}?" if near else "",
            near_fr=f" : vouliez-vous dire {near} ?" if near else "",
        )

    def text(self, node: Node, en: str, fr: str) -> str:
        """The text of a scalar; empty after a finding."""
        if isinstance(node, Scalar) and node.text:
            return node.text
        self.problems.expected(en, fr, node.place)
        return ""

    def texts(self, node: Node) -> tuple[str, ...]:
        """One text or a list of them."""
        items = node.items if isinstance(node, Sequence) else (node,)
        found = (self.text(item, "a text", "un texte") for item in items)
        return tuple(text for text in found if text)
