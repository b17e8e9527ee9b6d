"""Hands mails over to the operator, with what each failure says of the mail and of each recipient.

Before the end of its data has been written a mail is certainly not taken; from there to the answer it may be; a refusal
means that it is not. A recipient who is refused keeps nobody else from getting it: the transaction goes on with those
who were accepted, and nothing changes in the mail. Sources: RFC 5321 §3.3, §4.1.1.4 and §4.5.3.2, 1870 (SIZE), 3461
(DSN).
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from dui_bridge.connectors.mssante.errors import (
    AuthRefused,
    Busy,
    MaybeSent,
    Refused,
    SenderRefused,
    SizeRefused,
    TooLarge,
    Unreachable,
)
from dui_bridge.connectors.mssante.mailboxes import Mailbox
from dui_bridge.connectors.mssante.message import Mail
from dui_bridge.connectors.mssante.replies import WANTS_AUTH, Reply, fault_of_sender, kind_of, read_reply
from dui_bridge.connectors.mssante.session import SERVICE, Endpoint, connect, network_error, reasons
from dui_bridge.connectors.mssante.settings import SmtpSettings
from dui_bridge.errors import DuiBridgeError, FixConfiguration, Retry
from dui_bridge.ins.carriers import CITIZEN_MAIL

_PLUS: Final = re.compile(r"[^!-*,-<>-~]")
_READY: Final = 354
_CLOSING: Final = 421
_TOO_LARGE: Final = 552
_LONGEST_ENVID: Final = 100
_FAREWELL: Final = 5.0
"""Seconds that the end of a connection may take."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that the operator took. `refused`: recipient → why not for this one; `Busy` for one to be tried later."""

    reply: Reply
    refused: Mapping[str, tuple[DuiBridgeError, Reply]]


