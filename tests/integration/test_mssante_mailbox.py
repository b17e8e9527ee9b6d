"""The mailbox of MSSanté as the bridge reads it, at the stand-in of an operator."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.connectors.mssante.errors import AuthRefused, Busy, FolderMissing, TlsNotOffered, Unreachable
from dui_bridge.connectors.mssante.imap import MailboxReader, open_mailbox
from dui_bridge.connectors.mssante.opening import Certificates
from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.connectors.mssante.receipts import Answering, answer
from dui_bridge.connectors.mssante.session import Endpoint
from dui_bridge.connectors.mssante.settings import Auth, ImapSettings, MssanteSettings, Tls
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.connectors.wire.tls_errors import TlsProblem
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.inbox.arrivals import arrival
from dui_bridge.pipeline.inbox.records import Decision
from dui_bridge.sandbox.mssante.access import TOKEN
from dui_bridge.sandbox.mssante.access import Auth as Wanted
from dui_bridge.sandbox.mssante.server import MssanteServer
from dui_bridge.sandbox.mssante.trouble import Step, Trouble
from dui_bridge.sandbox.pki import MAILBOX, PASSWORD, Pki
from tests.inbox_world import judged
from tests.mail_world import built, context, destination
from tests.xds_deposits import cda

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LETTER = b"From: dr.dupont@medecin.mssante.fr\r\nSubject: bonjour %d\r\n\r\n\xe9crit en latin-1\r\n"


def reader(
    operator: MssanteServer,
    mail_pki: Pki,
    auth: Auth = Auth.EXTERNAL,
    *,
    secret: str = PASSWORD,
    client: str | None = "client-mss",
    **settings: Any,
) -> MailboxReader:
    tls = settings.setdefault("tls", Tls.STARTTLS)
    host, port = operator.imap if tls is Tls.STARTTLS else operator.imaps
    given = MssanteSettings(host=host, imap=ImapSettings(port=port, **settings), auth=auth, timeout=5)
    own = None if client is None else Pkcs12(mail_pki.holder(client).pkcs12, PASSWORD)
    files = Certificates(own, Trust((mail_pki.ca,)), (mail_pki.crl,))
    return open_mailbox(given, Profile.SANDBOX, files, MAILBOX, lambda: secret, now=datetime.now(UTC))


def receive(operator: MssanteServer, count: int) -> list[bytes]:
    contents = [LETTER % number for number in range(count)]
    for content in contents:
        operator.store.serve(MAILBOX, content, NOW)
    return contents


def test_gives_each_mail_whole_and_marks_none(operator: MssanteServer, mail_pki: Pki) -> None:
    contents = receive(operator, 3)
    mailbox = reader(operator, mail_pki)
    assert [one.data for one in mailbox.fetch(None)] == contents
    mailbox.close()
    assert all("\\Seen" not in one.flags for one in operator.mails(MAILBOX))


def test_goes_on_after_the_cursor_by_batches(operator: MssanteServer, mail_pki: Pki) -> None:
    contents = receive(operator, 5)
    mailbox = reader(operator, mail_pki, batch=2)
    first = list(mailbox.fetch(None))
    second = list(mailbox.fetch(first[-1].cursor))
    third = list(mailbox.fetch(second[-1].cursor))
    assert [one.data for one in (*first, *second, *third)] == contents
    assert list(mailbox.fetch(third[-1].cursor)) == []
    mailbox.close()


def test_the_first_time_what_a_person_has_seen_is_left(operator: MssanteServer, mail_pki: Pki) -> None:
    contents = receive(operator, 2)
    operator.store.flag(MAILBOX, "INBOX", operator.mails(MAILBOX)[0].uid, ["\\Seen"])
    mailbox = reader(operator, mail_pki)
    assert [one.data for one in mailbox.fetch(None)] == contents[1:]
    mailbox.close()


def test_gives_all_again_when_the_server_numbers_anew(operator: MssanteServer, mail_pki: Pki) -> None:
    operator.store.renumber(MAILBOX, "INBOX")  # its numbers begin at 1 both times
    contents = receive(operator, 3)
    mailbox = reader(operator, mail_pki)
    taken = list(mailbox.fetch(None))
    mailbox.close()
    operator.store.renumber(MAILBOX, "INBOX")
    mailbox = reader(operator, mail_pki)
    assert sorted(one.data or b"" for one in mailbox.fetch(taken[-1].cursor)) == sorted(contents)
    mailbox.settle(taken[0])
    assert all("\\Seen" not in one.flags for one in operator.mails(MAILBOX)), "an old number is another mail's"
    mailbox.close()


def test_marks_a_mail_that_was_kept(operator: MssanteServer, mail_pki: Pki) -> None:
    receive(operator, 2)
    mailbox = reader(operator, mail_pki)
    for mail in mailbox.fetch(None):
        mailbox.settle(mail)
    mailbox.close()
    assert [one.flags for one in operator.mails(MAILBOX)] == [frozenset({"\\Seen"})] * 2


def test_moves_it_where_the_settings_say(operator: MssanteServer, mail_pki: Pki) -> None:
    receive(operator, 2)
    mailbox = reader(operator, mail_pki, treated="Traités", failed="En erreur")
    good, bad = mailbox.fetch(None)
    mailbox.settle(good)
    mailbox.settle(bad, failed=True)
    mailbox.close()
    assert operator.mails(MAILBOX) == []
    assert len(operator.mails(MAILBOX, "Trait&AOk-s")) + len(operator.mails(MAILBOX, "Traités")) == 1
    assert len(operator.mails(MAILBOX, "En erreur")) == 1


def test_a_mail_that_is_too_large_is_named_and_not_fetched(operator: MssanteServer, mail_pki: Pki) -> None:
    operator.store.serve(MAILBOX, LETTER % 1 + b"x" * 1_100_000, NOW)
    receive(operator, 1)
    mailbox = reader(operator, mail_pki, max_megabytes=1)
    large, small = mailbox.fetch(None)
    assert large.data is None
    assert large.size > 1_000_000
    assert small.data == LETTER % 0
    mailbox.close()


def test_cut_in_the_middle_of_a_mail_it_is_given_whole_the_next_time(operator: MssanteServer, mail_pki: Pki) -> None:
    contents = receive(operator, 3)
    operator.troubles.add(Trouble(Step.IMAP_FETCH, after=3, cut=True))
    mailbox = reader(operator, mail_pki)
    taken = []
    with pytest.raises(Unreachable):
        taken += list_until_cut(mailbox, taken)
    again = [one.data for one in mailbox.fetch(taken[-1].cursor)]
    assert [one.data for one in taken] + again == contents
    mailbox.close()


def list_until_cut(mailbox: MailboxReader, taken: list[Any]) -> list[Any]:
    for one in mailbox.fetch(None):
        taken.append(one)
    return []


@pytest.mark.parametrize(
    ("trouble", "error"),
    [
        (Trouble(Step.IMAP_GREETING, cut=True), Unreachable),
        (Trouble(Step.IMAP_HANDSHAKE, cut=True), Unreachable),
        (Trouble(Step.IMAP_AUTH, answer="NO [UNAVAILABLE] later"), Busy),
        (Trouble(Step.IMAP_AUTH, answer="NO [AUTHENTICATIONFAILED] no"), AuthRefused),
        (Trouble(Step.IMAP_SELECT, answer="NO no such folder"), FolderMissing),
        (Trouble(Step.IMAP_SEARCH, cut=True), Unreachable),
    ],
    ids=lambda value: value.step.value if isinstance(value, Trouble) else value.__name__,
)
def test_what_goes_wrong_is_named_and_the_next_try_works(
    operator: MssanteServer, mail_pki: Pki, trouble: Trouble, error: type[Exception]
) -> None:
    contents = receive(operator, 1)
    operator.troubles.add(replace(trouble))
    mailbox = reader(operator, mail_pki)
    with pytest.raises(error):
        list(mailbox.fetch(None))
    assert [one.data for one in mailbox.fetch(None)] == contents
    mailbox.close()


def test_a_certificate_of_another_authority_opens_nothing(operator: MssanteServer, mail_pki: Pki) -> None:
    with pytest.raises((TlsProblem, Unreachable)):
        list(reader(operator, mail_pki, client="client-other-ca").fetch(None))


def test_nothing_is_said_to_a_server_without_starttls(operator: MssanteServer, mail_pki: Pki, tmp_path: Path) -> None:
    mailbox = reader(operator, mail_pki)
    mailbox._where = Endpoint("localhost", plain_server(), Tls.STARTTLS)
    with pytest.raises(TlsNotOffered):
        list(mailbox.fetch(None))


def plain_server() -> int:
    """A operator that speaks IMAP in clear, and offers nothing else; for one connection."""
    import socket
    import threading

    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, listening:
            connection.sendall(b"* OK ready\r\n")
            tag = connection.recv(1000).split(b" ")[0]
            connection.sendall(b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n")
            assert connection.recv(1000) == b"", "nothing more is said"

    threading.Thread(target=serve, daemon=True).start()
    return int(listening.getsockname()[1])


def test_what_one_bridge_sends_another_files_byte_for_byte_and_its_answer_comes_back(
    operator: MssanteServer, mail_pki: Pki
) -> None:
    sent = destination(mail_pki).prepare(built(), context()).mail
    operator.store.serve(MAILBOX, sent.data, NOW)
    mailbox = reader(operator, mail_pki)
    (fetched,) = mailbox.fetch(None)
    mailbox.close()
    assert fetched.data is not None
    mail = read_mail(fetched.data)
    given = arrival(mail, mailbox=MAILBOX, at=NOW)
    found = judged(given)
    assert (found.decision, found.cause, given.findings) == (Decision.FILED, None, ())
    assert [one.document.data for one in found.documents] == [cda()]
    back = answer(mail, fetched.data, found.code, Answering(MAILBOX, "ESMS", "NIL-42", "dui-bridge 1.0"), NOW)
    assert back is not None
    receipt = read_mail(back.data)
    assert (receipt.kind, back.recipients) == (Kind.MDN, (sent.sender,))
    assert receipt.original is not None
    assert receipt.original.message_id == sent.message_id


@pytest.mark.parametrize(
    ("wanted", "auth", "secret", "client"),
    [
        (Wanted.LOGIN, Auth.LOGIN, PASSWORD, "client-mss"),
        (Wanted.XOAUTH2, Auth.XOAUTH2, TOKEN, None),
        (Wanted.NONE, Auth.NONE, "", "client-mss"),
    ],
)
def test_every_way_of_opening_a_mailbox(
    mail_pki: Pki, tmp_path: Path, wanted: Wanted, auth: Auth, secret: str, client: str | None
) -> None:
    with MssanteServer(mail_pki, tmp_path, auth=wanted) as operator:
        contents = receive(operator, 1)
        mailbox = reader(operator, mail_pki, auth, secret=secret, client=client, tls=Tls.IMPLICIT)
        assert [one.data for one in mailbox.fetch(None)] == contents
        mailbox.close()
        if secret:
            with pytest.raises(AuthRefused):
                list(reader(operator, mail_pki, auth, secret="wrong", client=client).fetch(None))
