"""Reads the `source.xml` part of a mapping into `XmlSettings`, one finding per mistake."""

from __future__ import annotations

import re
from typing import Final

from dui_bridge.connectors.wire import declaration as shared
from dui_bridge.connectors.wire import object_rules
from dui_bridge.connectors.wire.objects import top_level
from dui_bridge.connectors.xml import errors
from dui_bridge.connectors.xml.repairs import REPAIRS
from dui_bridge.connectors.xml.settings import XmlList, XmlSettings
from dui_bridge.connectors.xml.text import ENCODINGS
from dui_bridge.declared import Mapping, Node, Problems
from dui_bridge.findings import Place

KEYS: Final = (
    *("file", "encoding", "folder", "complete", "each", "key", "then", "lists", "attributes", "above", "repair"),
    *("columns", "ignored", "forbidden"),
)
PART_KEYS: Final = ("each", "key", "keep")
ATTRIBUTES: Final = {"plain": "", "at": "@"}
_DEFAULT_FILE: Final = "*.xml"
_DEFAULT_KEY: Final = "num"
_NAME: Final = re.compile(r"[^\W\d][\w.·-]*")
_Names = dict[str, tuple[str, ...]]


def parse_settings(node: Node, problems: Problems, root: str | None = None) -> XmlSettings | None:
    """The typed form of a mapping's `source.xml`; None when there was an error.

    Args:
        node: the map under `source.xml`.
        problems: collects the findings.
        root: the alias that `usager: {each: …}` names; it must be the element in `each`.
    """
    before = len(problems.findings)
    found = shared.with_each(node, problems, KEYS)
    if found is None:
        return None
    section, each, at = found
    _element(each, at, problems)
    if root is not None and root != each:
        shared.unknown(object_rules.UNKNOWN_ALIAS, at, root, (each,), problems)
    marker = _marker(section, problems)
    then = shared.read_map(section.get("then"), problems, None)
    aliases = (each, *(then.entries if then is not None else ()))
    by: dict[str, _Names] = {
        key: shared.by_alias(section, key, aliases, problems) for key in ("columns", "ignored", "forbidden")
    }
    parts = _then(then, each, by, problems)
    lists = shared.names_of(section, "lists", problems)
    above = shared.names_of(section, "above", problems)
    for key, names in (("lists", lists), ("above", above)):
        for name in names:
            _element(name, section.entries[key].value.place, problems)
    key = shared.text_of(section, "key", problems) or f"{marker}{_DEFAULT_KEY}"
    made = _list(XmlList(each, section.place, key=key), by, above, problems)
    inner = frozenset(part.path[-1] for part in parts.values() if part.path)
    repair, double_utf8 = _repair(section, problems)
    settings = XmlSettings(
        _file(section, problems),
        shared.encoding(section, ENCODINGS, problems),
        shared.dated_folder(section, problems),
        shared.complete(section.get("complete"), problems),
        each,
        made,
        parts,
        frozenset(lists) | inner,
        marker,
        above,
        repair,
        double_utf8,
    )
    return None if any(finding.is_error for finding in problems.findings[before:]) else settings


def _element(name: str, at: Place, problems: Problems) -> None:
    if not _NAME.fullmatch(name):
        problems.add(errors.NAME, at, name=name)


def _marker(section: Mapping, problems: Problems) -> str:
    said = shared.text_of(section, "attributes", problems) or "plain"
    if said not in ATTRIBUTES:
        problems.expected("plain or at", "plain ou at", section.entries["attributes"].value.place)
    return ATTRIBUTES.get(said, "")


def _file(section: Mapping, problems: Problems) -> str:
    name = shared.text_of(section, "file", problems)
    if name is None:
        return _DEFAULT_FILE
    at = section.entries["file"].value.place
    file = shared.inside(name, at, problems)
    if "*" in file and "/" in file:
        problems.expected("a pattern of names, without folder", "un modèle de noms, sans dossier", at)
    return file


def _repair(section: Mapping, problems: Problems) -> tuple[frozenset[str], bool]:
    known = (*REPAIRS, shared.DOUBLE_UTF8)
    found = shared.names_of(section, "repair", problems)
    for name in found:
        if name not in known:
            shared.unknown(errors.REPAIR, section.entries["repair"].value.place, name, known, problems)
    return frozenset(found).intersection(REPAIRS), shared.DOUBLE_UTF8 in found


def _then(then: Mapping | None, each: str, by: dict[str, _Names], problems: Problems) -> dict[str, XmlList]:
    """The lists inside a usager's element."""
    found: dict[str, XmlList] = {}
    for alias, place, value in then.items() if then is not None else ():
        shared.check_alias(alias, place, problems, (shared.ITEMS, each))
        declared = shared.with_each(value, problems, PART_KEYS)
        if declared is None:
            continue
        part, text, at = declared
        path = shared.list_path(text, at, problems)
        keep = shared.keep_of(part.get("keep"), problems)
        made = XmlList(alias, place, path, shared.text_of(part, "key", problems), keep)
        if path:
            found[alias] = _list(made, by, (), problems)
    return found


def _list(made: XmlList, by: dict[str, _Names], needed: tuple[str, ...], problems: Problems) -> XmlList:
    """The list with what the mapping says of its names."""
    columns, ignored, forbidden = (by[key].get(made.alias, ()) for key in ("columns", "ignored", "forbidden"))
    shared.check_forbidden(made.alias, top_level(forbidden), (*made.structure, *ignored, *needed), made.place, problems)
    return XmlList(
        made.alias,
        made.place,
        made.path,
        made.key,
        made.keep_last_by,
        columns,
        frozenset(ignored),
        frozenset(forbidden),
    )
