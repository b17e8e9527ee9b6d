"""Reads the `source.sql` part of a mapping into `SqlSettings`, one finding per mistake."""

from __future__ import annotations

from typing import Final

from dui_bridge.connectors.sql import errors
from dui_bridge.connectors.sql.settings import Query, SqlSettings, UrlFrom
from dui_bridge.connectors.sql.statement import why_not
from dui_bridge.connectors.wire import declaration as shared
from dui_bridge.connectors.wire import object_rules
from dui_bridge.declared import Mapping, Node, Problems, Scalar
from dui_bridge.declared.nodes import Entry

URL: Final = "url"
URL_KEYS: Final = ("file", "env")
BY_ALIAS: Final = ("columns", "ignored", "forbidden")
QUERY_KEYS: Final = ("query", "key", "of", "on", "order", "keep")
_Names = dict[str, tuple[str, ...]]


def parse_settings(node: Node, problems: Problems, root: str | None = None) -> SqlSettings | None:
    """The typed form of a mapping's `source.sql`; None when there was an error. Keys that are not `url`, `columns`,
    `ignored` or `forbidden` are aliases.

    Args:
        node: the map under `source.sql`.
        problems: collects the findings.
        root: the alias that `usager: {each: …}` names; without it, the only query that has children or stands alone.
    """
    before = len(problems.findings)
    section = shared.read_map(node, problems, None)
    if section is None:
        return None
    url = _url(section, problems)
    declared = {key: entry for key, entry in section.entries.items() if key not in (URL, *BY_ALIAS)}
    by: dict[str, _Names] = {key: shared.by_alias(section, key, declared, problems) for key in BY_ALIAS}
    queries = {}
    for alias, entry in declared.items():
        shared.check_alias(alias, entry.place, problems)
        query = _query(alias, entry, by, problems)
        if query is not None:
            queries[alias] = query
    tops = [query.alias for query in queries.values() if query.of is None]
    above = {query.of for query in queries.values()}
    top = shared.root_alias(root, tops, above, errors.NO_ROOT, section.place, problems)
    if top is not None:
        _check_tree(top, queries, problems)
    if url is None or top is None or any(finding.is_error for finding in problems.findings[before:]):
        return None
    return SqlSettings(url, top, queries)


def _url(section: Mapping, problems: Problems) -> UrlFrom | None:
    node = section.get(URL)
    if node is None:
        problems.missing_key(URL, section.place)
        return None
    if not isinstance(node, Mapping) or len(node.entries) != 1 or not set(node.entries) <= set(URL_KEYS):
        problems.add(errors.URL, node.place)
        return None
    return UrlFrom(shared.text_of(node, "file", problems), shared.text_of(node, "env", problems))


def _query(alias: str, entry: Entry, by: dict[str, _Names], problems: Problems) -> Query | None:
    value = entry.value
    if isinstance(value, Scalar):
        value = Mapping(value.place, {"query": Entry(value.place, value)})
    part = shared.read_map(value, problems, QUERY_KEYS)
    if part is None:
        return None
    if "query" not in part:
        problems.missing_key("query", part.place)
    text = shared.text_of(part, "query", problems) or ""
    reasons = why_not(text) if text else None
    if reasons is not None:
        at = part.entries["query"].value.place
        problems.add(errors.NOT_ONE_SELECT, at, reason=reasons[0], reason_fr=reasons[1])
    if ("of" in part) != ("on" in part):
        problems.add(object_rules.OF_AND_ON, part.place)
    key, of, on, order = (shared.text_of(part, name, problems) for name in ("key", "of", "on", "order"))
    columns, ignored, forbidden = (by[name].get(alias) for name in BY_ALIAS)
    query = Query(
        alias,
        entry.place,
        text,
        key,
        of,
        on,
        order,
        shared.keep_of(part.get("keep"), problems),
        columns,
        frozenset(ignored or ()),
        frozenset(forbidden or ()),
    )
    shared.check_forbidden(alias, query.forbidden, (*query.structure, *query.ignored), entry.place, problems)
    return query


def _check_tree(root: str, queries: dict[str, Query], problems: Problems) -> None:
    for query in queries.values():
        if query.of is None:
            if query.alias != root and query.key is None:
                why, why_fr = "it is looked up by it", "elle sert à la consulter"
                problems.add(errors.NO_KEY_DECLARED, query.place, why=why, why_fr=why_fr)
        else:
            above = queries.get(query.of)
            if above is None:
                shared.unknown(object_rules.UNKNOWN_ALIAS, query.place, query.of, queries, problems)
            elif (above.key is None and above.alias != root) or _is_below(above, query, queries):
                problems.add(errors.PARENT, query.place, alias=query.of)
        if query.keep_last_by is not None and query.key is None:
            why, why_fr = "keep chooses among rows of one key", "keep choisit parmi les lignes d'une clé"
            problems.add(errors.NO_KEY_DECLARED, query.place, why=why, why_fr=why_fr)


def _is_below(query: Query, other: Query, queries: dict[str, Query]) -> bool:
    seen: set[str] = set()
    up: Query | None = query
    while up is not None and up.alias not in seen:
        if up is other:
            return True
        seen.add(up.alias)
        up = queries.get(up.of) if up.of is not None else None
    return up is not None
