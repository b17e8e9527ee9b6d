"""The real mail servers behave as the tests of MSSanté take them to: who gets in, what is refused, what is reported."""

from __future__ import annotations

import imaplib
import smtplib
from email import message_from_bytes

import pytest
from mail_servers import CLOSED, LARGEST, MailServer

from dui_bridge.sandbox.pki import MAILBOX

pytestmark = pytest.mark.real

DOCTOR = "dr.essai@medecin.mssante.fr"
DSN = (["RET=HDRS", "ENVID=env-42"], ["NOTIFY=SUCCESS,FAILURE,DELAY"])
REFUSED = ["client-expired", "client-revoked", "client-other-ca", None]


def mail(name: str, size: int = 0) -> bytes:
    head = f"From: {MAILBOX}\r\nTo: {DOCTOR}\r\nSubject: {name}\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\nMessage-ID: <{name}@esms.mssante.fr>\r\n\r\n"
    return head.encode() + (b"x" * 75 + b"\r\n") * (size // 77 + 1)


def imap(server: MailServer, client: str | None = "client-mss") -> imaplib.IMAP4:
    reader = imaplib.IMAP4(server.host, server.ports["imap"])
    reader.starttls(server.context(client))
    reader.authenticate("EXTERNAL", lambda _: b"")
    return reader


def submission(server: MailServer, client: str | None = "client-mss") -> smtplib.SMTP:
    made = smtplib.SMTP(server.host, server.ports["submission"], local_hostname="essai")
    made.starttls(context=server.context(client))
    made.ehlo()
    code, said = made.docmd("AUTH", "EXTERNAL =")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, said)
    return made


def relay(server: MailServer, client: str | None = "client-mss") -> smtplib.SMTP:
    made = smtplib.SMTP(server.host, server.ports["smtp"], local_hostname="essai")
    made.starttls(context=server.context(client))
    made.ehlo()
    return made


def report(server: MailServer, name: str) -> dict[str, str]:
    """The fields of the report on the mail of this name, which it gives back as headers."""
    of_it = f"Message-ID: <{name}@".encode()
    message = message_from_bytes(server.awaited(1, holding=of_it)[0])
    part = next(one for one in message.walk() if one.get_content_type() == "message/delivery-status")
    blocks = part.get_payload()
    assert isinstance(blocks, list)
    return {name: value for block in blocks for name, value in block.items()}


def test_a_mailbox_of_dovecot_opens_with_its_certificate(running_dovecot: MailServer) -> None:
    running_dovecot.deliver(mail("remis"))
    with imap(running_dovecot) as reader:
        reader.select()
        (number, *_) = reader.uid("SEARCH", "HEADER", "Message-ID", "<remis@")[1][0].split()
        _, found = reader.uid("FETCH", number.decode(), "(BODY.PEEK[])")
        assert found[0][1].endswith(mail("remis"))
        assert number in reader.uid("SEARCH", "UNSEEN")[1][0].split()


@pytest.mark.parametrize("client", REFUSED)
def test_another_certificate_opens_nothing_of_dovecot(running_dovecot: MailServer, client: str | None) -> None:
    for door in (imap, submission):
        with pytest.raises((imaplib.IMAP4.error, smtplib.SMTPException, OSError)):
            door(running_dovecot, client)


def test_dovecot_hands_a_submitted_mail_on(running_dovecot: MailServer) -> None:
    with submission(running_dovecot) as client:
        client.sendmail(MAILBOX, [DOCTOR], mail("soumis"))
    assert running_dovecot.next.mails[-1].endswith(mail("soumis"))


@pytest.mark.parametrize(
    ("email", "expires_in", "opens"), [(MAILBOX, 60, True), (MAILBOX, -10, False), ("a@b.c", 60, False)]
)
def test_a_token_opens_its_mailbox_while_it_lasts(
    dovecot_with_tokens: MailServer, email: str, expires_in: int, opens: bool
) -> None:
    token = dovecot_with_tokens.token(email=email, expires_in=expires_in)
    answers = iter([f"user={MAILBOX}\x01auth=Bearer {token}\x01\x01".encode(), b""])
    reader = imaplib.IMAP4(dovecot_with_tokens.host, dovecot_with_tokens.ports["imap"])
    reader.starttls(dovecot_with_tokens.context(None))
    try:
        reader.authenticate("XOAUTH2", lambda _: next(answers))
        assert opens
    except imaplib.IMAP4.error:
        assert not opens
    finally:
        reader.shutdown()


@pytest.mark.parametrize("client", ["client-expired", "client-other-ca", None])
def test_postfix_takes_nothing_without_a_good_certificate(running_postfix: MailServer, client: str | None) -> None:
    with pytest.raises((smtplib.SMTPException, OSError)), relay(running_postfix, client) as made:
        made.sendmail(MAILBOX, [DOCTOR], mail("refuse"))


def test_postfix_delivers_and_reports_it(running_postfix: MailServer) -> None:
    with relay(running_postfix) as client:
        client.sendmail(MAILBOX, [DOCTOR], mail("livre"), *DSN)
    told = report(running_postfix, "livre")
    assert (told["Action"], told["Original-Envelope-Id"]) == ("relayed", "env-42")
    (arrived,) = running_postfix.awaited(1, DOCTOR, holding=b"<livre@")
    assert arrived.endswith(mail("livre"))


def test_postfix_reports_what_the_next_server_refuses(running_postfix: MailServer) -> None:
    with relay(running_postfix) as client:
        client.sendmail(MAILBOX, [CLOSED], mail("rendu"), *DSN)
    told = report(running_postfix, "rendu")
    assert (told["Action"], told["Status"]) == ("failed", "5.1.1")


def test_postfix_refuses_what_is_off_the_list_or_too_big(running_postfix: MailServer) -> None:
    with relay(running_postfix) as client:
        with pytest.raises(smtplib.SMTPRecipientsRefused, match=r"5\.1\.2"):
            client.sendmail(MAILBOX, ["a@ailleurs.test"], mail("dehors"))
        assert client.docmd("MAIL", f"FROM:<{MAILBOX}> SIZE={LARGEST + 1}")[0] == 552
