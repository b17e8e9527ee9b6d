"""What a mapping declares of its queries, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dui_bridge.findings import Place


@dataclass(frozen=True, slots=True)
class UrlFrom:
    """Where the address of the database is read: a file or a variable of the environment, never the mapping."""

    file: str | None
    env: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """One query.

    Args:
        alias: the name that the mapping gives it.
        place: where the mapping declares it.
        text: one SELECT.
        key: the column that identifies a row; for the usagers, the first one of the query when not declared.
        of: the alias above; None for the usagers and for references.
        on: the column that holds the key of the row above.
        order: the column that orders siblings; else they stay in the order of the query.
        keep_last_by: which of several rows of one key counts; applied by the mapping engine.
        columns: the columns as declared, None when they are not.
        ignored: columns that no mapping may use.
        forbidden: columns that are dropped as they are read.
    """

    alias: str
    place: Place
    text: str
    key: str | None = None
    of: str | None = None
    on: str | None = None
    order: str | None = None
    keep_last_by: str | None = None
    columns: tuple[str, ...] | None = None
    ignored: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    @property
    def structure(self) -> frozenset[str]:
        """The columns that joining needs."""
        return frozenset(name for name in (self.key, self.on, self.order, self.keep_last_by) if name is not None)


@dataclass(frozen=True, slots=True)
class SqlSettings:
    """The `source.sql` part of a mapping: `root` is the alias with one row per usager."""

    url: UrlFrom
    root: str
    queries: Mapping[str, Query]

    def children(self, alias: str) -> tuple[str, ...]:
        """The aliases declared `of` this one, in the order of the mapping."""
        return tuple(query.alias for query in self.queries.values() if query.of == alias)

    def is_reference(self, alias: str) -> bool:
        """Whether an alias is neither the usagers nor anybody's child: reached by `lookup` only."""
        return alias != self.root and self.queries[alias].of is None

    def above_first(self) -> tuple[Query, ...]:
        """The queries, each after the one above it."""
        found: dict[str, Query] = {}
        left = list(self.queries.values())
        while left:
            ready = [query for query in left if query.of is None or query.of in found]
            found.update((query.alias, query) for query in ready)
            left = [query for query in left if query.alias not in found]
        return tuple(found.values())
