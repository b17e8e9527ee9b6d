"""`dmp decode`: a captured message of the DMP in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from demo_site import invoke

from tests.shared import shared_path

SAMPLES = (shared_path() or Path("absent")) / "reference" / "xds" / "samples" / "dmp-gie-sv"
official = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the reference messages are not there")


@official
def test_a_message_without_a_defect_is_told_with_0() -> None:
    told = invoke("dmp", "decode", str(SAMPLES / "TD3.2-retrieve-reponse.xml"))

    assert told.code == 0, told.stderr
    assert told.stdout.startswith("answer RetrieveDocumentSetResponse\n")


@official
def test_what_is_wrong_is_named_with_1() -> None:
    file = str(SAMPLES / "TD2.1-alimentation-requete-mime.txt")
    told, read = invoke("dmp", "decode", file), invoke("dmp", "decode", file, "--json")

    assert (told.code, read.code) == (1, 1)
    assert "[document_without_entry]" in told.stdout
    assert len(read.json["entries"]) == 2


@official
def test_the_homologation_number_is_never_shown() -> None:
    told = invoke("dmp", "decode", str(SAMPLES / "VIHF-INDIRECTE-signe.xml"))

    assert "***" in told.stdout


def test_what_is_no_message_is_1(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("rien", encoding="utf-8")

    assert invoke("dmp", "decode", str(tmp_path / "note.txt")).code == 1


def test_a_file_that_is_not_there_is_2(tmp_path: Path) -> None:
    assert invoke("dmp", "decode", str(tmp_path / "none.xml")).code == 2
