"""What the DUI finds in its inbox: whole, in order, nothing outside, nothing over something else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dui_bridge.connectors.mssante.reading import read_mail
from dui_bridge.errors import FileUnusable
from dui_bridge.pipeline.inbox.arrivals import document as read
from dui_bridge.pipeline.inbox.arrivals import enclosed
from dui_bridge.pipeline.inbox.laying import laid_files, lay, name_of
from dui_bridge.pipeline.inbox.records import Decision, Effect, Judged, Judgement
from tests.inbox_world import HERS, NOW, World, came, document, judged, kept
from tests.mss_mails import OWN, file, mail, text
from tests.xds_deposits import cda

FILES = {"CR.PDF": b"%PDF-1.7 x", "faux.pdf": b"MZ", "logo.png": b"png"}


def files(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


def test_pdf_cda_and_last_a_json_that_says_whose(tmp_path: Path) -> None:
    given = came()
    name = document().unique_id
    assert lay(tmp_path, judged(given), given) == (f"{name}.json",)
    laid = files(tmp_path)
    assert set(laid) == {f"atlas/{name}.pdf", f"atlas/{name}.xml", f"atlas/{name}.json"}
    assert laid[f"atlas/{name}.xml"] == cda()
    told = json.loads(laid[f"atlas/{name}.json"])
    assert told["action"] == "new"
    assert told["dossier"] == {"source": "atlas", "establishment": HERS.finess, "number": "0042"}
    assert told["files"] == {"cda": f"{name}.xml", "pdf": f"{name}.pdf"}


def test_the_json_says_where_its_pdf_comes_from() -> None:
    """Nothing says that a PDF which came beside the archive is what the CDA says."""
    without = cda().replace(b'mediaType="application/pdf"', b'mediaType="text/plain"')
    beside = b"%PDF-1.4 beside"
    for data, pdf, source in ((cda(), beside, "archive"), (without, beside, "attachment"), (without, None, None)):
        own = read(data, ("", ""), pdf, lambda _: ())
        told = json.loads(laid_files(Judged(own, Effect.NEW), HERS, came(), "n")["n.json"])
        assert told["pdf_from"] == source


def test_a_pdf_that_came_without_an_archive_is_laid_with_its_json_alone() -> None:
    parts = (file(name, data, "application/octet-stream") for name, data in FILES.items())
    letter = enclosed(read_mail(mail({"Subject": "CR"}, text("Voici."), *parts)), mailbox=OWN, at=NOW)
    assert [(one.title, one.pdf) for one in letter.documents] == [("CR.PDF", FILES["CR.PDF"])]
    assert letter.others == 2
    laid = laid_files(Judged(letter.documents[0], Effect.NEW), HERS, letter, "n")
    assert list(laid) == ["n.pdf", "n.json"]
    assert json.loads(laid["n.json"])["files"] == {"pdf": "n.pdf"}


def test_the_json_takes_its_name_last() -> None:
    given = came()
    assert [Path(one).suffix for one in laid_files(judged(given).documents[0], HERS, given, "n")] == [
        ".pdf",
        ".xml",
        ".json",
    ]


def test_again_after_a_crash_it_completes_and_changes_nothing(tmp_path: Path) -> None:
    given = came()
    found = judged(given)
    lay(tmp_path, found, given)
    before = files(tmp_path)
    next((tmp_path / "atlas").glob("*.json")).unlink()
    lay(tmp_path, found, given)
    assert files(tmp_path) == before


def test_after_a_restore_the_same_mail_changes_nothing_though_it_is_read_later(tmp_path: Path) -> None:
    given = came()
    lay(tmp_path, judged(given), given)
    before = files(tmp_path)
    later = replace(given, at=given.at + timedelta(days=3))
    lay(tmp_path, judged(later), later)
    assert files(tmp_path) == before


def test_another_content_is_never_written_over_and_stands_beside(tmp_path: Path) -> None:
    given = came()
    name = document().unique_id
    (tmp_path / "atlas").mkdir()
    there = tmp_path / "atlas" / f"{name}.xml"
    there.write_bytes(b"other")
    beside = f"{name}-{document().sha256[:16]}"
    assert lay(tmp_path, judged(given), given) == (f"{beside}.json",)
    laid = files(tmp_path)
    assert laid.keys() == {f"atlas/{one}" for one in (there.name, f"{beside}.pdf", f"{beside}.xml", f"{beside}.json")}
    assert laid[f"atlas/{there.name}"] == b"other"
    (tmp_path / "atlas" / f"{beside}.xml").write_bytes(b"changed")
    with pytest.raises(FileUnusable):
        lay(tmp_path, judged(given), given)


def test_a_replacement_names_what_it_replaces_and_a_cancellation_is_the_json_alone(tmp_path: Path) -> None:
    given = came()
    earlier = kept(unique_id="2.25.1", version=0, sha256="0", name="2.25.1.json")
    found = judged(given, World(earlier=[earlier]))
    lay(tmp_path / "a", found, given)
    told = json.loads(next((tmp_path / "a").rglob("*.json")).read_bytes())
    assert (told["action"], told["replaces"]) == ("replace", {"unique_id": "2.25.1", "name": "2.25.1.json"})
    cancelled = judged(replace(given, cancels=True), World(earlier=[kept()]))
    lay(tmp_path / "b", cancelled, given)
    (only,) = files(tmp_path / "b").values()
    assert (json.loads(only)["action"], json.loads(only)["files"]) == ("cancel", {})


def test_nothing_is_laid_of_a_duplicate_nor_of_what_waits(tmp_path: Path) -> None:
    given = came()
    lay(tmp_path, judged(given, World(earlier=[kept()])), given)
    lay(tmp_path, judged(replace(given, qualified=False)), given)
    assert files(tmp_path) == {}


@pytest.mark.parametrize("id", ["../../etc/passwd", "1.2^../x", "", "1.2.3\n", "/1.2", "1.2.3" * 20, "1.2^Zo\u00e9"])
def test_no_id_of_a_document_leads_outside_the_inbox(tmp_path: Path, id: str) -> None:
    assert name_of(id).startswith("id-")
    given = came()
    hostile = Judged(document(unique_id=id), Effect.NEW)
    lay(tmp_path / "inbox", Judgement(Decision.FILED, person=HERS, documents=(hostile,)), given)
    assert {Path(one).parent.as_posix() for one in files(tmp_path)} == {"inbox/atlas"}
