"""The same hits as an independent judge: on every official document, and on random mutants of our own documents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from lxml import etree

from dui_bridge.validation.schematron.engine import Schematron, parse
from tests.cda_dossiers import VARIANTS
from tests.official_judge import EXAMPLES, NOT_ITS_MODEL, PACK, SHARED, Judged, schematrons_of
from tests.official_mutants import mutants

pytestmark = pytest.mark.skipif(SHARED is None, reason="the shared reference folder is not here")
_COMPILED: dict[str, Schematron] = {}
QUICK, MANY = 40, 300
LARGE = 500_000


def ours(schematron: str) -> Schematron:
    if schematron not in _COMPILED:
        _COMPILED[schematron] = Schematron(PACK / "schematrons" / schematron, PACK)
    return _COMPILED[schematron]


class Compared:
    """What comparisons came to: hits that both gave, and Schematrons that raised in both."""

    def __init__(self) -> None:
        self.hits = 0
        self.raised = 0

    def compare(self, file: Path, *, common_only: bool = False) -> None:
        data = file.read_bytes()
        root = etree.fromstring(data, etree.XMLParser(huge_tree=True))
        judged, document = Judged(file), parse(data, root)
        for schematron in schematrons_of(root, common_only=common_only):
            theirs, outcome = judged.hits(schematron), ours(schematron).run(document)
            if theirs is None:
                assert outcome.raised, f"{file.name}: the judge's {schematron} raises, ours does not"
                self.raised += 1
            else:
                assert Counter((hit.at, hit.message) for hit in outcome.hits) == theirs, f"{file.name}: {schematron}"
                assert outcome.raised == ()
                self.hits += theirs.total()


def example(file: Path) -> ParameterSet:
    """The judge takes its time over large documents, and over the one that has every section."""
    slow = file.stat().st_size > LARGE or file.name == NOT_ITS_MODEL
    return pytest.param(file, id=file.name, marks=[pytest.mark.real] if slow else [])


@pytest.mark.parametrize("file", [example(file) for file in EXAMPLES])
def test_the_hits_of_an_official_document(file: Path) -> None:
    compared = Compared()
    compared.compare(file, common_only=file.name == NOT_ITS_MODEL)
    assert compared.hits == (10 if "TDDUI" in file.name else 0)  # that model is newer than the suite


def test_the_official_documents_are_here() -> None:
    assert len(EXAMPLES) >= 10


def compare_mutants(documents: dict[str, bytes], count: int, folder: Path, seed: int) -> Compared:
    """Compares so many mutants, taken in turn from the documents."""
    compared = Compared()
    each = -(-count // len(documents))
    for number, (name, document) in enumerate(documents.items()):
        for rank, mutant in enumerate(mutants(document, each, seed + number)):
            file = folder / f"{name}-{rank}.xml"
            file.write_bytes(mutant)
            compared.compare(file)
    return compared


def test_the_hits_of_some_mutants(tmp_path: Path) -> None:
    assert compare_mutants({n: b() for n, b in VARIANTS.items()}, QUICK, tmp_path, 4100).hits > QUICK / 3


@pytest.mark.real
def test_the_hits_of_many_mutants(tmp_path: Path) -> None:
    compared = compare_mutants({n: b() for n, b in VARIANTS.items()}, MANY, tmp_path, 1000)
    assert compared.hits > MANY
    assert compared.raised


@pytest.mark.real
def test_the_hits_of_mutants_of_structured_documents(tmp_path: Path) -> None:
    structured = {p.stem: p.read_bytes() for p in EXAMPLES if p.stat().st_size < 600_000}
    assert compare_mutants(structured, 40, tmp_path, 7).hits


TIME = b'<time xsi:type="IVL_TS"'
REALM = b'<realmCode code="FR"/>'


@pytest.mark.parametrize("wrong", [b'xsi:type=""', b'xsi:type="a:b:c"'])
def test_a_document_that_makes_a_schematron_raise_loses_no_other_hit(wrong: bytes, tmp_path: Path) -> None:
    """A type that is no name makes a rule of the header raise in both; without it, both find what else is wrong."""
    header = schematrons_of(etree.fromstring(VARIANTS["full"]()))[0]
    wrong_elsewhere = VARIANTS["full"]().replace(REALM, b'<realmCode code="BE"/>', 1)
    raising = wrong_elsewhere.replace(TIME, b"<time " + wrong, 1)
    assert raising != wrong_elsewhere
    (file := tmp_path / "one.xml").write_bytes(wrong_elsewhere)
    expected = Judged(file).hits(header)
    file.write_bytes(raising)
    outcome = ours(header).run(parse(raising, etree.fromstring(raising)))
    assert Judged(file).hits(header) is None
    assert [r.at.rpartition("}")[2] for r in outcome.raised] == ["time[1]"]
    assert Counter((hit.at, hit.message) for hit in outcome.hits) == expected
