"""Loads a mapping: its base from the package, the vendor's file on it, a site's file on top.

Nothing is opened here but package data: whoever calls hands over the trees, and a function that opens the files beside
them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from dui_bridge import declared
from dui_bridge.declared import Mapping, Node, Problems, Scalar
from dui_bridge.errors import DeclarationInvalid, FileUnusable
from dui_bridge.findings import Place, did_you_mean
from dui_bridge.mappings import rules
from dui_bridge.mappings.conversion import Rejected
from dui_bridge.mappings.conversions_text import relative_path
from dui_bridge.mappings.fields import TARGETS
from dui_bridge.mappings.tables import Table, read_tables

TOP_KEYS: Final = ("mapping", "version", "base", "source", "tables", *TARGETS, "outcomes", "tests")
_NOT_READ_BY: Final = frozenset({"mapping", "version", "tables", "outcomes", "tests"})
"""What makes nothing of a record: names, what goes back, golden cases. Tables count by what was read of them."""
_DIGITS: Final = 12
_BASE: Final = re.compile(r"(?P<path>[a-z0-9]+(?:[-_/][a-z0-9]+)*)@(?P<major>\d{1,4})")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DEEPEST: Final = 4


@dataclass(frozen=True)
class Layer:
    """One YAML file of a mapping.

    Args:
        node: its tree (`declared.load`).
        open: reads a file that stands beside it, by relative path; raises FileUnusable.
    """

    node: Node
    open: Callable[[str], bytes]


@dataclass(frozen=True)
class MappingFile:
    """A mapping, merged.

    Args:
        name, version: as written by the vendor.
        file: how findings call the vendor's file.
        base: `medico-social/ph@1`, or empty.
        node: the merged tree; every node keeps the place in the file that it came from.
        tables: by name.
        inherited: names of the files of its bases.
        open: reads a file beside the vendor's file.
    """

    name: str
    version: str
    file: str
    base: str
    node: Mapping
    tables: dict[str, Table]
    inherited: frozenset[str]
    open: Callable[[str], bytes]

    @property
    def source(self) -> Node | None:
        """What stands under `source`: the business of the connector that reads it."""
        return self.node.get("source")

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits over all that decides what is made of a record, of every layer, with the tables that
        stand beside it: the same whatever the comments, the layout and `version`. The order of keys counts, as it does
        in `left_out`."""
        said = {key: declared.plain(value) for key, _, value in self.node.items() if key not in _NOT_READ_BY}
        tables = {
            name: [one.folded, one.refuses, {code: [of.value, of.label, of.system] for code, of in one.entries.items()}]
            for name, one in self.tables.items()
        }
        return hashlib.sha256(json.dumps([said, tables]).encode()).hexdigest()[:_DIGITS]


def load_mapping(vendor: Layer, problems: Problems, *over: Layer) -> MappingFile:
    """The mapping of a vendor with its base, and the layers of a site on it. Findings go to `problems`.

    Raises:
        DeclarationInvalid: the file is no map at all.
    """
    if not isinstance(vendor.node, Mapping):
        problems.expected("a map", "des clés et des valeurs", vendor.node.place)
        problems.check()
        raise AssertionError("unreachable: an error was added")  # noqa: TRY004
    layers = [*_bases(vendor.node, problems), vendor, *over]
    inherited = frozenset(layer.node.place.file for layer in layers[: layers.index(vendor)])
    merged: Node = Mapping(vendor.node.place, {})
    for layer in layers:
        merged = declared.merge(merged, layer.node)
    if not isinstance(merged, Mapping):
        merged = vendor.node
        problems.expected("a map", "des clés et des valeurs", merged.place)
    for key, place, _ in merged.items():
        if key not in TOP_KEYS:
            problems.unknown_key(key, place, TOP_KEYS)
    opener = _opener(layers)
    return MappingFile(
        name=_text(merged, "mapping", _NAME, ("a short name", "un nom court"), problems),
        version=_text(merged, "version", re.compile(r"\d{1,6}"), ("a whole number", "un nombre entier"), problems),
        file=vendor.node.place.file,
        base=_scalar(vendor.node.get("base")),
        node=merged,
        tables=read_tables(merged.get("tables"), opener, problems),
        inherited=inherited,
        open=vendor.open,
    )


