"""What the engine must know of a source: its files as a tree of aliases, and their columns when they are known.

The connector that reads the source makes it from its own part of the mapping; the engine never reads a file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dui_bridge.findings import Place

ITEMS = "items"
"""The alias under which the folded pairs of a `pivot` stand."""


@dataclass(frozen=True, slots=True)
class AliasShape:
    """One file (or list) of a source.

    Args:
        name: the alias.
        file: the file's name, as findings show it.
        place: where the mapping declares it.
        parent: the alias above, None for the root and for references.
        is_reference: read by `lookup`, not a child.
        columns: as the header says; None when not known yet.
        key: the columns that identify a row, if any.
        keep_last_by: of rows with the same key, the one with the highest value here counts.
        used: columns that the source itself needs (key, join, order, group).
        pivot: the columns of the folded pairs, which stand in rows of the alias `items` below this one.
        ignored: declared as not read; they enter records, and thus fingerprints, all the same.
        forbidden: dropped while parsing.
        inside: the path of keys to its rows when they are objects inside those of its parent (`identite.sejours[]`).
    """

    name: str
    file: str
    place: Place | None = None
    parent: str | None = None
    is_reference: bool = False
    columns: tuple[str, ...] | None = None
    key: tuple[str, ...] = ()
    keep_last_by: str | None = None
    used: frozenset[str] = frozenset()
    pivot: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    inside: str = ""


@dataclass(frozen=True)
class SourceShape:
    """A source: `root` is the alias with one row per usager."""

    root: str
    aliases: Mapping[str, AliasShape] = field(default_factory=dict)

    def columns(self, alias: str) -> tuple[str, ...] | None:
        """The columns that a mapping may name in rows of an alias; None when they are not known."""
        if "." in alias:
            return self.aliases[alias.split(".", 1)[0]].pivot
        shape = self.aliases[alias]
        if shape.columns is None:
            return None
        return tuple(column for column in shape.columns if column not in shape.pivot)

    def below(self, alias: str) -> dict[str, str]:
        """What `each` may name in rows of an alias: name → alias of the rows (`evaluations.items` for folded pairs)."""
        names = {name: name for name, shape in self.aliases.items() if shape.parent == alias}
        shape = self.aliases.get(alias)
        if shape is not None and shape.pivot:
            names[ITEMS] = f"{alias}.{ITEMS}"
        return names
