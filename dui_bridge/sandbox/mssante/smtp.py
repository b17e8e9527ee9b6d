"""The side of the stand-in that takes mails: SMTP with DSN (RFC 3461), on aiosmtpd."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
import re
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from aiosmtpd.smtp import SMTP, AuthResult

from dui_bridge.sandbox.mssante.access import EXPIRED, Access, Auth
from dui_bridge.sandbox.mssante.form import fault
from dui_bridge.sandbox.mssante.post import Post
from dui_bridge.sandbox.mssante.store import Recipient
from dui_bridge.sandbox.mssante.trouble import Step, Trouble, Troubles
from dui_bridge.sandbox.tls import subject

LARGEST: Final = 25 * 1024 * 1024
"""Bytes of a mail, unless told another number."""

_MECHANISMS: Final[Mapping[Auth, frozenset[str]]] = {
    Auth.NONE: frozenset(),
    Auth.EXTERNAL: frozenset({"EXTERNAL"}),
    Auth.LOGIN: frozenset({"LOGIN", "PLAIN"}),
    Auth.XOAUTH2: frozenset({"XOAUTH2"}),
}
_ALL: Final = frozenset({"EXTERNAL", "LOGIN", "PLAIN", "XOAUTH2"})
_NOBODY: Final = "<>"
_XTEXT: Final = re.compile(r"\+([2-7][0-9A-F])")
"""A printable character of an ENVID or ORCPT that is written by its code (RFC 3461 4)."""
_LONGEST_COMMAND: Final = 2048

# aiosmtpd logs the addresses of every mail, and failed handshakes with a stack trace: neither belongs anywhere.
logging.getLogger("mail.log").disabled = True


class Smtp(SMTP):
    """One connection.

    Args:
        starttls: for a connection that begins without TLS; None when TLS is there from the start.
    """

    def __init__(
        self,
        post: Post,
        access: Access,
        troubles: Troubles,
        loop: asyncio.AbstractEventLoop,
        *,
        starttls: ssl.SSLContext | None,
        largest: int,
    ) -> None:
        mechanisms = _MECHANISMS[access.auth]
        super().__init__(
            self,
            data_size_limit=largest,
            enable_SMTPUTF8=True,
            hostname="localhost",
            ident="bac a sable MSSante",
            tls_context=starttls,
            require_starttls=starttls is not None,
            auth_require_tls=starttls is not None,
            auth_exclude_mechanism=_ALL - mechanisms,
            authenticator=self._password,
            loop=loop,
        )
        self._auth_required = bool(mechanisms)  # not as an argument: it would warn where TLS is there from the start
        for command in ("MAIL", "RCPT", "AUTH"):
            self.command_size_limits[command] = _LONGEST_COMMAND
        self._post, self._access, self._troubles = post, access, troubles
        self._mailbox = ""
        self._asked: dict[str, str] = {}
        self._notify: dict[str, str] = {}
        self._recipients: list[Recipient] = []

    def abort(self) -> None:
        """Ends the connection at once."""
        if self.transport is not None:
            self._writer.transport.abort()

    # --- what aiosmtpd calls ---------------------------------------------------------------------------------------

    async def _handle_client(self) -> None:
        trouble = None if self.tls_context is not None else self._troubles.next(Step.HANDSHAKE)
        if trouble is None:
            trouble = self._troubles.next(Step.GREETING)
        if trouble is not None:
            await self._suffer(replace(trouble, cut=trouble.cut or bool(trouble.answer)))
        await super()._handle_client()

    async def handle_exception(self, error: Exception) -> str:
        """The answer after a failure of the connection, a refused handshake above all."""
        return "451 4.3.0 Erreur du bac a sable"

    async def handle_EHLO(
        self, server: SMTP, session: object, envelope: object, hostname: str, responses: list[str]
    ) -> list[str]:
        """What the server can do."""
        self.session.host_name = hostname  # type: ignore[union-attr]
        kept = [line for line in responses if line.rstrip() != "250-AUTH"]
        return [*kept[:-1], "250-DSN", "250-ENHANCEDSTATUSCODES", kept[-1]]

    async def smtp_STARTTLS(self, arg: str) -> None:
        if await self._suffer(self._troubles.next(Step.STARTTLS)):
            return
        trouble = self._troubles.next(Step.HANDSHAKE)
        if trouble is not None:
            await self.push("220 Ready to start TLS")
            await self._suffer(replace(trouble, cut=True, answer=""))
        await super().smtp_STARTTLS(arg)

    async def smtp_AUTH(self, arg: str) -> None:
        if not await self._suffer(self._troubles.next(Step.AUTH)):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg: str | None) -> None:
        rest, self._asked = _without(arg, "RET", "ENVID")
        self._recipients = []
        await super().smtp_MAIL(rest)

    async def handle_MAIL(
        self, server: SMTP, session: object, envelope: Any, address: str, options: list[str]
    ) -> str | None:
        """Only the mailbox that was opened may send, in its name or, as reports are, in nobody's."""
        if await self._suffer(self._troubles.next(Step.MAIL, address)):
            return None
        opened = self._mailbox or self._access.by_certificate(self._certificate(), address) or ""
        mine = opened.lower() == address.lower()
        if address != _NOBODY and not mine:
            return "553 5.7.1 Cette adresse n'est pas celle de la boite ouverte"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Ok"

    async def smtp_RCPT(self, arg: str | None) -> None:
        rest, self._notify = _without(arg, "NOTIFY", "ORCPT")
        await super().smtp_RCPT(rest)

    async def handle_RCPT(
        self, server: SMTP, session: object, envelope: Any, address: str, options: list[str]
    ) -> str | None:
        """White list, then how the recipient behaves."""
        if await self._suffer(self._troubles.next(Step.RCPT, address)):
            return None
        refusal = self._post.refusal(address)
        if refusal:
            return refusal
        notify = tuple(word for word in self._notify.get("NOTIFY", "").upper().split(",") if word)
        self._recipients.append(Recipient(address, notify, self._notify.get("ORCPT", "")))
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def smtp_DATA(self, arg: str) -> None:
        trouble = self._troubles.next(Step.DATA) if self._recipients else None
        if trouble is not None and trouble.cut and not trouble.answer:
            await self.push("354 End data with <CR><LF>.<CR><LF>")
            for _ in range(20):
                if await self._reader.readline() == b".\r\n":
                    break
        if not await self._suffer(trouble):
            await super().smtp_DATA(arg)

    async def handle_DATA(self, server: SMTP, session: object, envelope: Any) -> str | None:
        """A mail whose form is right is kept, then answered for."""
        wrong = fault(envelope.content)
        if wrong:
            return f"554 5.6.0 {wrong}"
        trouble = self._troubles.next(Step.END)
        kept = trouble is None or trouble.kept or not (trouble.answer or trouble.cut)
        number = 0
        if kept:
            sender = "" if envelope.mail_from == _NOBODY else envelope.mail_from
            envid, ret = self._asked.get("ENVID", ""), self._asked.get("RET", "")
            number = self._post.take(envelope.content, sender, self._recipients, envid, ret).number
        if await self._suffer(trouble):
            return None
        return f"250 2.0.0 Ok: pris sous le n. {number}"

    async def push(self, status: Any) -> None:
        if status is not None:
            await super().push(status)

    # --- mechanisms ------------------------------------------------------------------------------------------------

    async def auth_EXTERNAL(self, _: SMTP, args: list[str]) -> AuthResult:
        """The mailbox of the certificate, or the one that it asks for."""
        wanted = await self._initial(args)
        if wanted is None:
            return AuthResult(success=False, handled=True)
        return self._opened(self._access.by_certificate(self._certificate(), wanted.decode("utf-8", "replace")))

    async def auth_XOAUTH2(self, _: SMTP, args: list[str]) -> AuthResult:
        """The mailbox of a token; a bad one is told by a challenge first, as Google made the custom."""
        sent = await self._initial(args)
        if sent is None:
            return AuthResult(success=False, handled=True)
        mailbox = self._access.by_token(sent)
        if mailbox is None and not isinstance(await self.challenge_auth(EXPIRED), bytes):
            return AuthResult(success=False, handled=True)
        return self._opened(mailbox)

    def _password(self, server: SMTP, session: object, envelope: object, mechanism: str, data: Any) -> AuthResult:
        name, password = data.login.decode("utf-8", "replace"), data.password.decode("utf-8", "replace")
        return self._opened(self._access.by_password(name, password))

    def _opened(self, mailbox: str | None) -> AuthResult:
        self._mailbox = mailbox or ""
        return AuthResult(success=mailbox is not None, handled=False)

    async def _initial(self, args: list[str]) -> bytes | None:
        """The first answer of the client, sent with the command or after an empty challenge; None when it has none."""
        if len(args) == 1:
            answer = await self.challenge_auth("")
            return answer if isinstance(answer, bytes) else None
        try:
            return b"" if args[1] == "=" else base64.b64decode(args[1], validate=True)
        except binascii.Error:
            await self.push("501 5.5.2 Base64 attendu")
            return None

    def _certificate(self) -> str:
        """The common name of the client's certificate; empty without one."""
        tls = self.transport.get_extra_info("ssl_object")  # type: ignore[union-attr]
        return subject(tls).get("commonName", "")

    async def _suffer(self, trouble: Trouble | None) -> bool:
        """Does what a failure says; whether the client was answered by it.

        Raises:
            CancelledError: the connection is cut: aiosmtpd ends without a word.
        """
        if trouble is None:
            return False
        await asyncio.sleep(trouble.delay)
        if trouble.answer:
            await self.push(trouble.answer)
        if trouble.cut:
            self._writer.close() if trouble.answer else self.abort()
            raise asyncio.CancelledError
        return bool(trouble.answer)


def _without(arg: str | None, *keywords: str) -> tuple[str | None, dict[str, str]]:
    """A command without the parameters of DSN, which aiosmtpd does not know; and those, by name."""
    if arg is None:
        return None, {}
    found: dict[str, str] = {}
    rest: list[str] = []
    for word in arg.split(" "):
        name, equals, value = word.partition("=")
        if equals and name.upper() in keywords:
            found[name.upper()] = _XTEXT.sub(lambda code: chr(int(code[1], 16)), value)
        else:
            rest.append(word)
    return " ".join(rest), found
