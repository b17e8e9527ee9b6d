"""The official CI-SIS suite of the ANS (TestContenuCDA) as a pack: what is in it, what of it is used.

The suite is never shipped with the bridge (it has no licence): a site adds its own copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.validation import value_sets
from dui_bridge.validation.schematron.engine import Schematron
from dui_bridge.validation.schematron.errors import SchematronUnusable
from dui_bridge.validation.schematron.files import existing
from dui_bridge.xmlsafe import XmlRefused, parse_xml

SCHEMA: Final = "infrastructure/cda/CDA_extended.xsd"
STRUCTURE: Final = "schematrons/profils/structurationMinimale/ASIP-STRUCT-MIN-StrucMin.sch"

COMMON: Final = (
    STRUCTURE,
    "schematrons/profils/IHE.sch",
    "schematrons/profils/CI-SIS_ModelesDeContenusCDA.sch",
    "schematrons/profils/CI-SIS_Modeles_ANS.sch",
    "schematrons/profils/terminologies/schematron/terminologie.sch",
)
"""The profiles that every document is checked with."""

MODELS: Final = {
    "1.2.250.1.213.1.1.1.22": "schematrons/CI-SIS_DLU-EHPAD-DLU_2022.01.sch",
    "1.2.250.1.213.1.1.1.23": "schematrons/CI-SIS_DLU-EHPAD-FLUDT_2022.01.sch",
    "1.2.250.1.213.1.1.1.24": "schematrons/CI-SIS_DLU-EHPAD-FLUDR_2022.01.sch",
    "1.2.250.1.213.1.1.1.51": "schematrons/CI-SIS_IPS-FR_2024.01.sch",
    "1.2.250.1.213.1.1.1.21": "schematrons/CI-SIS_LDL-EES_2022.01.sch",
    "1.2.250.1.213.1.1.1.29": "schematrons/CI-SIS_LDL-SES_2022.01.sch",
    "1.2.250.1.213.1.1.1.13": "schematrons/CI-SIS_VSM_1.4_2022.01.sch",
}
"""templateId of a model → its Schematron. Source: TestContenuCDA, the names and headers of its Schematrons."""

MODEL_TEMPLATES: Final = "1.2.250.1.213.1.1.1."
"""What the templateIds of CI-SIS models begin with; the common one, `…1.1.1.1`, is none."""

CODE_LISTS: Final = {
    "2.16.840.1.113883.6.1": "LOINC",
    "2.16.840.1.113883.6.96": "SNOMED CT",
    "2.16.840.1.113883.6.3": "CIM-10",
    "2.16.840.1.113883.6.73": "ATC",
    "1.2.250.1.213.2.68": "EMDN",
    "1.2.250.1.215.300.1": "CCAM",
    "1.2.250.1.213.1.1.4.322": "TerminologieCISIS",
}
"""Code systems of medico-social documents; the suite checks the codes of those of which it has the list."""

_LISTS_FOLDER: Final = "schematrons/profils/terminologies/terminologie"
_KEPT_FOLDERS: Final = ("infrastructure", "schematrons", value_sets.FOLDER)
_KEPT_SUFFIXES: Final = frozenset({".xsd", ".sch", ".xml", ".rdf"})

# The header's Schematron opens this file for ClinicalDocument/code; the suite lacks it, and has its codes in JDV_J07.
_TYPE_CODES: Final = "schematrons/profils/structurationMinimale/include/voc-1.2.250.1.213.1.1.5.471-DYNAMIC.xml"
_JDV_J07: Final = "jeuxDeValeurs/JDV_J07_XdsTypeCode_CISIS.xml"


@dataclass(frozen=True, slots=True)
class Checked:
    """What the check of a pack found.

    Args:
        usable: the schema and the header's Schematron work.
        lacks: (English, French), one line each.
    """

    usable: bool
    lacks: tuple[tuple[str, str], ...]


def root_of(path: Path) -> Path | None:
    """The folder of the suite at `path` or just below it; None when there is none."""
    folders = [path, *sorted(p for p in path.iterdir() if p.is_dir())] if path.is_dir() else []
    return next((folder for folder in folders if existing(folder / STRUCTURE, folder) is not None), None)


def files_of(root: Path) -> Iterator[Path]:
    """The files of a suite that are used, relative to it: no example, no program."""
    for name in _KEPT_FOLDERS:
        for file in sorted((root / name).rglob("*")):
            if file.suffix.lower() in _KEPT_SUFFIXES and file.is_file() and not file.is_symlink():
                yield file.relative_to(root)


def complete(root: Path) -> None:
    """Adds to a copy of the suite the table of document types that it lacks, made of its own value set JDV_J07."""
    target = root / _TYPE_CODES
    source = existing(root / _JDV_J07, root)
    if existing(target, root) is not None or source is None:
        return
    try:
        concepts = parse_xml(source.read_bytes()).iter("{*}Concept")
    except XmlRefused:
        return
    table = etree.Element("valueSets")
    value_set = etree.SubElement(table, "valueSet", id="1.2.250.1.213.1.1.5.471", name="JDV_J07")
    codes = etree.SubElement(value_set, "conceptList")
    for concept in concepts:
        names = ("code", "codeSystem", "displayName")
        etree.SubElement(codes, "concept", {name: concept.get(name, "") for name in names})
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(etree.tostring(table, encoding="utf-8", xml_declaration=True))


def load_schema(root: Path) -> etree.XMLSchema:
    """The schema of the suite. Raises SchematronUnusable."""
    file = existing(root / SCHEMA, root)
    if file is None:
        raise SchematronUnusable("CDA_extended.xsd", "the file is absent")
    try:
        schema = parse_xml(file.read_bytes())
        schema.getroottree().docinfo.URL = str(file)  # what it includes is looked for beside it
        return etree.XMLSchema(schema)
    except (etree.XMLSchemaParseError, XmlRefused, OSError) as error:
        raise SchematronUnusable(file.name, str(error)) from None


def check(root: Path) -> Checked:
    """Compiles everything that the bridge uses of a suite; takes some seconds."""
    lacks: list[tuple[str, str]] = []
    broken: set[str] = set()
    try:
        load_schema(root)
    except SchematronUnusable as error:
        broken.add(SCHEMA)
        lacks.append(_unusable("CDA_extended.xsd", error))
    for name in (*COMMON, *MODELS.values()):
        stem = Path(name).stem
        try:
            missing = Schematron(root / name, root).missing
        except SchematronUnusable as error:
            broken.add(name)
            lacks.append(_unusable(stem, error))
            continue
        for file in missing:
            lacks.append((f"{stem}: it reads {file}, which is absent", f"{stem} : il lit {file}, qui est absent"))
    for oid, name in CODE_LISTS.items():
        if existing(root / _LISTS_FOLDER / f"{oid}.rdf", root) is None:
            lacks.append(
                (f"{name} ({oid}): no list, its codes are not checked", f"{name} ({oid}) : liste absente, non contrôlé")
            )
    lacks.extend(value_sets.damaged(root))
    return Checked(not broken & {SCHEMA, STRUCTURE}, tuple(lacks))


def _unusable(part: str, error: SchematronUnusable) -> tuple[str, str]:
    why = error.reason.strip().splitlines()[0] if error.reason.strip() else ""
    at = f" ({error.file})" if not error.file.startswith(part) else ""
    return f"{part}: not usable, {why}{at}", f"{part} : inutilisable, {why}{at}"
