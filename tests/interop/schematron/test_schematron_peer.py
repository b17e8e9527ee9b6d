"""The same hits as an implementation of Schematron that is neither ours nor the judge's: ph-schematron, on Java.

It needs `mvn` and a JDK 17 or newer; Maven brings the rest.
"""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.validation.schematron.engine import Schematron, parse
from tests import java_harness
from tests.cda_dossiers import VARIANTS
from tests.official_judge import EXAMPLES, PACK, SHARED, Hits, schematrons_of
from tests.official_mutants import mutants

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(SHARED is None, reason="the shared reference folder is not here"),
    pytest.mark.skipif(not java_harness.PRESENT, reason=java_harness.ABSENT),
]
PEER = Path(__file__).parent / "peer"
ROOT = "/Q{urn:hl7-org:v3}ClinicalDocument[1]"
"""Where the peer locates a hit on the document itself."""
STEP = re.compile(r"/\*:([^\[]+)\[namespace-uri\(\)='([^']*)'\]\[(\d+)\]")


@pytest.fixture(scope="module")
def class_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The peer, compiled, and its libraries."""
    return java_harness.class_path(PEER, tmp_path_factory)


def peer_hits(
    class_path: str, documents: list[Path], schematrons: list[Path], result: Path
) -> dict[tuple[str, str], Hits]:
    """(Schematron, document) → (location, message without blanks)."""
    command = ["java", "-Xmx4g", "-Xss16m", "-cp", class_path, "Peer", result, *schematrons, "--", *documents]
    subprocess.run(command, check=True, timeout=1200, stdout=subprocess.DEVNULL)
    hits: dict[tuple[str, str], Hits] = {}
    for line in result.read_text(encoding="utf-8").splitlines():
        schematron, document, location, message = line.ljust(1).split("\t")
        at = STEP.sub(r"/Q{\2}\1[\3]", location)
        hits.setdefault((Path(schematron).name, Path(document).name), Counter())[at, "".join(message.split())] += 1
    return hits


def test_the_hits_of_thirty_documents(class_path: str, tmp_path: Path) -> None:
    """Given small examples, ours, and mutants of both, when both apply all common profiles, then no hit differs."""
    small = [p for p in EXAMPLES if p.stat().st_size < 60_000]
    sources = {p.stem: p.read_bytes() for p in small} | {n: VARIANTS[n]() for n in list(VARIANTS)[:10]}
    documents = []
    for number, (name, data) in enumerate(sources.items()):
        for rank, content in enumerate([data, *mutants(data, 2, 900 + number)][: 3 if number % 2 else 2]):
            documents.append(tmp_path / f"{name}-{rank}.xml")
            documents[-1].write_bytes(content)
    schematrons = [PACK / "schematrons" / s for s in schematrons_of(etree.Element("none"), common_only=True)]
    theirs = peer_hits(class_path, documents, schematrons, tmp_path / "hits.tsv")
    total = 0
    for schematron in schematrons:
        compiled = Schematron(schematron, PACK)
        for document in documents:
            data = document.read_bytes()
            outcome = compiled.run(parse(data, etree.fromstring(data)))
            ours: Hits = Counter(
                (hit.at if hit.at != "/" else ROOT, "".join(hit.message.split())) for hit in outcome.hits
            )
            expected = theirs.get((schematron.name, document.name), Counter())
            if ("RAISED", "") in expected:
                assert outcome.raised, f"{document.name}: {schematron.name}"
            else:
                assert ours == expected, f"{document.name}: {schematron.name}"
            total += ours.total()
    assert len(documents) >= 30
    assert total > len(documents)
