"""Opens MSSanté for one site: the operator of its profile, its certificate, its mailboxes."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from dui_bridge.cda.people import person_id
from dui_bridge.connectors.mssante.destination import MssanteDestination, Software
from dui_bridge.connectors.mssante.errors import AddressOfOtherProfile, CiphersWrong, MailboxMalformed, NilMissing
from dui_bridge.connectors.mssante.mailboxes import Secret, Sender, establishment_author, mailbox_of, own_settings
from dui_bridge.connectors.mssante.session import Endpoint
from dui_bridge.connectors.mssante.settings import ImapSettings, MssanteSettings, SmtpSettings
from dui_bridge.connectors.mssante.smtp import SmtpLine
from dui_bridge.connectors.mssante.trusted import is_address, trusted
from dui_bridge.connectors.ports import Means
from dui_bridge.connectors.wire.certificates import Material
from dui_bridge.connectors.wire.families import check_families
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.profile import LOOPBACK, Profile


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of a site.

    Args:
        client: ORG AUTH_CLI; None for mailboxes that are opened with a password or a token only.
        trust: IGC-Santé, never the authorities of the system.
        crl: revocation lists; the last one that is not expired is kept by the site.
    """

    client: Material | None
    trust: Trust
    crl: Sequence[Path] = ()


def endpoint(settings: MssanteSettings, part: SmtpSettings | ImapSettings, profile: Profile) -> Endpoint:
    """Where submission or reading listens.

    Raises:
        AddressOfOtherProfile: the sandbox is asked to call another machine, or another profile to call this one.
    """
    host = part.host or settings.host
    if (profile is Profile.SANDBOX) != (host.lower() in LOOPBACK):
        raise AddressOfOtherProfile(host=host, profile=profile.value)
    return Endpoint(host, part.port, part.tls)


def tls_context(settings: MssanteSettings, certificates: Certificates, *, now: datetime) -> ssl.SSLContext:
    """Of every connection to the operator: TLS 1.2 at least, trust in the given authorities alone.

    Args:
        now: aware.
    Raises:
        TlsProblem, FileUnusable: a certificate or list cannot be used.
        CiphersWrong.
    """
    context = client_context(certificates.client, certificates.trust, crl=certificates.crl, now=now)
    if settings.ciphers is not None:
        try:
            context.set_ciphers(settings.ciphers)
        except ssl.SSLError:
            raise CiphersWrong from None
    return context


def open_of_site(settings: MssanteSettings, means: Means) -> MssanteDestination:
    """The destination of a site, from what its file declares. Raises as `open_mssante`, and FixConfiguration."""
    name, version = means.software()
    return open_mssante(
        settings_of(settings, means),
        means.profile,
        certificates_of(means),
        Software(name, version, means.nil(), means.system),
        senders(means),
        secrets=means.mailbox_secret,
        recorded=means.recorded,
    )


def settings_of(settings: MssanteSettings, means: Means) -> MssanteSettings:
    """The settings with the ports of the stand-in, in the sandbox. Raises FixConfiguration: it does not run."""
    if means.profile is not Profile.SANDBOX:
        return settings
    smtp, imap = (
        part if part.host is not None else part.model_copy(update={"host": parts.hostname, "port": parts.port})
        for part, parts in (
            (settings.smtp, urlsplit(means.stand_in("mssante"))),
            (settings.imap, urlsplit(means.stand_in("mssante-imap"))),
        )
    )
    return settings.model_copy(update={"smtp": smtp, "imap": imap})


def certificates_of(means: Means) -> Certificates:
    """Raises FixConfiguration."""
    found = means.certificate("mssante")
    check_families(means.profile, (found,), means.trust())
    return Certificates(found, means.trust(), means.lists())


def senders(means: Means) -> tuple[Sender, ...]:
    """The establishments that have a mailbox."""
    mailboxes = means.mailboxes()
    return tuple(_sender(one, mailboxes[one.finess]) for one in means.establishments if one.finess in mailboxes)


def _sender(one: Establishment, address: str) -> Sender:
    person = one.legal_authenticator or one.default_author
    author = establishment_author(
        one.finess,
        one.name,
        responsible="" if person is None else person_id(person, one.finess) or "",
        family="" if person is None else person.nom or "",
        given="" if person is None else person.prenom or "",
    )
    postal = ", ".join(filter(None, (*one.address_lines, " ".join(filter(None, (one.postal_code, one.city))))))
    return Sender(one.finess, one.name, address, author, one.phone or "", postal)


def open_mssante(
    settings: MssanteSettings,
    profile: Profile,
    certificates: Certificates,
    software: Software,
    senders: Iterable[Sender],
    *,
    secrets: Callable[[str], Secret | None] = lambda _: None,
    recorded: Callable[[str, Collection[str], datetime | None], bool] = lambda *_: False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> MssanteDestination:
    """The destination of one site; `close` it.

    Args:
        senders: the establishments that write; one without a mailbox writes nothing.
        secrets: by the address of a mailbox, what reads its password or access token.
        recorded: as `MssanteDestination`.
        now: aware.
    Raises:
        AddressOfOtherProfile, NilMissing, MailboxMalformed, CiphersWrong, WhiteListUnreadable: before any connection.
        TlsProblem, FileUnusable: a certificate, a list or the white list cannot be used.
    """
    if not software.nil.strip():
        raise NilMissing
    where = endpoint(settings, settings.smtp, profile)
    context = tls_context(settings, certificates, now=now())
    by_finess = {one.finess: one for one in senders if one.address}
    for one in by_finess.values():
        for address in (one.address, own_settings(one.address, settings).reply_to):
            if address is not None and not is_address(address):
                raise MailboxMalformed(mailbox=address)

    def line(sender: Sender) -> SmtpLine:
        mailbox = mailbox_of(sender.address, settings, secrets(sender.address))
        return SmtpLine(where, context, mailbox, settings.smtp, timeout=settings.timeout)

    space = trusted(settings.domains, settings.white_list)
    return MssanteDestination(settings, software, by_finess, line, space, recorded=recorded, now=now)
