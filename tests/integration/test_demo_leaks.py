"""What a social record holds and care has no right to is in nothing that the demo wrote, sent or kept, however wrapped."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from demo_site import DemoSite
from opened import opened
from sample_vendor import SAMPLES

PASSERELLE = SAMPLES / "passerelle-pds"
MARK = b"canari"
"""Every forbidden field of the sample holds a word that begins so."""


def everything(demo: DemoSite) -> Iterator[tuple[str, bytes]]:
    """Every file but the export itself, and what is sealed in the journal, in clear; each thing once."""
    seen: set[bytes] = set()
    for path in sorted(demo.out.rglob("*")):
        if path.is_file() and path.relative_to(demo.out).parts[0] != "export":
            for data in opened(path.read_bytes(), seen):
                yield str(path.relative_to(demo.out)), data
    for number, clear in enumerate(demo.sealed):
        for data in opened(clear, seen):
            yield f"sealed {number}", data


def mixed() -> dict[str, bytes]:
    """The PDF files that mix care and rights."""
    return {path.name: path.read_bytes() for path in (PASSERELLE / "export").rglob("*_synthese.pdf")}


def test_the_words_of_a_pdf_of_the_export_are_found_by_the_same_search() -> None:
    assert len(mixed()) == 4
    for data in mixed().values():
        assert any(b"canarisynthese" in one for one in opened(data, set()))


@pytest.mark.parametrize("vendor", ["atlas-ph", "serenia-ehpad", "passerelle-pds"])
def test_the_words_of_a_pdf_that_was_handed_over_are_read_by_the_same_search(demo: DemoSite, vendor: str) -> None:
    pdf = next(data for name, data in demo.documents(vendor).items() if name.endswith(".pdf"))
    *_, text = opened(pdf, set())
    assert len(text.decode()) > 200


@pytest.fixture(scope="module")
def found(demo: DemoSite) -> dict[str, set[str]]:
    """Place → what was found there: the mark, the PDF files that mix, and what care needs, which must be there."""
    forbidden = {sha256(data).digest(): name for name, data in mixed().items()}
    places: dict[str, set[str]] = {"documents": set(), "dmp": set(), "mssante": set(), "sealed": set(), "leaks": set()}
    for place, data in everything(demo):
        if MARK in data or sha256(data).digest() in forbidden:
            places["leaks"].add(place)
        if b"Centre hospitalier du Furan" in data or "Usage d'opioïdes".encode() in data:
            parts = {part for part in Path(place).parts if part in places}
            for part in parts or ({"sealed"} if place.startswith("sealed") else set()):
                places[part].add(place)
    return places


def test_no_forbidden_field_is_in_what_was_handed_over_nor_in_the_journal(found: dict[str, set[str]]) -> None:
    assert found["leaks"] == set()


@pytest.mark.parametrize("place", ["documents", "mssante", "sealed"])
def test_the_search_sees_what_care_needs(found: dict[str, set[str]], place: str) -> None:
    assert found[place]
