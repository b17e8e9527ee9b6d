"""The stand-in refuses a mail that an operator, or the software of a recipient, would not understand."""

from __future__ import annotations

import pytest

from dui_bridge.sandbox.mssante.access import Access, Auth, Mailbox
from dui_bridge.sandbox.mssante.form import fault
from dui_bridge.sandbox.pki import MAILBOX
from tests.mss_mails import SENT_ID, SUBJECT, mail, original, text, with_documents

MSS = {"X-MSS-NIL": "123456", "X-MSS-CODECDA": "80788-3"}
RIGHT = with_documents(MSS)


@pytest.mark.parametrize(
    "data",
    [
        RIGHT,
        with_documents({**MSS, "Subject": f"[Annule et remplace] {SUBJECT}", "X-MSS-MES": "FIN", "X-MSS-INS": "N"}),
        with_documents({**MSS, "Subject": "=?utf-8?q?XDM/1=2E0/DDM+Synth=C3=A8se?=\r\n =?utf-8?q?_VIAL?="}),
        mail({"Subject": "Bonjour"}, "Merci"),
        mail({"Subject": "[KO][902] x"}, text("x"), f"Content-Type: message/rfc822\r\n\r\n{original()}"),
        mail({}, text("x"), b"Content-Type: message/rfc822\r\n\r\n" + with_documents().replace(b"--edge", b"--other")),
    ],
)
def test_a_mail_of_the_right_form_is_taken(data: bytes) -> None:
    assert fault(data) == ""


@pytest.mark.parametrize(
    ("data", "word"),
    [
        *((with_documents({**MSS, name: None}), name) for name in ("X-MSS-NIL", "X-MSS-CODECDA", "X-MSS-INS", "Date", "Message-ID")),
        *((RIGHT.replace(b"From:", f"{name}: x\r\nFrom:".encode(), 1), name.lower()) for name in ("X-MSS-INS", "X-MSS-NIL", "Message-ID", "Subject")),
        (with_documents({**MSS, "X-MSS-INS": "oui"}), "X-MSS-INS"),
        (with_documents({**MSS, "X-MSS-MES": "NON"}), "X-MSS-MES"),
        (with_documents({**MSS, "Message-ID": f"<{SENT_ID}> <b@c>"}), "Message-ID"),
        (with_documents({**MSS, "Subject": "Bonjour"}), "Objet"),
        (with_documents({**MSS, "Subject": f"Re: {SUBJECT}"}), "Objet"),
        (with_documents({**MSS, "Subject": f"\r\n {SUBJECT}"}), "Premiere ligne"),
        (with_documents({**MSS, "Subject": f"{SUBJECT}\r\n \r\n x"}), "mal formes"),
        (with_documents({**MSS, "Subject": "XDM/1.0/DDM+Synthèse"}), "mal formes"),
        (with_documents({**MSS, "Subject": SUBJECT + "x" * 1000}), "trop longue"),
        (RIGHT.replace(b"From:", b"not a header\r\nFrom:", 1), "mal formes"),
        (RIGHT.replace(b"Bonjour", b"Bon\njour"), "isole"),
        (RIGHT.replace(b"Bonjour", b"Bon\rjour"), "isole"),
    ],
)  # fmt: skip
def test_a_mail_of_another_form_is_refused_with_what_is_wrong(data: bytes, word: str) -> None:
    assert word in fault(data)
    assert fault(data).isascii()


def test_a_certificate_opens_its_own_mailbox_and_those_that_list_it() -> None:
    other, third, own = "b@esms.mssante.fr", "c@esms.mssante.fr", "client.dmp@esms.mssante.fr"
    access = Access(Auth.EXTERNAL, [Mailbox(), Mailbox(other), Mailbox(third, certificates=()), Mailbox(own)])
    opened = [(name, wanted) for name in (MAILBOX, own, "") for wanted in (MAILBOX, other, third, own)
              if access.by_certificate(name, wanted) is not None]  # fmt: skip
    assert opened == [(MAILBOX, MAILBOX), (MAILBOX, other), (MAILBOX, own), (own, own)]
