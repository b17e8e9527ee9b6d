"""`outcomes`: what goes back to the DUI, as a file or by its API. Compiled to a plan that turns one outcome into cells.

An outcome is a map of facts, one for each of `SOURCES`; who gathers them and where the cells go is not known here.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Final, TypeAlias

from dui_bridge.declared import Mapping, Node, Scalar
from dui_bridge.findings import Place, Who
from dui_bridge.mappings.ground import Ground
from dui_bridge.mappings.tables import ABSENT, LEFT_OUT, Table
from dui_bridge.model.states import DeliveryState, DocumentState

SOURCES: Final = (
    "dossier", "usager.identifiant_local", "document.identifiant", "document.type", "document.version", "establishment",
    "destination", "state", "code", "message_fr", "message_en", "action_fr", "action_en", "who_acts", "at",
    "external_id", "reference", "run", "row_id",
)  # fmt: skip
STATES: Final = (
    DeliveryState.DELIVERED, DeliveryState.ACKNOWLEDGED, DeliveryState.RETURNED, DeliveryState.REFUSED,
    DeliveryState.DOUBTFUL, DeliveryState.BLOCKED, DeliveryState.CANCELLED,
    DocumentState.QUARANTINED, DocumentState.INVALID,
)  # fmt: skip
"""The states that a DUI is told, as they stand in `state`."""

KINDS: Final = ("csv", "json", "rest")
PLACEHOLDERS: Final = ("run", "date", "time")
_CSV_KEYS: Final = ("file", "encoding", "separator", "columns")
_JSON_KEYS: Final = ("file", "lines", "fields")
_REST_KEYS: Final = ("post", "batch", "fields")
_COLUMN_KEYS: Final = ("from", "table")
_CLOSED: Final[Map[str, tuple[str, ...]]] = {"state": STATES, "who_acts": tuple(Who)}
_SEPARATORS: Final[Map[str, str]] = {";": ";", ",": ",", "|": "|", "tab": "\t", "\t": "\t"}
_MOST_ROWS: Final = 1000
_LONGEST_NAME: Final = 120
_IN_PATH: Final = re.compile(r"\{([^{}]*)\}")

Fact: TypeAlias = "str | int | None"
"""One value of an outcome. Only `document.version` is a number."""


@dataclass(frozen=True, slots=True)
class Told:
    """One outcome as the DUI wants it: name → value, in the order of the mapping; and the names left blank because
    their table has no code for the value."""

    cells: dict[str, Fact]
    unmapped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeField:
    """One column of a file, or field of an object."""

    name: str
    source: str
    table: Table | None = None

    def value(self, row: Map[str, Fact]) -> Fact:
        """The value of an outcome. Raises KeyError when the table has no code for it."""
        fact = row.get(self.source)
        if self.table is None:
            return fact
        code = "" if fact is None else str(fact)
        entry = self.table.entries.get(self.table.key(code))
        if entry is None:
            if not code:
                return None
            raise KeyError(code)
        return None if entry.value == ABSENT else entry.value


@dataclass(frozen=True)
class OutcomePlan:
    """What a mapping says of `outcomes`.

    Args:
        kind: csv, json or rest.
        fields: what each outcome becomes.
        file: the name of a file, with `{run}`, `{date}`, `{time}`; empty for rest.
        encoding, separator: of a CSV.
        lines: JSON lines instead of one array.
        post: the path below the DUI's base address, with names of `SOURCES` in braces; empty for files.
        batch: how many outcomes one request holds at most, as an array; None: each is a request with one object.
    """

    kind: str
    fields: tuple[OutcomeField, ...]
    file: str = ""
    encoding: str = "utf-8"
    separator: str = ";"
    lines: bool = False
    post: str = ""
    batch: int | None = None

    def told(self, row: Map[str, Fact]) -> Told | None:
        """The cells of an outcome; None when a table leaves it out."""
        cells: dict[str, Fact] = {}
        unmapped: list[str] = []
        for column in self.fields:
            try:
                value = column.value(row)
            except KeyError:
                unmapped.append(column.name)
                value = None
            if column.table is not None and value == LEFT_OUT:
                return None
            cells[column.name] = value
        return Told(cells, tuple(unmapped))


def compile_outcomes(node: Node | None, source: Node | None, ground: Ground) -> OutcomePlan | None:
    """The plan of `outcomes`. Checks keys, placeholders, encoding, sources, and that tables know every state.

    Args:
        node: what stands under `outcomes`.
        source: what stands under `source`: an API is told by the access that it is read with.
    Returns:
        None when there is no `outcomes`, or after a finding.
    """
    if node is None:
        return None
    before = len(ground.problems.findings)
    known: list[tuple[str, Mapping]] = []
    for key, place, value in node.items() if isinstance(node, Mapping) else ():
        if key not in KINDS:
            ground.problems.unknown_key(key, place, KINDS)
        elif isinstance(value, Mapping):
            known.append((key, value))
    if len(known) != 1:
        ground.problems.expected("one of csv, json, rest: {…}", "un seul de csv, json, rest : {…}", node.place)
        return None
    kind, section = known[0]
    if kind == "rest" and not (isinstance(source, Mapping) and "rest" in source):
        ground.misuse(
            "rest tells the DUI by the address and the access of source.rest, and there is none",
            "rest répond au DUI par l'adresse et l'accès de source.rest, qui n'existe pas",
            section.place,
        )
    plan = _READERS[kind](section, ground)
    return plan if len(ground.problems.findings) == before else None


def _csv(node: Mapping, ground: Ground) -> OutcomePlan:
    _check_keys(node, _CSV_KEYS, ground)
    return OutcomePlan(
        "csv",
        _fields(node, "columns", ground),
        file=_file(node, ground),
        encoding=_encoding(node.get("encoding"), ground),
        separator=_chosen(node.get("separator"), _SEPARATORS, ";", ground),
    )


def _json(node: Mapping, ground: Ground) -> OutcomePlan:
    _check_keys(node, _JSON_KEYS, ground)
    lines = _chosen(node.get("lines"), {"true": "true", "false": ""}, "", ground)
    return OutcomePlan("json", _fields(node, "fields", ground), file=_file(node, ground), lines=bool(lines))


def _rest(node: Mapping, ground: Ground) -> OutcomePlan:
    _check_keys(node, _REST_KEYS, ground)
    batch = _batch(node.get("batch"), ground)
    return OutcomePlan("rest", _fields(node, "fields", ground), post=_post(node, ground, batch), batch=batch)


_READERS: Final[Map[str, Callable[[Mapping, Ground], OutcomePlan]]] = {"csv": _csv, "json": _json, "rest": _rest}


def _check_keys(node: Mapping, known: tuple[str, ...], ground: Ground) -> None:
    for key, place, _ in node.items():
        if key not in known:
            ground.problems.unknown_key(key, place, known)


def _file(node: Mapping, ground: Ground) -> str:
    written = node.get("file")
    if written is None:
        ground.problems.missing_key("file", node.place)
        return ""
    name = ground.text(written, "the name of a file", "le nom d'un fichier")
    try:
        parts = list(string.Formatter().parse(name))
    except ValueError:
        parts = [("", name, "", None)]
    wrong = [part for part in parts if part[1] is not None and (part[1] not in PLACEHOLDERS or part[2] or part[3])]
    if wrong or "/" in name or "\\" in name or not name.isprintable() or name.startswith("."):
        ground.misuse(
            "the name may hold {run}, {date} and {time}, and no folder",
            "le nom peut contenir {run}, {date} et {time}, sans dossier",
            written.place,
        )
    elif len(name) > _LONGEST_NAME:
        ground.misuse("the name is too long", "le nom est trop long", written.place)
    return name


def _encoding(node: Node | None, ground: Ground) -> str:
    if node is None:
        return "utf-8"
    name = ground.text(node, "an encoding", "un encodage")
    try:
        # Also refuses what Python calls a codec but is no encoding of text (hex, rot13).
        "é".encode(name, "replace")
    except (LookupError, ValueError):
        ground.misuse(f"unknown encoding '{name}'", f"encodage inconnu '{name}'", node.place)
    return name


def _chosen(node: Node | None, choices: Map[str, str], default: str, ground: Ground) -> str:
    if node is None:
        return default
    text = node.text if isinstance(node, Scalar) else None
    if text is not None and text in choices:
        return choices[text]
    shown = [choice for choice in choices if choice.isprintable()]
    ground.problems.expected(" or ".join(shown), " ou ".join(shown), node.place)
    return default


def _batch(node: Node | None, ground: Ground) -> int | None:
    if node is None:
        return None
    text = node.text or "" if isinstance(node, Scalar) else ""
    if re.fullmatch(r"[1-9][0-9]{0,3}", text, re.ASCII) and int(text) <= _MOST_ROWS:
        return int(text)
    most = f"1 to {_MOST_ROWS}", f"de 1 à {_MOST_ROWS}"
    ground.problems.expected(f"a number of outcomes, {most[0]}", f"un nombre de résultats, {most[1]}", node.place)
    return None


def _post(node: Mapping, ground: Ground, batch: int | None) -> str:
    written = node.get("post")
    if written is None:
        ground.problems.missing_key("post", node.place)
        return ""
    path = ground.text(written, "a path", "un chemin")
    names = _IN_PATH.findall(path)
    rest = _IN_PATH.sub("", path)
    if not path.startswith("/") or path.startswith("//") or set(rest) & set("{}?# \\") or ".." in path.split("/"):
        ground.misuse(
            "the path must begin with / and have no parameters",
            "le chemin doit commencer par / et être sans paramètres",
            written.place,
        )
    for name in names:
        _check_source(name, written.place, ground)
    if names and batch is not None:
        ground.misuse(
            "a path with {…} is that of one outcome: it does not go with batch",
            "un chemin avec {…} est celui d'un seul résultat : il ne va pas avec batch",
            written.place,
        )
    return path


def _fields(node: Mapping, key: str, ground: Ground) -> tuple[OutcomeField, ...]:
    fields = node.get(key)
    if not isinstance(fields, Mapping) or not fields.entries:
        ground.problems.missing_key(key, node.place)
        return ()
    return tuple(_field(name, value, ground) for name, _, value in fields.items())


def _field(name: str, node: Node, ground: Ground) -> OutcomeField:
    if not isinstance(node, Mapping):
        return OutcomeField(name, _source(node, ground))
    _check_keys(node, _COLUMN_KEYS, ground)
    written, named = node.get("from"), node.get("table")
    source = ""
    if written is None:
        ground.problems.missing_key("from", node.place)
    else:
        source = _source(written, ground)
    return OutcomeField(name, source, _table(named, source, ground) if named is not None else None)


def _source(node: Node, ground: Ground) -> str:
    name = ground.text(node, "a source", "une source")
    if name:
        _check_source(name, node.place, ground)
    return name


def _check_source(name: str, place: Place, ground: Ground) -> None:
    if name not in SOURCES:
        ground.unknown("value", name, place, SOURCES)


def _table(node: Node, source: str, ground: Ground) -> Table | None:
    name = ground.text(node, "the name of a table", "le nom d'une table")
    table = ground.tables.get(name)
    if not name:
        return None
    ground.used_tables.add(name)
    if table is None:
        ground.unknown("table", name, node.place, tuple(ground.tables))
        return None
    lacking = [str(value) for value in _CLOSED.get(source, ()) if table.key(value) not in table.entries]
    if table.refuses and lacking:
        listed = ", ".join(lacking)
        ground.misuse(
            f"table '{name}' has no code for: {listed}",
            f"la table '{name}' n'a pas de code pour : {listed}",
            node.place,
        )
    return table
