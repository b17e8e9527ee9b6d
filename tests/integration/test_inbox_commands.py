"""The commands about mails that came, as an operator types them, at the stand-in of MSSanté."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.journal.store import Journal
from dui_bridge.sandbox.mssante import MssanteServer
from dui_bridge.sandbox.pki import MAILBOX, Pki, make_pki
from tests.delivery_world import KEY
from tests.demo_site import invoke
from tests.mss_mails import DOCTOR, SENT_ID, delivery, mail, recipient, text, with_documents
from tests.receive_world import FINESS, Reception, empty_journal, receive_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, MssanteServer]]:
    """Her identity is known and not qualified; a mail of ours has left, whose reply is late. Three mails came."""
    folder = tmp_path_factory.mktemp("site")
    pki: Pki = make_pki(folder / "pki", names=("client-mss", "server"))
    empty_journal(folder / "data")
    with MssanteServer(pki, folder / "operator") as operator:
        declared = receive_site(folder, pki, operator.addresses)
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


def called(site: tuple[str, MssanteServer], *words: str) -> tuple[int, Any]:
    done = invoke(*words, "--config", site[0], "--json")
    assert done.stdout, done.stderr
    return done.code, json.loads(done.stdout)


def test_what_came_is_received_told_and_decided(
    site: tuple[str, MssanteServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, before = called(site, "mssante", "mailboxes")
    assert (code, before["rows"][0]["state"], before["rows"][0]["unseen"]) == (0, "opens", 3)
    assert before["rows"][0] | {"mailbox": MAILBOX, "establishment": FINESS} == before["rows"][0]

    code, received = called(site, "mssante", "receive")
    assert (code, received["number"], received["inbox_tied"], received["inbox_review"]) == (1, 3, 1, 2)

    code, waiting = called(site, "inbox", "list")
    assert (code, [row["mail"] for row in waiting["rows"]]) == (1, ["mail-2", "mail-3"])
    code, shown = called(site, "inbox", "show", "mail-2")
    assert (code, shown["candidates"]) == (0, [{"source": "atlas", "establishment": FINESS, "dossier": "0042"}])
    assert "qualifiée" in shown["cause"]

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
    assert called(site, "mssante", "receive")[1]["answer_sent"] == 1
    assert called(site, "inbox", "list") == (0, {"done": "inbox", "number": 0, "waiting": 0, "rows": []})


def test_what_came_back_is_told_by_trace_and_status_in_words(site: tuple[str, MssanteServer]) -> None:
    (receipt,) = called(site, "trace", "delivery-1")[1][0]["versions"][0]["deliveries"][0]["receipts"]
    assert (receipt["words"], receipt["code"], receipt["mail"]) == ("non remis", "MSS-020", "mail-1")
    assert "non remis" in invoke("trace", "delivery-1", "--config", site[0]).stdout
    told = invoke("status", "--config", site[0])
    assert (told.code, "revenu" in told.stdout) == (1, True)


def test_an_address_that_a_mail_came_back_from_is_written_to_again_once_a_person_says_so(
    site: tuple[str, MssanteServer],
) -> None:
    code, held = called(site, "mssante", "suspects")
    assert (code, [row["address"] for row in held["rows"]]) == (1, [DOCTOR])
    assert called(site, "mssante", "confirm", DOCTOR, "--reason", "vérifiée", "--by", "martin")[0] == 0
    assert called(site, "mssante", "suspects")[0] == 0
    assert invoke("mssante", "confirm", DOCTOR, "--reason", "encore", "--config", site[0]).code == 2
    audited = invoke("audit", "list", "--config", site[0], "--json").stdout.splitlines()
    actions = {json.loads(line)["action"] for line in audited}
    assert {"inbox file", "inbox refuse", "mssante confirm"} <= actions
