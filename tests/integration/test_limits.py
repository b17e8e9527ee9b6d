"""Files beyond any sense, and long ones: bounded memory, bounded time, one finding or error."""

from __future__ import annotations

import gc
import os
import resource
import sys
from pathlib import Path

import forked_command
import pytest
from demo_site import DemoSite, invoke
from forked_command import forked
from small_site import small_site

from dui_bridge.connectors.csv.errors import CELL_TOO_LONG
from dui_bridge.validation.pdf import LARGEST


@pytest.fixture
def small(tmp_path: Path) -> DemoSite:
    return small_site(tmp_path / "out")


def resident(what: str) -> int:
    """Of this process, in MB: `VmRSS` now, `VmHWM` at its peak."""
    [line] = [one for one in Path("/proc/self/status").read_text("ascii").splitlines() if one.startswith(f"{what}:")]
    return int(line.split()[1]) // 1024


def tell_growth() -> None:
    """When the command is over, standard error tells how far the peak was above what this process has now."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak is counted from here, see proc(5)
    begun = resident("VmRSS")
    command = forked_command.main

    def measuring() -> None:
        try:
            command()
        finally:
            sys.stderr.write(f"GROWN {resident('VmHWM') - begun}")
            sys.stderr.flush()

    forked_command.main = measuring


def measured(site: DemoSite, *options: str, seconds: float) -> tuple[int, str, int]:
    """`run`: exit code, everything it said, and how far its memory grew at the peak, in MB."""
    process = forked("run", "--config", str(site.config), *options, before=tell_growth)
    process.wait(seconds)
    code, out, err = process.ended()
    said, _, grown = err.rpartition("GROWN ")
    return code, out + said, int(grown)


def long_pdf(site: DemoSite, size: int) -> None:
    path = site.export("DOCS") / "LONG.PDF"
    with path.open("wb") as stream:
        stream.write(b"%PDF-1.4\n")
        stream.truncate(size)
    site.edit("PROJETS.CSV", lambda text: text.replace(";17/02/2026;E01;", r";17/02/2026;E01;DOCS\LONG.PDF"))


def test_a_pdf_of_200_mb_quarantines_its_document_and_is_not_held_in_memory(small: DemoSite) -> None:
    long_pdf(small, 200 * 1024 * 1024)
    code, said, grown = measured(small, seconds=60)
    assert code == 0
    assert "PIP-002" in said
    assert not (small.out / "documents").exists()
    assert grown < 450


def test_a_pdf_just_within_the_limit_that_is_none_is_refused(small: DemoSite) -> None:
    long_pdf(small, LARGEST)
    code, said, grown = measured(small, seconds=60)
    assert code == 0
    assert "PDF-" in said
    assert grown < 900


def test_a_cda_document_beyond_the_limit_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "long.xml"
    with path.open("wb") as stream:
        stream.truncate(1024 * 1024 * 1024)
    ran = invoke("cda", "validate", str(path))
    assert ran.code == 1
    assert "CDA-103" in ran.stdout


@pytest.mark.parametrize("columns", [1_001, 1_000_000])
def test_too_many_columns_make_the_export_unreadable(small: DemoSite, columns: int) -> None:
    header = b";".join(b"C%d" % number for number in range(columns))
    path = small.export("USAGERS.CSV")
    path.write_bytes(header + b"\r\n" + path.read_bytes())
    code, said, grown = measured(small, seconds=60)
    assert code == 2
    assert "USAGERS.CSV" in said
    assert grown < 300


def test_a_million_separators_in_a_row_damage_that_row_only(small: DemoSite) -> None:
    path = small.export("ACTIONS.CSV")
    path.write_bytes(path.read_bytes() + b"PP1;1;" + b";" * 1_000_000 + b"\r\n")
    code, _, grown = measured(small, "--strict", seconds=60)
    assert code in (0, 1)
    assert "ACTIONS.CSV" in (small.out / "report.html").read_text(encoding="utf-8")
    assert grown < 300


@pytest.mark.parametrize("mark", [b"", b'"'], ids=["plain", "quoted"])
def test_a_line_of_100_mb_is_one_damaged_row_and_the_next_is_read(small: DemoSite, mark: bytes) -> None:
    path = small.export("CONTACTS.CSV")
    header, rest = path.read_bytes().split(b"\r\n", 1)
    with path.open("wb") as stream:
        stream.write(header + b"\r\n99;1;" + mark)
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(mark + b";;;;;;;;;;\r\n" + rest)
    code, said, grown = measured(small, seconds=60)
    assert code == 0, said
    assert CELL_TOO_LONG.id in (small.out / "report.html").read_text(encoding="utf-8")
    assert len(small.documents()) == 2
    assert grown < 300


def test_a_quotation_mark_that_is_never_closed_costs_bounded_time(small: DemoSite) -> None:
    path = small.export("CONTACTS.CSV")
    header, rest = path.read_bytes().split(b"\r\n", 1)
    lines = b'1;3;"Martin;Luc;;;;;;;;;\r\n' * 60_000
    path.write_bytes(header + b"\r\n" + lines + rest)
    code, said, grown = measured(small, seconds=120)
    assert code in (0, 2), said
    assert grown < 500


def test_open_files_are_given_back(small: DemoSite) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        small.run()
    assert len(list(Path("/proc/self/fd").iterdir())) <= before


@pytest.mark.real
def test_a_csv_file_of_1_gb_is_read_in_bounded_memory(small: DemoSite) -> None:
    """Rows of another usager's contacts: all are indexed, and told as orphans in bounded number."""
    path = small.export("CONTACTS.CSV")
    row = b"99;1;Dupont;Jeanne;MERE;" + b"12 rue des Lilas " * 50 + b";04 65 71 00 00;;;;;\r\n"
    with path.open("ab") as stream:
        for _ in range(1024 * 1024 * 1024 // (1_000 * len(row)) + 1):
            stream.write(row * 1_000)
    assert path.stat().st_size > 1024 * 1024 * 1024
    code, said, grown = measured(small, seconds=400)
    assert code == 0, said
    assert len(small.documents()) == 2
    assert grown < 400


@pytest.mark.real
def test_a_sparse_csv_file_of_1_gb_is_one_error(small: DemoSite) -> None:
    os.truncate(small.export("CONTACTS.CSV"), 1024 * 1024 * 1024)
    code, said, grown = measured(small, seconds=300)
    assert code in (0, 2), said
    assert grown < 400


def test_no_limit_of_this_process_was_changed() -> None:
    """What a test of limits must not do to the tests that come after it."""
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
