"""The keys of a site file whose part is not built yet: accepted, and said to have no effect."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dui_bridge.declared import Mapping, Node, Sequence
from dui_bridge.findings import Finding, Place
from dui_bridge.site.rules import NO_EFFECT


@dataclass(frozen=True, slots=True)
class Unbuilt:
    """Keys, as dotted paths (`*`: any name or any item of a list), and the part that would read them."""

    keys: tuple[str, ...]
    part: str
    part_fr: str


UNBUILT: Final = (
    Unbuilt(("alerts", "establishments.*.contact"), "alerting", "l'alerte"),
    Unbuilt(("operators",), "the roles of operators", "la gestion des rôles"),
)


def without_effect(root: Node) -> Iterator[Finding]:
    """One finding at each key of the tree that has no effect yet. A destination counts under its kind."""
    for unbuilt in UNBUILT:
        for pattern in unbuilt.keys:
            for key, at in _matches(root, pattern.split("."), ""):
                yield Finding(NO_EFFECT, at, {"key": key, "part": unbuilt.part, "part_fr": unbuilt.part_fr})


def _matches(node: Node, pattern: list[str], parent: str) -> Iterator[tuple[str, Place]]:
    """The dotted key and the place of each key that the pattern names."""
    if isinstance(node, Sequence):
        if pattern[0] == "*":
            for number, item in enumerate(node):
                yield from _matches(item, pattern[1:], f"{parent}[{number}]")
        return
    if not isinstance(node, Mapping):
        return
    for name, at, value in node.items():
        shown = f"{parent}.{name}" if parent else name
        if pattern[0] not in ("*", _kind(value, name) if parent == "destinations" else name):
            continue
        if len(pattern) == 1:
            yield shown, at
        else:
            yield from _matches(value, pattern[1:], shown)


def _kind(destination: Node, name: str) -> str:
    kind = destination.get("kind") if isinstance(destination, Mapping) else None
    return str(getattr(kind, "text", name))
