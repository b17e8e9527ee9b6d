"""From the words of a site to the parts of a run: a mapping compiled against its source, a source, a destination."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from dui_bridge import __version__, declared
from dui_bridge.connectors.ports import Source
from dui_bridge.declared import Mapping, Problems, Scalar
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.mappings.compile import compile_mapping
from dui_bridge.mappings.document import Layer, MappingFile, load_mapping
from dui_bridge.mappings.plan import Plan
from dui_bridge.mappings.shape import SourceShape
from dui_bridge.pipeline.sources import SourceKind, installed, kind

Columns = Map[str, tuple[str, ...]]

_LARGEST_TABLE = 5_000_000
_BLOCK = 1 << 20


@dataclass(frozen=True)
class DeclaredSource:
    """The kind of source that a mapping names, with its settings."""

    kind: SourceKind
    settings: Any

    def shape(self, columns: Columns | None) -> SourceShape:
        """What the mapping engine needs to know."""
        return self.kind.shape_of(self.settings, columns)

    def open(self, path: Path, used: Map[str, frozenset[str]], *, as_is: bool = False) -> Source:
        """The source at a path; it checks what it can see of the export against the columns that are used."""
        return self.kind.open_source(self.settings, path, used, as_is=as_is)


@dataclass(frozen=True)
class AssembledMapping:
    """A mapping file, its source, and the plan; the last two are None when the file has errors that prevent them."""

    file: MappingFile
    source: DeclaredSource | None
    plan: Plan | None

    def versions(self) -> dict[str, str]:
        """The versions that make a document, for the journal; the digest tells a mapping that was corrected."""
        return {
            "bridge": __version__,
            "mapping": f"{self.file.name} {self.file.version}",
            "mapping_digest": self.file.digest,
            "base": self.file.base,
        }

    def open_source(self, path: Path, *, as_is: bool = False) -> Source:
        """The source at a path."""
        if self.source is None or self.plan is None:
            raise ValueError("the mapping has errors")
        return self.source.open(path, self.plan.used_columns, as_is=as_is)


def read_mapping(path: Path, problems: Problems) -> MappingFile:
    """The merged mapping of a file. Findings go to `problems`. Raises FileUnusable, DeclarationInvalid."""
    return load_mapping(Layer(declared.load(path), partial(_read_beside, path.parent)), problems)


def assemble_mapping(
    path: Path, problems: Problems, columns: Columns | None = None, *, every_column: bool = True
) -> AssembledMapping:
    """Loads, checks and compiles a mapping.

    Args:
        path: the vendor's file.
        problems: receives every finding; the caller decides what errors mean.
        columns: the header lines by alias, when an export is at hand.
        every_column: a column neither used nor ignored is an error; else only a warning, as a run must go on.
    Raises:
        FileUnusable, DeclarationInvalid: the file cannot be read at all.
    """
    file = read_mapping(path, problems)
    source = read_source(file, problems)
    if source is None:
        return AssembledMapping(file, None, None)
    plan = compile_mapping(file, source.shape(columns), problems, every_column=every_column)
    return AssembledMapping(file, source, plan)


def read_source(file: MappingFile, problems: Problems) -> DeclaredSource | None:
    """What a mapping says of its source, or None with findings: exactly one installed kind stands under `source`."""
    source = file.source
    if not isinstance(source, Mapping):
        problems.missing_key("source", source.place if source is not None else file.node.place)
        return None
    known = installed()
    declared_kinds = []
    for key, place, node in source.items():
        if key in known:
            declared_kinds.append((key, place, node))
        else:
            problems.unknown_key(key, place, known)
    if len(declared_kinds) != 1:
        what = ", ".join(known)
        problems.expected(f"one source: {what}", f"une source : {what}", source.place)
        return None
    name, _, node = declared_kinds[0]
    settings = kind(name).parse_settings(node, problems, _root_alias(file))
    return DeclaredSource(kind(name), settings) if settings is not None else None


def _root_alias(file: MappingFile) -> str | None:
    usager = file.node.get("usager")
    each = usager.get("each") if isinstance(usager, Mapping) else None
    return each.text if isinstance(each, Scalar) else None


def digest_of(source: Source, ref: str) -> str | None:
    """SHA-256 of a file that a row names, in hexadecimal; None when it cannot be read."""
    try:
        with source.open(ref) as stream:
            digest = hashlib.sha256()
            while block := stream.read(_BLOCK):
                digest.update(block)
            return digest.hexdigest()
    except FileUnusable:
        return None


def _read_beside(folder: Path, name: str) -> bytes:
    path = folder / name
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_TABLE + 1)
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
    if len(data) > _LARGEST_TABLE:
        raise FileUnusable(file=str(path), reason="larger than 5 MB", reason_fr="plus de 5 Mo")
    return data
