"""Reads the parts of a declaration that sources have in common, one finding per mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import timedelta
from typing import Final

from dui_bridge.connectors.wire import export_rules, object_rules
from dui_bridge.connectors.wire.encodings import canonical
from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.connectors.wire.template import columns_of
from dui_bridge.declared import Mapping, Node, Problems, Scalar, Sequence
from dui_bridge.declared.nodes import Entry
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
    """One name or a list of names, which is not empty when it is given."""
    node = section.get(key)
    if node is None:
        return ()
    found = [text(item, problems) for item in (node if isinstance(node, Sequence) else (node,))]
    if not found:
        problems.expected("a list of names", "une liste de noms", node.place)
    return tuple(name for name in found if name is not None)


def place_of(section: Mapping, key: str) -> Place:
    """Where the value of a key stands; the map itself when it is not given."""
    node = section.get(key)
    return node.place if node is not None else section.place


def with_each(
    node: Node, problems: Problems, known: Iterable[str], key: str = "each"
) -> tuple[Mapping, str, Place] | None:
    """A map of keys, the text of the one that it cannot do without, and its place."""
    section = read_map(node, problems, known)
    if section is None:
        return None
    each = text_of(section, key, problems)
    if each is None:
        problems.missing_key(key, section.place)
        return None
    return section, each, place_of(section, key)


def below(node: Node | None, known: Iterable[str], short: str, problems: Problems) -> dict[str, tuple[Place, Mapping]]:
    """The lists below the usagers: a map by alias, or one path whose last word gives the alias.

    Args:
        known: the keys of one list.
        short: the key that a list written as one text stands for.
    """
    if node is None:
        return {}
    if isinstance(node, Scalar):
        alias = alias_of(node.text or "")
        return {alias: (node.place, _short(node, short))} if alias else {}
    section = read_map(node, problems, None)
    found = {}
    for alias, place, value in section.items() if section is not None else ():
        check_alias(alias, place, problems)
        part = _short(value, short) if isinstance(value, Scalar) else read_map(value, problems, known)
        if part is not None:
            found[alias] = (place, part)
    return found


def _short(node: Scalar, key: str) -> Mapping:
    return Mapping(node.place, {key: Entry(node.place, node)})


def check_alias(alias: str, at: Place, problems: Problems, taken: Collection[str] = (ITEMS,)) -> None:
    """A name that something else already has cannot name a list."""
    if alias in taken:
        problems.add(object_rules.RESERVED_ALIAS, at, alias=alias)


def root_alias(
    named: str | None, tops: Collection[str], above: Collection[str | None], rule: Rule, at: Place, problems: Problems
) -> str | None:
    """The alias with one row per usager: the one named, else the only one at the top that has children or stands alone.

    Args:
        named: what `usager: {each: …}` says.
        tops: the aliases that may be it.
        above: the aliases that have children.
        rule: says that it cannot be told.
    """
    if named is not None:
        if named in tops:
            return named
        choice, choice_fr = f": not {named}", f" : pas {named}"
    else:
        likely = [alias for alias in tops if alias in above] or list(tops)
        if len(likely) == 1:
            return likely[0]
        names = ", ".join(likely)
        choice, choice_fr = (f": {names}?", f" : {names} ?") if names else ("", "")
    problems.add(rule, at, choice=choice, choice_fr=choice_fr)
    return None


def encoding(section: Mapping, known: Collection[str], problems: Problems) -> str | None:
    """Python's canonical name of the `encoding`; None when it is not given, or after a finding."""
    name = text_of(section, "encoding", problems)
    if name is None:
        return None
    found = canonical(name, known)
    if found is None:
        unknown(export_rules.ENCODING, place_of(section, "encoding"), name, known, problems)
    return found


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
    """What the source needs, or what is listed as ignored, cannot be forbidden. `forbidden`: names, not paths."""
    for column in dict.fromkeys(needed):
        if column in forbidden:
            problems.add(object_rules.FORBIDDEN_USED, at, column=column, alias=alias)


def unknown(rule: Rule, at: Place, name: str, known: Iterable[str], problems: Problems, alias: str = "") -> None:
    """A name that is not one of those known, with the one that was probably meant."""
    names = list(known)
    near, near_fr = did_you_mean(name, names), did_you_mean(name, names, "fr")
    problems.add(rule, at, name=name, near=near, near_fr=near_fr, alias=alias)


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
            problems.add(object_rules.REPAIR, place_of(section, "repair"), name=name)
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
        problems.add(export_rules.FOLDER, place_of(section, "folder"), pattern=pattern)
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
            problems.add(export_rules.DURATION, place_of(section, "or_stable_for"), text=wait)
        else:
            stable_for = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if marker is not None:
        marker = inside(marker, place_of(section, "file"), problems)
    return Complete(marker, stable_for)
