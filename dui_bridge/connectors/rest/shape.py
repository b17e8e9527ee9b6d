"""What the mapping engine must know of a REST source."""

from __future__ import annotations

from collections.abc import Mapping

from dui_bridge.connectors.rest.settings import RestList, RestSettings
from dui_bridge.connectors.wire.objects import top_level
from dui_bridge.mappings.shape import AliasShape, SourceShape


def shape_of(settings: RestSettings, columns: Mapping[str, tuple[str, ...]] | None) -> SourceShape:
    """The lists as a tree of aliases.

    Args:
        columns: top-level keys by alias, as answers show them; None when there is none at hand.
    """
    known = columns or {}

    def alias(part: RestList) -> AliasShape:
        return AliasShape(
            name=part.alias,
            file=part.label,
            place=part.place,
            parent=None if part is settings.root else settings.root.alias,
            columns=tuple(dict.fromkeys((*part.columns, *known.get(part.alias, ())))) or None,
            key=(part.key,),
            used=part.structure | settings.content_keys(part.alias),
            ignored=part.ignored,
            forbidden=top_level(part.forbidden),
        )

    return SourceShape(
        settings.root.alias, {part.alias: alias(part) for part in (settings.root, *settings.parts.values())}
    )
