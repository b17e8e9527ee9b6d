"""The mailboxes of a site: one an establishment, each with how it is opened at the operator."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field

from dui_bridge.connectors.mssante.errors import CredentialsMissing
from dui_bridge.connectors.mssante.settings import Auth, MailboxSettings, MssanteSettings
from dui_bridge.xds.entries import Author
from dui_bridge.xds.forms import PERSONS, STRUCTURES, xcn_person, xon

Secret = Callable[[], str]
"""Reads a password or an access token when it is needed; it is never kept."""


def domain_of(address: str) -> str:
    """What stands after the `@`."""
    return address.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Sender:
    """The establishment that writes, as mails and lots name it.

    Args:
        finess: geographic FINESS, 9 characters.
        name: as documents show it.
        address: of its mailbox; empty for an establishment without one.
        author: of the lots; None: the first author of the document is.
        phone, postal: to reach it; postal on one line.
    """

    finess: str
    name: str
    address: str
    author: Author | None = None
    phone: str = ""
    postal: str = ""

    @property
    def domain(self) -> str:
        """Of its mailbox."""
        return domain_of(self.address)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """How one mailbox is opened.

    Args:
        address: of the mailbox.
        user: its name at the operator.
        secret: its password or access token; None for a mailbox that needs none.
        identity: the mailbox that is asked for with a certificate; empty for that of the certificate.
    """

    address: str
    auth: Auth
    user: str
    secret: Secret | None = field(default=None, repr=False)
    identity: str = ""

    def password(self) -> str:
        """The password or access token, read now. Raises CredentialsMissing, and what reading it raises."""
        if self.secret is None:
            raise CredentialsMissing(mailbox=self.address)
        return self.secret()

    def plain(self) -> bytes:
        """SASL PLAIN (RFC 4616). Raises as `password`."""
        return f"\0{self.user}\0{self.password()}".encode()

    def xoauth2(self) -> bytes:
        """SASL XOAUTH2, not encoded. Raises as `password`."""
        return f"user={self.user}\1auth=Bearer {self.password()}\1\1".encode()


def mailbox_of(address: str, settings: MssanteSettings, secret: Secret | None = None) -> Mailbox:
    """A mailbox as the settings have it."""
    own = own_settings(address, settings)
    return Mailbox(address, own.auth or settings.auth, own.user or address, secret, own.user or "")


def own_settings(address: str, settings: MssanteSettings) -> MailboxSettings:
    """What the settings say of one mailbox; its address is written in any case."""
    found = (own for name, own in settings.mailboxes.items() if name.lower() == address.lower())
    return next(found, MailboxSettings())


def establishment_author(finess: str, name: str, *, responsible: str = "", family: str = "", given: str = "") -> Author:
    """The author of the lots that an establishment sends.

    Args:
        responsible: PS_IdNat of the person who answers for what the software sends; empty for the structure alone.
        family, given: that person's names.
    """
    person = xcn_person(responsible, PERSONS, family, given, "IDNPS") if responsible else None
    return Author(person=person, institutions=(xon(name, f"1{finess}", STRUCTURES),))


def in_base64(text: bytes) -> str:
    """On one line, as SASL wants it."""
    return base64.b64encode(text).decode("ascii")
