"""Reads the parts of a declaration that sources have in common, one finding per mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from dui_bridge.connectors.wire import export_rules, object_rules
from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.connectors.wire.objects import forbidden_paths
from dui_bridge.connectors.wire.template import columns_of
from dui_bridge.declared import Mapping, Node, Problems, Scalar, Sequence
from dui_bridge.findings import Place, Rule, did_you_mean

DOUBLE_UTF8: Final = "double_utf8"
ITEMS: Final = "items"
_UNITS: Final = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_DRIVE: Final = re.compile(r"^[A-Za-z]:")


def read_map(node: Node | None, problems: Problems, known: Iterable[str] | None) -> Mapping | None:
    """A map, its unknown keys told; None when there is none."""
    if node is None:
        return None
    if not isinstance(node, Mapping):
        problems.expected("a map of keys", "des clés et leurs valeurs", node.place)
        return None
    for key, place, _ in node.items():
        if known is not None and key not in known:
            problems.unknown_key(key, place, known)
    return node


def text(node: Node, problems: Problems) -> str | None:
    """One text that is not blank."""
    if isinstance(node, Scalar) and node.text:
        return node.text
    problems.expected("one text", "un texte", node.place)
    return None


def text_of(section: Mapping, key: str, problems: Problems) -> str | None:
    """The text of a key, None when it is not given."""
    node = section.get(key)
    return None if node is None else text(node, problems)


def names_of(section: Mapping, key: str, problems: Problems) -> tuple[str, ...]:
    """One name or a list of names."""
    node = section.get(key)
    if node is None:
        return ()
    found = [text(item, problems) for item in (node if isinstance(node, Sequence) else (node,))]
    return tuple(name for name in found if name is not None)


def by_alias(section: Mapping, key: str, aliases: Collection[str], problems: Problems) -> dict[str, tuple[str, ...]]:
    """Alias → names."""
    part = read_map(section.get(key), problems, None)
    if part is None:
        return {}
    for alias, place, _ in part.items():
        if alias not in aliases:
            unknown(object_rules.UNKNOWN_ALIAS, place, alias, aliases, problems)
    return {alias: names_of(part, alias, problems) for alias in part.entries}


def check_forbidden(
    alias: str, forbidden: Collection[str], needed: Iterable[str], at: Place, problems: Problems
) -> None:
    """What the source needs, or what is listed as ignored, cannot be forbidden."""
    tops = {path[0] for path in forbidden_paths(forbidden) if len(path) == 1}
    for column in dict.fromkeys(needed):
        if column in tops:
            problems.add(object_rules.FORBIDDEN_USED, at, column=column, alias=alias)


def unknown(rule: Rule, at: Place, name: str, known: Iterable[str], problems: Problems) -> None:
    """A name that is not one of those known, with the one that was probably meant."""
    names = list(known)
    problems.add(rule, at, name=name, near=did_you_mean(name, names), near_fr=did_you_mean(name, names, "fr"))


def alias_of(path: str) -> str:
    """`documents` for `/residents/{id}/documents` or `documents/{id}.json`: the last part that names something."""
    named = [part.split(".")[0] for part in path.replace("[]", "").split("/") if part and "{" not in part]
    return named[-1] if named else ""


def template_columns(path: str, at: Place, problems: Problems) -> tuple[str, ...]:
    """The columns between braces."""
    columns = columns_of(path)
    if columns is None:
        problems.add(object_rules.TEMPLATE, at, text=path)
    return columns or ()


def list_path(path: str, at: Place, problems: Problems) -> tuple[str, ...]:
    """`data.residents[]` as the keys that lead to the list."""
    if not path.endswith("[]") or "[" in path[:-2] or (path != "[]" and not all(path[:-2].split("."))):
        problems.add(object_rules.LIST_PATH, at, text=path)
        return ()
    return tuple(path[:-2].split(".")) if path != "[]" else ()


def keep_of(node: Node | None, problems: Problems) -> str | None:
    """The column of `keep: {last_by: COLUMN}`."""
    section = read_map(node, problems, ("last_by",))
    if section is None:
        return None
    if "last_by" not in section:
        problems.missing_key("last_by", section.place)
    return text_of(section, "last_by", problems)


def repairs(section: Mapping, problems: Problems) -> bool:
    """Whether `repair` asks for double UTF-8."""
    found = names_of(section, "repair", problems)
    for name in found:
        if name != DOUBLE_UTF8:
            problems.add(object_rules.REPAIR, section.entries["repair"].place, name=name)
    return DOUBLE_UTF8 in found


def inside(path: str, at: Place, problems: Problems) -> str:
    """A path below the export folder, with `/`."""
    parts = path.replace("\\", "/").split("/")
    if _DRIVE.match(path) or "\0" in path or any(part in ("", ".", "..") for part in parts):
        problems.add(export_rules.ESCAPES, at, path=path)
    return "/".join(parts)


def dated_folder(section: Mapping, problems: Problems) -> str | None:
    """The pattern of dated sub-folders."""
    pattern = text_of(section, "folder", problems)
    if pattern is not None and (
        any(pattern.count(part) != 1 for part in ("AAAA", "MM", "JJ")) or set(pattern) & set("/\\")
    ):
        problems.add(export_rules.FOLDER, section.entries["folder"].place, pattern=pattern)
    return pattern


def complete(node: Node | None, problems: Problems) -> Complete | None:
    """When an export may be read."""
    section = read_map(node, problems, ("file", "or_stable_for"))
    if section is None:
        return None
    marker, wait = (text_of(section, key, problems) for key in ("file", "or_stable_for"))
    if marker is None and wait is None:
        problems.missing_key("file", section.place)
    stable_for = None
    if wait is not None:
        found = re.fullmatch(r"(\d{1,6}) ?(s|min|h|d)", wait)
        if found is None:
            problems.add(export_rules.DURATION, section.entries["or_stable_for"].place, text=wait)
        else:
            stable_for = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if marker is not None:
        marker = inside(marker, section.entries["file"].place, problems)
    return Complete(marker, stable_for)
