"""Large documents: what building them and carrying them to the DMP and back needs of memory, in a process of its own."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest

import dui_bridge
from dui_bridge.sandbox.dmp import DmpServer
from tests.cda_dossiers import IDS
from tests.cda_dossiers import built as built_cda
from tests.dmp_site import site_pki

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="only Linux tells the peak of a step"),
]
MEGABYTE = 1_000_000


def measured(*words: str | Path) -> list[int]:
    """Size of the large document, and the peaks of the steps, in bytes."""
    root = Path(dui_bridge.__file__).parent.parent
    command: list[str | Path] = [sys.executable, "-m", "tests.dmp_memory", *words]
    ran = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr[-2000:]
    return [int(word) for word in ran.stdout.split()]


def pdf(file: Path, size: int) -> Path:
    """A PDF of about that size, most of it an attachment that nobody can make smaller."""
    with pikepdf.new() as made:
        made.add_blank_page()
        made.Root.Attached = made.make_indirect(pikepdf.Stream(made, random.Random(size).randbytes(size)))
        made.save(file)
    return file


def test_building_and_validating_a_document_needs_at_most_six_times_its_size(tmp_path: Path) -> None:
    small, large = (pdf(tmp_path / f"{size}.pdf", size) for size in (1000, 20 * MEGABYTE))
    size, peak = measured("build", small, large)
    assert size > 26 * MEGABYTE
    assert peak <= 6 * size, f"{peak / size:.2f} times"


def test_carrying_a_document_of_50_mb_needs_at_most_20_mb_beside_it(tmp_path: Path) -> None:
    files = []
    for number, size in enumerate((1000, 37 * MEGABYTE), 1):
        ids = replace(IDS, unique_id=f"{IDS.unique_id}.{number}")
        files.append(tmp_path / f"{number}.xml")
        files[-1].write_bytes(built_cda(ids=ids, pdf=random.Random(size).randbytes(size)))
    pki = site_pki(tmp_path / "pki")
    with DmpServer(pki, tmp_path / "dmp") as server:
        size, sent, read = measured("carry", *files, pki.folder, server.url)
        assert server.store.count() == 2
    assert size > 49 * MEGABYTE
    assert files[1].with_suffix(".read").read_bytes() == files[1].read_bytes()
    assert sent <= 20 * MEGABYTE, f"{sent / MEGABYTE:.1f} MB"
    assert read <= 20 * MEGABYTE, f"{read / MEGABYTE:.1f} MB"
