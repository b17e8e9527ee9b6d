"""From the words of a site to the parts of a run: a mapping compiled against its source, a source, a destination."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Map
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from dui_bridge import __version__, declared
from dui_bridge.connectors.csv import CsvSettings, CsvSource, parse_settings
from dui_bridge.connectors.file.client import FileDestination
from dui_bridge.connectors.file.settings import FileSettings
from dui_bridge.declared import Mapping, Problems, Scalar
from dui_bridge.errors import DeclarationInvalid, FileUnusable
from dui_bridge.mappings.compile import compile_mapping
from dui_bridge.mappings.document import Layer, MappingFile, load_mapping
from dui_bridge.mappings.plan import Plan
from dui_bridge.mappings.shape import AliasShape, SourceShape
from dui_bridge.site.settings import Site

Columns = Map[str, tuple[str, ...]]

_LARGEST_TABLE = 5_000_000
_BLOCK = 1 << 20


@dataclass(frozen=True)
class AssembledMapping:
    """A mapping file, the settings of its source, the shape they give, and the plan.

    `settings` and `plan` are None when the file has errors that prevent them.
    """

    file: MappingFile
    settings: CsvSettings | None
    plan: Plan | None

    def versions(self) -> dict[str, str]:
        """The versions that make a document, for the journal."""
        return {"bridge": __version__, "mapping": f"{self.file.name} {self.file.version}", "base": self.file.base}

    def open_source(self, path: Path, *, as_is: bool = False) -> CsvSource:
        """The source at a path; it checks the header lines against what the plan reads."""
        if self.settings is None or self.plan is None:
            raise DeclarationInvalid(self.file.file, ())
        return CsvSource(self.settings, path, self.plan.used_columns, as_is=as_is)


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
    settings = read_source(file, problems)
    if settings is None:
        return AssembledMapping(file, None, None)
    plan = compile_mapping(file, shape_of(settings, columns), problems, every_column=every_column)
    return AssembledMapping(file, settings, plan)


def read_source(file: MappingFile, problems: Problems) -> CsvSettings | None:
    """The settings of the mapping's source, or None with a finding."""
    source = file.source
    csv = source.get("csv") if isinstance(source, Mapping) else None
    if isinstance(source, Mapping):
        for key, place, _ in source.items():
            if key != "csv":
                problems.unknown_key(key, place, ("csv",))
    if csv is None:
        problems.missing_key("source.csv", source.place if source is not None else file.node.place)
        return None
    return parse_settings(csv, problems, _root_alias(file))


def _root_alias(file: MappingFile) -> str | None:
    usager = file.node.get("usager")
    each = usager.get("each") if isinstance(usager, Mapping) else None
    return each.text if isinstance(each, Scalar) else None


def shape_of(settings: CsvSettings, columns: Columns | None) -> SourceShape:
    """What the mapping engine needs to know of a CSV source."""
    aliases = {}
    for name, file in settings.files.items():
        known = columns.get(name) if columns is not None else None
        aliases[name] = AliasShape(
            name=name,
            file=file.file,
            place=file.place,
            parent=file.of,
            is_reference=name in settings.references,
            columns=known or file.columns,
            key=file.key,
            keep_last_by=file.keep_last_by,
            used=frozenset(file.structure()),
            pivot=file.pivot or (),
            ignored=file.ignored,
            forbidden=file.forbidden,
        )
    return SourceShape(settings.root, aliases)


def destinations(site: Site, source: str) -> dict[str, FileDestination]:
    """The destinations that are built so far, by name."""
    return {
        name: FileDestination(settings.path, source)
        for name, settings in site.destinations.items()
        if isinstance(settings, FileSettings)
    }


def digest_of(source: CsvSource, ref: str) -> str | None:
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
        raise FileUnusable(file=str(path), reason=error.strerror or "cannot be read") from None
    if len(data) > _LARGEST_TABLE:
        raise FileUnusable(file=str(path), reason="larger than 5 MB")
    return data
