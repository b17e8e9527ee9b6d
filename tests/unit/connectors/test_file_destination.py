"""The `file` destination: whole or not at all, never over something else, never twice."""

from __future__ import annotations

import errno
import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dui_bridge.connectors.file.client import FileDestination
from dui_bridge.connectors.file.errors import FolderUnusable
from dui_bridge.connectors.ports import DeliveryContext, Destination, Prepared
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Answer, BuiltDocument, Document, DocumentIds
from dui_bridge.model.states import DocumentState

NOTHING = DeliveryContext()

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
CDA = b"<ClinicalDocument/>"
PDF = b"%PDF-1.4"


def built(unique_id: str = "2.25.7", data: bytes = CDA, pdf: bytes | None = PDF) -> BuiltDocument:
    document = Document(
        type=TypeDocument.PROJET_PERSONNALISE,
        key="P1",
        source="atlas",
        dossier="20145",
        finess="010000024",
        path="projets_personnalises[0]",
        state=DocumentState.BUILT,
    )
    return BuiltDocument(
        document=document,
        ids=DocumentIds(unique_id, "2.25.6", 1),
        data=data,
        media_type="text/xml",
        sha1=hashlib.sha1(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        pdf=pdf,
    )


def destination(folder: Path) -> Destination:
    return FileDestination(folder, "atlas", clock=lambda: NOW)


def asked(to: Destination, prepared: Prepared) -> Answer | None:
    outcome = to.resolve(prepared)
    return outcome.answer if outcome is not None else None


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_document_and_its_pdf_stand_under_the_source_named_by_the_document_id(tmp_path: Path) -> None:
    to = destination(tmp_path / "out")

    outcome = to.send(to.prepare(built(), NOTHING))

    assert files(tmp_path / "out") == {"atlas/2.25.7.pdf": PDF, "atlas/2.25.7.xml": CDA}
    assert (outcome.answer, outcome.at, outcome.reference) == (Answer.DELIVERED, NOW, "atlas/2.25.7.xml")


def test_preparing_writes_nothing(tmp_path: Path) -> None:
    destination(tmp_path / "out").prepare(built(), NOTHING)

    assert not (tmp_path / "out").exists()


def test_a_document_without_a_pdf_is_one_file(tmp_path: Path) -> None:
    to = destination(tmp_path)

    to.send(to.prepare(built(pdf=None), NOTHING))

    assert files(tmp_path) == {"atlas/2.25.7.xml": CDA}


def test_the_cda_takes_its_name_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to, named = destination(tmp_path), []
    replace = Path.replace

    def noted(self: Path, target: Path) -> Path:
        named.append(target.name)
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", noted)

    to.send(to.prepare(built(), NOTHING))

    assert named == ["2.25.7.pdf", "2.25.7.xml"]


def test_what_is_already_there_is_not_written_again(tmp_path: Path) -> None:
    to = destination(tmp_path)
    prepared = to.prepare(built(), NOTHING)
    assert asked(to, prepared) is Answer.ABSENT
    to.send(prepared)
    before = (tmp_path / "atlas/2.25.7.xml").stat()

    again = to.send(prepared)

    assert again.answer is Answer.ALREADY_THERE
    assert asked(to, prepared) is Answer.ALREADY_THERE
    assert (tmp_path / "atlas/2.25.7.xml").stat().st_ino == before.st_ino


def test_another_content_is_never_written_over(tmp_path: Path) -> None:
    to = destination(tmp_path)
    to.send(to.prepare(built(), NOTHING))

    other = to.prepare(built(data=b"<other/>", pdf=b"%PDF-other"), NOTHING)
    outcome = to.send(other)

    assert asked(to, other) is Answer.ABSENT
    assert outcome.answer is Answer.REFUSED
    assert [finding.rule.id for finding in outcome.findings] == ["FIL-001", "FIL-001"]
    assert files(tmp_path) == {"atlas/2.25.7.pdf": PDF, "atlas/2.25.7.xml": CDA}


def test_when_only_the_pdf_came_through_the_next_try_completes_it(tmp_path: Path) -> None:
    to = destination(tmp_path)
    prepared = to.prepare(built(), NOTHING)
    (tmp_path / "atlas").mkdir()
    (tmp_path / "atlas/2.25.7.pdf").write_bytes(PDF)

    assert asked(to, prepared) is Answer.ABSENT
    assert to.send(prepared).answer is Answer.DELIVERED
    assert files(tmp_path) == {"atlas/2.25.7.pdf": PDF, "atlas/2.25.7.xml": CDA}


def test_what_a_crash_left_is_written_over(tmp_path: Path) -> None:
    to = destination(tmp_path)
    (tmp_path / "atlas").mkdir()
    (tmp_path / "atlas/.2.25.7.xml.part").write_bytes(b"half of a much longer document")

    to.send(to.prepare(built(), NOTHING))

    assert files(tmp_path) == {"atlas/2.25.7.pdf": PDF, "atlas/2.25.7.xml": CDA}


def test_a_temporary_name_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    to = destination(tmp_path)
    (tmp_path / "atlas").mkdir()
    (tmp_path / "precious").write_bytes(b"kept")
    (tmp_path / "atlas/.2.25.7.pdf.part").symlink_to(tmp_path / "precious")

    with pytest.raises(FolderUnusable):
        to.send(to.prepare(built(), NOTHING))

    assert (tmp_path / "precious").read_bytes() == b"kept"


@pytest.mark.parametrize("blocked", ["out", "out/atlas"])
def test_a_file_in_place_of_a_folder_is_told_in_words(tmp_path: Path, blocked: str) -> None:
    (tmp_path / blocked).parent.mkdir(exist_ok=True)
    (tmp_path / blocked).write_bytes(b"kept")
    to = destination(tmp_path / "out")

    with pytest.raises(FolderUnusable) as caught:
        to.send(to.prepare(built(), NOTHING))

    assert caught.value.message("en").endswith("a file stands where a folder should")
    assert caught.value.message("fr").endswith("un fichier est à la place d'un dossier")
    assert files(tmp_path) == {blocked: b"kept"}


@pytest.mark.parametrize(
    ("owner", "call", "number", "words"),
    [
        (os, "fsync", errno.ENOSPC, "the disk is full"),
        (os, "open", errno.EACCES, "this user may not write there"),
        (Path, "replace", errno.EIO, "the disk does not work"),
        (Path, "mkdir", errno.EROFS, "the disk is read-only"),
        (os, "fsync", errno.EDOM, "the system refuses"),
    ],
)
def test_when_the_system_refuses_nothing_is_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, call: str, number: int, words: str
) -> None:
    to = destination(tmp_path / "out")
    prepared = to.prepare(built(), NOTHING)

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(owner, call, refuse)
        with pytest.raises(FolderUnusable) as caught:
            to.send(prepared)

    assert caught.value.exit_code == 2
    assert caught.value.message("en") == f"{tmp_path}/out/atlas: documents cannot be handed over: {words}"
    assert files(tmp_path) == {}
    assert to.send(prepared).answer is Answer.DELIVERED


def test_bytes_reach_the_disk_before_the_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    to, events = destination(tmp_path), []
    fsync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (events.append("sync"), fsync(fd))[1])
    monkeypatch.setattr(Path, "replace", lambda self, target: (events.append("name"), replace(self, target))[1])

    to.send(to.prepare(built(), NOTHING))

    assert events == ["sync", "sync", "name", "name", "sync"]
