"""Answers to a mail, written as the official examples and real servers write them: DSN, MDN, returned mails.

Written for the stand-in alone, from RFC 3464, RFC 8098 and the ANS guide "Transmission au LPS d'un document CDA par
courriel MSSanté" (message MDN): the bridge reads them with code of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from hashlib import sha256
from typing import Final

from dui_bridge.sandbox.mssante.store import Recipient, Taken

HOST: Final = "localhost"
"""What the stand-in calls itself in reports."""


class Outcome(StrEnum):
    """What a DSN tells (`Action`)."""

    DELIVERED = "delivered"
    RELAYED = "relayed"
    DELAYED = "delayed"
    FAILED = "failed"


class Form(StrEnum):
    """How an error is told: in the field `Error` (guide 1.1.3), in `Disposition` (before), or in an ordinary mail."""

    NEW = "new"
    OLD = "old"
    MAIL = "mail"


ERRORS: Final[Mapping[str, str]] = {
    "900": "Mauvaise version",
    "901": "Auteur non autorisé",
    "902": "Identifiant de patient inconnu",
    "903": "Pas d'INS dans le document",
    "904": "INS différente",
    "905": "INS incomplète",
    "906": "Autre erreur",
}
"""Labels of the application errors; another code is labelled "Erreur"."""

BOUNCES: Final[Mapping[str, tuple[str, str]]] = {
    "closed": ("5.2.1", "Le profil Mon espace santé du destinataire est clos."),
    "unknown": ("5.1.1", "Aucun profil Mon espace santé ne correspond à cette adresse."),
    "invalid": ("5.1.3", "L'adresse du destinataire n'est pas valide."),
    "too_big": ("5.3.4", "Le message dépasse la taille de 25 Mo."),
}
"""Reasons of Mon espace santé: enhanced status, and a text of the stand-in's own: the real ones are not public."""

_SUBJECTS: Final = {
    Outcome.DELIVERED: "Successful Mail Delivery Report",
    Outcome.RELAYED: "Successful Mail Delivery Report",
    Outcome.DELAYED: "Delayed Mail (still being retried)",
    Outcome.FAILED: "Undelivered Mail Returned to Sender",
}
_STATUS: Final = {Outcome.DELIVERED: "2.0.0", Outcome.RELAYED: "2.0.0", Outcome.DELAYED: "4.4.1"}
_DIAGNOSTIC: Final = {
    Outcome.DELIVERED: "250 2.0.0 Saved",
    Outcome.RELAYED: "250 2.0.0 Saved",
    Outcome.DELAYED: "451 4.4.1 Connection timed out",
    Outcome.FAILED: "550 5.1.1 mailbox closed",
}
_ENHANCED: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


def delivery_report(mail: Taken, recipient: Recipient, outcome: Outcome, diagnostic: str, now: datetime) -> bytes:
    """A DSN (RFC 3464) with the headers of the mail, as Postfix writes it."""
    said = diagnostic or _DIAGNOSTIC[outcome]
    found = _ENHANCED.search(said)
    status = found[0] if found else _STATUS.get(outcome, "5.0.0")
    envelope = [("Reporting-MTA", f"dns; {HOST}")]
    envelope += [("Original-Envelope-Id", mail.envid)] if mail.envid else []
    envelope += [("Arrival-Date", format_datetime(mail.at))]
    one = [
        ("Final-Recipient", f"rfc822; {recipient.address}"),
        ("Original-Recipient", recipient.orcpt or f"rfc822;{recipient.address}"),
        ("Action", outcome.value),
        ("Status", status),
        ("Remote-MTA", "dns; 127.0.0.1"),
        ("Diagnostic-Code", f"smtp; {said}"),
    ]
    text = f"This is the mail system at host {HOST}.\n\n<{recipient.address}>: host 127.0.0.1[127.0.0.1] said: {said}\n"
    return _written(
        _headers(mail, now, f"Mail Delivery System <MAILER-DAEMON@{HOST}>", mail.sender, _SUBJECTS[outcome]),
        "report",
        {"report-type": "delivery-status"},
        [_text(text), _fields("delivery-status", envelope, one), _returned_headers(mail)],
    )


