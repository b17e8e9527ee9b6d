"""Opens the connection of a mailbox for submission: greeting, TLS, authentication.

Sources: RFC 5321, 3207 (STARTTLS), 4954 (AUTH); ANS, référentiel socle MSSanté #2, ECO.1.0 to ECO.1.2, as quoted in
public.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from dataclasses import dataclass
from typing import Final

from dui_bridge.connectors.mssante.errors import AuthRefused, Busy, TlsNotOffered, Unreachable
from dui_bridge.connectors.mssante.mailboxes import Mailbox, in_base64
from dui_bridge.connectors.mssante.replies import Reply, read_reply
from dui_bridge.connectors.mssante.settings import Auth, Tls
from dui_bridge.connectors.wire.tls_errors import TlsProblem, tls_problem

SERVICE: Final = "MSSanté"

_AUTHENTICATED: Final = 235
_CHALLENGE: Final = 334
_CUT: Final = "the connection was cut", "la connexion a été coupée"
_CUT_AFTER_TLS: Final = (
    "the connection was cut right after TLS; if it lasts, the server does not accept our certificate",
    "la connexion a été coupée juste après TLS ; si cela dure, le serveur n'accepte pas notre certificat",
)
"""With TLS 1.3 a server refuses a certificate after the handshake, and its words may be lost with the connection."""
_NOT_AUTHORISED: Final = "4.7.1"
"""So Postfix says, with 421, that it saw no certificate: waiting would not help."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens, and when TLS begins there."""

    host: str
    port: int
    tls: Tls


def connect(where: Endpoint, context: ssl.SSLContext, mailbox: Mailbox, *, timeout: float) -> smtplib.SMTP:
    """A connection on which the mailbox may send.

    Args:
        context: of `wire.tls.client_context`.
        timeout: seconds without an answer.
    Raises:
        Unreachable, Busy: not now.
        TlsProblem, TlsNotOffered, AuthRefused, CredentialsMissing: nothing can be sent at all.
    """
    smtp: smtplib.SMTP | None = None
    ready = secured = False
    try:
        smtp = _greeted(where, context, mailbox, timeout)
        _at_once(smtp)
        _hello(smtp, mailbox)
        if where.tls is Tls.STARTTLS:
            if not smtp.has_extn("starttls"):
                raise TlsNotOffered(host=where.host)
            smtp.starttls(context=context)
            secured = True
            _hello(smtp, mailbox)
        _authenticate(smtp, mailbox)
        ready = True
    except smtplib.SMTPResponseException as error:
        raise _refusal(_reply((error.smtp_code, error.smtp_error)), mailbox) from None
    except OSError as error:
        found = network_error(error)
        if secured and found.values.get("reason") == _CUT[0]:
            found = Unreachable(service=SERVICE, reason=_CUT_AFTER_TLS[0], reason_fr=_CUT_AFTER_TLS[1])
        raise found from None
    finally:
        if smtp is not None and not ready:
            smtp.close()
    return smtp


def network_error(error: OSError, *, connected: bool = False) -> TlsProblem | Unreachable:
    """What a connection that could not be made or was cut means.

    Args:
        connected: TLS was up: what is garbled then is a matter of the network.
    """
    found = tls_problem(error, SERVICE, connected=connected)
    if found is not None:
        return found
    reason, reason_fr = reasons(error)
    return Unreachable(service=SERVICE, reason=reason, reason_fr=reason_fr)


def reasons(error: BaseException | None) -> tuple[str, str]:
    """What happened to a connection, in English and French."""
    while error is not None:
        match error:
            case TimeoutError():
                return "it did not answer in time", "pas de réponse dans le délai"
            case socket.gaierror():
                return "its name is unknown here (DNS)", "son nom est inconnu ici (DNS)"
            case ConnectionRefusedError():
                return "nothing listens there", "rien n'écoute à cette adresse"
        error = error.__cause__ or error.__context__
    return _CUT


def _greeted(where: Endpoint, context: ssl.SSLContext, mailbox: Mailbox, timeout: float) -> smtplib.SMTP:
    # The name we give is that of the mailbox's domain: to look up that of this machine can take long.
    own = mailbox.address.rpartition("@")[2]
    if where.tls is Tls.IMPLICIT:
        return smtplib.SMTP_SSL(where.host, where.port, own, timeout=timeout, context=context)
    return smtplib.SMTP(where.host, where.port, own, timeout=timeout)


def _at_once(smtp: smtplib.SMTP) -> None:
    """The end of a mail is a small write after a large one: unless told so, TCP keeps it back for a while."""
    if smtp.sock is not None:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _hello(smtp: smtplib.SMTP, mailbox: Mailbox) -> None:
    reply = _reply(smtp.ehlo())
    if not reply.positive:
        raise _refusal(reply, mailbox)


def _authenticate(smtp: smtplib.SMTP, mailbox: Mailbox) -> None:
    match mailbox.auth:
        case Auth.NONE:
            return
        case Auth.EXTERNAL:
            # An empty identity is written "=": the mailbox is then that of the certificate.
            identity = in_base64(mailbox.identity.encode()) or "="
            reply = _asked(smtp, f"EXTERNAL {identity}", identity)
        case Auth.XOAUTH2:
            # A refusal tells its reasons in a challenge, and waits for an empty line.
            reply = _asked(smtp, f"XOAUTH2 {in_base64(mailbox.xoauth2())}", "")
        case Auth.LOGIN:
            offered = smtp.esmtp_features.get("auth", "").upper().split()
            if "LOGIN" in offered and "PLAIN" not in offered:
                user = in_base64(mailbox.user.encode())
                reply = _asked(smtp, f"LOGIN {user}", in_base64(mailbox.password().encode()))
            else:
                reply = _asked(smtp, f"PLAIN {in_base64(mailbox.plain())}", "*")
    if reply.code != _AUTHENTICATED:
        raise _refusal(reply, mailbox)


def _asked(smtp: smtplib.SMTP, mechanism: str, challenged: str) -> Reply:
    reply = _reply(smtp.docmd("AUTH", mechanism))
    return _reply(smtp.docmd(challenged)) if reply.code == _CHALLENGE else reply


def _refusal(reply: Reply, mailbox: Mailbox) -> Busy | AuthRefused | Unreachable:
    if reply.transient and reply.status != _NOT_AUTHORISED:
        return Busy(answer=reply.answer, words=reply.words)
    if reply.code < 0:
        return Unreachable(service=SERVICE, reason="it does not speak SMTP", reason_fr="il ne parle pas SMTP")
    return AuthRefused(mailbox=mailbox.address, answer=reply.answer, words=reply.words)


def _reply(told: tuple[int, bytes | str]) -> Reply:
    code, text = told
    return read_reply(code, text.encode() if isinstance(text, str) else text)
