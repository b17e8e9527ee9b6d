"""Reads the `source.rest` part of a mapping into `RestSettings`, one finding per mistake."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

from dui_bridge.connectors.rest import errors
from dui_bridge.connectors.rest.access import is_safe
from dui_bridge.connectors.rest.cursor import DAYS, EVERY_DAY
from dui_bridge.connectors.rest.settings import (
    ClientCredentials,
    Content,
    Deleted,
    Paging,
    RestList,
    RestSettings,
    SecretRef,
)
from dui_bridge.connectors.wire import declaration as shared
from dui_bridge.connectors.wire import object_rules
from dui_bridge.connectors.wire.objects import top_level
from dui_bridge.declared import Mapping, Node, Problems, Scalar
from dui_bridge.findings import Place

KEYS: Final = (
    *("base", "auth", "each", "items", "key", "keep", "page", "then", "cursor", "full_every", "content", "deleted"),
    *("columns", "ignored", "forbidden", "repair"),
)
PART_KEYS: Final = ("path", "items", "key", "keep", "deleted")
PAGE_KEYS: Final = ("cursor", "as", "size", "size_as", "total", "ignored")
AUTH_KEYS: Final = ("token_url", "client_id", "client_secret", "scope")
CONTENT_KEYS: Final = ("of", "url", "sha256", "hosts")
LEFT_TO_THE_SITE: Final = ("site", "...")
_DEFAULT_PAGE: Final = Paging()
_DEFAULT_DAY: Final = "sunday"
_ENV: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def parse_settings(node: Node, problems: Problems, root: str | None = None) -> RestSettings | None:
    """The typed form of a mapping's `source.rest`; None when there was an error.

    Args:
        node: the map under `source.rest`.
        problems: collects the findings.
        root: the alias that `usager: {each: …}` names; it must be the last word of the path in `each`.
    """
    before = len(problems.findings)
    section = shared.read_map(node, problems, KEYS)
    if section is None:
        return None
    each = section.get("each")
    if each is None:
        problems.missing_key("each", section.place)
        return None
    own = {"path": section.entries["each"], **{key: section.entries[key] for key in PART_KEYS[1:] if key in section}}
    made_root = _part("", section.place, Mapping(section.place, own), problems)
    if root is not None and made_root.alias != root:
        shared.unknown(object_rules.UNKNOWN_ALIAS, each.place, root, (made_root.alias,), problems)
    then = shared.below(section.get("then"), PART_KEYS, "path", problems)
    parts = {alias: _part(alias, place, part, problems) for alias, (place, part) in then.items()}
    lists = _with_columns(made_root, parts, section, problems)
    settings = RestSettings(
        _address(section, "base", problems),
        parse_auth(section.get("auth"), problems),
        lists.pop(made_root.alias, made_root),
        lists,
        _page(section.get("page"), problems),
        shared.text_of(section, "cursor", problems),
        _day(section, problems),
        _content(section.get("content"), tuple(parts), problems),
        shared.repairs(section, problems),
    )
    return None if any(finding.is_error for finding in problems.findings[before:]) else settings


def parse_auth(node: Node | None, problems: Problems) -> ClientCredentials | None:
    """How the DUI lets us in, in a mapping or in a site file; None when it is left to the site, or after a finding."""
    if node is None or (isinstance(node, Scalar) and node.text in LEFT_TO_THE_SITE):
        return None
    outer = shared.read_map(node, problems, ("client_credentials",))
    if outer is None:
        return None
    section = shared.read_map(outer.get("client_credentials"), problems, AUTH_KEYS)
    if section is None:
        problems.missing_key("client_credentials", outer.place)
        return None
    for key in AUTH_KEYS[:3]:
        if key not in section:
            problems.missing_key(key, section.place)
    return ClientCredentials(
        _address(section, "token_url", problems, or_path=True) or "",
        _secret(section.get("client_id"), problems),
        _secret(section.get("client_secret"), problems),
        shared.text_of(section, "scope", problems),
    )


def _secret(node: Node | None, problems: Problems) -> SecretRef:
    if node is None:
        return SecretRef()
    section = node if isinstance(node, Mapping) else None
    if section is None or len(section.entries) != 1 or not set(section.entries) <= {"env", "file"}:
        problems.add(errors.SECRET, node.place)  # without the text: it may be the secret
        return SecretRef()
    env, file = shared.text_of(section, "env", problems), shared.text_of(section, "file", problems)
    if (env is not None and not _ENV.fullmatch(env)) or (file is not None and not Path(file).is_absolute()):
        problems.add(errors.SECRET, node.place)
    return SecretRef(env, Path(file) if file is not None else None)


def _address(section: Mapping, key: str, problems: Problems, *, or_path: bool = False) -> str | None:
    url = shared.text_of(section, key, problems)
    is_path = or_path and url is not None and url.startswith("/") and not url.startswith("//")
    if url is not None and (not (is_path or is_safe(url)) or "?" in url or "#" in url):
        problems.add(errors.ADDRESS, section.entries[key].value.place, url=url)
    return url


def _part(alias: str, place: Place, part: Mapping, problems: Problems) -> RestList:
    path = shared.text_of(part, "path", problems) or ""
    at = part.entries["path"].value.place if "path" in part else part.place
    if "path" not in part:
        problems.missing_key("path", part.place)
    elif path and (not path.startswith("/") or set(path) & set("?# \\") or ".." in path.split("/")):
        problems.add(errors.PATH, at, path=path)
    columns = shared.template_columns(path, at, problems)
    name = alias or shared.alias_of(path) or "usagers"
    if not alias and columns:
        problems.add(object_rules.TEMPLATE, at, text=path)
    items = shared.text_of(part, "items", problems)
    return RestList(
        name,
        place,
        path,
        tuple(items.removesuffix("[]").split(".")) if items else (name,),
        shared.text_of(part, "key", problems) or "id",
        shared.keep_of(part.get("keep"), problems),
        _deleted(part.get("deleted"), problems),
    )


def _with_columns(
    root: RestList, parts: dict[str, RestList], section: Mapping, problems: Problems
) -> dict[str, RestList]:
    """The lists with what is declared of their keys, the root first."""
    for alias, part in parts.items():
        shared.check_alias(alias, part.place, problems, (root.alias,))
    lists = {root.alias: root, **{alias: part for alias, part in parts.items() if alias != root.alias}}
    columns, ignored, forbidden = (
        shared.by_alias(section, key, tuple(lists), problems) for key in ("columns", "ignored", "forbidden")
    )
    for alias, part in lists.items():
        mine, dropped = ignored.get(alias, ()), forbidden.get(alias, ())
        shared.check_forbidden(alias, top_level(dropped), (*part.structure, *mine), part.place, problems)
        lists[alias] = replace(
            part, columns=columns.get(alias, ()), ignored=frozenset(mine), forbidden=frozenset(dropped)
        )
    return lists


def _page(node: Node | None, problems: Problems) -> Paging:
    section = shared.read_map(node, problems, PAGE_KEYS)
    if section is None:
        return _DEFAULT_PAGE
    size = _DEFAULT_PAGE.size
    text = shared.text_of(section, "size", problems)
    if text == "none":
        size = None
    elif text is not None:
        if text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 10_000:
            size = int(text)
        else:
            problems.add(errors.SIZE, section.entries["size"].value.place, text=text)
    return Paging(
        shared.text_of(section, "cursor", problems) or _DEFAULT_PAGE.cursor,
        shared.text_of(section, "as", problems) or _DEFAULT_PAGE.send_as,
        size,
        shared.text_of(section, "size_as", problems) or _DEFAULT_PAGE.size_as,
        shared.text_of(section, "total", problems) or _DEFAULT_PAGE.total,
        frozenset(shared.names_of(section, "ignored", problems)),
    )


def _day(section: Mapping, problems: Problems) -> str:
    day = shared.text_of(section, "full_every", problems) or _DEFAULT_DAY
    if day not in (*DAYS, EVERY_DAY):
        shared.unknown(errors.DAY, section.entries["full_every"].value.place, day, (*DAYS, EVERY_DAY), problems)
    return day


def _deleted(node: Node | None, problems: Problems) -> Deleted | None:
    """`supprimeLe`, or `{etat: [SUPPRIME]}`."""
    if node is None:
        return None
    if isinstance(node, Scalar):
        column = shared.text(node, problems)
        return Deleted(column) if column is not None else None
    section = shared.read_map(node, problems, None)
    if section is None or len(section.entries) != 1:
        problems.expected("one column and its values", "une colonne et ses valeurs", node.place)
        return None
    (column,) = section.entries
    return Deleted(column, frozenset(shared.names_of(section, column, problems)))


def _content(node: Node | None, aliases: tuple[str, ...], problems: Problems) -> Content | None:
    section = shared.read_map(node, problems, CONTENT_KEYS)
    if section is None:
        return None
    of = shared.text_of(section, "of", problems) or (aliases[0] if len(aliases) == 1 else "")
    if of not in aliases:
        problems.add(errors.CONTENT_OF, section.place, known=", ".join(aliases) or "—")
    url, sha256 = shared.text_of(section, "url", problems), shared.text_of(section, "sha256", problems)
    if url is None:
        problems.missing_key("url", section.place)
    hosts = frozenset(host.lower() for host in shared.names_of(section, "hosts", problems))
    return Content(of, tuple((url or "").split(".")), tuple(sha256.split(".")) if sha256 else None, hosts)
