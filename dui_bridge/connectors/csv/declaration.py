"""Reads the `source.csv` part of a mapping into `CsvSettings`, one finding per mistake."""

from __future__ import annotations

from typing import Final

from dui_bridge.connectors.csv import errors
from dui_bridge.connectors.csv.settings import CsvFile, CsvSettings
from dui_bridge.connectors.wire import declaration as shared
from dui_bridge.connectors.wire import object_rules
from dui_bridge.declared import Mapping, Node, Problems
from dui_bridge.findings import Place

KEYS: Final = ("encoding", "separator", "quote", "folder", "complete", "files", "ignored", "forbidden")
FILE_KEYS: Final = ("file", "key", "of", "on", "order", "group", "pivot", "keep", "columns")
ENCODINGS: Final = (
    *("cp1252", "iso8859-1", "iso8859-15", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
    *("cp850", "cp858", "cp437", "mac-roman", "ascii"),
)


def parse_settings(node: Node, problems: Problems, root: str | None = None) -> CsvSettings | None:
    """The typed form of a mapping's `source.csv`; None when there was an error.

    Args:
        node: the map under `source.csv`.
        problems: collects the findings.
        root: the alias that `usager: {each: …}` names; without it, the only file that has children or stands alone.
    """
    before = len(problems.findings)
    section = shared.read_map(node, problems, KEYS)
    if section is None:
        return None
    if "encoding" not in section:
        problems.missing_key("encoding", section.place)
    encoding = shared.encoding(section, ENCODINGS, problems)
    separator = _character(section, "separator", ";", {"tab": "\t"}, problems)
    quoted = shared.text_of(section, "quote", problems) != "none"
    quote = _character(section, "quote", '"', {}, problems) if quoted else None
    if separator == quote:
        problems.add(errors.SAME_CHARACTER, section.place)
    folder = shared.dated_folder(section, problems)
    complete = shared.complete(section.get("complete"), problems)
    files = _files(section, problems)
    _check_tree(files, problems)
    tops = [file.alias for file in files.values() if file.of is None and file.key]
    above = {file.of for file in files.values()}
    top = shared.root_alias(root, tops, above, errors.NO_ROOT, shared.place_of(section, "files"), problems)
    if top is not None:
        _check_keep(top, files, problems)
    if encoding is None or top is None or any(finding.is_error for finding in problems.findings[before:]):
        return None
    return CsvSettings(encoding, separator, quote, folder, complete, top, files)


def _character(section: Mapping, key: str, default: str, words: dict[str, str], problems: Problems) -> str:
    if key not in section:
        return default
    text = shared.text_of(section, key, problems) or default
    text = words.get(text, text)
    if len(text) != 1 or text in "\r\n\0":
        problems.add(errors.ONE_CHARACTER, shared.place_of(section, key), name=key)
    return text


def _files(section: Mapping, problems: Problems) -> dict[str, CsvFile]:
    node = section.get("files")
    if node is None:
        problems.missing_key("files", section.place)
    declared = shared.read_map(node, problems, None)
    if declared is None:
        return {}
    ignored, forbidden = (_placed(section, key, declared, problems) for key in ("ignored", "forbidden"))
    files = {}
    for alias, place, value in declared.items():
        shared.check_alias(alias, place, problems)
        part = shared.read_map(value, problems, FILE_KEYS)
        if part is not None:
            files[alias] = _file(alias, place, part, ignored.get(alias, {}), forbidden.get(alias, {}), problems)
    return files


def _placed(section: Mapping, key: str, declared: Mapping, problems: Problems) -> dict[str, dict[str, Place]]:
    """Alias → columns, each with the place where it is listed."""
    names, listed = shared.by_alias(section, key, declared.entries, problems), section.get(key)
    if not isinstance(listed, Mapping):
        return {}
    return {alias: dict.fromkeys(columns, shared.place_of(listed, alias)) for alias, columns in names.items()}


def _file(
    alias: str,
    place: Place,
    part: Mapping,
    ignored: dict[str, Place],
    forbidden: dict[str, Place],
    problems: Problems,
) -> CsvFile:
    if "file" not in part:
        problems.missing_key("file", part.place)
    path = shared.text_of(part, "file", problems) or ""
    file = CsvFile(
        alias=alias,
        file=shared.inside(path, shared.place_of(part, "file"), problems) if path else "",
        place=place,
        key=shared.names_of(part, "key", problems),
        of=shared.text_of(part, "of", problems),
        on=shared.names_of(part, "on", problems),
        order=shared.text_of(part, "order", problems),
        group=shared.names_of(part, "group", problems),
        pivot=_pivot(part.get("pivot"), problems),
        keep_last_by=shared.keep_of(part.get("keep"), problems),
        columns=shared.names_of(part, "columns", problems) if "columns" in part else None,
        ignored=frozenset(ignored),
        forbidden=frozenset(forbidden),
    )
    if ("of" in part) != ("on" in part):
        problems.add(object_rules.OF_AND_ON, part.place)
    if ("group" in part) != ("pivot" in part) or ("group" in part and ("of" not in part or "key" in part)):
        problems.add(errors.GROUP_AND_PIVOT, part.place)
    needed = (*file.structure(), *ignored)
    shared.check_forbidden(alias, forbidden, needed, next(iter(forbidden.values()), place), problems)
    if file.columns is not None:
        for column in dict.fromkeys((*file.structure(), *ignored, *forbidden)):
            if column not in file.columns:
                at = ignored.get(column) or forbidden.get(column) or part.place
                shared.unknown(errors.NOT_IN_COLUMNS, at, column, file.columns, problems, alias=alias)
    return file


def _pivot(node: Node | None, problems: Problems) -> tuple[str, str] | None:
    section = shared.read_map(node, problems, None)
    if section is None:
        return None
    pairs = [(item, shared.text(value, problems)) for item, _, value in section.items()]
    if len(pairs) != 1:
        problems.add(errors.PIVOT_PAIR, section.place)
        return None
    item, value = pairs[0]
    return (item, value) if value is not None else None


def _check_tree(files: dict[str, CsvFile], problems: Problems) -> None:
    for file in files.values():
        if file.of is None:
            continue
        parent = files.get(file.of)
        if parent is None:
            shared.unknown(object_rules.UNKNOWN_ALIAS, file.place, file.of, files, problems)
        elif parent.group:
            problems.add(errors.GROUP_AND_PIVOT, parent.place)
        elif len(parent.key) != len(file.on):
            have, want = str(len(parent.key)), str(len(file.on))
            problems.add(errors.PARENT_KEY, file.place, alias=parent.alias, have=have, want=want)
        seen, up = {file.alias}, parent
        while up is not None and up.alias not in seen:
            seen.add(up.alias)
            up = files.get(up.of) if up.of is not None else None
        if up is file:
            problems.add(errors.CYCLE, file.place, alias=file.alias)


def _check_keep(root: str, files: dict[str, CsvFile], problems: Problems) -> None:
    for file in files.values():
        if file.keep_last_by is not None and (not file.key or (file.of is None and file.alias != root)):
            problems.add(errors.KEEP, file.place)
