"""The tree of a declared file.

A scalar is always text as written (`010770054` stays nine characters, `no` stays `no`); only a plain `null`, `~` or
nothing is null. Typing is the reader's business.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from dui_bridge.findings import Place

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. `text` is None for null."""

    place: Place
    text: str | None


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    place: Place
    items: tuple[Node, ...]

    def __iter__(self) -> Iterator[Node]:
        return iter(self.items)


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a map with the place of the key, and its value."""

    place: Place
    value: Node


@dataclass(frozen=True, slots=True)
class Mapping:
    """A map; keys are unique (a repeated key is refused while reading)."""

    place: Place
    entries: dict[str, Entry]

    def __contains__(self, key: str) -> bool:
        return key in self.entries

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return entry.value if entry is not None else None

    def items(self) -> Iterator[tuple[str, Place, Node]]:
        """Key, place of the key, value, in the order of the file."""
        for key, entry in self.entries.items():
            yield key, entry.place, entry.value


Node: TypeAlias = Scalar | Sequence | Mapping


def merge(base: Node, over: Node) -> Node:
    """`over` laid on `base`: maps merge by key, lists and scalars replace, `null` removes.

    Every node keeps its own place, so that a finding names the file that won.
    """
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    entries = dict(base.entries)
    for key, entry in over.entries.items():
        if isinstance(entry.value, Scalar) and entry.value.text is None:
            entries.pop(key, None)
        elif key in entries:
            entries[key] = Entry(entry.place, merge(entries[key].value, entry.value))
        else:
            entries[key] = entry
    return Mapping(over.place, entries)


def plain(node: Node) -> Plain:
    """The tree without places."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, _, value in node.items()}