def _opener(layers: list[Layer]) -> Callable[[Place, str], bytes]:
    by_file = {layer.node.place.file: layer.open for layer in layers}

    def read(place: Place, name: str) -> bytes:
        try:
            path = relative_path(name)
        except Rejected:
            raise FileUnusable(
                file=name,
                reason="not a path below the mapping's folder",
                reason_fr="n'est pas un chemin sous le dossier du mapping",
            ) from None
        return by_file[place.file](path)

    return read


def _bases(node: Mapping, problems: Problems) -> list[Layer]:
    """The bases, the most general first."""
    found: list[Layer] = []
    seen: set[str] = set()
    base = node.get("base")
    while base is not None:
        layer = _base(base, problems)
        text = _scalar(base)
        if layer is None:
            break
        if text in seen or len(found) >= _DEEPEST:
            problems.expected("a base that is not its own base", "une base qui n'est pas sa propre base", base.place)
            break
        seen.add(text)
        found.insert(0, layer)
        base = layer.node.get("base") if isinstance(layer.node, Mapping) else None
    return found


def _base(node: Node, problems: Problems) -> Layer | None:
    text = _scalar(node)
    match = _BASE.fullmatch(text)
    if match is None:
        problems.expected("a base: name/path@major", "une base : nom/chemin@version", node.place)
        return None
    root = files("dui_bridge") / "data" / "mappings"
    path = f"{match['path']}.yaml"
    resource = root.joinpath(*path.split("/"))
    if not resource.is_file():
        known = installed_bases()
        name = match["path"]
        problems.add(
            rules.BASE_UNKNOWN,
            node.place,
            base=name,
            near=did_you_mean(name, known),
            near_fr=did_you_mean(name, known, "fr"),
        )
        return None
    try:
        tree = declared.loads(resource.read_bytes(), path)
    except DeclarationInvalid as error:
        problems.findings.extend(error.findings)
        return None
    installed = _scalar(tree.get("version")) if isinstance(tree, Mapping) else ""
    if installed.split(".", 1)[0] != match["major"]:
        problems.add(rules.BASE_VERSION, node.place, base=match["path"], installed=installed, asked=match["major"])
        return None
    folder = root.joinpath(*path.split("/")[:-1])
    return Layer(tree, lambda name: _package_bytes(folder, name))


def _package_bytes(folder: Traversable, name: str) -> bytes:
    resource = folder.joinpath(*name.split("/"))
    if not resource.is_file():
        raise FileUnusable(file=name, reason="not in the package", reason_fr="absent du paquet")
    return resource.read_bytes()


def installed_bases() -> tuple[str, ...]:
    """The names of the base mappings of this package, without version."""

    def below(folder: Traversable, prefix: str) -> list[str]:
        names: list[str] = []
        for item in folder.iterdir():
            if item.is_dir():
                names += below(item, f"{prefix}{item.name}/")
            elif item.name.endswith(".yaml"):
                names.append(prefix + item.name.removesuffix(".yaml"))
        return names

    root = files("dui_bridge") / "data" / "mappings"
    return tuple(sorted(below(root, ""))) if root.is_dir() else ()


def _scalar(node: Node | None) -> str:
    return node.text or "" if isinstance(node, Scalar) else ""


def _text(node: Mapping, key: str, form: re.Pattern[str], what: tuple[str, str], problems: Problems) -> str:
    value = node.get(key)
    text = _scalar(value)
    if value is None:
        problems.missing_key(key, node.place)
    elif form.fullmatch(text) is None:
        problems.expected(f"{key}: {what[0]}", f"{key} : {what[1]}", value.place)
    return text
