"""What the mapping engine must know of a database."""

from __future__ import annotations

from collections.abc import Mapping

from dui_bridge.connectors.sql.settings import SqlSettings
from dui_bridge.mappings.shape import AliasShape, SourceShape


def shape_of(settings: SqlSettings, columns: Mapping[str, tuple[str, ...]] | None) -> SourceShape:
    """The queries as a tree of aliases.

    Args:
        columns: by alias, as the database gives them; None when it was not asked.
    """
    known = columns or {}
    aliases = {}
    for name, query in settings.queries.items():
        found = known.get(name) or query.columns
        key = query.key or (found[0] if found and name == settings.root else None)
        aliases[name] = AliasShape(
            name=name,
            file=name,
            place=query.place,
            parent=query.of,
            is_reference=settings.is_reference(name),
            columns=found,
            key=(key,) if key else (),
            keep_last_by=query.keep_last_by,
            used=query.structure | ({key} if key else set()),
            ignored=query.ignored,
            forbidden=query.forbidden,
        )
    return SourceShape(settings.root, aliases)
