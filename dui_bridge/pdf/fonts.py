"""The two faces of a document, what they can draw, and how wide it is.

Source Sans Pro (SIL OFL 1.1, embeddable) comes from the PyPI package `font-source-sans-pro`. A font that lacks a glyph
still makes a valid PDF/A-1b, with a hole where a letter of a name should be: so coverage is checked here, character by
character.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import as_file, files

from fpdf import FPDF
from fpdf.fonts import TTFFont

REPLACEMENT = "\u2610"
"""Drawn in the place of a character that no face can draw: the usual empty box, never nothing."""

CORE_REPERTOIRE = frozenset(
    "".join(map(chr, range(0x20, 0x7F)))
    + "ÀÂÄÆÇÈÉÊËÎÏÔÖŒÙÛÜŸàâäæçèéêëîïôöœùûüÿÁÍÑÓÚáíñóú"
    + "\u00a0«»‘’“”–—…°·•€²→"
    + REPLACEMENT
)
"""Embedded in every document, so that subset fonts are made once per process; what a document needs beyond is added."""

_SAME_MEANING: Mapping[int, str | None] = {
    **dict.fromkeys((0x0009, 0x000B, 0x000C, *range(0x2000, 0x2007), 0x2008, 0x2009, 0x200A, 0x205F, 0x3000), " "),
    **dict.fromkeys((0x2007, 0x202F), "\u00a0"),
    **dict.fromkeys((0x000D, 0x0085, 0x2028, 0x2029), "\n"),
    **dict.fromkeys((0x2010, 0x2011), "-"),
    **dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF), None),
}
"""Spaces and hyphens that only differ in width or in how they break: drawn as the common ones, which a search finds."""


class Face(StrEnum):
    """A face of the family; the value is the file's name in the package."""

    REGULAR = "SourceSansPro-Regular.ttf"
    BOLD = "SourceSansPro-Semibold.ttf"


@dataclass(frozen=True)
class MissingGlyph:
    """A character that could not be drawn, and the place in the model of the text that it stood in."""

    character: str
    where: str

    @property
    def code_point(self) -> str:
        """`U+0416`, as Unicode writes it."""
        return f"U+{ord(self.character):04X}"


@dataclass(frozen=True)
class Prepared:
    """Text made of covered characters and line feeds, and the characters that had to be replaced, each once."""

    text: str
    replaced: tuple[str, ...]


def add_face(pdf: FPDF, face: Face) -> TTFFont:
    """Adds the face to an fpdf2 document, under the face's own name, and selects it."""
    with as_file(files("font_source_sans_pro") / "files" / face.value) as path:
        pdf.add_font(face.name, fname=path)
    pdf.set_font(face.name, size=10)
    font = pdf.fonts[face.name.lower()]
    if not isinstance(font, TTFFont):
        raise TypeError(f"{face.value} is not a TrueType font")
    return font


@cache
def advances(face: Face) -> Mapping[str, int]:
    """Character → advance width in thousandths of the font size, for every character of the face."""
    font = add_face(FPDF(), face)
    font.close()
    return {chr(code): int(advance) for code, advance in font.cw.items()}


@cache
def _covered() -> frozenset[str]:
    both = frozenset(advances(Face.REGULAR)) & frozenset(advances(Face.BOLD))
    return frozenset(character for character in both if not unicodedata.category(character).startswith("C"))


def prepare(text: str) -> Prepared:
    """Any text → text that can be drawn; never raises.

    Composed (NFC); spaces and hyphens made common; compatibility forms (ligatures, full width) unfolded only where the
    faces lack them. What is left uncovered becomes `REPLACEMENT` and is listed.
    """
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").translate(_SAME_MEANING))
    covered = _covered()
    if covered.issuperset(text.replace("\n", "")):
        return Prepared(text, ())
    replaced: dict[str, None] = {}
    return Prepared("".join(_drawable(text, covered, replaced)), tuple(replaced))


def _drawable(text: str, covered: frozenset[str], replaced: dict[str, None]) -> Iterator[str]:
    for character in text:
        if character == "\n" or character in covered:
            yield character
            continue
        unfolded = unicodedata.normalize("NFKC", character)
        if covered.issuperset(unfolded):
            yield unfolded
        else:
            replaced[character] = None
            yield REPLACEMENT


def width(text: str, face: Face, size: float) -> float:
    """Width in points of prepared one-line text, at `size` points."""
    return sum(map(advances(face).__getitem__, text)) * size / 1000
