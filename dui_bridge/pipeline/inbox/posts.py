"""The mailboxes of a site, each with what opens it, reads it and answers for it."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from dui_bridge.connectors.mssante.imap import MailboxReader
from dui_bridge.connectors.mssante.mailboxes import Secret, mailbox_of, own_settings
from dui_bridge.connectors.mssante.opening import Certificates, certificates_of, endpoint, settings_of, tls_context
from dui_bridge.connectors.mssante.receipts import Answering
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.connectors.mssante.smtp import SmtpLine
from dui_bridge.connectors.mssante.trusted import Trusted, trusted
from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.store import Journal
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.delivery.destinations import OpenDestination, open_destinations
from dui_bridge.pipeline.means import SiteMeans
from dui_bridge.site.settings import Site

KIND = "mssante"


@dataclass(frozen=True)
class Post:
    """One mailbox.

    Args:
        finess: of its establishment; empty when several share it.
        destination: through which it is reached, by name.
        space: from whom documents are taken.
        answering: how its answers are written.
        now: when certificates and revocation lists are looked at; a post is for one cycle.
    """

    address: str
    finess: str
    destination: str
    profile: Profile
    settings: MssanteSettings
    space: Trusted
    answering: Answering
    now: datetime
    certificates: Certificates = field(repr=False)
    secret: Secret | None = field(default=None, repr=False)

    @property
    def folder(self) -> str:
        return self.settings.imap.folder

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made once: to open a PKCS #12 file takes longer than all the rest."""
        return tls_context(self.settings, self.certificates, now=self.now)

    def trusts(self, address: str) -> bool:
        """Whether an address is of the trusted space."""
        return self.space.has(address.rpartition("@")[2])

    def reader(self) -> MailboxReader:
        """What reads it; `close` it. Raises as `opening.endpoint` and `tls_context`."""
        where = endpoint(self.settings, self.settings.imap, self.profile)
        mailbox = mailbox_of(self.address, self.settings, self.secret)
        return MailboxReader(where, self._tls, mailbox, self.settings.imap, timeout=self.settings.timeout)

    def line(self) -> SmtpLine:
        """What sends from it; `close` it. Raises as `reader`."""
        where = endpoint(self.settings, self.settings.smtp, self.profile)
        mailbox = mailbox_of(self.address, self.settings, self.secret)
        # Nobody asks whether an answer arrived.
        plain = self.settings.smtp.model_copy(update={"delivery_reports": False})
        return SmtpLine(where, self._tls, mailbox, plain, timeout=self.settings.timeout)


def mail_destinations(site: Site) -> dict[str, OpenDestination]:
    """The destinations of MSSanté of a site, by name."""
    return {name: one for name, one in open_destinations(site).items() if one.kind == KIND}


def posts(site: Site, journal: Journal, now: datetime) -> tuple[dict[str, Post], dict[str, DuiBridgeError]]:
    """The mailboxes by address in lower case, each reached through the first destination that can; and what is wrong
    with the others, by the name of the destination."""
    found: dict[str, Post] = {}
    wrong: dict[str, DuiBridgeError] = {}
    for name, destination in mail_destinations(site).items():
        try:
            for post in _posts(site, destination, destination.means(journal), now):
                found.setdefault(post.address.lower(), post)
        except DuiBridgeError as error:
            wrong[name] = error
    return found, wrong


def _posts(site: Site, destination: OpenDestination, means: SiteMeans, now: datetime) -> list[Post]:
    declared = destination.settings
    if not isinstance(declared, MssanteSettings):
        return []
    settings, certificates = settings_of(declared, means), certificates_of(means)
    space = trusted(settings.domains, settings.white_list)
    software, nil = " ".join(means.software()), means.nil()
    return [
        Post(
            address=address,
            finess=finess,
            destination=destination.name,
            profile=site.profile,
            settings=settings,
            space=space,
            answering=Answering(
                address,
                own_settings(address, settings).name or _name(site, finess) or address,
                nil,
                software,
                settings.message.receipt_form,
                settings.max_megabytes * 1_000_000,
                space=space,
            ),
            now=now,
            certificates=certificates,
            secret=means.mailbox_secret(address),
        )
        for address, finess in _addresses(means.mailboxes()).items()
    ]


def _addresses(mailboxes: Mapping[str, str]) -> dict[str, str]:
    """Address → FINESS, empty when several establishments have it."""
    found: dict[str, str] = {}
    for finess, address in mailboxes.items():
        found[address] = "" if address in found else finess
    return found


def _name(site: Site, finess: str) -> str:
    own = site.establishment(finess)
    return "" if own is None else own.name
