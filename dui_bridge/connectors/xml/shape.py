"""What the mapping engine must know of an XML source."""

from __future__ import annotations

from collections.abc import Mapping

from dui_bridge.connectors.wire.objects import top_level
from dui_bridge.connectors.xml.settings import XmlList, XmlSettings
from dui_bridge.mappings.shape import AliasShape, SourceShape


def shape_of(settings: XmlSettings, columns: Mapping[str, tuple[str, ...]] | None) -> SourceShape:
    """The elements as a tree of aliases.

    Args:
        columns: top-level names by alias, as an export shows them; None when there is none at hand.
    """
    known = columns or {}
    parts = (settings.root, *settings.parts.values())
    return SourceShape(
        settings.root.alias, {part.alias: _alias(part, settings, known.get(part.alias, ())) for part in parts}
    )


def _alias(part: XmlList, settings: XmlSettings, seen: tuple[str, ...]) -> AliasShape:
    is_root = part is settings.root
    inner = {inside.path[0] for inside in settings.parts.values() if is_root}
    return AliasShape(
        name=part.alias,
        file=settings.file,
        place=part.place,
        parent=None if is_root else settings.root.alias,
        columns=tuple(dict.fromkeys((*part.columns, *seen))) or None,
        key=(part.key,) if part.key else (),
        keep_last_by=part.keep_last_by,
        used=part.structure | inner | (set(settings.above) if is_root else set()),
        ignored=part.ignored,
        forbidden=top_level(part.forbidden),
        inside=f"{'.'.join(part.path)}[]" if part.path else "",
    )
