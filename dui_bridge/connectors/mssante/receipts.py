"""Answers a mail that brought documents: integrated, or not and why.

A receipt (MDN) where the mail asks for one, a common mail to tell an error where it does not. Pure: the same arguments
give the same bytes. Sources: RFC 8098 (§2.1: nothing automatic when the receipt would go elsewhere than the mail came
from); ANS, volet "Transmission au LPS d'un document CDA par courriel MSS", v1.1.2 and v1.1.3 (forms of an error).
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, Literal

from dui_bridge.cda.xml import clean
from dui_bridge.connectors.mssante import headers
from dui_bridge.connectors.mssante.failure_codes import LABELS
from dui_bridge.connectors.mssante.message import Mail
from dui_bridge.connectors.mssante.reading import Kind, ReadMail
from dui_bridge.connectors.mssante.trusted import Trusted, is_address
from dui_bridge.connectors.mssante.wording import plain

_SPACE: Final = Trusted(("mssante.fr",))
_AUTOMATIC: Final = "automatic-action/MDN-sent-automatically"
_INTEGRATED: Final = "Les documents ont été intégrés."
_NOT_INTEGRATED: Final = "Le document n'a pas pu être intégré.\r\nLe système a retourné l'erreur {error}"
_CRLF: Final = b"\r\n"
_HEADERS: Final = frozenset(
    [
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Auto-Submitted",
        "X-MSS-NIL",
        "MIME-Version",
        "Content-Type",
    ]
)
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers and how.

    Args:
        mailbox: the address that the mail came to. name: shown with it.
        nil: reference of the software (X-MSS-NIL).
        software: its name and version, for Reporting-UA.
        form: of an error: a field of its own, or within Disposition as before 2026.
        most: bytes of an answer; of a mail that would make a larger one, only the headers go back.
        space: the only domains that are answered: what goes back tells of a person.
        eight_bits: whether the operator takes mails that are not ASCII; else only headers go back of one that is not.
    """

    mailbox: str
    name: str
    nil: str
    software: str
    form: Literal["new", "old"] = "new"
    most: int = 25_000_000
    eight_bits: bool = True
    space: Trusted = _SPACE


def answer(mail: ReadMail, data: bytes, code: str, answering: Answering, at: datetime) -> Mail | None:
    """The answer to a mail; None when none may be sent.

    None: nobody wrote it, or it came by a list; it brought no documents; it asks for no receipt and all is well; or the
    answer would go elsewhere than the mail came from, or out of the trusted space.

    Args:
        data: the mail as it came: it goes back whole.
        code: why nothing was integrated, 900 to 906; empty when all was.
        at: when it is answered, aware.
    Raises:
        KeyError: no such code.
    """
    if mail.kind is not Kind.XDM or mail.automatic or mail.bulk or not mail.sender:
        return None
    asked = bool(mail.answer_to)
    if not asked and not code:
        return None
    to = mail.answer_to or mail.sender
    if to.lower() != _came_from(mail) or not is_address(to) or not answering.space.has(to.rpartition("@")[2]):
        return None
    digest = hashlib.sha256(b"\0".join((answering.mailbox.encode(), code.encode(), data))).hexdigest()[:32]
    message_id = f"{digest}@{answering.mailbox.rpartition('@')[2]}"
    fields = [
        ("From", headers.address(answering.mailbox, answering.name, "From")),
        ("To", to),
        ("Subject", headers.unstructured(_subject(mail, code))),
        ("Date", format_datetime(at)),
        ("Message-ID", f"<{message_id}>"),
    ]
    if mail.message_id:
        fields += [(name, f"<{_field(mail.message_id)}>") for name in ("In-Reply-To", "References")]
    fields += [("Auto-Submitted", "auto-replied"), ("X-MSS-NIL", headers.token(answering.nil)), ("MIME-Version", "1.0")]
    boundary = f"=_{digest}"
    kind = "multipart/report; report-type=disposition-notification" if asked else "multipart/mixed"
    fields.append(("Content-Type", f'{kind};\r\n boundary="{boundary}"'))
    parts = [_text(code), *([_disposition(mail, code, answering)] if asked else []), _returned(data, answering)]
    edge = f"--{boundary}".encode()
    body = b"".join(_CRLF + edge + _CRLF + part for part in parts)
    whole = headers.block(fields, _HEADERS) + body + _CRLF + edge + b"--" + _CRLF
    return Mail(message_id, answering.mailbox, (to,), whole)


def _came_from(mail: ReadMail) -> str:
    """Where a mail came from: its Return-Path, or its From when the server did not keep that."""
    return mail.return_path.strip("<>").lower() or mail.sender.lower()


def _subject(mail: ReadMail, code: str) -> str:
    shown = clean(mail.subject)[:400]
    return f"[KO Intégration système !][{code}] {shown}" if code else shown


def _error(code: str, condition: str) -> str:
    return f"{code}^{plain(LABELS[code])}^{condition}| E^Error^errorSeverity"


def _text(code: str) -> bytes:
    said = _NOT_INTEGRATED.format(error=_error(code, "applicationErrorCondition")) if code else _INTEGRATED
    text = EmailMessage(policy=SMTP)
    text.set_content(said, cte="quoted-printable")
    del text["MIME-Version"]
    return text.as_bytes().rstrip(b"\r\n")


def _disposition(mail: ReadMail, code: str, answering: Answering) -> bytes:
    fields = [
        f"Reporting-UA: {_field(answering.mailbox.rpartition('@')[2])}; {_field(answering.software)}",
        f"Original-Recipient: rfc822;{_field(answering.mailbox)}",
        f"Final-Recipient: rfc822;{_field(answering.mailbox)}",
    ]
    if mail.message_id:
        fields.append(f"Original-Message-ID: <{_field(mail.message_id)}>")
    if not code:
        fields.append(f"Disposition: {_AUTOMATIC}; processed")
    elif answering.form == "new":
        fields.append(f"Disposition: {_AUTOMATIC}; processed/error")
        fields.append(f"Error: {_error(code, 'applicationErrorCondition')}")
    else:
        fields.append(f"Disposition: {_AUTOMATIC}; processed/Error: {_error(code, 'messageErrorCondition')}")
    return _CRLF.join((b"Content-Type: message/disposition-notification", b"", *(one.encode() for one in fields)))


def _field(value: str) -> str:
    """A value as a field takes it: ASCII on one line."""
    return headers.token(value)


def _returned(data: bytes, answering: Answering) -> bytes:
    """The mail as it came, or its headers when it cannot go back whole."""
    # What goes around it is a few kilobytes; no mail server takes a NUL.
    whole = len(data) + 10_000 <= answering.most and b"\0" not in data
    if whole and (data.isascii() or answering.eight_bits):
        encoding = b"7bit" if data.isascii() else b"8bit"
        head = b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: " + encoding + _CRLF * 2
        return head + _LINE_END.sub(_CRLF, data)
    first = data[: _head_end(data)].decode("utf-8", "replace")
    lines = _CRLF.join(
        f"{' ' * line[:1].isspace()}{plain(line)}".encode() for line in first.splitlines() if line.strip()
    )
    return b"Content-Type: text/rfc822-headers" + _CRLF * 2 + lines


def _head_end(data: bytes) -> int:
    found = [at for at in (data.find(b"\r\n\r\n"), data.find(b"\n\n")) if at >= 0]
    return min([*found, 65_536])
