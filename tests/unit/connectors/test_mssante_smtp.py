"""Handing a mail over: what each failure says of it, TLS always, and no connection but to whom we trust."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache

import pytest

from dui_bridge.connectors.mssante import errors
from dui_bridge.connectors.mssante.mailboxes import Mailbox
from dui_bridge.connectors.mssante.message import Mail
from dui_bridge.connectors.mssante.session import Endpoint
from dui_bridge.connectors.mssante.settings import Auth, SmtpSettings, Tls
from dui_bridge.connectors.mssante.smtp import SmtpLine
from dui_bridge.connectors.wire import tls_errors
from dui_bridge.connectors.wire.certificates import Pem
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.errors import DuiBridgeError, FixConfiguration
from dui_bridge.sandbox.pki import Pki, make_pki
from tests.smtp_peer import CUT, SILENT, WITHIN, SmtpPeer, smtp_peer
from tests.tls_peer import server_context

SENDER, DOCTOR, NURSE = "foyer@exemple.mssante.fr", "a+b=c@medecin.mssante.fr", "ide@exemple.mssante.fr"
MAIL = Mail("0123abc@exemple.mssante.fr", SENDER, (DOCTOR,), b"Subject: XDM/1.0/DDM+\r\n\r\n.point\r\n..\r\nfin\r\n")
SECRET = "mot-de-passe-très-secret"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    names = ["client-dmp", "client-other-ca", "server", "server-other-ca", "server-revoked", "server-wrong-host"]
    return make_pki(tmp_path_factory.mktemp("pki"), names=names)


@cache
def our_context(pki: Pki, client: str = "client-dmp") -> ssl.SSLContext:
    holder = pki.holder(client)
    return client_context(Pem(holder.certificate, holder.key), Trust((pki.ca,)), crl=(pki.crl,))


@cache
def theirs(pki: Pki) -> ssl.SSLContext:
    return server_context(pki, asks=True)


@contextmanager
def talking(
    pki: Pki,
    peer: SmtpPeer,
    auth: Auth = Auth.EXTERNAL,
    *,
    tls: Tls = Tls.STARTTLS,
    client: str = "client-dmp",
    **settings: object,
) -> Iterator[SmtpLine]:
    given = SmtpSettings.model_construct(longest=0.2, **settings)  # type: ignore[arg-type]
    mailbox = Mailbox(SENDER, auth, "foyer", lambda: SECRET)
    where = Endpoint("localhost", peer.port, tls)
    with closing(SmtpLine(where, our_context(pki, client), mailbox, given, timeout=0.5)) as line:
        yield line


def after(pki: Pki, mail: Mail = MAIL, **answers: object) -> tuple[DuiBridgeError | None, SmtpPeer]:
    """What sending a mail to a server with these answers raises."""
    with (
        smtp_peer(theirs(pki), **answers) as peer,  # type: ignore[arg-type]
        talking(pki, peer) as line,
    ):
        try:
            line.send(mail)
        except DuiBridgeError as error:
            return error, peer
        return None, peer


# --- a mail that is taken --------------------------------------------------------------------------------------------


def test_a_mail_arrives_as_it_was_with_the_options_that_ask_for_reports(pki: Pki) -> None:
    error, peer = after(pki)
    assert (error, peer.mails) == (None, [MAIL.data])
    assert peer.said("MAIL") == [
        f"mail FROM:<{SENDER}> SIZE={len(MAIL.data)} RET=HDRS ENVID=0123abc@exemple.mssante.fr"
    ]
    assert peer.said("RCPT") == [
        f"rcpt TO:<{DOCTOR}> NOTIFY=SUCCESS,FAILURE,DELAY ORCPT=rfc822;a+2Bb+3Dc@medecin.mssante.fr"
    ]


def test_a_server_without_extensions_is_asked_for_none(pki: Pki) -> None:
    _, peer = after(pki, features=(b"AUTH EXTERNAL",))
    assert (peer.said("MAIL"), peer.said("RCPT")) == ([f"mail FROM:<{SENDER}>"], [f"rcpt TO:<{DOCTOR}>"])


def test_one_connection_carries_several_mails_and_no_more_than_it_may(pki: Pki) -> None:
    with (
        smtp_peer(theirs(pki)) as peer,
        talking(pki, peer, per_connection=2) as line,
    ):
        assert [line.send(MAIL).reply.code for _ in range(3)] == [250] * 3
        assert (peer.connections, len(peer.mails)) == (2, 3)


@pytest.mark.parametrize("farewell", [CUT, b"421 4.4.2 timeout, closing"])
def test_a_kept_connection_that_the_server_has_closed_costs_no_try(pki: Pki, farewell: bytes) -> None:
    with (
        smtp_peer(theirs(pki), MAIL=(b"250 ok", farewell, b"250 ok")) as peer,
        talking(pki, peer) as line,
    ):
        line.send(MAIL)
        assert line.send(MAIL).reply.positive
        assert (peer.connections, len(peer.mails)) == (2, 2)


def test_after_a_refusal_the_same_connection_serves_the_next_mail(pki: Pki) -> None:
    with (
        smtp_peer(theirs(pki), RCPT=(b"550 5.1.1 unknown", b"250 ok")) as peer,
        talking(pki, peer) as line,
    ):
        with pytest.raises(errors.RecipientUnknown):
            line.send(MAIL)
        assert line.send(MAIL).reply.positive
        assert (peer.connections, peer.said("RSET")) == (1, ["rset"])


# --- a mail that is not taken ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "answer", "kind"),
    [
        ("GREETING", b"421 4.3.2 later", errors.Busy),
        ("GREETING", b"421 4.7.1 no client certificate presented", errors.AuthRefused),
        ("GREETING", b"554 no service for you", errors.AuthRefused),
        ("GREETING", b"HTTP/1.1 200 OK", errors.Unreachable),
        ("GREETING", CUT, errors.Unreachable),
        ("GREETING", SILENT, errors.Unreachable),
        ("STARTTLS", b"454 4.7.0 not now", errors.Busy),
        ("STARTTLS", CUT, errors.Unreachable),
        ("AUTH", b"535 5.7.8 no", errors.AuthRefused),
        ("AUTH", b"454 4.7.0 not now", errors.Busy),
        ("AUTH", CUT, errors.Unreachable),
        ("MAIL", b"451 4.3.0 later", errors.Busy),
        ("MAIL", b"553 5.7.1 not your address", errors.SenderRefused),
        ("MAIL", b"530 5.7.0 who are you", errors.AuthRefused),
        ("MAIL", b"552 5.3.4 too large", errors.SizeRefused),
        ("MAIL", b"552 too large", errors.SizeRefused),
        ("MAIL", CUT, errors.Unreachable),
        ("RCPT", b"450 4.2.1 greylisted", errors.Busy),
        ("RCPT", b"452 too many", errors.Busy),
        ("RCPT", b"550 5.1.1 unknown", errors.RecipientUnknown),
        ("RCPT", b"550 5.1.2 not in the white list", errors.DomainRefused),
        ("RCPT", b"550 unknown", errors.RecipientUnknown),
        ("RCPT", b"552 5.2.2 full", errors.MailboxFull),
        ("RCPT", b"550 5.7.1 not for you", errors.RecipientUnknown),
        ("RCPT", b"554 5.7.1 <a+b=c@Medecin.mssante.fr>: Recipient address rejected", errors.Refused),
        ("RCPT", b"554 5.5.0 no", errors.Refused),
        ("RCPT", b"553 5.1.3 no such syntax", errors.RecipientUnknown),
        ("RCPT", CUT, errors.Unreachable),
        ("DATA", b"451 4.3.0 later", errors.Busy),
        ("DATA", b"554 5.5.1 no", errors.Refused),
        ("DATA", CUT, errors.Unreachable),
        ("END", b"452 4.3.1 no room", errors.Busy),
        ("END", b"421 4.3.2 closing", errors.Busy),
        ("END", b"550 5.7.1 content", errors.Refused),
        ("END", b"550 content", errors.Refused),
        ("END", b"552 5.3.4 too large", errors.SizeRefused),
        ("END", WITHIN, errors.Unreachable),
        ("END", CUT, errors.MaybeSent),
        ("END", SILENT, errors.MaybeSent),
        ("END", b"what?", errors.MaybeSent),
        ("END", b"354 go on", errors.MaybeSent),
    ],
)
def test_what_goes_wrong_tells_whether_the_mail_was_taken(
    pki: Pki, step: str, answer: bytes, kind: type[DuiBridgeError]
) -> None:
    # More than the buffers between the two hold: it cannot be written whole when nobody reads it.
    large = Mail(MAIL.message_id, SENDER, (DOCTOR,), b"x\r\n" + b"y" * 25_000_000 + b"\r\n")
    error, peer = after(pki, large if answer == WITHIN else MAIL, **{step: answer})
    assert type(error) is kind
    assert len(peer.mails) == (step == "END" and answer != WITHIN)
    assert error is not None
    assert all((error.message("en"), error.message("fr"), error.action("fr")))


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (b"554 5.7.1 <unknown[10.0.0.1]>: Client host rejected: Access denied", errors.SenderRefused),
        (
            b"553 5.7.1 <foyer@exemple.mssante.fr>: Sender address rejected: not owned by user foyer",
            errors.SenderRefused,
        ),
        (b"530 5.7.0 Authentication required", errors.AuthRefused),
        (b"530 who are you", errors.AuthRefused),
        (b"535 5.7.8 no", errors.AuthRefused),
        (b"538 5.7.11 no", errors.AuthRefused),
    ],
)
def test_a_refusal_of_us_that_comes_with_a_recipient_stops_the_queue_and_not_the_mail(
    pki: Pki, answer: bytes, kind: type[DuiBridgeError]
) -> None:
    """Postfix tells all refusals of the client and of the sender there (smtpd_delay_reject)."""
    error, peer = after(pki, RCPT=answer)
    assert type(error) is kind
    assert isinstance(error, FixConfiguration)
    assert (SENDER in error.message("fr"), peer.mails) == (True, [])


BOTH = Mail(MAIL.message_id, SENDER, (NURSE, DOCTOR), MAIL.data)


@pytest.mark.parametrize("answer", [b"550 5.1.1 unknown", b"450 4.2.1 later"])
def test_a_refused_professional_is_named_and_the_other_gets_it(pki: Pki, answer: bytes) -> None:
    with smtp_peer(theirs(pki), RCPT=(b"250 ok", answer)) as peer, talking(pki, peer) as line:
        taken = line.send(BOTH)
    [(recipient, (error, reply))] = taken.refused.items()
    assert (recipient, reply.raw, taken.reply.code, len(peer.mails)) == (DOCTOR, answer, 250, 1)
    assert isinstance(error, errors.Busy if reply.transient else errors.RecipientUnknown)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [
        ((b"550 5.1.1 unknown", b"552 5.2.2 full"), errors.RecipientUnknown),
        ((b"550 5.1.1 unknown", b"450 4.2.1 later"), errors.Busy),
        ((b"250 ok", b"421 4.3.2 closing"), errors.Busy),
        ((b"250 ok", b"554 5.7.1 Client host rejected"), errors.SenderRefused),
    ],
)
def test_a_mail_that_nobody_gets_or_that_is_refused_of_us_is_taken_for_nobody(
    pki: Pki, answers: tuple[bytes, ...], kind: type[DuiBridgeError]
) -> None:
    """What may pass comes before what is for good: nobody is forgotten."""
    error, peer = after(pki, BOTH, RCPT=answers)
    assert (type(error), peer.mails) == (kind, [])
    assert peer.said("DATA") == []


def test_a_mail_larger_than_the_server_takes_is_not_even_begun(pki: Pki) -> None:
    error, peer = after(pki, features=(b"SIZE 20", b"AUTH EXTERNAL"))
    assert (type(error), peer.said("MAIL")) == (errors.TooLarge, [])


def test_words_of_a_server_are_told_without_addresses_and_numbers(pki: Pki) -> None:
    said = b"550 5.1.1 <279035121518989@patient.mssante.fr>: 2 79 03 51 215 189 89 unknown"
    citizen = Mail(MAIL.message_id, SENDER, ("279035121518989@patient.mssante.fr",), MAIL.data)
    error, _ = after(pki, citizen, RCPT=said)
    assert error is not None
    assert error.message("fr").endswith("(550 5.1.1) : …: … unknown")


# --- TLS and authentication ------------------------------------------------------------------------------------------


def test_nothing_is_said_in_clear_to_a_server_without_starttls(pki: Pki) -> None:
    error, peer = after(pki, clear=(b"AUTH PLAIN",))
    assert type(error) is errors.TlsNotOffered
    assert peer.commands == ["ehlo exemple.mssante.fr"]


@pytest.mark.parametrize(
    ("server", "kind"),
    [
        ("server-other-ca", tls_errors.ServerUnknown),
        ("server-revoked", tls_errors.ServerRevoked),
        ("server-wrong-host", tls_errors.ServerOtherName),
    ],
)
@pytest.mark.parametrize("tls", list(Tls))
def test_a_server_that_is_not_trusted_gets_nothing(pki: Pki, server: str, kind: type[DuiBridgeError], tls: Tls) -> None:
    context = server_context(pki, pki.holder(server))
    with (
        smtp_peer(context, implicit=tls is Tls.IMPLICIT) as peer,
        talking(pki, peer, tls=tls) as line,
        pytest.raises(kind),
    ):
        line.send(MAIL)
    assert [one for one in peer.commands if not one.startswith(("ehlo", "STARTTLS"))] == []


@pytest.mark.parametrize("tls", list(Tls))
def test_a_server_that_does_not_know_our_authority_says_so(pki: Pki, tls: Tls) -> None:
    with (
        smtp_peer(theirs(pki), implicit=tls is Tls.IMPLICIT) as peer,
        talking(pki, peer, tls=tls, client="client-other-ca") as line,
        pytest.raises((tls_errors.RefusedAuthority, errors.Unreachable)) as caught,
    ):
        line.send(MAIL)
    # Its refusal may be lost with the connection: the certificate is named all the same.
    assert "certificate" in caught.value.message("en")
    assert peer.said("AUTH") == []


def test_implicit_tls_needs_no_starttls(pki: Pki) -> None:
    with (
        smtp_peer(theirs(pki), implicit=True) as peer,
        talking(pki, peer, tls=Tls.IMPLICIT) as line,
    ):
        assert line.send(MAIL).reply.positive
    assert peer.said("STARTTLS") == []


def _decoded(commands: list[str]) -> bytes:
    return base64.b64decode(commands[0].split()[-1])


@pytest.mark.parametrize(
    ("auth", "read", "expected"),
    [
        (Auth.NONE, lambda peer: peer.said("AUTH"), []),
        (Auth.EXTERNAL, lambda peer: peer.said("AUTH"), ["AUTH EXTERNAL ="]),
        (Auth.LOGIN, lambda peer: _decoded(peer.said("AUTH PLAIN")), f"\0foyer\0{SECRET}".encode()),
        (
            Auth.XOAUTH2,
            lambda peer: _decoded(peer.said("AUTH XOAUTH2")),
            f"user=foyer\1auth=Bearer {SECRET}\1\1".encode(),
        ),
    ],
)
def test_a_mailbox_is_opened_as_the_settings_say(
    pki: Pki, auth: Auth, read: Callable[[SmtpPeer], object], expected: object
) -> None:
    with smtp_peer(theirs(pki)) as peer, talking(pki, peer, auth) as line:
        line.send(MAIL)
    assert read(peer) == expected


def test_the_older_login_is_used_where_only_it_is_offered(pki: Pki) -> None:
    with (
        smtp_peer(theirs(pki), features=(b"AUTH LOGIN",), AUTH=b"334 UGFzc3dvcmQ6") as peer,
        talking(pki, peer, Auth.LOGIN) as line,
    ):
        line.send(MAIL)
    login, password = peer.commands[3:5]
    assert (_decoded([login]), _decoded([password])) == (b"foyer", SECRET.encode())


def test_a_refused_token_is_told_without_the_token(pki: Pki) -> None:
    refusal = {"AUTH": b"334 eyJzdGF0dXMiOiI0MDAifQ==", "CHALLENGED": b"535 5.7.8 invalid"}
    with (
        smtp_peer(theirs(pki), **refusal) as peer,  # type: ignore[arg-type]
        talking(pki, peer, Auth.XOAUTH2) as line,
        pytest.raises(errors.AuthRefused) as caught,
    ):
        line.send(MAIL)
    assert SECRET not in f"{caught.value!r} {caught.value} {line.__dict__}"


def test_a_host_or_port_where_nobody_listens_is_a_matter_of_time(pki: Pki) -> None:
    with smtp_peer(None) as peer:
        pass
    with talking(pki, peer) as line, pytest.raises(errors.Unreachable) as caught:
        line.send(MAIL)
    assert "nothing listens" in caught.value.message("en")
