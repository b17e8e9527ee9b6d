"""What a sender of documents is answered, as another reader understands it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import Header
from email.message import EmailMessage
from email.policy import default

import pytest

from dui_bridge.cda.xml import clean
from dui_bridge.connectors.mssante.message import Mail
from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.connectors.mssante.receipts import Answering, answer
from dui_bridge.connectors.mssante.trusted import Trusted
from tests.mss_mails import DOCTOR, OWN, SUBJECT, mail, with_documents

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
OUTSIDE = "dr.dupont@gmail.com"
OURS = Answering(OWN, "ESMS Les Tilleuls", "NIL-42", "dui-bridge 1.0")


def answered(data: bytes, code: str = "", ours: Answering = OURS) -> Mail | None:
    return answer(read_mail(data), data, code, ours, NOW)


def parsed(sent: Mail | None) -> EmailMessage:
    assert sent is not None
    found = message_from_bytes(sent.data, policy=default)
    assert isinstance(found, EmailMessage)
    assert found.defects == []
    return found


def parts(sent: Mail | None) -> list[EmailMessage]:
    return [one for one in parsed(sent).iter_parts() if isinstance(one, EmailMessage)]


def test_a_receipt_that_all_was_integrated() -> None:
    data = with_documents()
    sent = answered(data)
    found = parsed(sent)
    assert sent is not None
    assert (sent.sender, sent.recipients) == (OWN, (DOCTOR,))
    assert (found["Subject"], found["To"], found["X-MSS-NIL"], found["Auto-Submitted"]) == (
        SUBJECT, DOCTOR, "NIL-42", "auto-replied",
    )  # fmt: skip
    assert found["In-Reply-To"] == "<a1@medecin.mssante.fr>"
    assert found.get_content_type() == "multipart/report"
    fields = parts(sent)[1].get_payload()[0]  # type: ignore[index]
    assert fields["Disposition"] == "automatic-action/MDN-sent-automatically; processed"  # type: ignore[index,call-overload]
    assert fields["Original-Message-ID"] == "<a1@medecin.mssante.fr>"  # type: ignore[index,call-overload]


@pytest.mark.parametrize("code", ["900", "901", "902", "903", "904", "905", "906"])
@pytest.mark.parametrize("form", ["new", "old"])
def test_an_error_in_either_form_is_read_back_with_its_code(code: str, form: str) -> None:
    sent = answered(with_documents(), code, replace(OURS, form=form))  # type: ignore[arg-type]
    assert parsed(sent)["Subject"] == f"[KO Intégration système !][{code}] {SUBJECT}"
    assert sent is not None
    assert (b"\r\nError: " in sent.data) is (form == "new")
    read = read_mail(sent.data)
    assert (read.kind, read.code) == (Kind.INTEGRATION_ERROR, code)
    assert read.original is not None
    assert (read.original.message_id, read.original.recipients) == ("a1@medecin.mssante.fr", (OWN,))


def test_the_mail_goes_back_whole_to_the_byte() -> None:
    data = with_documents()
    sent = answered(data, "902")
    assert sent is not None
    assert data in sent.data


def test_without_a_demand_an_error_is_told_by_a_common_mail_and_a_success_not_at_all() -> None:
    data = with_documents({"Disposition-Notification-To": None})
    assert answered(data) is None
    sent = answered(data, "902")
    assert parsed(sent).get_content_type() == "multipart/mixed"
    assert [one.get_content_type() for one in parts(sent)] == ["text/plain", "message/rfc822"]


@pytest.mark.parametrize(
    "data",
    [
        with_documents({"Disposition-Notification-To": "other@medecin.mssante.fr"}),
        with_documents({"Return-Path": "<other@medecin.mssante.fr>"}),
        with_documents({"Return-Path": "<>"}),
        with_documents({"Auto-Submitted": "auto-generated"}),
        with_documents({"From": None}),
        with_documents({"From": "é@x.fr", "Return-Path": "<é@x.fr>", "Disposition-Notification-To": "é@x.fr"}),
        mail({"Disposition-Notification-To": DOCTOR}, "Bonjour"),
        with_documents({"Disposition-Notification-To": None, "Return-Path": "<other@medecin.mssante.fr>"}),
        with_documents({"From": OUTSIDE, "Return-Path": f"<{OUTSIDE}>", "Disposition-Notification-To": OUTSIDE}),
        with_documents({"From": OUTSIDE, "Return-Path": f"<{OUTSIDE}>", "Disposition-Notification-To": None}),
        with_documents({"List-Id": "<confreres.medecin.mssante.fr>"}),
        with_documents({"Precedence": "bulk"}),
    ],
    ids=[
        "goes elsewhere",
        "came from elsewhere",
        "no return path",
        "automatic",
        "nobody",
        "no address",
        "no documents",
        "came from elsewhere and asks nothing",
        "outside",
        "outside and asks nothing",
        "list",
        "bulk",
    ],
)
@pytest.mark.parametrize("code", ["", "902"])
def test_nothing_is_answered_by_itself_where_it_could_harm(data: bytes, code: str) -> None:
    assert answered(data, code) is None


def test_a_site_answers_the_domains_that_it_trusts() -> None:
    data = with_documents({"From": OUTSIDE, "Return-Path": f"<{OUTSIDE}>", "Disposition-Notification-To": OUTSIDE})
    assert answered(data, "902", replace(OURS, space=Trusted((), frozenset({"gmail.com"})))) is not None


def test_what_cannot_go_back_whole_goes_back_by_its_headers() -> None:
    data = with_documents({"X-Note": "é"})
    for ours in (replace(OURS, most=len(data)), replace(OURS, eight_bits=False)):
        sent = answered(data, "902", ours)
        assert sent is not None
        assert sent.data.isascii()
        assert [one.get_content_type() for one in parts(sent)][-1] == "text/rfc822-headers"
        read = read_mail(sent.data)
        assert read.original is not None
        assert read.original.message_id == "a1@medecin.mssante.fr"


@pytest.mark.parametrize("line_end", [b"\n", b"\r"])
def test_no_line_of_the_mail_ends_otherwise_than_smtp_wants(line_end: bytes) -> None:
    data = with_documents() + b"x" + line_end + b"." + line_end + b"MAIL FROM:<evil@x>" + line_end
    sent = answered(data, "902")
    assert sent is not None
    rest = sent.data.replace(b"\r\n", b"")
    assert b"\n" not in rest
    assert b"\r" not in rest


def test_the_same_mail_gets_the_same_answer_to_the_byte() -> None:
    assert answered(with_documents(), "902") == answered(with_documents(), "902")


@pytest.mark.parametrize(
    "subject", ["XDM/1.0/DDM+Synthèse médicale VIAL", "a =?utf-8?q?=C3=A9?= \x00 é" * 20, "=?utf-8?q?=?=é", "“ ”, <é>;"]
)
def test_any_subject_is_answered_in_its_own_words(subject: str) -> None:
    data = with_documents({"Subject": Header(subject, "utf-8").encode()})
    for code in ("", "902"):
        sent = answered(data, code)
        assert parsed(sent)["Subject"] is not None
        assert sent is not None
        assert read_mail(sent.data).subject.endswith(clean(subject)[:400])


def test_nothing_that_the_sender_writes_gets_among_our_headers() -> None:
    evil = "=?utf-8?q?XDM=0D=0ABcc:_x@evil.fr=0D=0A=0D=0Abody?="
    sent = answered(with_documents({"Subject": evil, "Message-ID": "<a\x0b\x85b@x>"}), "902")
    assert parsed(sent)["Bcc"] is None
