"""Makes a mail with documents: headers, text, `IHE_XDM.zip`, and the same documents as PDF/A-1.

Pure: the same arguments give the same bytes, so that a mail that may have arrived can be sent again as it was.
Sources: RFC 5322, 2045, 2231, 8098; ANS, référentiel socle MSSanté #2, ECO.2.1 to ECO.2.4, as quoted in public.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import encode_rfc2231, format_datetime
from typing import Final
from uuid import UUID, uuid5

from dui_bridge.cda.xml import clean
from dui_bridge.connectors.mssante import headers
from dui_bridge.connectors.mssante.enclosed import Enclosed
from dui_bridge.connectors.mssante.mailboxes import Sender
from dui_bridge.connectors.mssante.settings import Audience, MessageSettings
from dui_bridge.connectors.mssante.wording import pdf_names, subject, text
from dui_bridge.connectors.ports import Addressee as Recipient
from dui_bridge.xds.xdm import FILE_NAME

_NAMESPACE: Final = UUID("b0a7c1de-6a52-5e0c-8f55-3d1f6f0e2a91")
"""Of the ids of mails and of their lots; never changed."""
_LINE: Final = 76
_CRLF: Final = b"\r\n"
_NOT_CODE: Final = re.compile(r"[^0-9A-Za-z._-]")
_HEADERS: Final = frozenset(
    [
        "From",
        "Reply-To",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "Disposition-Notification-To",
        "X-MSS-CODECDA",
        "X-MSS-INS",
        "X-MSS-MES",
        "X-MSS-NIL",
        "MIME-Version",
        "Content-Type",
    ]
)
"""All that a mail of ours may have, each once."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, ready to leave.

    Args:
        message_id: without its brackets; also the envelope id under which delivery reports name it.
        sender: address of the mailbox that sends, and to which reports come back.
        recipients: addresses.
        data: the whole mail; lines end with CRLF. ASCII, but for a receipt that brings back a mail that is not.
    """

    message_id: str
    sender: str
    recipients: tuple[str, ...] = field(repr=False)
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail is made of.

    Args:
        documents: of one person, at least one.
        archive: `IHE_XDM.zip` of these documents.
        audience: whom it goes to; never both.
        with_ins: whether the archive holds a qualified INS.
        at: its date, aware.
        replaces: Message-ID of the mail that it cancels and replaces, without brackets.
    """

    documents: Sequence[Enclosed]
    archive: bytes = field(repr=False)
    sender: Sender
    recipients: Sequence[Recipient] = field(repr=False)
    audience: Audience
    with_ins: bool
    at: datetime
    replaces: str | None = None

    @property
    def to_usager(self) -> bool:
        """Whether it goes to the mailbox of the person."""
        return self.audience is Audience.USAGER


def message_id(unique_ids: Sequence[str], audience: Audience, domain: str, sending: str = "") -> str:
    """The Message-ID of a mail, without brackets: always the same for these documents, this kind of recipients and one
    sending.

    Recipients may change between a try that was lost and the next: whoever gets both sees that it is one mail. What a
    person has sent again is another, or whoever refused the first would pass over it as known.

    Args:
        domain: of the mailbox that sends.
        sending: `DeliveryContext.sending`.
    """
    whole = "|".join((*unique_ids, audience.value, *filter(None, (sending,))))
    return f"{base64.b32encode(uuid5(_NAMESPACE, whole).bytes).decode().rstrip('=').lower()}@{domain}"


def lot_oid(message_id: str) -> str:
    """The OID of the lot that a mail carries: always the same."""
    return f"2.25.{uuid5(_NAMESPACE, f'lot {message_id}').int}"


def compose(
    letter: Letter, message_id: str, form: MessageSettings, *, nil: str, name: str = "", reply_to: str | None = None
) -> Mail:
    """The mail.

    Args:
        nil: reference of the software, on every mail (X-MSS-NIL).
        name: shown with the address of the sender; by default that of the establishment.
        reply_to: where answers go, when not to the mailbox that sends.
    Raises:
        HeadersWrong: something of it would be read as another header.
    """
    boundary = f"=_{message_id.partition('@')[0]}"
    sender = letter.sender
    fields = [("From", headers.address(sender.address, clean(name) or sender.name, "From"))]
    if reply_to is not None:
        fields.append(("Reply-To", reply_to))
    fields += _fields(letter, message_id, form)
    fields += [("X-MSS-NIL", headers.token(nil)), ("MIME-Version", "1.0")]
    fields.append(("Content-Type", f'multipart/mixed; boundary="{boundary}"'))
    head = headers.block(fields, _HEADERS)
    parts = [_text_part(_text(letter, form)), _file_part("application/zip", FILE_NAME, letter.archive)]
    if form.pdf:
        names = pdf_names(letter.documents, form)
        parts += [
            _file_part("application/pdf", pdf_name, one.built.pdf or b"")
            for pdf_name, one in zip(names, letter.documents, strict=True)
        ]
    edge = f"--{boundary}".encode()
    body = b"".join(_CRLF + edge + _CRLF + part for part in parts)
    data = head + body + _CRLF + edge + b"--" + _CRLF
    return Mail(message_id, sender.address, tuple(one.address for one in letter.recipients), data)


def _fields(letter: Letter, message_id: str, form: MessageSettings) -> list[tuple[str, str]]:
    shown = subject(letter.documents, form, replaces=letter.replaces is not None)
    codes = dict.fromkeys(_NOT_CODE.sub("", one.code) for one in letter.documents)
    fields = [
        ("To", headers.addresses(headers.address(one.address, one.name) for one in letter.recipients)),
        ("Subject", headers.unstructured(shown)),
        ("Date", format_datetime(letter.at)),
        ("Message-ID", f"<{message_id}>"),
    ]
    if letter.replaces is not None:
        fields += [(name, f"<{letter.replaces}>") for name in ("In-Reply-To", "References")]
    if form.read_receipt:
        fields.append(("Disposition-Notification-To", f"<{letter.sender.address}>"))
    fields += [("X-MSS-CODECDA", ",".join(filter(None, codes))), ("X-MSS-INS", "O" if letter.with_ins else "N")]
    if form.final and letter.to_usager:
        fields.append(("X-MSS-MES", "FIN"))
    return fields


def _text(letter: Letter, form: MessageSettings) -> str:
    return text(
        letter.documents,
        letter.sender,
        form,
        to_usager=letter.to_usager,
        replaces=letter.replaces is not None,
    )


def _text_part(words: str) -> bytes:
    encoded = binascii.b2a_qp(words.replace("\n", "\r\n").encode(), istext=True)
    head = b"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    return head + encoded


def _file_part(media: str, name: str, data: bytes) -> bytes:
    shown = f'filename="{name}"' if name.isascii() else f"filename*={encode_rfc2231(name, 'utf-8')}"
    head = (
        f"Content-Type: {media}\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Disposition: attachment; {shown}\r\n\r\n"
    )
    encoded = binascii.b2a_base64(data, newline=False)
    return head.encode("ascii") + _CRLF.join(encoded[at : at + _LINE] for at in range(0, len(encoded), _LINE))