def receipt(mail: Taken, address: str, code: str, form: Form, now: datetime) -> tuple[str, bytes, str] | None:
    """Where the answer of a recipient's software goes, its bytes, and its Return-Path, which an MDN has none of.

    An MDN when the mail asks for one, else, for an error, an ordinary mail; None when there is nothing to write.
    """
    original = BytesHeaderParser(policy=policy.default).parsebytes(mail.content)
    asked = parseaddr(str(original.get("Disposition-Notification-To", "")))[1]
    error = code != "processed"
    if not asked and not error:
        return None
    label = f"{code}^{ERRORS.get(code, 'Erreur')}^applicationErrorCondition| E^Error^errorSeverity"
    subject = str(original.get("Subject", ""))
    headers = _headers(
        mail, now, address, asked or mail.sender, f"[KO Intégration système !][{code}] {subject}" if error else subject
    )
    said = f"Le document n'a pas pu être intégré.\nLe système a retourné l'erreur {label}\n"
    text = _text(said if error else "Le document a été intégré.\n")
    if not asked or (error and form is Form.MAIL):
        return asked or mail.sender, _written(headers, "mixed", {}, [text, _returned(mail)]), address
    disposition = "automatic-action/MDN-sent-automatically; processed"
    if error:
        disposition += f"/Error: {label}" if form is Form.OLD else "/error"
    fields = [
        ("Reporting-UA", f"{HOST}; bac a sable"),
        ("Original-Recipient", f"rfc822;{address}"),
        ("Final-Recipient", f"rfc822;{address}"),
        ("Original-Message-ID", str(original.get("Message-ID", "")).strip()),
        ("Disposition", disposition),
    ]
    fields += [("Error", label)] if error and form is not Form.OLD else []
    parts = [text, _fields("disposition-notification", fields), _returned(mail)]
    return asked, _written(headers, "report", {"report-type": "disposition-notification"}, parts), ""


def citizen_bounce(mail: Taken, address: str, reason: str, now: datetime) -> bytes:
    """A mail to a citizen that comes back with a text in French; no field of it says which mail it was but its headers.

    Raises:
        KeyError: the reason is not one of `BOUNCES`.
    """
    status, why = BOUNCES[reason]
    text = f"Votre message n'a pas pu être remis.\n\n<{address}> : {why} ({status})\n"
    domain = address.rpartition("@")[2]
    headers = _headers(mail, now, f"Mon espace santé <MAILER-DAEMON@{domain}>", mail.sender, _SUBJECTS[Outcome.FAILED])
    return _written(headers, "mixed", {}, [_text(text), _returned_headers(mail)])


def _headers(mail: Taken, now: datetime, sender: str, to: str, subject: str) -> dict[str, str]:
    seed = f"{mail.number} {sender} {to} {subject} {now.isoformat()}"
    return {
        "Date": format_datetime(now),
        "From": sender,
        "To": to,
        "Subject": subject,
        "Message-ID": f"<{sha256(seed.encode()).hexdigest()[:32]}@{HOST}>",
        "Auto-Submitted": "auto-replied",
        "MIME-Version": "1.0",
    }


def _written(headers: Mapping[str, str], subtype: str, more: Mapping[str, str], parts: Sequence[bytes]) -> bytes:
    """A multipart from parts that are bytes already, so that a returned mail keeps each of its own."""
    message = EmailMessage(policy=policy.SMTP)
    for name, value in headers.items():
        message[name] = value
    boundary = sha256(b"".join(parts)).hexdigest()[:24]
    kind = "; ".join([f"multipart/{subtype}", *(f"{key}={value}" for key, value in more.items())])
    message["Content-Type"] = f'{kind}; boundary="{boundary}"'
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary.encode(), part) for part in parts)
    return _head(message) + body + b"--%s--\r\n" % boundary.encode()


def _head(message: Message) -> bytes:
    return message.as_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"


def _text(text: str) -> bytes:
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return head + text.replace("\n", "\r\n").encode()


def _fields(subtype: str, *groups: Sequence[tuple[str, str]]) -> bytes:
    lines = ["\r\n".join(f"{name}: {value}" for name, value in group) for group in groups]
    return f"Content-Type: message/{subtype}\r\n\r\n".encode() + "\r\n\r\n".join(lines).encode() + b"\r\n"


def _returned(mail: Taken) -> bytes:
    return b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + mail.content


def _returned_headers(mail: Taken) -> bytes:
    head = mail.content.partition(b"\r\n\r\n")[0] + b"\r\n"
    return b"Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + head
