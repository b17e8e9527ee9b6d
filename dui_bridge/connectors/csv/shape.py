"""What the mapping engine needs to know of a CSV source."""

from __future__ import annotations

from collections.abc import Mapping

from dui_bridge.connectors.csv.settings import CsvSettings
from dui_bridge.mappings.shape import AliasShape, SourceShape


def shape_of(settings: CsvSettings, columns: Mapping[str, tuple[str, ...]] | None) -> SourceShape:
    """The aliases of a source; `columns`: the header lines by alias, when an export is at hand."""
    aliases = {}
    for name, file in settings.files.items():
        known = columns.get(name) if columns is not None else None
        aliases[name] = AliasShape(
            name=name,
            file=file.file,
            place=file.place,
            parent=file.of,
            is_reference=name in settings.references,
            columns=known or file.columns,
            key=file.key,
            keep_last_by=file.keep_last_by,
            used=frozenset(file.structure()),
            pivot=file.pivot or (),
            ignored=file.ignored,
            forbidden=file.forbidden,
        )
    return SourceShape(settings.root, aliases)
