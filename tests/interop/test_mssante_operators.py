"""Mails of the bridge at real servers: Dovecot's submission by certificate, Postfix with its reports and refusals."""

from __future__ import annotations

import email
import re
import time
from contextlib import closing
from dataclasses import replace
from email.policy import default

import pytest
from mail_servers import CLOSED, MailServer

from dui_bridge.connectors.mssante import errors
from dui_bridge.connectors.mssante.destination import MssanteDestination
from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.connectors.ports import Addressee as Recipient
from dui_bridge.errors import FixConfiguration
from dui_bridge.model.exchange import Answer
from dui_bridge.sandbox.pki import MAILBOX
from tests.mail_world import DOCTOR, SENDER, attachments, built, context, destination

pytestmark = pytest.mark.real

OURS = replace(SENDER, address=MAILBOX)
RECEIVED = re.compile(rb"\A(?:(?:Received|Return-Path|Delivered-To|X-Original-To):[^\n]*\n(?:[ \t][^\n]*\n)*)+")


def opened(server: MailServer, port: str, **more: object) -> closing[MssanteDestination]:
    given = {"client": "client-mss", "sender": OURS, "crl": True, "timeout": 20, "smtp": {"longest": 60}, **more}
    return closing(destination(server.pki, server.ports[port], **given))  # type: ignore[arg-type]


def reports(server: MailServer, message_id: str, count: int = 1) -> list[bytes]:
    """The reports on one of our mails that came back to the mailbox."""
    end = time.monotonic() + 10
    while True:
        originals = [(one, read_mail(one).original) for one in server.mails()]
        found = [one for one, original in originals if original is not None and message_id in original.references]
        if len(found) >= count or time.monotonic() > end:
            return found
        time.sleep(0.05)


def test_dovecot_opens_the_mailbox_of_the_certificate_and_hands_the_mail_on_as_it_was(
    running_dovecot: MailServer,
) -> None:
    with opened(running_dovecot, "submission") as to:
        prepared = to.prepare(built(), context())
        first, second = to.send(prepared), to.send(prepared)
    assert [first.answer, second.answer] == [Answer.DELIVERED] * 2
    assert [RECEIVED.sub(b"", one) for one in running_dovecot.next.mails[-2:]] == [prepared.mail.data] * 2


@pytest.mark.parametrize("client", ["client-revoked", "client-other-ca", None])
def test_dovecot_opens_nothing_to_another_certificate(running_dovecot: MailServer, client: str | None) -> None:
    before = len(running_dovecot.next.mails)
    with opened(running_dovecot, "submission", client=client) as to, pytest.raises(FixConfiguration):
        to.send(to.prepare(built(), context()))
    assert len(running_dovecot.next.mails) == before


def test_postfix_delivers_and_its_report_is_tied_to_the_mail(running_postfix: MailServer) -> None:
    given = context(recipients=(Recipient(DOCTOR), Recipient("ide@esms.mssante.fr")))
    with opened(running_postfix, "smtp", auth="none") as to:
        prepared = to.prepare(built(), given)
        assert to.send(prepared).answer is Answer.DELIVERED
    (arrived,) = running_postfix.awaited(1, DOCTOR, holding=prepared.mail.message_id.encode())
    assert attachments(arrived) == attachments(prepared.mail.data)
    (report, *_) = reports(running_postfix, prepared.mail.message_id)
    assert read_mail(report).kind is Kind.DSN
    status = next(
        part for part in email.message_from_bytes(report, policy=default).walk() if part["Original-Envelope-Id"]
    )
    assert status["Original-Envelope-Id"] == prepared.mail.message_id


def test_postfix_tells_what_the_next_operator_refuses(running_postfix: MailServer) -> None:
    with opened(running_postfix, "smtp", auth="none") as to:
        prepared = to.prepare(built(), context(recipients=(Recipient(CLOSED),)))
        assert to.send(prepared).answer is Answer.DELIVERED
    # Other tests send this document too, under the same Message-ID, to mailboxes that are there.
    end, failed = time.monotonic() + 10, []
    while not failed and time.monotonic() < end:
        failed = [one for one in reports(running_postfix, prepared.mail.message_id) if b"Action: failed" in one]
        time.sleep(0.05)
    assert failed


def test_postfix_refuses_a_domain_off_its_list_and_the_next_mail_leaves(running_postfix: MailServer) -> None:
    with opened(running_postfix, "smtp", auth="none", domains=["mssante.fr", "hors-liste.fr"]) as to:
        outside = to.send(to.prepare(built(), context(recipients=(Recipient("dr@hors-liste.fr"),))))
        inside = to.send(to.prepare(built(), context()))
    assert (outside.code, outside.findings[0].rule.id) == ("550 5.1.2", "MSS-021")
    assert inside.answer is Answer.DELIVERED


def test_postfix_is_not_even_offered_a_mail_above_its_25_megabytes(running_postfix: MailServer) -> None:
    with opened(running_postfix, "smtp", auth="none", max_megabytes=60) as to:
        outcome = to.send(to.prepare(built(pdf=bytes(20_000_000)), context()))
    assert (outcome.answer, outcome.findings[0].rule.id) == (Answer.REFUSED, "MSS-016")


def test_postfix_takes_nothing_without_a_certificate(running_postfix: MailServer) -> None:
    with (
        opened(running_postfix, "smtp", auth="none", client=None) as to,
        pytest.raises(errors.AuthRefused),
    ):
        to.send(to.prepare(built(), context()))
