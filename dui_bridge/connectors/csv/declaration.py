"""Reads the `source.csv` part of a mapping into `CsvSettings`, one finding per mistake."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from datetime import timedelta

from dui_bridge.connectors.csv import errors
from dui_bridge.connectors.csv.settings import ITEMS, Complete, CsvFile, CsvSettings
from dui_bridge.declared import Mapping, Node, Problems, Scalar, Sequence
from dui_bridge.findings import Place, Rule, did_you_mean

_KEYS = ("encoding", "separator", "quote", "folder", "complete", "files", "ignored", "forbidden")
_FILE_KEYS = ("file", "key", "of", "on", "order", "group", "pivot", "keep", "columns")
_ENCODINGS = (
    *("cp1252", "iso8859-1", "iso8859-15", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"),
    *("cp850", "cp858", "cp437", "mac-roman", "ascii"),
)
_UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
_DRIVE = re.compile(r"^[A-Za-z]:")


def parse_settings(node: Node, problems: Problems, root: str | None = None) -> CsvSettings | None:
    """The typed form of a mapping's `source.csv`; None when there was an error.

    Args:
        node: the map under `source.csv`.
        problems: collects the findings.
        root: the alias that `usager: {each: …}` names; without it, the only file that has children or stands alone.
    """
    before = len(problems.findings)
    section = _map(node, problems, _KEYS)
    if section is None:
        return None
    encoding = _encoding(section, problems)
    separator = _character(section, "separator", ";", {"tab": "\t"}, problems)
    quoted = _text_of(section, "quote", problems) != "none"
    quote = _character(section, "quote", '"', {}, problems) if quoted else None
    if separator == quote:
        problems.add(errors.SAME_CHARACTER, section.place)
    folder = _folder(section, problems)
    complete = _complete(section.get("complete"), problems)
    files = _files(section, problems)
    _check_tree(files, problems)
    root = _root(root, files, section, problems)
    if root is not None:
        _check_keep(root, files, problems)
    if root is None or any(finding.is_error for finding in problems.findings[before:]):
        return None
    return CsvSettings(encoding, separator, quote, folder, complete, root, files)


def _map(node: Node, problems: Problems, known: Iterable[str] | None) -> Mapping | None:
    if not isinstance(node, Mapping):
        problems.expected("a map of keys", "des clés et leurs valeurs", node.place)
        return None
    for key, place, _ in node.items():
        if known is not None and key not in known:
            problems.unknown_key(key, place, known)
    return node


def _text(node: Node, problems: Problems) -> str | None:
    if isinstance(node, Scalar) and node.text:
        return node.text
    problems.expected("one text", "un texte", node.place)
    return None


def _text_of(section: Mapping, key: str, problems: Problems) -> str | None:
    node = section.get(key)
    return None if node is None else _text(node, problems)


def _names(section: Mapping, key: str, problems: Problems) -> tuple[str, ...]:
    """One name or a list of names."""
    node = section.get(key)
    if node is None:
        return ()
    found = [_text(item, problems) for item in (node if isinstance(node, Sequence) else (node,))]
    if not found:
        problems.expected("a list of names", "une liste de noms", node.place)
    return tuple(name for name in found if name is not None)


def _unknown(rule: Rule, at: Place, name: str, known: Iterable[str], problems: Problems, alias: str = "") -> None:
    """A name that is not one of those known, with the one that was probably meant."""
    names = list(known)
    near, near_fr = did_you_mean(name, names), did_you_mean(name, names, "fr")
    problems.add(rule, at, name=name, alias=alias, near=near, near_fr=near_fr)


def _place(section: Mapping, key: str) -> Place:
    node = section.get(key)
    return node.place if node is not None else section.place


def _encoding(section: Mapping, problems: Problems) -> str:
    if "encoding" not in section:
        problems.missing_key("encoding", section.place)
    name = _text_of(section, "encoding", problems) or "utf-8"
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    if found not in _ENCODINGS:
        _unknown(errors.ENCODING, _place(section, "encoding"), name, _ENCODINGS, problems)
    return found


def _character(section: Mapping, key: str, default: str, words: dict[str, str], problems: Problems) -> str:
    if key not in section:
        return default
    text = _text_of(section, key, problems) or default
    text = words.get(text, text)
    if len(text) != 1 or text in "\r\n\0":
        problems.add(errors.ONE_CHARACTER, _place(section, key), name=key)
    return text


def _folder(section: Mapping, problems: Problems) -> str | None:
    pattern = _text_of(section, "folder", problems)
    if pattern is not None and (
        any(pattern.count(part) != 1 for part in ("AAAA", "MM", "JJ")) or set(pattern) & set("/\\")
    ):
        problems.add(errors.FOLDER, _place(section, "folder"), pattern=pattern)
    return pattern


def _complete(node: Node | None, problems: Problems) -> Complete | None:
    section = _map(node, problems, ("file", "or_stable_for")) if node is not None else None
    if section is None:
        return None
    marker, text = (_text_of(section, key, problems) for key in ("file", "or_stable_for"))
    if marker is None and text is None:
        problems.missing_key("file", section.place)
    stable_for = None
    if text is not None:
        found = re.fullmatch(r"(\d{1,6}) ?(s|min|h|d)", text)
        if found is None:
            problems.add(errors.DURATION, _place(section, "or_stable_for"), text=text)
        else:
            stable_for = timedelta(**{_UNITS[found[2]]: int(found[1])})
    if marker is not None:
        marker = _inside(marker, _place(section, "file"), problems)
    return Complete(marker, stable_for)


def _inside(path: str, place: Place, problems: Problems) -> str:
    parts = path.replace("\\", "/").split("/")
    if _DRIVE.match(path) or "\0" in path or any(part in ("", ".", "..") for part in parts):
        problems.add(errors.ESCAPES, place, path=path)
    return "/".join(parts)


def _files(section: Mapping, problems: Problems) -> dict[str, CsvFile]:
    node = section.get("files")
    if node is None:
        problems.missing_key("files", section.place)
    declared = _map(node, problems, None) if node is not None else None
    if declared is None:
        return {}
    aliases = list(declared.entries)
    ignored, forbidden = (_columns_by_alias(section.get(key), aliases, problems) for key in ("ignored", "forbidden"))
    files = {}
    for alias, place, value in declared.items():
        if alias == ITEMS:
            problems.add(errors.RESERVED_ALIAS, place, alias=alias)
        part = _map(value, problems, _FILE_KEYS)
        if part is not None:
            files[alias] = _file(alias, place, part, ignored.get(alias, {}), forbidden.get(alias, {}), problems)
    return files


def _columns_by_alias(node: Node | None, aliases: list[str], problems: Problems) -> dict[str, dict[str, Place]]:
    section = _map(node, problems, None) if node is not None else None
    if section is None:
        return {}
    found = {}
    for alias, place, value in section.items():
        if alias not in aliases:
            _unknown(errors.UNKNOWN_ALIAS, place, alias, aliases, problems)
        found[alias] = dict.fromkeys(_names(section, alias, problems), value.place)
    return found


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
    path = _text_of(part, "file", problems) or ""
    file = CsvFile(
        alias=alias,
        file=_inside(path, _place(part, "file"), problems) if path else "",
        place=place,
        key=_names(part, "key", problems),
        of=_text_of(part, "of", problems),
        on=_names(part, "on", problems),
        order=_text_of(part, "order", problems),
        group=_names(part, "group", problems),
        pivot=_pivot(part.get("pivot"), problems),
        keep_last_by=_keep(part.get("keep"), problems),
        columns=_names(part, "columns", problems) if "columns" in part else None,
        ignored=frozenset(ignored),
        forbidden=frozenset(forbidden),
    )
    if ("of" in part) != ("on" in part):
        problems.add(errors.OF_AND_ON, part.place)
    if ("group" in part) != ("pivot" in part) or ("group" in part and ("of" not in part or "key" in part)):
        problems.add(errors.GROUP_AND_PIVOT, part.place)
    for column in dict.fromkeys((*file.structure(), *ignored)):
        if column in forbidden:
            problems.add(errors.FORBIDDEN_USED, forbidden[column], column=column, alias=alias)
    if file.columns is not None:
        for column in dict.fromkeys((*file.structure(), *ignored, *forbidden)):
            if column not in file.columns:
                at = ignored.get(column) or forbidden.get(column) or part.place
                _unknown(errors.NOT_IN_COLUMNS, at, column, file.columns, problems, alias)
    return file


def _pivot(node: Node | None, problems: Problems) -> tuple[str, str] | None:
    section = _map(node, problems, None) if node is not None else None
    if section is None:
        return None
    pairs = [(item, _text(value, problems)) for item, _, value in section.items()]
    if len(pairs) != 1:
        problems.add(errors.PIVOT_PAIR, section.place)
        return None
    item, value = pairs[0]
    return (item, value) if value is not None else None


def _keep(node: Node | None, problems: Problems) -> str | None:
    section = _map(node, problems, ("last_by",)) if node is not None else None
    if section is None:
        return None
    if "last_by" not in section:
        problems.missing_key("last_by", section.place)
    return _text_of(section, "last_by", problems)


def _check_tree(files: dict[str, CsvFile], problems: Problems) -> None:
    for file in files.values():
        if file.of is None:
            continue
        parent = files.get(file.of)
        if parent is None:
            _unknown(errors.UNKNOWN_ALIAS, file.place, file.of, files, problems)
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


def _root(named: str | None, files: dict[str, CsvFile], section: Mapping, problems: Problems) -> str | None:
    tops = [file.alias for file in files.values() if file.of is None and file.key]
    if named is not None:
        if named in tops:
            return named
        choice, choice_fr = f": not {named}", f" : pas {named}"
    else:
        parents = {file.of for file in files.values()}
        with_children = [alias for alias in tops if alias in parents] or tops
        if len(with_children) == 1:
            return with_children[0]
        names = ", ".join(with_children)
        choice, choice_fr = (f": {names}?", f" : {names} ?") if names else ("", "")
    if files:
        problems.add(errors.NO_ROOT, _place(section, "files"), choice=choice, choice_fr=choice_fr)
    return None


def _check_keep(root: str, files: dict[str, CsvFile], problems: Problems) -> None:
    for file in files.values():
        if file.keep_last_by is not None and (not file.key or (file.of is None and file.alias != root)):
            problems.add(errors.KEEP, file.place)
