"""What a mapping declares of its XML files, typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.findings import Place


@dataclass(frozen=True, slots=True)
class XmlList:
    """The usagers, or a list of elements inside a usager's own.

    Args:
        alias: the name that the mapping gives it.
        place: where the mapping declares it.
        path: the elements that lead to it from the usager's own; empty for the usagers.
        key: the attribute or child that identifies an element; None when nothing does.
        keep_last_by: which of several elements of one key counts; applied by the mapping engine.
        columns: names that elements may have, whether an export shows them or not.
        ignored: names that no mapping may use.
        forbidden: dotted paths that never enter a row.
    """

    alias: str
    place: Place
    path: tuple[str, ...] = ()
    key: str | None = None
    keep_last_by: str | None = None
    columns: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()

    @property
    def structure(self) -> frozenset[str]:
        """The names that the source itself needs."""
        return frozenset(name for name in (self.key, self.keep_last_by) if name is not None)


@dataclass(frozen=True, slots=True)
class XmlSettings:
    """The `source.xml` part of a mapping.

    Args:
        file: a name, or a pattern of names with `*`, below the export folder.
        encoding: Python's canonical name, which wins over what the file says of itself; None to believe the file.
        folder: the pattern of dated sub-folders (`AAAAMMJJ`), None when the files stand in the folder itself.
        complete: None when an export is always complete.
        each: the element of one usager, without prefix.
        root: its alias, key and columns.
        parts: the lists inside it, by alias.
        lists: elements that are always lists, even when one stands alone.
        marker: what stands before the name of an attribute: nothing, or `@`.
        above: elements around the usager's own whose attributes he gets, under their name.
        repair: what is mended before the parser reads: `html_entities`, `bare_ampersand`, `doctype`.
        double_utf8: whether double UTF-8 is repaired too.
    """

    file: str
    encoding: str | None
    folder: str | None
    complete: Complete | None
    each: str
    root: XmlList
    parts: Mapping[str, XmlList]
    lists: frozenset[str] = frozenset()
    marker: str = ""
    above: tuple[str, ...] = ()
    repair: frozenset[str] = frozenset()
    double_utf8: bool = False
