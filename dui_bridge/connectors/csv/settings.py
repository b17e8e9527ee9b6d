"""What a mapping declares of its CSV files, typed. Usable without any data: the static check reads it too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.findings import Place

MAX_CELL = 100_000
"""Characters in one cell; a longer one is a finding (a quotation mark left open, most often)."""

MAX_ROW = 1_000_000
"""Characters of one row over all its physical lines; what exceeds it is never kept in memory."""

MAX_COLUMNS = 1_000


@dataclass(frozen=True, slots=True)
class CsvFile:
    """One file of the export.

    Args:
        alias: the name that the mapping gives it.
        file: its path relative to the export folder, with `/`.
        place: where the mapping declares it.
        key: the columns that identify a row; empty when nothing refers to it.
        of: the parent's alias; None for the usagers and for references.
        on: the columns that hold the parent's key, in the order of the parent's `key`.
        order: the column that orders siblings; by content without it.
        group, pivot: a long table folded: one row per group, its (item, value) pairs under `items`.
        keep_last_by: which of several rows of one key counts; applied by the mapping engine, after its `where`.
        columns: the header as declared, None when it is not.
        ignored: columns that no mapping may use; they stay in the row and count as content.
        forbidden: columns that are dropped while parsing.
    """

    alias: str
    file: str
    place: Place
    key: tuple[str, ...] = ()
    of: str | None = None
    on: tuple[str, ...] = ()
    order: str | None = None
    group: tuple[str, ...] = ()
    pivot: tuple[str, str] | None = None
    keep_last_by: str | None = None
    columns: tuple[str, ...] | None = None
    ignored: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    def structure(self) -> Iterator[str]:
        """The columns that joining needs, with repeats."""
        yield from self.key
        yield from self.on
        yield from self.group
        yield from self.pivot or ()
        yield from (column for column in (self.order, self.keep_last_by) if column is not None)


@dataclass(frozen=True, slots=True)
class CsvSettings:
    """The `source.csv` part of a mapping.

    Args:
        encoding: Python's canonical name.
        separator: one character.
        quote: one character, None when cells are never quoted.
        folder: the pattern of dated sub-folders (`AAAAMMJJ`), None when the files stand in the folder itself.
        complete: None when an export is always complete.
        root: the alias that has one row per usager.
        files: by alias, in the order of the mapping.
    """

    encoding: str
    separator: str
    quote: str | None
    folder: str | None
    complete: Complete | None
    root: str
    files: Mapping[str, CsvFile]

    def children(self, alias: str) -> tuple[str, ...]:
        """The aliases declared `of` this one, in the order of the mapping."""
        return tuple(file.alias for file in self.files.values() if file.of == alias)

    @property
    def references(self) -> tuple[str, ...]:
        """The aliases that are neither the usagers nor anybody's child: reached by `lookup` only."""
        return tuple(file.alias for file in self.files.values() if file.of is None and file.alias != self.root)
