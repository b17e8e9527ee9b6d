"""The mailbox as the bridge reads it, at Dovecot: by certificate, by token, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from mail_servers import MailServer

from dui_bridge.connectors.mssante.errors import AuthRefused
from dui_bridge.connectors.mssante.imap import Fetched, MailboxReader, open_mailbox
from dui_bridge.connectors.mssante.opening import Certificates
from dui_bridge.connectors.mssante.settings import Auth, ImapSettings, MssanteSettings, Tls
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.connectors.wire.tls_errors import TlsProblem
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.pki import MAILBOX, PASSWORD
from tests.mss_mails import with_documents

pytestmark = pytest.mark.real


def opened(
    server: MailServer,
    auth: Auth = Auth.EXTERNAL,
    *,
    client: str | None = "client-mss",
    secret: str = "",
    **imap: object,
) -> closing[MailboxReader]:
    port = server.ports["imaps" if imap.get("tls") is Tls.IMPLICIT else "imap"]
    reading = ImapSettings.model_validate({"port": port, "batch": 1000, **imap})
    settings = MssanteSettings(host="localhost", imap=reading, auth=auth, timeout=20)
    own = None if client is None else Pkcs12(server.pki.holder(client).pkcs12, PASSWORD)
    files = Certificates(own, Trust((server.pki.ca,)), (server.pki.crl,))
    return closing(open_mailbox(settings, Profile.SANDBOX, files, MAILBOX, lambda: secret, now=datetime.now(UTC)))


def delivered(server: MailServer) -> bytes:
    """A mail of its own, as it was handed over."""
    mail = with_documents({"Message-ID": f"<{uuid4()}@medecin.mssante.fr>", "Return-Path": None})
    server.deliver(mail)
    return mail


def found(mails: Iterator[Fetched], mail: bytes) -> list[Fetched]:
    name = mail.partition(b"Message-ID: ")[2].partition(b"\r\n")[0]
    return [one for one in mails if name in (one.data or b"")]


@pytest.mark.parametrize("tls", [Tls.STARTTLS, Tls.IMPLICIT])
def test_a_mail_is_read_to_the_byte_and_moved_once_it_is_kept(running_dovecot: MailServer, tls: Tls) -> None:
    mail = delivered(running_dovecot)
    with opened(running_dovecot, tls=tls, treated="Traités & relus") as mailbox:
        (read,) = found(mailbox.fetch(None), mail)
        assert (read.data or b"").endswith(mail)
        (again,) = found(mailbox.fetch(None), mail)
        assert again == read, "reading marks nothing"
        mailbox.settle(read)
        assert found(mailbox.fetch("1.0"), mail) == []
    with opened(running_dovecot, folder="Traités & relus") as moved:
        assert len(found(moved.fetch("1.0"), mail)) == 1


def test_it_goes_on_after_its_cursor(running_dovecot: MailServer) -> None:
    first = delivered(running_dovecot)
    with opened(running_dovecot) as mailbox:
        (read,) = found(mailbox.fetch(None), first)
        second = delivered(running_dovecot)
    with opened(running_dovecot) as mailbox:
        after = list(mailbox.fetch(read.cursor))
        assert len(found(iter(after), second)) == 1
        assert found(iter(after), first) == []


def test_what_was_handled_long_ago_is_removed_and_nothing_else(running_dovecot: MailServer) -> None:
    handled, waiting = delivered(running_dovecot), delivered(running_dovecot)
    today = datetime.now(UTC).date()
    with opened(running_dovecot, treated="Anciens") as mailbox:
        assert mailbox.remove_handled(today) == 0
        (read,) = found(mailbox.fetch(None), handled)
        mailbox.settle(read)
        assert mailbox.remove_handled(today - timedelta(days=1)) == 0
        assert mailbox.remove_handled(today + timedelta(days=2)) == 1
        assert len(found(mailbox.fetch(None), waiting)) == 1
    with opened(running_dovecot, folder="Anciens") as old:
        assert list(old.fetch("1.0")) == []
    with opened(running_dovecot) as mailbox:
        assert mailbox.remove_handled(today + timedelta(days=2)) == 0


@pytest.mark.parametrize("client", ["client-revoked", "client-other-ca", None])
def test_another_certificate_opens_nothing(running_dovecot: MailServer, client: str | None) -> None:
    with opened(running_dovecot, client=client) as mailbox, pytest.raises((AuthRefused, TlsProblem)):
        list(mailbox.fetch(None))


def test_a_token_opens_a_mailbox_and_an_expired_one_does_not(dovecot_with_tokens: MailServer) -> None:
    mail = delivered(dovecot_with_tokens)
    token = dovecot_with_tokens.token()
    with opened(dovecot_with_tokens, Auth.XOAUTH2, client=None, secret=token) as mailbox:
        assert len(found(mailbox.fetch(None), mail)) == 1
    old = dovecot_with_tokens.token(expires_in=-60)
    with opened(dovecot_with_tokens, Auth.XOAUTH2, client=None, secret=old) as mailbox, pytest.raises(AuthRefused):
        list(mailbox.fetch(None))
