"""Reads the `source.json` part of a mapping into `JsonSettings`, one finding per mistake."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from dui_bridge.connectors.json import errors
from dui_bridge.connectors.json.settings import JsonPart, JsonSettings
from dui_bridge.connectors.wire import declaration as shared
from dui_bridge.connectors.wire import object_rules
from dui_bridge.connectors.wire.objects import top_level
from dui_bridge.declared import Mapping, Node, Problems, Scalar
from dui_bridge.findings import Place

KEYS: Final = (
    *("encoding", "folder", "complete", "file", "each", "key", "then"),
    *("columns", "ignored", "forbidden", "repair"),
)
PART_KEYS: Final = ("file", "each", "key", "on", "if_missing", "keep")
ENCODINGS: Final = ("utf-8", "utf-16", "cp1252", "iso8859-1", "iso8859-15")
_DEFAULT_KEY: Final = "id"


def parse_settings(node: Node, problems: Problems, root: str | None = None) -> JsonSettings | None:
    """The typed form of a mapping's `source.json`; None when there was an error.

    Args:
        node: the map under `source.json`.
        problems: collects the findings.
        root: the alias that `usager: {each: …}` names; it must be the name of the list in `each`.
    """
    before = len(problems.findings)
    found = shared.with_each(node, problems, KEYS)
    if found is None:
        return None
    section, each, at = found
    path = shared.list_path(each, at, problems)
    file = shared.text_of(section, "file", problems)
    name = path[-1] if path else shared.alias_of(file or "") or "usagers"
    alias = _root_alias(root, name, at, problems)
    then = shared.below(section.get("then"), PART_KEYS, "file", problems)
    aliases = (alias, *then)
    columns, ignored, forbidden = (
        shared.by_alias(section, key, aliases, problems) for key in ("columns", "ignored", "forbidden")
    )

    def part(alias: str, place: Place, declared: Mapping, default: str) -> JsonPart:
        made = _part(alias, place, declared, default, problems)
        lists = {key: by.get(alias, ()) for key, by in (("ignored", ignored), ("forbidden", forbidden))}
        needed = (*made.structure, *lists["ignored"], *(made.path[:1] if made.is_inside else ()))
        shared.check_forbidden(alias, top_level(lists["forbidden"]), needed, made.place, problems)
        return replace(
            made,
            columns=columns.get(alias, ()),
            ignored=frozenset(lists["ignored"]),
            forbidden=frozenset(lists["forbidden"]),
        )

    own = {key: entry for key, entry in section.entries.items() if key in ("file", "each", "key")}
    made_root = part(alias, section.place, Mapping(section.place, own), f"{name}.json")
    parts = {alias: part(alias, place, declared, "") for alias, (place, declared) in then.items()}
    settings = JsonSettings(
        shared.encoding(section, ENCODINGS, problems) or "utf-8",
        shared.dated_folder(section, problems),
        shared.complete(section.get("complete"), problems),
        made_root,
        parts,
        shared.repairs(section, problems),
    )
    return None if any(finding.is_error for finding in problems.findings[before:]) else settings


def _root_alias(root: str | None, name: str, at: Place, problems: Problems) -> str:
    if root is not None and root != name:
        shared.unknown(object_rules.UNKNOWN_ALIAS, at, root, (name,), problems)
    return name


def _part(alias: str, place: Place, part: Mapping, default: str, problems: Problems) -> JsonPart:
    file = shared.text_of(part, "file", problems) or default
    if file:
        at = part.entries["file"].value.place if "file" in part else part.place
        file = shared.inside(file, at, problems)
        columns = shared.template_columns(file, at, problems)
    else:
        columns = ()
    each = shared.text_of(part, "each", problems)
    if each is not None:
        path = shared.list_path(each, part.entries["each"].value.place, problems)
    else:
        path = (alias,)
        if not file:
            problems.missing_key("each", part.place)
    on = shared.text_of(part, "on", problems)
    is_below = not default
    if (is_below and file and bool(on) == bool(columns)) or (not file and on) or (not is_below and columns):
        problems.add(errors.ON_OR_BRACES, part.place)
    missing = part.get("if_missing")
    if missing is not None and (not isinstance(missing, Scalar) or missing.text not in ("none", "refuse")):
        problems.expected("none or refuse", "none ou refuse", missing.place)
    return JsonPart(
        alias,
        place,
        file,
        path,
        shared.text_of(part, "key", problems) or (None if is_below else _DEFAULT_KEY),
        on,
        isinstance(missing, Scalar) and missing.text == "none",
        shared.keep_of(part.get("keep"), problems),
    )
