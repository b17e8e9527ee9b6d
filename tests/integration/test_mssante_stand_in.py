"""The stand-in of an operator of MSSanté, over mutual TLS, called with the standard library and not with the connector."""

from __future__ import annotations

import imaplib
import smtplib
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import pytest
from shared import shared_path

from dui_bridge.sandbox.mssante import (
    BOUNCES,
    TOKEN,
    Auth,
    Correspondent,
    Form,
    Mailbox,
    MssanteAnswers,
    MssanteServer,
    Outcome,
    Recipient,
    Step,
    Taken,
    Trouble,
)
from dui_bridge.sandbox.pki import MAILBOX, PASSWORD, Pki, make_pki
from dui_bridge.sandbox.serving import serving

DOCTOR = "dr.essai@medecin.mssante.fr"
CITIZEN = "279035121518989@patient.mssante.fr"
OTHER = "autre-esms@esms.mssante.fr"
DSN = ("RET=HDRS", "ENVID=env-42")
Answers = Callable[..., list[EmailMessage]]
WANTED = "NOTIFY=SUCCESS,FAILURE,DELAY"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    names = ("client-mss", "client-expired", "client-revoked", "client-other-ca", "server")
    return make_pki(tmp_path_factory.mktemp("pki"), names=names)


@pytest.fixture(scope="module")
def running(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MssanteServer]:
    mailboxes = (Mailbox(), Mailbox(OTHER))
    with MssanteServer(pki, tmp_path_factory.mktemp("mss"), mailboxes=mailboxes, domains=["hopital.test"]) as server:
        yield server


@pytest.fixture
def server(running: MssanteServer) -> MssanteServer:
    """One for all tests: its mailboxes are empty, with UIDs from 1, and everybody takes mails in silence."""
    running.post.correspondents.clear()
    for mailbox, folder in ((MAILBOX, "INBOX"), (OTHER, "INBOX"), (MAILBOX, "Traites")):
        for one in running.mails(mailbox, folder):
            running.store.expunge(mailbox, folder, one.uid)
        running.store.renumber(mailbox, folder)
    BEFORE[0] = len(running.taken)
    return running


BEFORE = [0]


def taken(server: MssanteServer) -> list[Taken]:
    """What was taken since the test began."""
    return server.taken[BEFORE[0] :]


@cache
def context(pki: Pki, client: str | None = "client-mss") -> ssl.SSLContext:
    made = ssl.create_default_context(cafile=pki.ca)
    if client is not None:
        made.load_cert_chain(pki.holder(client).certificate, pki.holder(client).key)
    return made


def smtp(server: MssanteServer, tls: ssl.SSLContext, *, external: str | None = "=") -> smtplib.SMTP:
    client = smtplib.SMTP(*server.smtp, local_hostname="essai")
    client.starttls(context=tls)
    client.ehlo()
    if external is not None:
        assert client.docmd("AUTH", f"EXTERNAL {external}")[0] == 235
    return client


def imap(server: MssanteServer, tls: ssl.SSLContext, mailbox: bytes = b"") -> imaplib.IMAP4:
    client = imaplib.IMAP4(*server.imap)
    client.starttls(tls)
    client.authenticate("EXTERNAL", lambda _: mailbox)
    return client