class SmtpLine:
    """The connection of one mailbox, kept for several mails. In one thread at a time.

    Args:
        where: the server.
        context: of `wire.tls.client_context`.
        mailbox: that sends.
        timeout: seconds without an answer, but for that to a whole mail.
    """

    def __init__(
        self, where: Endpoint, context: ssl.SSLContext, mailbox: Mailbox, settings: SmtpSettings, *, timeout: float
    ) -> None:
        self._where, self._context, self._mailbox = where, context, mailbox
        self._settings, self._timeout = settings, timeout
        self._smtp: smtplib.SMTP | None = None
        self._sent = 0

    def send(self, mail: Mail) -> Taken:
        """What a server answered that took it for at least one recipient.

        When it takes nobody, that is raised: what may pass before what is for good.

        Raises:
            Unreachable, Busy: certainly not taken; the same may be taken later.
            TlsProblem, TlsNotOffered, AuthRefused, CredentialsMissing, SenderRefused: nothing can be sent at all.
            TooLarge, SizeRefused, RecipientUnknown, DomainRefused, MailboxFull, Refused: it is refused.
            MaybeSent: nobody knows whether it was taken.
        """
        smtp = self._connected()
        kept = self._sent > 0
        try:
            reply = self._begin(smtp, mail)
        except OSError as error:
            self._drop()
            if not kept:
                raise network_error(error, connected=True) from None
            return self.send(mail)
        if kept and reply.code == _CLOSING:
            # The server is done with a connection that was kept: it has seen nothing of this mail.
            self._drop()
            return self.send(mail)
        try:
            refused = self._offer(smtp, mail, reply)
        except OSError as error:
            self._drop()
            raise network_error(error, connected=True) from None
        except DuiBridgeError:
            self._forget(smtp)
            raise
        return Taken(self._end(smtp), refused)

    def close(self) -> None:
        """Ends the connection; another is made for the next mail."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        with contextlib.suppress(OSError):
            if smtp.sock is not None:
                smtp.sock.settimeout(_FAREWELL)
            smtp.quit()
        smtp.close()

    def _connected(self) -> smtplib.SMTP:
        if self._sent >= self._settings.per_connection:
            self.close()
        if self._smtp is None:
            self._sent = 0
            self._smtp = connect(self._where, self._context, self._mailbox, timeout=self._timeout)
        return self._smtp

    def _begin(self, smtp: smtplib.SMTP, mail: Mail) -> Reply:
        most = smtp.esmtp_features.get("size", "").strip()
        if most.isdecimal() and 0 < int(most) < len(mail.data):
            raise TooLarge(most=f"{int(most) / 1_000_000:.1f} MB")
        options = [f"SIZE={len(mail.data)}"] if smtp.has_extn("size") else []
        if not mail.data.isascii() and smtp.has_extn("8bitmime"):
            options.append("BODY=8BITMIME")  # a receipt that brings back what somebody else wrote
        if self._wants_reports(smtp):
            envelope = _xtext(mail.message_id)
            options += ["RET=HDRS", *([f"ENVID={envelope}"] if len(envelope) <= _LONGEST_ENVID else [])]
        return read_reply(*smtp.mail(mail.sender, options))

    def _offer(self, smtp: smtplib.SMTP, mail: Mail, begun: Reply) -> dict[str, tuple[DuiBridgeError, Reply]]:
        """Everything but the end of the data; who is refused. Raises OSError when the connection is lost."""
        if not begun.positive:
            raise self._of_sender(begun)
        refused: dict[str, tuple[DuiBridgeError, Reply]] = {}
        for recipient in mail.recipients:
            options = []
            if self._wants_reports(smtp):
                options = ["NOTIFY=SUCCESS,FAILURE,DELAY", f"ORCPT=rfc822;{_xtext(recipient)}"]
            reply = read_reply(*smtp.rcpt(recipient, options))
            if not reply.positive:
                error = self._of_recipient(reply, recipient)
                if isinstance(error, FixConfiguration) or reply.code in (-1, _CLOSING):
                    raise error  # it is about us, or about the connection: for everybody
                refused[recipient] = (error, reply)
        if len(refused) == len(mail.recipients):
            errors = [error for error, _ in refused.values()]
            raise next((one for one in errors if isinstance(one, Retry)), errors[0])
        reply = read_reply(*smtp.docmd("DATA"))
        if reply.code != _READY:
            raise _refusal(reply, _of_mail(reply))
        smtp.send(_stuffed(mail.data))
        return refused

    def _end(self, smtp: smtplib.SMTP) -> Reply:
        """The end of the data, and the answer to it."""
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(self._settings.longest)
            smtp.send(b".\r\n")
            reply = read_reply(*smtp.getreply())
            if smtp.sock is not None:
                smtp.sock.settimeout(self._timeout)
        except OSError as error:
            self._drop()
            reason, reason_fr = reasons(error)
            raise MaybeSent(service=SERVICE, reason=reason, reason_fr=reason_fr) from None
        self._sent += 1
        if reply.positive:
            return reply
        if not 400 <= reply.code < 600:
            self._drop()
            words, words_fr = "the answer cannot be read", "la réponse est illisible"
            raise MaybeSent(service=SERVICE, reason=words, reason_fr=words_fr)
        if reply.code == _CLOSING:
            self._drop()
        raise _refusal(reply, _of_mail(reply))

    def _of_sender(self, reply: Reply) -> DuiBridgeError:
        if reply.transient or reply.code < 0:
            return _refusal(reply, Refused)
        if _of_mail(reply) is SizeRefused:
            return _refusal(reply, SizeRefused)
        return self._fault(reply, AuthRefused if reply.code in WANTS_AUTH else SenderRefused)

    def _of_recipient(self, reply: Reply, recipient: str) -> DuiBridgeError:
        fault = fault_of_sender(reply, recipient)
        if fault is not None:
            return self._fault(reply, fault)
        if not recipient.lower().endswith(CITIZEN_MAIL):
            reply = replace(reply, words=f"{recipient} : {reply.words}")
        return _refusal(reply, kind_of(reply.code, reply.status))

    def _fault(self, reply: Reply, kind: type[DuiBridgeError]) -> DuiBridgeError:
        return kind(mailbox=self._mailbox.address, answer=reply.answer, words=reply.words)

    def _wants_reports(self, smtp: smtplib.SMTP) -> bool:
        return self._settings.delivery_reports and smtp.has_extn("dsn")

    def _forget(self, smtp: smtplib.SMTP) -> None:
        """The server forgets a mail that was not handed over; a connection on which it does not is ended."""
        try:
            done = read_reply(*smtp.rset()).positive
        except OSError:
            done = False
        if not done:
            self._drop()

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _refusal(reply: Reply, kind: type[DuiBridgeError]) -> DuiBridgeError:
    if reply.code < 0:
        return Unreachable(service=SERVICE, reason="it does not speak SMTP", reason_fr="il ne parle pas SMTP")
    return (Busy if reply.transient else kind)(answer=reply.answer, words=reply.words)


def _of_mail(reply: Reply) -> type[DuiBridgeError]:
    """What a refusal of the mail itself means: a code alone says nothing of a recipient then."""
    return SizeRefused if reply.code == _TOO_LARGE and not reply.status else kind_of(0, reply.status)


def _stuffed(data: bytes) -> bytes:
    """RFC 5321 §4.5.2: a line that begins with a dot gets another. All lines of a mail end with CRLF."""
    stuffed = data.replace(b"\n.", b"\n..")
    return b"." + stuffed if stuffed.startswith(b".") else stuffed


def _xtext(text: str) -> str:
    """RFC 3461 §4."""
    return _PLUS.sub(lambda found: f"+{ord(found[0]):02X}", text)
