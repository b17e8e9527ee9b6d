"""Reads YAML by PyYAML's composer: nodes with places, no tags resolved, nothing constructed.

Bounded: a file above 2 MB is refused, aliases are refused (so that a small file cannot unfold into a large one), depth
is bounded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dui_bridge.declared.nodes import Entry, Mapping, Node, Scalar, Sequence
from dui_bridge.declared.problems import ALIAS, NOT_TEXT, SYNTAX, TOO_LARGE, TWICE, Problems
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Place

MAX_BYTES = 2_000_000
MAX_DEPTH = 60
_NULL = {"", "~", "null", "Null", "NULL"}
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load(path: Path, name: str | None = None) -> Node:
    """The tree of a file.

    Args:
        path: the file.
        name: how findings call it; the file's own name by default.
    Raises:
        FileUnusable: it cannot be opened.
        DeclarationInvalid: it is not YAML of the kind read here.
    """
    shown = name or path.name
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
    if len(data) > MAX_BYTES:
        problems = Problems(shown)
        problems.add(TOO_LARGE, Place(shown, 1), limit="2 MB")
        problems.check()
    return loads(data, shown)


def loads(data: bytes | str, name: str) -> Node:
    """The tree of a text; `name` is how findings call it. Raises DeclarationInvalid."""
    problems = Problems(name)
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data
        _check_events(text, name, problems)
        root = yaml.compose(text, Loader=_Loader)
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1 if isinstance(data, bytes) else 1
        problems.add(NOT_TEXT, Place(name, line), reason=f"byte {error.start}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = _place(name, mark) if mark is not None else Place(name, 1)
        problems.add(SYNTAX, at, reason=" ".join(str(part) for part in (error.context, error.problem) if part))
    except yaml.YAMLError as error:
        problems.add(SYNTAX, Place(name, 1), reason=str(error).splitlines()[0])
    else:
        node = _convert(root, name, problems) if root is not None else Mapping(Place(name, 1), {})
        problems.check()
        return node
    problems.check()
    raise AssertionError("unreachable: a finding was added")


def _check_events(text: str, name: str, problems: Problems) -> None:
    """Refuses aliases, tags and deep nesting on the flat stream of events, before anything recursive runs."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        named = getattr(event, "anchor", None) is not None or getattr(event, "tag", None) is not None
        if isinstance(event, yaml.AliasEvent) or named:
            problems.add(ALIAS, _place(name, event.start_mark))
            problems.check()
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                problems.add(SYNTAX, _place(name, event.start_mark), reason="nested too deeply")
                problems.check()
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _place(name: str, mark: Any) -> Place:
    return Place(name, mark.line + 1, mark.column + 1)


def _convert(node: yaml.Node, name: str, problems: Problems) -> Node:
    at = _place(name, node.start_mark)
    if isinstance(node, yaml.ScalarNode):
        is_null = not node.style and node.value in _NULL  # the C loader says "" for a plain scalar
        return Scalar(at, None if is_null else str(node.value))
    if isinstance(node, yaml.SequenceNode):
        return Sequence(at, tuple(_convert(item, name, problems) for item in node.value))
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        key_at = _place(name, key_node.start_mark)
        if not isinstance(key_node, yaml.ScalarNode):
            problems.expected("a key that is a single word", "une clé simple", key_at)
            continue
        key = str(key_node.value)
        if key in entries:
            problems.add(TWICE, key_at, key=key)
            continue
        entries[key] = Entry(key_at, _convert(value_node, name, problems))
    return Mapping(at, entries)