def mail(*, to: str = DOCTOR, receipt: bool = True, size: int = 0) -> bytes:
    head = [
        f"From: ESMS <{MAILBOX}>",
        f"To: {to}",
        "Subject: XDM/1.0/DDM+ESSAI VIAL Paul 26/11/1978",
        "Message-ID: <essai-1@esms.mssante.fr>",
        *([f"Disposition-Notification-To: {MAILBOX}"] if receipt else []),
    ]
    return ("\r\n".join(head) + "\r\n\r\n.Bonjour\r\n").encode() + b"%s\r\n" % (b"x" * 68) * (size // 70) + b"\r\n"


def read(server: MssanteServer, number: int = -1, mailbox: str = MAILBOX) -> EmailMessage:
    found = message_from_bytes(server.mails(mailbox)[number].content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def fields(message: EmailMessage, kind: str) -> dict[str, str]:
    """The fields of the part for machines, all its blocks together."""
    part = next(one for one in message.walk() if one.get_content_type() == kind)
    return {name: str(value) for block in part.get_payload() for name, value in block.items()}


# --- who gets in ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("client", ["client-expired", "client-revoked", "client-other-ca", None])
def test_a_bad_certificate_gets_nowhere(pki: Pki, server: MssanteServer, client: str | None) -> None:
    with pytest.raises((smtplib.SMTPException, OSError)):
        smtp(server, context(pki, client))
    with pytest.raises((imaplib.IMAP4.error, OSError)):
        imap(server, context(pki, client))


def test_nothing_is_done_in_the_clear_nor_before_the_mailbox_is_open(pki: Pki, server: MssanteServer) -> None:
    clear = smtplib.SMTP(*server.smtp, local_hostname="essai")
    clear.ehlo()
    assert ("auth" in clear.esmtp_features, clear.mail(MAILBOX)[0]) == (False, 530)
    client = smtp(server, context(pki), external=None)
    assert client.mail(MAILBOX)[0] == 530
    reader = imaplib.IMAP4(*server.imap)
    with pytest.raises(imaplib.IMAP4.error):
        reader.login(MAILBOX, PASSWORD)
    for one in (clear, client):
        one.close()
    reader.shutdown()


@pytest.mark.parametrize("auth", list(Auth))
@pytest.mark.parametrize("is_good", [True, False])
def test_each_way_of_access_opens_only_with_what_is_right(pki: Pki, tmp_path: Path, auth: Auth, is_good: bool) -> None:
    token = f"user={MAILBOX}\x01auth=Bearer {TOKEN if is_good else 'faux'}\x01\x01".encode()
    password = PASSWORD if is_good else "faux"
    asked = b"" if is_good else b"inconnue@esms.mssante.fr"
    sender = MAILBOX if is_good else "inconnue@esms.mssante.fr"
    tls = context(pki, None if auth is Auth.XOAUTH2 else "client-mss")
    with MssanteServer(pki, tmp_path, auth=auth) as server:
        client = smtplib.SMTP_SSL(*server.smtps, local_hostname="essai", context=tls)
        reader = imaplib.IMAP4_SSL(*server.imaps, ssl_context=tls)
        try:
            client.ehlo()
            if auth is Auth.NONE:
                assert reader.state == "AUTH", "PREAUTH"
                assert (client.mail(sender)[0] == 250) is is_good
                return
            if auth is Auth.LOGIN:
                client.login(MAILBOX, password)
                reader.login(MAILBOX, password)
            else:
                sent = token if auth is Auth.XOAUTH2 else asked
                answers = iter([sent, b""])
                client.auth(auth.upper(), lambda challenge=None: next(answers).decode())  # type: ignore[misc]
                answers_of_reader = iter([sent, b""])
                reader.authenticate(auth.upper(), lambda _: next(answers_of_reader))
            assert is_good
            assert (client.mail(MAILBOX)[0], reader.select()[0]) == (250, "OK")
        except (smtplib.SMTPAuthenticationError, imaplib.IMAP4.error):
            assert not is_good
        finally:
            client.close()
            reader.shutdown()


def test_one_certificate_opens_the_mailboxes_of_all_establishments(pki: Pki, server: MssanteServer) -> None:
    with smtp(server, context(pki), external="YXV0cmUtZXNtc0Blc21zLm1zc2FudGUuZnI=") as client:
        assert client.mail(MAILBOX)[0] == 553, "another mailbox is open"
        client.sendmail(OTHER, [DOCTOR], mail())
    server.post.serve(OTHER, mail())
    with imap(server, context(pki), OTHER.encode()) as reader:
        assert reader.select() == ("OK", [b"1"])
    assert [one.sender for one in taken(server)] == [OTHER]


# --- what is taken --------------------------------------------------------------------------------------------------


def test_a_mail_is_kept_as_it_came_with_its_envelope(pki: Pki, server: MssanteServer) -> None:
    with smtp(server, context(pki)) as client:
        client.sendmail(
            MAILBOX, [DOCTOR], mail(), ["RET=HDRS", "ENVID=env+2B42"], ["NOTIFY=FAILURE", f"ORCPT=rfc822;{DOCTOR}"]
        )
    (kept,) = taken(server)
    assert kept.content == mail()
    assert (kept.path.parent.name, kept.path.name) == ("sent", f"{kept.number:04d}-essai-1@esms.mssante.fr.eml")
    assert (kept.sender, kept.envid, kept.ret) == (MAILBOX, "env+42", "HDRS")
    assert kept.recipients == (Recipient(DOCTOR, ("FAILURE",), f"rfc822;{DOCTOR}"),)
    assert server.mails(MAILBOX) == []


def test_only_trusted_domains_and_known_mailboxes_are_written_to(pki: Pki, server: MssanteServer) -> None:
    server.post.correspondents[DOCTOR] = Correspondent(DOCTOR, refusal="550 5.1.1 Boite inconnue")
    with smtp(server, context(pki)) as client:
        client.mail(MAILBOX)
        said = {to: client.rcpt(to)[0] for to in ("a@ailleurs.test", "a@fauxmssante.fr", DOCTOR, "a@hopital.test")}
    assert said == {"a@ailleurs.test": 550, "a@fauxmssante.fr": 550, DOCTOR: 550, "a@hopital.test": 250}


def test_a_mail_above_the_size_is_refused_before_or_after_it_is_sent(pki: Pki, tmp_path: Path) -> None:
    with MssanteServer(pki, tmp_path, largest=5000) as server, smtp(server, context(pki)) as client:
        client.mail(MAILBOX)
        client.rcpt(DOCTOR)
        assert client.data(mail(size=6000))[0] == 552
        with pytest.raises(smtplib.SMTPSenderRefused, match="552"):
            client.sendmail(MAILBOX, [DOCTOR], mail(size=6000))
        client.sendmail(MAILBOX, [DOCTOR], mail(size=3000))
        assert len(server.taken) == 1


def test_a_mail_to_another_mailbox_of_the_operator_arrives_there(pki: Pki, server: MssanteServer) -> None:
    with smtp(server, context(pki)) as client:
        client.sendmail(MAILBOX, [OTHER], mail(to=OTHER))
    written = f"Return-Path: <{MAILBOX}>\r\nDelivered-To: {OTHER}\r\n".encode()
    assert [one.content for one in server.mails(OTHER)] == [written + mail(to=OTHER)]


def test_a_report_is_sent_in_the_name_of_nobody(pki: Pki, server: MssanteServer) -> None:
    with smtp(server, context(pki)) as client:
        client.sendmail("", [DOCTOR], mail(), ["RET=HDRS"], [WANTED])
    assert ([one.sender for one in taken(server)], server.mails(MAILBOX)) == ([""], [])


def test_the_next_stand_in_finds_what_was_kept(pki: Pki, tmp_path: Path) -> None:
    with MssanteServer(pki, tmp_path) as first:
        first.post.serve(MAILBOX, mail())
        first.post.take(mail(), MAILBOX, [], "", "")
    with MssanteServer(pki, tmp_path) as second:
        second.post.serve(MAILBOX, mail())
        second.post.take(mail(), MAILBOX, [], "", "")
        assert ([one.number for one in second.taken], [one.uid for one in second.mails(MAILBOX)]) == ([1, 2], [1, 2])


# --- what comes back ------------------------------------------------------------------------------------------------


@pytest.fixture
def answers(pki: Pki, server: MssanteServer) -> Callable[..., list[EmailMessage]]:
    """What the sender of one mail finds in its mailbox, when a recipient behaves so."""

    def found(*told: Correspondent, notify: str = "NOTIFY=NEVER", receipt: bool = True) -> list[EmailMessage]:
        server.post.correspondents |= {one.address: one for one in told}
        there = len(server.mails(MAILBOX))
        with smtp(server, context(pki)) as client:
            client.sendmail(MAILBOX, [DOCTOR, CITIZEN], mail(receipt=receipt), DSN, [notify])
        return [read(server, number) for number in range(there, len(server.mails(MAILBOX)))]

    return found


def test_deliveries_and_failures_are_reported_to_those_who_ask(answers: Answers) -> None:
    closed = Correspondent(DOCTOR, diagnostic="550 5.1.1 mailbox closed")
    failure, success = answers(closed, notify=WANTED)
    told = fields(failure, "message/delivery-status")
    assert (told["Action"], told["Status"], told["Final-Recipient"]) == ("failed", "5.1.1", f"rfc822; {DOCTOR}")
    assert (told["Original-Envelope-Id"], told["Diagnostic-Code"]) == ("env-42", "smtp; 550 5.1.1 mailbox closed")
    assert fields(success, "message/delivery-status")["Action"] == "relayed"
    assert "<essai-1@esms.mssante.fr>" in failure.as_string(), "the headers of the mail come back"


@pytest.mark.parametrize(("notify", "reports"), [("NOTIFY=NEVER", 0), ("NOTIFY=DELAY", 0), ("NOTIFY=FAILURE", 1)])
def test_a_failure_that_nobody_wants_is_not_reported(answers: Answers, notify: str, reports: int) -> None:
    assert len(answers(Correspondent(DOCTOR, diagnostic="550 5.1.1 x"), notify=notify)) == reports


@pytest.mark.parametrize("outcome", [Outcome.DELAYED, Outcome.DELIVERED])
def test_other_outcomes_are_told_on_demand(server: MssanteServer, outcome: Outcome) -> None:
    kept = server.post.take(mail(), MAILBOX, [], "", "")
    server.post.report(kept, Recipient(DOCTOR), outcome)
    told = fields(read(server), "message/delivery-status")
    assert (told["Action"], "Original-Envelope-Id" in told) == (outcome.value, False)


@pytest.mark.parametrize(
    ("form", "disposition", "has_error"),
    [(Form.NEW, "processed/error", True), (Form.OLD, "processed/Error: 902", False)],
)
def test_an_error_of_integration_is_told_in_both_forms(
    answers: Answers, form: Form, disposition: str, has_error: bool
) -> None:
    (answer,) = answers(Correspondent(DOCTOR, receipt="902", form=form))
    told = fields(answer, "message/disposition-notification")
    assert answer["Subject"].startswith("[KO Intégration système !][902] XDM/1.0/DDM+ESSAI")
    assert disposition in told["Disposition"]
    assert ("Error" in told) is has_error
    assert told["Original-Message-ID"] == "<essai-1@esms.mssante.fr>"
    assert mail() in answer.as_bytes(policy=policy.SMTP), "the whole mail comes back"


def test_a_success_is_told_only_when_asked_for(answers: Answers) -> None:
    done = Correspondent("@medecin.mssante.fr", receipt="processed")
    (answer,) = answers(done)
    told = fields(answer, "message/disposition-notification")
    assert (answer["Subject"], told["Disposition"].rpartition("; ")[2]) == (
        "XDM/1.0/DDM+ESSAI VIAL Paul 26/11/1978",
        "processed",
    )
    assert answers(done, receipt=False) == []


@pytest.mark.parametrize("receipt", [True, False])
def test_an_error_can_come_as_an_ordinary_mail(answers: Answers, receipt: bool) -> None:
    (answer,) = answers(Correspondent(DOCTOR, receipt="904", form=Form.MAIL), receipt=receipt)
    assert answer.get_content_type() == "multipart/mixed"
    assert [one.get_content_type() for one in answer.iter_parts()] == ["text/plain", "message/rfc822"]
    assert "[904]" in answer["Subject"]


@pytest.mark.parametrize("reason", sorted(BOUNCES))
def test_mon_espace_sante_sends_back_with_a_reason(answers: Answers, reason: str) -> None:
    (answer,) = answers(Correspondent(CITIZEN, bounce=reason))
    body = next(answer.iter_parts()).get_content()
    assert (CITIZEN in body, BOUNCES[reason][1] in body) == (True, True)


def sample(name: str) -> EmailMessage:
    shared = shared_path()
    if shared is None:
        pytest.skip("no official examples")
    text = (shared / "reference" / "mssante" / "mail" / name).read_bytes().lstrip()
    found = message_from_bytes(text, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_reports_have_the_fields_of_those_of_a_real_server(answers: Answers) -> None:
    official = fields(sample("dsn_postfix_failed_5.1.1.eml"), "message/delivery-status")
    (answer,) = answers(Correspondent(DOCTOR, diagnostic="550 5.1.1 x"), notify="NOTIFY=FAILURE")
    assert set(fields(answer, "message/delivery-status")) == {one for one in official if not one.startswith("X-")}


def test_receipts_have_the_fields_of_the_official_example(answers: Answers) -> None:
    official = fields(sample("mdn_error_example_v1.1.3_newform.txt"), "message/disposition-notification")
    (answer,) = answers(Correspondent(DOCTOR, receipt="902"))
    told = fields(answer, "message/disposition-notification")
    assert set(told) == set(official)
    assert (told["Disposition"], told["Error"]) == (official["Disposition"], official["Error"])


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def looking(pki: Pki, running: MssanteServer) -> Iterator[imaplib.IMAP4]:
    """A folder with three mails, open for reading."""
    for number in range(1, 4):
        running.post.serve(MAILBOX, mail().replace(b"essai-1", b"essai-%d" % number), "Recus")
    with imap(running, context(pki)) as client:
        client.select("Recus", readonly=True)
        yield client


@pytest.fixture
def reader(pki: Pki, server: MssanteServer) -> Iterator[imaplib.IMAP4]:
    """A mailbox with three mails, INBOX open."""
    for number in range(1, 4):
        server.post.serve(MAILBOX, mail().replace(b"essai-1", b"essai-%d" % number))
    with imap(server, context(pki)) as client:
        client.select()
        yield client


def uids(reader: imaplib.IMAP4, *asked: str) -> str:
    return (reader.uid("SEARCH", *asked)[1][0] or b"").decode()


def test_a_mail_that_is_only_looked_at_stays_unseen(reader: imaplib.IMAP4) -> None:
    _, found = reader.uid("FETCH", "2", "(UID FLAGS RFC822.SIZE INTERNALDATE BODY.PEEK[])")
    assert isinstance(found[0], tuple)
    whole = mail().replace(b"essai-1", b"essai-2")
    assert found[0][1] == whole
    assert b"UID 2 FLAGS () RFC822.SIZE %d INTERNALDATE" % len(whole) in found[0][0]
    assert uids(reader, "UNSEEN") == "1 2 3"
    reader.uid("FETCH", "2", "(BODY[])")
    assert uids(reader, "UNSEEN") == "1 3"


@pytest.mark.parametrize(
    ("item", "data"),
    [
        ("BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]", b"Message-ID: <essai-1@esms.mssante.fr>\r\n\r\n"),
        ("BODY.PEEK[]<0.5>", b"From:"),
        ("BODY.PEEK[TEXT]", b".Bonjour\r\n\r\n"),
        ("RFC822.HEADER", mail().partition(b".Bonjour")[0]),
    ],
)
def test_parts_of_a_mail_can_be_fetched(looking: imaplib.IMAP4, item: str, data: bytes) -> None:
    _, found = looking.fetch("1", f"({item})")
    assert isinstance(found[0], tuple)
    assert found[0][1] == data


@pytest.mark.parametrize(
    ("asked", "there"),
    [
        (("ALL",), "1 2 3"),
        (("UID", "2:*"), "2 3"),
        (("UID", "9:*"), "3"),
        (("NOT", "UID", "2"), "1 3"),
        (("OR", "UID", "1", "3"), "1 3"),
        (("CHARSET", "UTF-8", "(UNSEEN", "UNDELETED)"), "1 2 3"),
        (("FLAGGED",), ""),
        (("KEYWORD", "traite"), ""),
        (("HEADER", "Message-ID", '"<essai-3@"'), "3"),
        (("SUBJECT", '"vial"', "SMALLER", "5000"), "1 2 3"),
        (("LARGER", "5000"), ""),
    ],
)
def test_mails_are_found(looking: imaplib.IMAP4, asked: tuple[str, ...], there: str) -> None:
    assert uids(looking, *asked) == there


def test_marked_and_moved_mails_are_where_they_were_put(server: MssanteServer, reader: imaplib.IMAP4) -> None:
    reader.create("Traites")
    reader.uid("STORE", "1", "+FLAGS.SILENT", "(\\Seen traite)")
    assert reader.uid("MOVE", "1", "Traites")[0] == "OK"
    reader.uid("COPY", "2", "Traites")
    reader.uid("STORE", "2", "FLAGS", "(\\Deleted)")
    reader.expunge()
    assert (uids(reader, "ALL"), reader.uid("MOVE", "3", "Nulle-part")[0]) == ("3", "NO")
    assert [(one.uid, sorted(one.flags)) for one in server.mails(MAILBOX, "Traites")] == [
        (1, ["\\Seen", "traite"]),
        (2, []),
    ]
    assert b'"Traites"' in b"".join(one for one in reader.list()[1] if isinstance(one, bytes))


def test_a_folder_opened_for_reading_is_not_changed(server: MssanteServer, reader: imaplib.IMAP4) -> None:
    reader.select(readonly=True)
    reader.uid("FETCH", "1", "(BODY[])")
    assert [reader.uid(*command)[0] for command in (("STORE", "1", "FLAGS", "()"), ("MOVE", "1", "INBOX"))] == [
        "NO",
        "NO",
    ]
    assert [one.flags for one in server.mails(MAILBOX)] == [frozenset()] * 3


def test_a_new_mail_is_told_and_another_validity_gives_other_numbers(
    server: MssanteServer, reader: imaplib.IMAP4
) -> None:
    before = reader.response("UIDVALIDITY")[1][0] or b""
    server.post.serve(MAILBOX, mail())
    assert uids(reader, "ALL") == "1 2 3"
    reader.noop()
    assert uids(reader, "ALL") == "1 2 3 4"
    last = server.mails(MAILBOX)[-1].path
    server.store.renumber(MAILBOX, "INBOX")
    reader.select()
    assert reader.response("UIDVALIDITY")[1] == [str(int(before) + 1).encode()]
    assert server.mails(MAILBOX)[0].path == last, "numbers do not go with mails any more"
    assert reader.status("INBOX", "(UIDNEXT MESSAGES)")[1] == [b'"INBOX" (UIDNEXT 5 MESSAGES 4)']


@pytest.mark.parametrize(
    "line",
    ["", "FETCH", "FETCH 1 (ENVELOPE)", "FETCH a (UID)", "SEARCH NOBODY", "SEARCH (", "SEARCH )", "UID", "STORE 1", "XYZ",
     'SELECT "', "LOGIN a b", "STARTTLS", "SEARCH " + "(" * 30 + ")" * 30, "FETCH 1:2:3 UID"],
)  # fmt: skip
def test_a_command_that_cannot_be_read_is_refused_and_the_next_one_served(looking: imaplib.IMAP4, line: str) -> None:
    looking.send(f"x1 {line}\r\n".encode())
    assert looking.readline().startswith((b"x1 BAD", b"x1 NO"))
    assert looking.noop()[0] == "OK"


# --- bad days -------------------------------------------------------------------------------------------------------

REFUSED = smtplib.SMTPResponseException
GONE = (smtplib.SMTPServerDisconnected, OSError)


@pytest.mark.parametrize(
    ("trouble", "seen", "kept"),
    [
        (Trouble(Step.GREETING, answer="421 4.3.2 Plus tard"), REFUSED, 0),
        (Trouble(Step.GREETING, cut=True), GONE, 0),
        (Trouble(Step.STARTTLS, answer="454 4.7.0 Pas de TLS"), REFUSED, 0),
        (Trouble(Step.HANDSHAKE, cut=True), GONE, 0),
        (Trouble(Step.MAIL, answer="451 4.3.0 Plus tard"), REFUSED, 0),
        (Trouble(Step.RCPT, answer="450 4.2.0 Plus tard", address=DOCTOR), smtplib.SMTPRecipientsRefused, 0),
        (Trouble(Step.RCPT, cut=True), GONE, 0),
        (Trouble(Step.DATA, cut=True), GONE, 0),
        (Trouble(Step.DATA, answer="451 4.3.0 Plus tard"), REFUSED, 0),
        (Trouble(Step.END, answer="554 5.6.0 Refuse"), REFUSED, 0),
        (Trouble(Step.END, cut=True), GONE, 0),
        (Trouble(Step.END, cut=True, kept=True), GONE, 1),
        (Trouble(Step.END, answer="451 4.3.0 Et pourtant", kept=True), REFUSED, 1),
    ],
    ids=lambda value: f"{value.step}-{value.answer[:3]}" if isinstance(value, Trouble) else "",
)
def test_sending_fails_where_it_is_told_to_and_once(
    pki: Pki, server: MssanteServer, trouble: Trouble, seen: type[Exception] | tuple[type[Exception], ...], kept: int
) -> None:
    server.troubles.add(trouble)

    def send() -> None:
        with smtplib.SMTP(*server.smtp, local_hostname="essai") as client:
            code, said = client.starttls(context=context(pki))
            if code != 220:
                raise smtplib.SMTPResponseException(code, said)
            client.ehlo()
            client.docmd("AUTH", "EXTERNAL =")
            client.sendmail(MAILBOX, [DOCTOR], mail(size=20_000))

    with pytest.raises(seen) as refused:
        send()
    if isinstance(refused.value, smtplib.SMTPResponseException):
        assert trouble.answer.startswith(str(refused.value.smtp_code))
    send()
    assert len(taken(server)) == kept + 1


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(Step.IMAP_GREETING, answer="Plus tard"),
        Trouble(Step.IMAP_GREETING, cut=True),
        Trouble(Step.IMAP_STARTTLS, answer="NO Pas de TLS"),
        Trouble(Step.IMAP_HANDSHAKE),
        Trouble(Step.IMAP_AUTH, answer="NO [UNAVAILABLE] Plus tard"),
        Trouble(Step.IMAP_SELECT, cut=True, answer="Arret"),
        Trouble(Step.IMAP_SEARCH, answer="NO Plus tard"),
        Trouble(Step.IMAP_FETCH, cut=True, after=1),
        Trouble(Step.IMAP_STORE, answer="NO Plein"),
        Trouble(Step.IMAP_MOVE, cut=True),
    ],
    ids=lambda trouble: trouble.step,
)
def test_reading_fails_where_it_is_told_to_and_once(pki: Pki, server: MssanteServer, trouble: Trouble) -> None:
    for _ in range(2):
        server.post.serve(MAILBOX, mail(size=20_000))
    server.troubles.add(trouble)

    def receive() -> None:
        with imap(server, context(pki)) as client:
            client.select()
            for command in (
                ("SEARCH", "ALL"),
                ("FETCH", "1:2", "(BODY.PEEK[])"),
                ("STORE", "1", "FLAGS", "()"),
                ("MOVE", "1", "INBOX"),
            ):
                if client.uid(*command)[0] != "OK":
                    raise imaplib.IMAP4.error

    with pytest.raises((imaplib.IMAP4.error, OSError)):
        receive()
    receive()


def test_a_mail_is_cut_in_the_middle(pki: Pki, server: MssanteServer) -> None:
    server.post.serve(MAILBOX, mail())
    server.troubles.add(Trouble(Step.IMAP_FETCH, cut=True))
    client = imap(server, context(pki))
    client.select()
    client.send(b"x UID FETCH 1 (BODY.PEEK[])\r\n")
    got = client.read(10_000)
    client.shutdown()
    assert (got.startswith(b"* 1 FETCH"), 50 < len(got) < len(mail())) == (True, True)


def test_answers_can_be_slow(pki: Pki, server: MssanteServer) -> None:
    server.troubles.add(Trouble(Step.END, delay=0.1))
    with smtp(server, context(pki)) as client:
        start = time.monotonic()
        client.sendmail(MAILBOX, [DOCTOR], mail())
    assert time.monotonic() - start >= 0.1
    assert len(taken(server)) == 1


# --- looking at it --------------------------------------------------------------------------------------------------


def test_pages_show_the_mails_and_nothing_else(server: MssanteServer) -> None:
    number = server.post.take(mail().replace(b"ESSAI", b"<b>"), MAILBOX, [], "", "").number
    index = urllib.request.urlopen(server.pages_url).read().decode()
    shown = urllib.request.urlopen(f"{server.pages_url}sent/{number}").read().decode()
    assert ("VIAL Paul" in index, "&lt;b&gt; VIAL" in shown, "Bonjour" in shown) == (True, True, True)
    assert "<b>" not in shown
    assert "VIAL" not in shown.partition("<title>")[2].partition("</title>")[0]
    for path in (f"sent/{number + 1}", "sent/x", "autre/1", "mssante.sqlite", "sent/%2e%2e"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.pages_url}{path}")


def test_it_serves_beside_the_other_stand_ins(pki: Pki, tmp_path: Path) -> None:
    told = MssanteAnswers(correspondents=(Correspondent(DOCTOR, refusal="550 5.1.1 Boite inconnue"),))
    with serving(pki, tmp_path, mssante=tmp_path / "mss", mssante_answers=told) as addresses:
        names = ("mssante", "mssante-imap", "mssante-pages")
        assert {(tmp_path / f"{name}.url").read_text().strip() for name in names} == {addresses[name] for name in names}
        host, _, port = addresses["mssante"].removeprefix("smtp://").partition(":")
        with smtplib.SMTP(host, int(port), local_hostname="essai") as client:
            client.starttls(context=context(pki))
            client.docmd("EHLO", "essai")
            client.docmd("AUTH", "EXTERNAL =")
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail(MAILBOX, [DOCTOR], mail())
    assert not (tmp_path / "mssante.url").exists()


def test_what_is_laid_down_for_a_mailbox_is_in_it_when_it_is_opened_and_once(pki: Pki, tmp_path: Path) -> None:
    laid = tmp_path / "mails" / MAILBOX
    laid.mkdir(parents=True)
    (tmp_path / "mails" / OTHER).mkdir()
    (laid / "lettre.eml").write_bytes(mail().replace(b"\r\n", b"\n"))
    (tmp_path / "mails" / OTHER / "autre.eml").write_bytes(mail())
    with MssanteServer(pki, tmp_path / "mss", mails=tmp_path / "mails") as server:
        for _ in range(2):
            with imap(server, context(pki)) as client:
                assert client.select("INBOX") == ("OK", [b"1"])
        assert [one.content for one in server.mails(MAILBOX)] == [mail()]
    assert [one.name for one in (tmp_path / "mails").glob("*/*")] == ["autre.eml"]


def test_nothing_of_the_mails_is_logged(pki: Pki, server: MssanteServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with smtp(server, context(pki)) as client:
        client.sendmail(MAILBOX, [DOCTOR], mail())
    assert DOCTOR not in caplog.text
