"""What a mapping declares of its JSON files, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.findings import Place


@dataclass(frozen=True, slots=True)
class JsonPart:
    """One list of objects.

    Args:
        alias: the name that the mapping gives it.
        place: where the mapping declares it.
        file: its path below the export folder; with `{column}` one file for each usager; empty when the list stands
            inside the usager's own object.
        path: the keys that lead to the list; empty when the file is the list.
        key: the column that identifies an object; None when nothing does.
        on: the column that holds the usager's key, for one file with the objects of all; None otherwise.
        may_lack: whether a usager without a file of his own has an empty list; else it is a fault.
        keep_last_by: which of several objects of one key counts; applied by the mapping engine.
        columns: top-level keys that objects may have, whether an export shows them or not.
        ignored: top-level keys that no mapping may use.
        forbidden: dotted paths that are dropped while parsing.
    """

    alias: str
    place: Place
    file: str
    path: tuple[str, ...]
    key: str | None
    on: str | None = None
    may_lack: bool = False
    keep_last_by: str | None = None
    columns: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    @property
    def structure(self) -> frozenset[str]:
        """The top-level keys that the source itself needs."""
        return frozenset(column for column in (self.key, self.on, self.keep_last_by) if column is not None)

    @property
    def is_inside(self) -> bool:
        """Whether the list stands inside the usager's own object."""
        return not self.file


@dataclass(frozen=True, slots=True)
class JsonSettings:
    """The `source.json` part of a mapping.

    Args:
        encoding: Python's canonical name.
        folder: the pattern of dated sub-folders (`AAAAMMJJ`), None when the files stand in the folder itself.
        complete: None when an export is always complete.
        root: the list with one object per usager.
        parts: the lists below it, by alias.
        repair: whether double UTF-8 is repaired, and counted.
    """

    encoding: str
    folder: str | None
    complete: Complete | None
    root: JsonPart
    parts: Mapping[str, JsonPart]
    repair: bool = False
