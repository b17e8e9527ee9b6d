"""Embedded subset fonts, made once for a repertoire and reused: subsetting is what a document would spend its time on.

fpdf2 writes a one-page PDF/A-1b that holds the fonts and the colour profile; documents are made from it with their own
pages (`assembly.py`). A document within `CORE_REPERTOIRE` costs no subsetting at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from fpdf import FPDF

from dui_bridge.pdf.fonts import CORE_REPERTOIRE, Face, add_face


@dataclass(frozen=True)
class Embedding:
    """Embedded fonts.

    Args:
        data: a PDF whose only page has the fonts as its resources.
        resource_names: of each font, with its slash.
        codes: by face, the code of each character as four hexadecimal digits.
    """

    data: bytes
    resource_names: Mapping[Face, str]
    codes: Mapping[Face, Mapping[str, str]]


def embedding_for(characters: frozenset[str]) -> Embedding:
    """The fonts for prepared text made of these characters (no line feed)."""
    return _embed(characters - CORE_REPERTOIRE)


@lru_cache(maxsize=32)
def _embed(beyond_core: frozenset[str]) -> Embedding:
    repertoire = "".join(sorted(CORE_REPERTOIRE | beyond_core))
    pdf = FPDF(enforce_compliance="PDF/A-1B")
    pdf.add_page()
    names: dict[Face, str] = {}
    codes: dict[Face, Mapping[str, str]] = {}
    for face in Face:
        font = add_face(pdf, face)
        pdf.text(0, 0, repertoire)
        names[face] = f"/F{font.i}"
        codes[face] = {character: f"{font.subset.pick(ord(character)):04X}" for character in repertoire}
    return Embedding(bytes(pdf.output()), names, codes)
