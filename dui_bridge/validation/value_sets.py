"""The value sets of the CI-SIS suite (`jeuxDeValeurs`): whether each is whole.

They are read against a schema of the bridge. The suite's own, `SVS.xsd`, serves no one: it includes a file that is
elsewhere in the suite, imports one from the network and, both repaired, refuses all value sets of the suite for the
attribute `effectiveDate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.validation.second_reading import SecondReadingUnusable, explain
from dui_bridge.xmlsafe import XmlRefused, parse_xml

FOLDER: Final = "jeuxDeValeurs"
_SCHEMA: Final = Path(__file__).with_name("value_set.xsd")

_REFUSED: Final = {
    "not_xml": ("this is not XML", "ce n'est pas du XML"),
    "doctype": ("it declares a DOCTYPE", "il déclare un DOCTYPE"),
    "too_large": ("it is too large", "il est trop gros"),
}


def set_aside_unreadable(copy: Path) -> tuple[tuple[str, str], ...]:
    """Removes from a copy of the suite the value sets that are not XML, and tells them.

    The Schematrons that read them then lack one file, where a file that is not XML would make them unusable.

    Returns:
        (English, French), one line each.
    """
    told = []
    for file in _files(copy):
        try:
            parse_xml(file.read_bytes())
        except XmlRefused as error:
            file.unlink()
            en, fr = _REFUSED[error.reason]
            at_en, at_fr = (f" at line {error.line}", f" à la ligne {error.line}") if error.line else ("", "")
            told.append(_damaged(file, at_en, en, at_fr, fr))
    return tuple(told)


def damaged(root: Path) -> Iterator[tuple[str, str]]:
    """The value sets of a suite in which codes cannot be looked up, (English, French) one line each; all are XML."""
    for file in _files(root):
        document = file.read_bytes()
        schema = _schema()
        if not schema.validate(parse_xml(document)):
            path, reason = _explained(document, schema.error_log[0])
            yield _damaged(file, f" at {path}", reason, f" en {path}", reason)


def _explained(document: bytes, first: etree._LogEntry) -> tuple[str, str]:
    """The first fault as the second reading tells it, as the first one does when there is none."""
    try:
        reasons = explain(_SCHEMA, document)
    except (SecondReadingUnusable, XmlRefused):
        reasons = []
    return reasons[0] if reasons else (first.path or "/", first.message)


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(parse_xml(_SCHEMA.read_bytes()))


def _files(root: Path) -> list[Path]:
    return sorted(file for file in (root / FOLDER).rglob("*") if file.suffix.lower() == ".xml" and file.is_file())


def _damaged(file: Path, at_en: str, en: str, at_fr: str, fr: str) -> tuple[str, str]:
    return (
        f"value set {file.stem}: damaged{at_en}: {en}",
        f"jeu de valeurs {file.stem} : endommagé{at_fr} : {fr}",
    )
