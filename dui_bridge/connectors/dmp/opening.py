"""Opens the DMP for one site: the addresses of its profile, its certificates, its software, its establishments."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

from dui_bridge.cda.people import person_id
from dui_bridge.connectors.dmp.captures import SHOWN, SHOWN_ATTRIBUTES
from dui_bridge.connectors.dmp.client import Addresses, DmpClient
from dui_bridge.connectors.dmp.context import Acting, Structure, automate
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.errors import AddressOfOtherProfile
from dui_bridge.connectors.dmp.exchange import Line
from dui_bridge.connectors.dmp.kept import Keep
from dui_bridge.connectors.dmp.lots import Practice
from dui_bridge.connectors.dmp.pace import FEEDS, Pace, Turn
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.connectors.ports import Means
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.certificates import Material
from dui_bridge.connectors.wire.families import check_families
from dui_bridge.connectors.wire.http import Bounds, client
from dui_bridge.connectors.wire.seal import Seal
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.connectors.wire.vihf import Forms, Software
from dui_bridge.data.codes import Coded, facility_type
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.profile import LOOPBACK, Profile
from dui_bridge.xds.lot import Algorithms, Digest
from dui_bridge.xds.purpose import Policy
from dui_bridge.xds.queries import Returned

PRODUCTION: Final = "https://lps2.dmp.gouv.fr/si-dmp-server/v2/services/"
FEEDS_PER_SECOND: Final = 4.0
"""Below the 5 of one structure and software that the DMP allows."""

_TEST_HOST: Final = re.compile(r"[a-z0-9-]+\.lps2\.dmp\.gouv\.fr", re.ASCII)
_OVERHEAD: Final = 20_000_000
"""Bytes of an answer besides its document; a document in base64 is a third longer."""


@dataclass(frozen=True, slots=True)
class Certificates:
    """The files of a site.

    Args:
        client: for authentication (ORG_AUTH_CLI).
        seal: for assertions and lots (ORG_SIGN).
        trust, crl: whom to accept, and revocation lists.
    """

    client: Material
    seal: Material
    trust: Trust
    crl: Sequence[Path] = ()


def addresses(settings: DmpSettings, profile: Profile) -> Addresses:
    """Where the services listen.

    Raises:
        AddressOfOtherProfile: the sandbox is asked to call another machine, or a profile the hosts of another.
    """
    base = settings.base or (PRODUCTION if profile is Profile.PRODUCTION else "")
    given = (settings.repository, settings.registry, settings.patients)
    whole = [urljoin(base if base.endswith("/") else f"{base}/", one) for one in given]
    for one in whole:
        parts = urlsplit(one)
        if parts.scheme != "https" or not _is_of(profile, parts.hostname or ""):
            raise AddressOfOtherProfile(host=parts.hostname or "?", profile=profile.value)
    return Addresses(*whole)


def _is_of(profile: Profile, host: str) -> bool:
    match profile:
        case Profile.SANDBOX:
            return host in LOOPBACK
        case Profile.QUALIFICATION:
            return _TEST_HOST.fullmatch(host) is not None
        case Profile.PRODUCTION:
            return host == urlsplit(PRODUCTION).hostname


def open_client(
    settings: DmpSettings,
    profile: Profile,
    certificates: Certificates,
    software: Software,
    *,
    system: str,
    capture: Capture | None = None,
    keep: Keep | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_id: Callable[[], UUID] = uuid4,
) -> DmpClient:
    """The transactions, for a structure or a named professional; close `line.http`.

    Args:
        software: as it was declared; its homologation number is a secret.
        system: OID of the system that sends (sourceId of lots).
        capture, keep: of `exchange.Line`.
        now: aware; new_id: a new UUID each time.
    Raises:
        AddressOfOtherProfile: before anything is sent.
        TlsProblem, FileUnusable: a certificate or list cannot be used.
    """
    where = addresses(settings, profile)
    context = client_context(
        certificates.client,
        certificates.trust,
        crl=certificates.crl,
        minimum=ssl.TLSVersion.TLSv1_2,
        maximum=ssl.TLSVersion.TLSv1_2,
        now=now(),
    )
    most = settings.max_megabytes * 1_000_000
    line = Line(
        client(context, timeout=settings.timeout, connections=1),
        Seal(certificates.seal, now=now()),
        software,
        _forms(settings),
        Bounds(max_bytes=most * 4 // 3 + _OVERHEAD, seconds=settings.longest),
        capture,
        now,
        new_id,
        keep,
    )
    kind = settings.content_type
    practice = Practice(
        system,
        Coded(kind.code, kind.system, kind.label),
        Algorithms(Digest(settings.signature_hash), Digest(settings.digest_hash)),
        Policy(both_masks=settings.both_masks, max_bytes=most),
        settings.hash_and_size,
    )
    production = profile is Profile.PRODUCTION
    return DmpClient(line, where, practice, Returned(settings.lookup), settings.repository_id, production)


def open_dmp(
    settings: DmpSettings,
    profile: Profile,
    certificates: Certificates,
    software: Software,
    structures: Iterable[Structure],
    *,
    system: str,
    capture: Capture | None = None,
    keep: Keep | None = None,
    turn: Turn | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_id: Callable[[], UUID] = uuid4,
) -> DmpDestination:
    """The destination of one site; `close` it. Arguments and errors as of `open_client`.

    Args:
        structures: the establishments that feed, each with who answers for it.
        turn: of `pace.Pace`.
    """
    opened = open_client(
        settings, profile, certificates, software, system=system, capture=capture, keep=keep, now=now, new_id=new_id
    )
    acting = _acting(structures, software, settings, now())
    usual = None if profile is Profile.SANDBOX else FEEDS_PER_SECOND
    pace = Pace(settings.feeds_per_second or usual, turn)
    return DmpDestination(
        opened, acting, pace, max_megabytes=settings.max_megabytes, ask_existence=settings.ask_existence
    )


def open_of_site(settings: DmpSettings, means: Means) -> DmpDestination:
    """The destination of a site, from what its file declares. Raises as `open_dmp`, and FixConfiguration."""
    return open_dmp(
        _settings_of(settings, means),
        means.profile,
        _certificates_of(means),
        _software_of(means),
        structures(means.establishments),
        system=means.system,
        capture=_capture_of(settings),
        keep=None if settings.capture is None else means.keep,
        turn=partial(means.turn, FEEDS),
    )


def client_of_site(settings: DmpSettings, means: Means) -> tuple[DmpClient, dict[str, Acting]]:
    """The transactions, for an operator, and who calls for each establishment. Raises as `open_client`."""
    software = _software_of(means)
    opened = open_client(
        _settings_of(settings, means),
        means.profile,
        _certificates_of(means),
        software,
        system=means.system,
        capture=_capture_of(settings),
        keep=None if settings.capture is None else means.keep,
    )
    return opened, _acting(structures(means.establishments), software, settings, opened.line.now())


def _acting(
    structures: Iterable[Structure], software: Software, settings: DmpSettings, since: datetime
) -> dict[str, Acting]:
    return {one.finess: automate(one, software, settings.automate, since=since) for one in structures}


def _certificates_of(means: Means) -> Certificates:
    found = Certificates(means.certificate("dmp"), means.certificate("sign"), means.trust(), means.lists())
    check_families(means.profile, (found.client, found.seal), found.trust)
    return found


def _software_of(means: Means) -> Software:
    name, version = means.software()
    return Software(name, version, means.homologation())


def _capture_of(settings: DmpSettings) -> Capture | None:
    if settings.capture is None:
        return None
    return Capture(settings.capture, kept=SHOWN, attributes=SHOWN_ATTRIBUTES)


def _settings_of(settings: DmpSettings, means: Means) -> DmpSettings:
    """The settings with the address of the stand-in, in the sandbox. Raises FixConfiguration: it does not run."""
    if settings.base is None and means.profile is Profile.SANDBOX:
        return settings.model_copy(update={"base": means.stand_in("dmp")})
    return settings


def structures(establishments: Iterable[Establishment]) -> tuple[Structure, ...]:
    """The establishments that can feed: somebody answers for what the software sends, with a national id."""
    found = []
    for one in establishments:
        person = one.legal_authenticator or one.default_author
        responsible = None if person is None else person_id(person, one.finess)
        if person is not None and responsible is not None:
            sector = facility_type(one.category, one.facility_type).code
            found.append(Structure(one.finess, one.name, sector, responsible, person.nom or "", person.prenom or ""))
    return tuple(found)


def _forms(settings: DmpSettings) -> Forms:
    given = settings.vihf
    validity = None if given.validity is None else timedelta(seconds=given.validity)
    return Forms(given.version, given.mode_attribute, given.purpose_system_name, given.declaration, validity)
