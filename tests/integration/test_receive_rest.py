"""Documents that came by mail, handed to the DUI by its API: once, or telling that it may be for the second time."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dui_bridge.connectors.rest.errors import DocumentsRefused
from dui_bridge.journal.backup import backup, restore
from dui_bridge.journal.inbox_records import AnswerState, MailState
from dui_bridge.journal.store import Journal
from dui_bridge.sandbox.dui_rest import DuiRestServer, Fault
from dui_bridge.sandbox.mssante import MssanteServer
from dui_bridge.sandbox.pki import Pki
from tests.cda_dossiers import IDS
from tests.delivery_world import KEY
from tests.demo_site import invoke
from tests.mss_mails import DOCTOR, with_documents
from tests.receive_world import OPERATOR, Reception, receive_site, version
from tests.xds_deposits import cda

PATH, SECRET = "/documents-recus", "secret-du-pont"


@pytest.fixture
def dui(tmp_path: Path) -> Iterator[DuiRestServer]:
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "residents.json").write_text('{"residents": []}')
    with DuiRestServer(folder, client_id="pont", client_secret=SECRET) as server:
        yield server


@pytest.fixture
def here(
    tmp_path: Path, mail_pki: Pki, operator: MssanteServer, empty_data: Path, dui: DuiRestServer
) -> Iterator[Reception]:
    shutil.copytree(empty_data, tmp_path / "data")
    for name, value in (("id", "pont"), ("secret", SECRET)):
        (tmp_path / f"dui.{name}").write_text(value)
        (tmp_path / f"dui.{name}").chmod(0o600)
    client = {
        "token_url": "/oauth/token",
        "client_id": {"file": "dui.id"},
        "client_secret": {"file": "dui.secret"},
    }
    rest = {"base": dui.url, "post": PATH, "auth": {"client_credentials": client}}
    site = receive_site(
        tmp_path, mail_pki, operator.addresses, inbox={"rest": rest}, destinations={"mssante": OPERATOR}
    )
    with Journal.open(site.data, KEY) as journal:
        world = Reception(site, journal, operator)
        world.knows_her()
        yield world


def states(here: Reception) -> list[tuple[MailState, str]]:
    return [(one.state, one.cause) for one in here.mails()]


def test_the_documents_of_a_mail_are_posted_whole_and_once(here: Reception, dui: DuiRestServer) -> None:
    assert here.came(with_documents()).errors == []
    here.cycle()
    (handed,) = dui.handed
    (told,) = handed.documents
    assert (handed.attempt, len(handed.key)) == ("1", 32)
    assert told["dossier"] == {"source": "atlas", "establishment": "330000019", "number": "0042"}
    assert (told["action"], told["document"]["unique_id"], told["mail"]["from"]) == ("new", IDS.unique_id, DOCTOR)
    assert base64.b64decode(told["files"]["cda"]["content"]) == cda()
    assert told["files"]["cda"]["sha256"] == hashlib.sha256(cda()).hexdigest()
    assert base64.b64decode(told["files"]["pdf"]["content"]).startswith(b"%PDF")
    assert (states(here), here.seen(), len(here.answers())) == ([(MailState.FILED, "")], [True], 1)
    assert not (here.site.data / "inbox").exists()


def test_when_the_answer_was_lost_it_is_told_again_under_the_same_key(here: Reception, dui: DuiRestServer) -> None:
    dui.quirks.fail(Fault(PATH, cut=True))
    here.now = datetime.now(UTC) - timedelta(hours=2)
    lost = here.came(with_documents())
    assert ([one.code for one in lost.errors], lost.exit_code()) == (["RST-309"], 3)
    assert (states(here), here.seen(), here.answers()) == ([(MailState.TO_TREAT, "")], [True], [])
    told = invoke("status", "--config", str(here.site.file)).stdout
    assert "ne sont pas encore traités" in told

    assert here.cycle().errors == []
    first, second = dui.handed
    assert (first.key, first.attempt, second.attempt, second.again) == (second.key, "1", "2", True)
    assert first.documents == second.documents
    assert (states(here), len(here.answers())) == ([(MailState.FILED, "")], 1)
    shown = invoke("inbox", "show", "mail-1", "--config", str(here.site.file)).stdout
    assert "nombre d'essais" in shown


def test_what_is_not_taken_now_waits_and_nothing_else_is_tried_in_that_cycle(
    here: Reception, dui: DuiRestServer
) -> None:
    other = with_documents({"Message-ID": "<b2@medecin.mssante.fr>"}, version(2, of_set="2.25.99"))
    dui.quirks.fail(Fault(PATH, status=404))
    failed = here.came(with_documents(), other)
    assert [one.code for one in failed.errors] == ["RST-315"]
    assert dui.requests.count(f"POST {PATH}") == 1
    assert states(here) == [(MailState.TO_TREAT, "")] * 2

    assert here.cycle().errors == []
    assert [one.again for one in dui.handed] == [False, False]
    assert states(here) == [(MailState.FILED, "")] * 2


def test_what_the_dui_does_not_want_waits_for_a_person_who_hands_it_over_again(
    here: Reception, dui: DuiRestServer
) -> None:
    dui.quirks.fail(Fault(PATH, status=422, times=2))
    assert here.came(with_documents()).errors == []
    assert (states(here), here.answers()) == ([(MailState.REVIEW, "INB-046")], [])
    config = ("--config", str(here.site.file), "--json")
    assert json.loads(invoke("inbox", "show", "mail-1", *config).stdout)["candidates"][0]["dossier"] == "0042"

    refused = invoke("inbox", "file", "mail-1", "--reason", "vu avec l'éditeur", *config)
    assert (refused.code, DocumentsRefused.code in refused.stdout + refused.stderr) == (2, True)
    assert states(here) == [(MailState.REVIEW, "INB-046")]

    assert invoke("inbox", "file", "mail-1", "--reason", "corrigé", *config).code == 0
    assert [(one.attempt, one.again) for one in dui.handed] == [("3", False)]
    here.cycle()
    assert (states(here), len(here.answers())) == ([(MailState.FILED, "")], 1)


def test_after_a_restore_it_says_that_the_dui_may_have_it(here: Reception, dui: DuiRestServer, tmp_path: Path) -> None:
    backup(here.site.data, KEY, tmp_path / "backup", here.now)
    here.came(with_documents())
    restore(tmp_path / "backup", tmp_path / "restored", KEY, here.now + timedelta(minutes=1), by="martin")
    with Journal.open(tmp_path / "restored", KEY) as journal:
        here.journal = journal
        assert here.cycle().errors == []
        assert journal.receipts.answers_by_state() == {AnswerState.DOUBTFUL: 1}
    first, second = dui.handed
    assert (second.key, second.attempt, second.documents) == (first.key, "2", first.documents)
