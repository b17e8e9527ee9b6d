"""A cycle of receiving killed with SIGKILL at each named point: the next one keeps, hands over and answers once."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest
from crash_site import ended, started

from dui_bridge.journal.inbox_records import AnswerState, MailState
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.delivery.points import RECEIVING
from dui_bridge.pipeline.inbox.receive import receive
from dui_bridge.sandbox.dui_rest import DuiRestServer
from dui_bridge.sandbox.mssante import MssanteServer
from dui_bridge.sandbox.pki import MAILBOX, Pki
from dui_bridge.site.settings import Site
from tests.delivery_world import KEY
from tests.mss_mails import SENT_ID, disposition, mail, text, with_documents
from tests.receive_world import NOW, OPERATOR, Reception, empty_journal, no_check, receive_site

CAME = (
    disposition("automatic-action/MDN-sent-automatically; processed"),
    with_documents(),
    mail({}, text("Bonjour")),
)
TREATED = [MailState.TIED, MailState.FILED, MailState.REVIEW]
ONE = {"mssante": OPERATOR}
MAYBE_ANSWERED = ("answer.after", "answered.before")
"""Killed there, nobody knows whether the answer left: it is told as doubtful, and not sent again."""
AT = [{"keep.after": "keep.after:2", "mark.after": "mark.after:2"}.get(point, point) for point in RECEIVING]
"""Of what each mail goes through, once in the midst of them."""


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, mail_pki: Pki, mail_operator: MssanteServer) -> Path:
    """The journal of a site that knows the person, and that has sent the mail that is told of."""
    folder = tmp_path_factory.mktemp("ready")
    empty_journal(folder / "data")
    site = receive_site(folder, mail_pki, mail_operator.addresses)
    with Journal.open(site.data, KEY) as journal:
        world = Reception(site, journal, mail_operator)
        world.knows_her()
        assert world.sent(SENT_ID) == 1
    shutil.rmtree(folder / "data" / "sandbox")
    return folder / "data"


def kill(site: Site, point: str) -> None:
    """A cycle in a process of its own, which ends at the point."""

    def cycle() -> None:
        with Journal.open(site.data, KEY) as journal:
            receive(site, journal, clock=lambda: NOW, check=no_check)

    assert ended(started(cycle, point)) == -signal.SIGKILL, "the cycle never reached this point"


@pytest.mark.parametrize("point", AT)
def test_what_a_killed_cycle_left_the_next_one_completes_once(
    ready: Path, mail_pki: Pki, operator: MssanteServer, tmp_path: Path, point: str
) -> None:
    for data in CAME:
        operator.post.serve(MAILBOX, data)
    shutil.copytree(ready, tmp_path / "data")
    site = receive_site(tmp_path, mail_pki, operator.addresses, destinations=ONE)
    answered = len(operator.taken)

    kill(site, point)

    with Journal.open(site.data, KEY) as journal:
        world = Reception(site, journal, operator)
        world.before = answered
        for _ in range(2 if point in MAYBE_ANSWERED else 1):
            assert world.cycle().errors == []
        assert [one.state for one in world.mails()] == TREATED
        assert sum(number for number, _ in journal.inbox.counts().values()) == len(CAME)
        assert [Path(name).suffix for name in world.laid()] == [".json", ".pdf", ".xml"]
        assert world.seen() == [True] * len(CAME)
        assert world.state(1) == (DeliveryState.ACKNOWLEDGED, "")
        assert len(journal.receipts.of([1])) == 1
        answer = journal.receipts.answer_to(2)
        assert answer is not None
        unknown = point in MAYBE_ANSWERED
        assert answer.state is (AnswerState.DOUBTFUL if unknown else AnswerState.SENT)
        assert len(world.answers()) == (0 if point == "answer.after" else 1)


def test_the_api_of_the_dui_is_told_when_it_may_have_the_documents(
    ready: Path, mail_pki: Pki, operator: MssanteServer, tmp_path: Path
) -> None:
    operator.post.serve(MAILBOX, with_documents())
    shutil.copytree(ready, tmp_path / "data")
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "residents.json").write_text('{"residents": []}')
    with DuiRestServer(tmp_path / "api", client_id=KEY.hex(), client_secret=KEY.hex()) as dui:
        secret = {"file": "master.key"}
        client = {"token_url": "/oauth/token", "client_id": secret, "client_secret": secret}
        rest = {"base": dui.url, "post": "/documents-recus", "auth": {"client_credentials": client}}
        site = receive_site(tmp_path, mail_pki, operator.addresses, inbox={"rest": rest}, destinations=ONE)

        kill(site, "inbox.after")

        with Journal.open(site.data, KEY) as journal:
            world = Reception(site, journal, operator)
            assert world.cycle().errors == []
            assert [one.state for one in world.mails()] == [MailState.FILED]
            assert (len(world.answers()), world.seen()) == (1, [True])
        assert [one.attempt for one in dui.handed] == ["1", "2"]
        assert len({one.key for one in dui.handed}) == 1
