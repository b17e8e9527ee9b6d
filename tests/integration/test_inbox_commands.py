"""The commands about mails that came, as an operator types them, at the stand-in of MSSanté."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.journal.inbox_records import AnswerState, CameMail, MailState, Treated
from dui_bridge.journal.records import DossierEntry, ItemEntry
from dui_bridge.journal.store import Journal
from dui_bridge.sandbox.mssante import MssanteServer
from dui_bridge.sandbox.pki import MAILBOX, Pki
from tests.delivery_world import KEY
from tests.demo_site import invoke
from tests.journal_site import RUN
from tests.mss_mails import DOCTOR, SENT_ID, delivery, disposition, file, mail, recipient, text, with_documents
from tests.receive_world import FINESS, Reception, empty_journal, receive_site, version


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, mail_pki: Pki) -> Iterator[tuple[str, MssanteServer]]:
    """Her identity is known and not qualified; a mail of ours has left, whose reply is late. Three mails came."""
    folder = tmp_path_factory.mktemp("site")
    empty_journal(folder / "data")
    with MssanteServer(mail_pki, folder / "operator") as operator:
        declared = receive_site(folder, mail_pki, operator.addresses)
        with Journal.open(declared.data, KEY) as journal:
            world = Reception(declared, journal, operator)
            world.knows_her(qualified=False)
            sent = world.sent(SENT_ID)
            journal.receipts.await_replies({sent: datetime.now(UTC) - timedelta(hours=1)})
            assert sent == 1
        for one in (
            delivery(recipient("failed", "5.1.1", "smtp; 550 5.1.1 unknown")),
            with_documents(),
            mail({}, text("Bonjour")),
        ):
            operator.post.serve(MAILBOX, one)
        yield str(declared.file), operator


@pytest.fixture(scope="module")
def first(site: tuple[str, MssanteServer]) -> tuple[tuple[int, Any], tuple[int, Any]]:
    """The mailboxes before, and what the first cycle received."""
    return called(site, "mssante", "mailboxes"), called(site, "mssante", "receive")


def audit(site: tuple[str, MssanteServer]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in invoke("audit", "list", "--config", site[0], "--json").stdout.splitlines()]


def called(site: tuple[str, MssanteServer], *words: str) -> tuple[int, Any]:
    done = invoke(*words, "--config", site[0], "--json")
    assert done.stdout, done.stderr
    return done.code, json.loads(done.stdout)


def test_what_came_is_received_told_and_decided(
    site: tuple[str, MssanteServer], first: tuple[tuple[int, Any], tuple[int, Any]], tmp_path: Path
) -> None:
    (code, before), (received_code, received) = first
    assert (code, before["rows"][0]["state"], before["rows"][0]["unseen"]) == (0, "opens", 3)
    assert before["rows"][0] | {"mailbox": MAILBOX, "establishment": FINESS} == before["rows"][0]

    assert (received_code, received["number"], received["inbox_tied"], received["inbox_review"]) == (1, 3, 1, 2)

    code, waiting = called(site, "inbox", "list")
    assert (code, [row["mail"] for row in waiting["rows"]]) == (1, ["mail-2", "mail-3"])
    code, shown = called(site, "inbox", "show", "mail-2")
    assert (code, shown["candidates"]) == (0, [{"source": "atlas", "establishment": FINESS, "dossier": "0042"}])
    assert "qualifiée" in shown["cause"]
    told = invoke("inbox", "show", "mail-2", "--config", site[0]).stdout
    both = re.search(r"nom de naissance +(\w+) +(\w+)\n", told)
    assert both is not None
    assert both[1] == both[2]
    assert ("20260501_Projet_LACAZE_Ines.pdf (8 octets)" in told, "XDM/1.0" in told) == (True, False)
    out = tmp_path / "lu"
    assert len(called(site, "inbox", "show", "mail-2", "--out", str(out))[1]["written"]) == 3
    assert [(one.suffix, one.stat().st_mode & 0o777) for one in sorted(out.iterdir())] == [
        (".pdf", 0o600), (".pdf", 0o600), (".xml", 0o600)
    ]  # fmt: skip
    assert invoke("inbox", "show", "mail-2", "--out", str(out), "--config", site[0]).code == 2
    line = invoke("inbox", "list", "--config", site[0]).stdout.splitlines()[0]
    assert re.match(r"mail-2  attend une personne  documents  \d\d/\d\d/\d{4} \d\d:\d\d  ", line)

    assert invoke("inbox", "file", "mail-3", "--reason", "lu", "--config", site[0]).code == 2
    code, filed = called(site, "inbox", "file", "mail-2", "--reason", "comparée à la CNI", "--by", "martin")
    assert (code, filed["number"]) == (0, "0042")
    assert [one.suffix for one in sorted((Path(site[0]).parent / "dui" / "atlas").iterdir())] == [
        ".json",
        ".pdf",
        ".xml",
    ]
    assert called(site, "inbox", "refuse", "mail-3", "--reason", "lue", "--by", "martin")[0] == 0
    assert invoke("inbox", "refuse", "mail-3", "--reason", "encore", "--config", site[0]).code == 2
    assert called(site, "mssante", "receive", "--by", "martin")[1]["answer_sent"] == 1
    answer = called(site, "inbox", "show", "mail-2")[1]["answer"]
    assert (answer["state"], answer["reply"][:3], "@" in answer["message_id"]) == ("sent", "250", True)
    assert "intégré, envoyée, 250" in invoke("inbox", "show", "mail-2", "--config", site[0]).stdout
    rows = audit(site)
    assert [(row["who"], row["details"]["kept"]) for row in rows if row["action"] == "mssante receive"][1:] == [
        ("martin", 0)
    ]
    assert [row["subject"] for row in rows if row["action"] == "mssante answer"] == ["mail-2"]
    assert called(site, "inbox", "list") == (0, {"done": "inbox", "number": 0, "waiting": 0, "rows": []})
    assert {"inbox file", "inbox refuse"} <= {row["action"] for row in rows}


@pytest.mark.usefixtures("first")
def test_what_came_back_is_told_by_trace_and_status_in_words(site: tuple[str, MssanteServer]) -> None:
    (receipt,) = called(site, "trace", "delivery-1")[1][0]["versions"][0]["deliveries"][0]["receipts"]
    assert (receipt["words"], receipt["code"], receipt["mail"]) == ("non remis", "MSS-020", "mail-1")
    assert "non remis" in invoke("trace", "delivery-1", "--config", site[0]).stdout
    told = invoke("status", "--config", site[0])
    assert (told.code, "revenu" in told.stdout) == (1, True)


@pytest.mark.usefixtures("first")
def test_an_address_that_a_mail_came_back_from_is_written_to_again_once_a_person_says_so(
    site: tuple[str, MssanteServer],
) -> None:
    code, held = called(site, "mssante", "suspects")
    assert (code, [row["address"] for row in held["rows"]]) == (1, [DOCTOR])
    assert called(site, "mssante", "confirm", DOCTOR, "--reason", "vérifiée", "--by", "martin")[0] == 0
    assert called(site, "mssante", "suspects")[0] == 0
    assert invoke("mssante", "confirm", DOCTOR, "--reason", "encore", "--config", site[0]).code == 2
    assert "mssante confirm" in {row["action"] for row in audit(site)}


@pytest.mark.usefixtures("first")
def test_what_came_without_its_archive_is_filed_and_answered_by_a_person(
    site: tuple[str, MssanteServer], tmp_path: Path
) -> None:
    colleague = "secretariat@medecin.mssante.fr"
    error = disposition(
        "automatic-action/MDN-sent-automatically; processed/error",
        "Error: 902^Patient inconnu^x",
        headers={"From": colleague, "Return-Path": f"<{colleague}>"},
    )
    pdf = file("CR.pdf", b"%PDF-1.4 lettre", "application/pdf")
    usual = {"Subject": "Compte rendu", "Message-ID": "<pdf@x.mssante.fr>", "Auto-Submitted": "auto-generated"}
    for one in (
        mail(usual, text("Voici."), pdf),
        mail({"Message-ID": "<sans@x.mssante.fr>"}, text("Voici."), file("../../.CR.pdf", b"%PDF-", "application/pdf")),
        error,
        with_documents({"Message-ID": "<b3@x.mssante.fr>", "X-MSS-INS": "N"}, version(5)),
    ):
        site[1].post.serve(MAILBOX, one)
    code, received = called(site, "mssante", "receive")
    assert (code, received["inbox_review"]) == (1, 4)
    rows = [row for row in called(site, "inbox", "list")[1]["rows"] if row["mail"] not in ("mail-2", "mail-3")]
    assert [row["code"] for row in rows] == ["INB-047", "MSS-152", "INB-045", "INB-021"]
    assert "CR.pdf" in rows[0]["cause"]
    letter, hostile, report, documents = (row["mail"] for row in rows)
    [written] = called(site, "inbox", "show", hostile, "--out", str(tmp_path / "lu"))[1]["written"]
    assert [one.name for one in (tmp_path / "lu").iterdir()] == [written]

    assert invoke("inbox", "file", letter, "--reason", "lu", "--config", site[0]).code == 2  # in whose dossier?
    dossier = DossierEntry("atlas", "0043", "0043", FINESS, {}, {})
    with Journal.open(Path(site[0]).parent / "data", KEY) as journal:
        usager = ItemEntry("usager", "0043", dossier, None, None, FINESS, "mapped", "", "nobody", {})
        journal.items.record(RUN, "atlas", [usager], datetime.now(UTC))
    filed = called(site, "inbox", "file", letter, "--dossier", "0043", "--reason", "lu")
    assert (filed[0], filed[1]["done"]) == (0, "inbox_filed_letter")
    laid = list((Path(site[0]).parent / "dui").rglob("id-*"))
    assert sorted(one.suffix for one in laid) == [".json", ".pdf"]
    [told] = [json.loads(one.read_text()) for one in laid if one.suffix == ".json"]
    assert (told["document"]["title"], set(told["files"]), told["pdf_from"]) == ("CR.pdf", {"pdf"}, "attachment")

    words = invoke("inbox", "show", report, "--config", site[0]).stdout
    assert "Patient inconnu" in words
    assert called(site, "inbox", "believe", report, "--reason", "son secrétariat")[1]["delivery"] == "delivery-1"
    (*_, receipt) = called(site, "trace", "delivery-1")[1][0]["versions"][0]["deliveries"][0]["receipts"]
    assert (receipt["code"], receipt["mail"]) == ("MSS-132", report)
    assert invoke("inbox", "believe", documents, "--reason", "x", "--config", site[0]).code == 2

    called(site, "inbox", "refuse", documents, "--code", "903", "--reason", "sans INS qualifiée")
    called(site, "mssante", "receive")
    assert called(site, "inbox", "show", documents)[1]["answer"]["code"] == "903"
    assert invoke("inbox", "answers", "--config", site[0]).code == 0


def test_an_answer_of_which_nobody_knows_whether_it_left_is_told_and_decided(site: tuple[str, MssanteServer]) -> None:
    with Journal.open(Path(site[0]).parent / "data", KEY) as journal:
        now = datetime.now(UTC)
        journal.inbox.keep(CameMail(MAILBOX, "INBOX", "9.9", "lost@x", 1, b"x"), now)
        [number] = journal.inbox.to_treat()
        journal.inbox.treat(number, Treated("xdm", MailState.REFUSED, code="906"), now)
        [due] = journal.receipts.due_answers(MAILBOX, now)
        journal.receipts.start_answer(due.id)
        journal.receipts.end_answer(due, AnswerState.DOUBTFUL, now, "MSS-003")

    assert "peut-être parties" in invoke("status", "--config", site[0]).stdout
    code, listed = called(site, "inbox", "answers")
    assert (code, [row["mail"] for row in listed["rows"]]) == (1, [f"mail-{number}"])
    assert "peut-être partie" in invoke("inbox", "answers", "--config", site[0]).stdout

    again = ("inbox", "answer-again", f"mail-{number}", "--reason", "rien reçu", "--config", site[0])
    assert (invoke(*again).code, invoke(*again).code) == (0, 2)
    assert called(site, "inbox", "answers")[0] == 0
