"""`python -m tests.dmp_memory TASK …`: what one task needs of memory at most, above what the process has without it.

Prints bytes: of the document, then one peak for each step. A small document goes the whole way first, so that what is
loaded once counts for nothing; what is free is given back before each measure. Linux only.
"""

from __future__ import annotations

import ctypes
import gc
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.lots import make_lot
from dui_bridge.ins.gate import qualified_ins
from dui_bridge.model.accompagnement import DocumentPret, TypeDocument
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.build import Subject, make_body, make_cda, validate
from dui_bridge.sandbox.pki import Pki
from dui_bridge.xds.metadata import document_entry
from tests.cda_dossiers import EDUCATRICE, FOYER, FULL, IDS
from tests.dmp_site import site_client
from tests.dmp_world import AUTOMATE, DOCTOR, professional
from tests.xds_deposits import ins

KIND = TypeDocument.PROJET_PERSONNALISE
MOST = 140_000_000


def memory(name: str) -> int:
    """`VmRSS` or `VmHWM` of this process, in bytes."""
    found = re.search(rf"{name}:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024


@contextmanager
def peak(into: list[int]) -> Iterator[None]:
    """Notes the most that the block has at a time, above what the process has before."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before = memory("VmRSS")
    yield
    into.append(memory("VmHWM") - before)


def build(file: Path, into: list[int]) -> int:
    """A level 1 document around a PDF: read, built and validated by our own rules; the official suite is left out."""
    item = DocumentPret(identifiant="9", type=KIND, date=date(2026, 2, 28), auteur=EDUCATRICE, fichier=file.name)
    dossier_ins = qualified_ins(FULL.usager, Profile.SANDBOX)
    subject = Subject(KIND, "9", FULL, item, "documents[0]", FOYER, dossier_ins)
    with peak(into):
        body = make_body(subject, lambda _: file.open("rb"))
        data = make_cda(subject, IDS, body).data
        findings = validate(data, rendered=False)
    assert body.pdf
    assert not any(one.is_error for one in findings)
    return len(data)


def carry(client: DmpClient, file: Path, into: list[int]) -> int:
    """A document and its signed lot, which are in memory, to the DMP; then back, to a file."""
    data = file.read_bytes()
    entry = document_entry(data, ins(), max_bytes=MOST)
    at = datetime.now(UTC)
    lot = make_lot(entry, data, AUTOMATE.author, client.practice, client.line.signer, at=at)
    assert lot.findings == ()
    with peak(into):
        client.deposit(lot, ins(), AUTOMATE)
    del data, lot
    found = client.locate(entry.unique_id, ins(), AUTOMATE)
    assert found is not None
    assert found.entry is not None
    with peak(into):
        read = client.retrieve(found.entry, ins(), professional(DOCTOR), file.with_suffix(".read"))
    return read.size


def main(task: str, small: str, large: str, folder: str = "", url: str = "") -> None:
    """Both files go the way of the task; what the large one needed is printed."""
    peaks: list[int] = []
    if task == "build":
        sizes = [build(Path(file), peaks) for file in (small, large)]
    else:
        client = site_client(Pki(Path(folder)), url)
        with closing(client.line.http):
            sizes = [carry(client, Path(file), peaks) for file in (small, large)]
    steps = len(peaks) // 2
    sys.stdout.write(" ".join(str(one) for one in (sizes[1], *peaks[steps:])))


if __name__ == "__main__":
    main(*sys.argv[1:])
