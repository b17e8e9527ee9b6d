"""Who may open which mailbox, and by what."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from dui_bridge.sandbox.pki import MAILBOX, PASSWORD, Holder, Pki
from dui_bridge.sandbox.tls import server_context

TOKEN: Final = "jeton-bac-a-sable"  # noqa: S105 - good for nothing but the sandbox
EXPIRED: Final = b'{"status":"401","schemes":"bearer","scope":"openid"}'
"""What is said of a token that is not good, before the refusal (XOAUTH2)."""


class Auth(StrEnum):
    """What the operator wants of a client after TLS.

    `NONE`: the certificate says it all. `EXTERNAL`: SASL EXTERNAL, with the certificate. `LOGIN`: a password, and the
    certificate. `XOAUTH2`: a token, without a certificate (Pro Santé Connect).
    """

    NONE = "none"
    EXTERNAL = "external"
    LOGIN = "login"
    XOAUTH2 = "xoauth2"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox that a client may open, with its password and its token.

    Args:
        certificates: common names of the certificates that open it; whose own name is its address opens it always.
            By default that of `Pki.mss`.
    """

    address: str = MAILBOX
    password: str = PASSWORD
    token: str = TOKEN
    certificates: tuple[str, ...] = (MAILBOX,)


class Access:
    """The mailboxes of the operator.

    Args:
        auth: what is wanted.
        mailboxes: all that can be opened.
    """

    def __init__(self, auth: Auth, mailboxes: Iterable[Mailbox]) -> None:
        self.auth = auth
        self._mailboxes = {one.address.lower(): one for one in mailboxes}

    def context(self, pki: Pki, holder: Holder) -> ssl.SSLContext:
        """TLS with this certificate of the server; a client's certificate is wanted unless tokens are."""
        context = server_context(pki, holder)
        if self.auth is Auth.XOAUTH2:
            context.verify_mode = ssl.CERT_OPTIONAL
        return context

    def has(self, address: str) -> bool:
        """Whether there is a mailbox of this address."""
        return address.lower() in self._mailboxes

    def by_certificate(self, name: str, wanted: str = "") -> str | None:
        """The address of the mailbox that a certificate opens: the one it asks for, else the one that it names; None
        when that one is not for it."""
        found = self._mailboxes.get((wanted or name).lower())
        if found is None or name.lower() not in {one.lower() for one in (found.address, *found.certificates)}:
            return None
        return found.address

    def by_password(self, name: str, password: str) -> str | None:
        """The address of the mailbox of a name and password."""
        found = self._mailboxes.get(name.lower())
        return found.address if found is not None and found.password == password else None

    def by_token(self, sent: bytes) -> str | None:
        """The address of the mailbox of `user=<address>^Aauth=Bearer <token>^A^A`."""
        parts = dict(part.split("=", 1) for part in sent.decode("utf-8", "replace").split("\x01") if "=" in part)
        found = self._mailboxes.get(parts.get("user", "").lower())
        return found.address if found is not None and parts.get("auth") == f"Bearer {found.token}" else None
