"""`mssante decode`: one mail, told to a person or a machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from demo_site import invoke

from tests.mss_mails import DOCTOR, ERROR, SENT_ID, delivery, disposition, recipient, with_documents
from tests.xdm_archives import archive

FAILED = recipient("failed", "5.1.1", "smtp; 550 5.1.1 <x@y.fr> closed")


def decoded(folder: Path, data: bytes, *options: str) -> tuple[int, str]:
    file = folder / "mail.eml"
    file.write_bytes(data)
    done = invoke("mssante", "decode", str(file), *options)
    return done.code, done.stdout


def test_tells_documents_with_their_ids_and_no_trait(tmp_path: Path) -> None:
    code, said = decoded(tmp_path, with_documents(), "--json")
    told = json.loads(said)
    assert (code, told["kind"], told["findings"]) == (0, "xdm", [])
    assert [(one["file"], one["taken"]) for one in told["documents"]] == [("IHE_XDM/SUBSET01/DOC0001.XML", True)]


def test_a_failed_delivery_is_a_right_report_with_its_cause(tmp_path: Path) -> None:
    code, said = decoded(tmp_path, delivery(FAILED), "--json")
    told = json.loads(said)
    assert (code, told["kind"], told["code"]) == (0, "dsn", "550")
    assert (told["delivery"]["message_id"], told["delivery"]["recipients"]) == (SENT_ID, [DOCTOR])
    assert told["notices"][0]["cause"] == "MSS-020"
    assert "x@y.fr" not in told["notices"][0]["message"]["fr"]


def test_says_it_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    data = disposition("automatic-action/MDN-sent-automatically; processed/error", f"Error: {ERROR}")
    code, said = decoded(tmp_path, data)
    assert code == 0
    assert said.splitlines()[0] == "integration_error 902"
    assert "patient inconnu du destinataire" in said
    assert SENT_ID in said


def test_a_damaged_archive_is_a_defect_of_the_mail(tmp_path: Path) -> None:
    code, said = decoded(tmp_path, with_documents(zip=archive()[:-40]), "--json")
    told = json.loads(said)
    assert (code, told["kind"]) == (1, "xdm")
    assert told["findings"]


def test_a_file_that_is_no_mail_is_told_and_one_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    code, said = decoded(tmp_path, b"\x00" * 10)
    assert (code, "MSS-150" in said) == (1, True)
    assert invoke("mssante", "decode", str(tmp_path / "absent.eml")).code == 2
