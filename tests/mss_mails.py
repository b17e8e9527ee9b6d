"""Mails as a mailbox of MSSanté receives them, each form by hand: nothing here is written by the code under test."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from tests.xdm_archives import archive

OWN = "pont-dui@esms.mssante.fr"
DOCTOR = "dr.dupont@medecin.mssante.fr"
CITIZEN = "279035121518989@patient.mssante.fr"
SENT_ID = "jk3m2n@esms.mssante.fr"
SUBJECT = "XDM/1.0/DDM+Projet personnalise LACAZE Ines 14/07/1988"
KO = "[KO Intégration système !][902] "
ERROR = "902^Identifiant de patient inconnu^applicationErrorCondition| E^Error^errorSeverity"


def mail(headers: Mapping[str, str | None], *parts: str | bytes, end: str = "\r\n") -> bytes:
    """A mail with these headers (None leaves one of the usual out); several parts make a multipart."""
    usual: dict[str, str | None] = {
        "Return-Path": f"<{DOCTOR}>",
        "From": f"Dr Dupont <{DOCTOR}>",
        "To": OWN,
        "Date": "Sun, 22 Nov 2026 10:00:00 +0100",
        "Message-ID": "<a1@medecin.mssante.fr>",
        "Subject": SUBJECT,
        "MIME-Version": "1.0",
        "Content-Type": "multipart/mixed; boundary=edge" if len(parts) > 1 else None,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in {**usual, **headers}.items() if value is not None)
    pieces = [one.encode() if isinstance(one, str) else one for one in parts]
    if len(pieces) > 1:
        body = b"".join(b"\r\n--edge\r\n" + one for one in pieces) + b"\r\n--edge--\r\n"
    else:
        body = b"" if not pieces else pieces[0]
    return (head.encode() + b"\r\n" + body).replace(b"\r\n", end.encode())


def text(words: str) -> str:
    return f'Content-Type: text/plain; charset="UTF-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{words}\r\n'


def file(name: str, data: bytes, media: str = "application/zip") -> bytes:
    head = f'Content-Type: {media}\r\nContent-Disposition: attachment; filename="{name}"\r\n'
    return f"{head}Content-Transfer-Encoding: base64\r\n\r\n".encode() + base64.encodebytes(data).replace(
        b"\n", b"\r\n"
    )


def with_documents(
    headers: Mapping[str, str | None] | None = None, zip: bytes | None = None, name: str = "IHE_XDM.zip"
) -> bytes:
    """A mail that brings documents."""
    asked = {"Disposition-Notification-To": DOCTOR, "X-MSS-INS": "O", **(headers or {})}
    pdf = file("20260501_Projet_LACAZE_Ines.pdf", b"%PDF-1.4", "application/pdf")
    return mail(asked, text("Bonjour"), file(name, archive() if zip is None else zip), pdf)


def original(message_id: str | None = SENT_ID, recipient: str = DOCTOR) -> str:
    """The mail that a report brings back."""
    named = "" if message_id is None else f"Message-ID: <{message_id}>\r\n"
    return f"From: {OWN}\r\nTo: {recipient}\r\nSubject: {SUBJECT}\r\n{named}\r\n(corps)\r\n"


def report(
    kind: str, fields: str, headers: Mapping[str, str | None] | None = None, returned: str | None = None
) -> bytes:
    """A `multipart/report` with these fields."""
    media = f"multipart/report; report-type={kind}; boundary=edge"
    given = original() if returned is None else returned
    back = [f"Content-Type: message/rfc822\r\n\r\n{given}"] if given else []
    name = {"delivery-status": "delivery-status", "disposition-notification": "disposition-notification"}[kind]
    said = f"Content-Type: message/{name}\r\n\r\n{fields}"
    return mail({"Content-Type": media, **(headers or {})}, text("Voici."), said, *back)


def delivery(fields: str, headers: Mapping[str, str | None] | None = None, returned: str | None = None) -> bytes:
    daemon = {"From": "MAILER-DAEMON@medecin.mssante.fr", "Return-Path": "<>", "Subject": "Undelivered Mail"}
    return report("delivery-status", fields, {**daemon, **(headers or {})}, returned)


def recipient(action: str, status: str, diagnostic: str = "", address: str = DOCTOR) -> str:
    said = f"Diagnostic-Code: {diagnostic}\r\n" if diagnostic else ""
    return f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n{said}\r\n"


def disposition(
    value: str, *more: str, headers: Mapping[str, str | None] | None = None, returned: str | None = None
) -> bytes:
    fields = [f"Final-Recipient: rfc822;{DOCTOR}", f"Original-Message-ID: <{SENT_ID}>", f"Disposition: {value}", *more]
    return report("disposition-notification", "\r\n".join(fields) + "\r\n", headers, returned)


def bounce(subject: str, words: str, headers: Mapping[str, str | None] | None = None) -> bytes:
    """A mail of a machine that says in words only that another did not arrive."""
    machine = {"From": "ne-pas-repondre@patient.mssante.fr", "Return-Path": "<>", "Subject": subject}
    return mail({**machine, "In-Reply-To": f"<{SENT_ID}>", **(headers or {})}, words)
