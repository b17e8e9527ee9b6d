"""`xdm check` and `xdm show`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from demo_site import invoke

from tests.xdm_archives import DOCUMENT, METADATA, archive, packed, unpacked
from tests.xds_deposits import ins

FILES = unpacked(archive())
NEVER_OURS = re.compile(r"sent|envoyé|site|incident|document header|en-tête")
DAMAGED = packed({**unpacked(archive()), DOCUMENT: b"<other/>", "a\\b\x1b[2J": b""})


@pytest.fixture
def right(tmp_path: Path) -> str:
    (tmp_path / "IHE_XDM.zip").write_bytes(archive())
    return str(tmp_path / "IHE_XDM.zip")


@pytest.fixture
def damaged(tmp_path: Path) -> str:
    (tmp_path / "damaged.zip").write_bytes(DAMAGED)
    return str(tmp_path / "damaged.zip")


def test_an_archive_that_we_wrote_has_nothing_wrong_with_0(right: str) -> None:
    told, read = invoke("xdm", "check", right), invoke("xdm", "check", right, "--json")

    assert (told.code, read.code) == (0, 0), told.stderr
    assert told.stdout == f"{right}: 0 error(s), 0 remark(s)\n"
    assert read.json == {"file": right, "valid": True, "findings": []}


def test_another_hash_is_an_error_with_1(damaged: str) -> None:
    told, read = invoke("xdm", "check", damaged), invoke("xdm", "check", damaged, "--json")

    assert (told.code, read.code) == (1, 1)
    assert "[XDM-034]" in told.stdout
    assert {"XDM-034", "XDM-035"} <= {one["rule"] for one in read.json["findings"]}
    assert read.json["valid"] is False


def test_show_lists_the_names_as_they_stand_in_the_zip(right: str) -> None:
    told, read = invoke("xdm", "show", right), invoke("xdm", "show", right, "--json")

    assert (told.code, read.code) == (0, 0), told.stderr
    assert told.stdout.splitlines()[:4] == ["INDEX.HTM", "README.TXT", METADATA, DOCUMENT]
    assert read.json["files"] == ["INDEX.HTM", "README.TXT", METADATA, DOCUMENT]
    document = read.json["lots"][0]["documents"][0]
    assert (document["file"], document["taken"]) == (DOCUMENT, True)
    assert ins().matricule in document["entry"]["patient_id"]


def test_show_names_what_was_not_taken_with_1_and_no_name_reaches_the_terminal_raw(damaged: str) -> None:
    told, read = invoke("xdm", "show", damaged), invoke("xdm", "show", damaged, "--json")

    assert (told.code, read.code) == (1, 1)
    assert "\x1b" not in told.stdout
    assert f"{DOCUMENT}  ✗" in told.stdout
    assert "[XDM-034]" in told.stdout
    assert read.json["files"][-1] == "a\\b\x1b[2J"


def test_both_find_the_same_in_metadata_that_are_wrong_and_tell_what_a_receiver_can_do(tmp_path: Path) -> None:
    metadata = FILES[METADATA].replace(b"HasMember", b"Other")
    start = metadata.index(b"<rim:RegistryPackage")
    metadata = metadata[:start] + metadata[start:].replace(ins().matricule.encode(), b"1", 1)
    (tmp_path / "other.zip").write_bytes(packed({**FILES, METADATA: metadata}))

    checked, shown = (invoke("xdm", word, str(tmp_path / "other.zip"), "--json") for word in ("check", "show"))

    assert (checked.code, shown.code) == (1, 1)
    assert checked.json["findings"] == shown.json["findings"]
    assert {"XDS-720", "XDS-726", "XDS-741"} <= {one["rule"] for one in checked.json["findings"]}
    assert [one for one in checked.json["findings"] if NEVER_OURS.search(one["remedy"])] == []


def test_a_document_of_somebody_else_is_not_told_to_be_left_out(tmp_path: Path) -> None:
    metadata = FILES[METADATA].replace(ins().matricule.encode(), b"1")
    (tmp_path / "other.zip").write_bytes(packed({**FILES, METADATA: metadata}))

    shown = invoke("xdm", "show", str(tmp_path / "other.zip"), "--json").json

    assert shown["lots"][0]["documents"][0]["taken"]
    (finding,) = [one for one in shown["findings"] if one["rule"] == "XDM-041"]
    assert "confirm" in finding["remedy"]
    assert not re.search(r"not taken|pas été pris", finding["remedy"])


def test_show_does_not_tell_the_traits_of_the_patient(right: str) -> None:
    read = invoke("xdm", "show", right, "--json")
    assert "PID-5" not in read.stdout


@pytest.mark.parametrize("command", ["check", "show"])
def test_what_is_no_archive_is_1_and_what_is_not_there_is_2(command: str, tmp_path: Path) -> None:
    (tmp_path / "note.zip").write_text("rien", encoding="utf-8")

    assert invoke("xdm", command, str(tmp_path / "note.zip")).code == 1
    assert invoke("xdm", command, str(tmp_path / "none.zip")).code == 2
    assert invoke("xdm", command, str(tmp_path)).code == 2
