"""One cycle of receiving at a real server: Dovecot, mutual TLS, SASL EXTERNAL; what is answered leaves through it."""

from __future__ import annotations

from pathlib import Path

import pytest
from mail_servers import MailServer

from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.journal.inbox_records import MailState
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.inbox.receive import receive
from tests.delivery_world import KEY
from tests.mss_mails import DOCTOR, SENT_ID, disposition, with_documents
from tests.receive_world import Reception, empty_journal, no_check, receive_site

pytestmark = pytest.mark.real


def test_a_receipt_is_tied_documents_are_filed_and_answered_and_nothing_is_done_twice(
    running_dovecot: MailServer, tmp_path: Path
) -> None:
    server = running_dovecot
    addresses = {
        "mssante": f"smtp://{server.host}:{server.ports['submission']}",
        "mssante-imap": f"imap://{server.host}:{server.ports['imap']}",
    }
    empty_journal(tmp_path / "data")
    site = receive_site(tmp_path, server.pki, addresses)
    before = len(server.next.mails)
    with Journal.open(site.data, KEY) as journal:
        receive(site, journal, check=no_check)  # what other tests have left there
        world = Reception(site, journal, server)  # type: ignore[arg-type]
        world.knows_her()
        sent = world.sent(SENT_ID)
        known = len(world.mails())
        receipt = disposition("automatic-action/MDN-sent-automatically; processed", headers={"Return-Path": None})
        server.deliver(receipt, sender="")  # as RFC 8098 has it
        server.deliver(with_documents({"Return-Path": None}), sender=DOCTOR)
        cycle = world.cycle()
        again = world.cycle()
        assert (cycle.errors, cycle.kept, again.errors, again.kept) == ([], 2, [], 0)
        assert [one.state for one in world.mails()[known:]] == [MailState.TIED, MailState.FILED]
        assert world.state(sent)[0] is DeliveryState.ACKNOWLEDGED
    answers = [read_mail(one) for one in server.next.mails[before:]]
    assert [one.kind for one in answers] == [Kind.MDN]
