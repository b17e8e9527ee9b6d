"""The kinds of source that are installed, found by the entry point `dui_bridge.connectors`.

A vendor ships its own kind as a separate package: nothing changes here. An entry point whose module has the three
functions of `SourceKind` is a source, and its name is the key under `source` in a mapping. Other connectors
(destinations) are found in the same group.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from dui_bridge.connectors.ports import Source
from dui_bridge.declared import Node, Problems
from dui_bridge.mappings.shape import SourceShape

GROUP = "dui_bridge.connectors"


@runtime_checkable
class SourceKind(Protocol):
    """The module of a kind of source. Settings are its own business."""

    def parse_settings(self, node: Node, problems: Problems, root: str | None = None) -> Any | None:
        """The typed form of what stands under `source.<kind>`, or None with findings."""

    def shape_of(self, settings: Any, columns: Mapping[str, tuple[str, ...]] | None) -> SourceShape:
        """What the mapping engine needs to know."""

    def open_source(
        self, settings: Any, path: Path, used: Mapping[str, frozenset[str]], *, as_is: bool = False
    ) -> Source:
        """The source at a path; `as_is`: the path is itself one complete export."""


class Installed(Collection[str]):
    """The names of the kinds, sorted. Asking for one name loads that module alone: some are slow to load."""

    def __contains__(self, name: object) -> bool:
        return name in _points() and isinstance(_module(str(name)), SourceKind)

    def __iter__(self) -> Iterator[str]:
        return (name for name in sorted(_points()) if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def installed() -> Installed:
    """The names of the kinds."""
    return Installed()


def kind(name: str) -> SourceKind:
    """The kind of that name, one of `installed`."""
    loaded: SourceKind = _module(name)
    return loaded


@cache
def _module(name: str) -> Any:
    return _points()[name].load()


@cache
def _points() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}
