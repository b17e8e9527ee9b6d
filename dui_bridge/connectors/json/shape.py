"""What the mapping engine must know of a JSON source."""

from __future__ import annotations

from collections.abc import Mapping

from dui_bridge.connectors.json.settings import JsonPart, JsonSettings
from dui_bridge.connectors.wire.objects import top_level
from dui_bridge.mappings.shape import AliasShape, SourceShape


def shape_of(settings: JsonSettings, columns: Mapping[str, tuple[str, ...]] | None) -> SourceShape:
    """The lists as a tree of aliases.

    Args:
        columns: top-level keys by alias, as an export shows them; None when there is none at hand.
    """
    parts = (settings.root, *settings.parts.values())
    known = columns or {}
    return SourceShape(
        settings.root.alias, {part.alias: _alias(part, settings, known.get(part.alias, ())) for part in parts}
    )


def _alias(part: JsonPart, settings: JsonSettings, seen: tuple[str, ...]) -> AliasShape:
    is_root = part is settings.root
    inner = {inside.path[0] for inside in settings.parts.values() if is_root and inside.is_inside and inside.path}
    return AliasShape(
        name=part.alias,
        file=part.file or settings.root.file,
        place=part.place,
        parent=None if is_root else settings.root.alias,
        columns=tuple(dict.fromkeys((*part.columns, *seen))) or None,
        key=(part.key,) if part.key else (),
        keep_last_by=part.keep_last_by,
        used=part.structure | inner,
        ignored=part.ignored,
        forbidden=top_level(part.forbidden),
        inside=f"{'.'.join(part.path)}[]" if part.path and part.is_inside else "",
    )
