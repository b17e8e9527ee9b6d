"""Opens the téléservice INSi for one site: the address of its profile, its certificate, its software."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from dui_bridge.connectors.insi.client import InsiService
from dui_bridge.connectors.insi.errors import AddressOfOtherProfile, BulkSearch, CertificateName
from dui_bridge.connectors.insi.messages import Logiciel
from dui_bridge.connectors.insi.settings import CallOn, InsiSettings
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.certificates import Material, certificate_facts
from dui_bridge.connectors.wire.families import check_families
from dui_bridge.connectors.wire.http import client
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.model.profile import LOOPBACK, Profile

ADDRESSES: Final = {
    Profile.QUALIFICATION: "https://qualiflps-services-ps-tlsm.ameli.fr:443/lps",
    Profile.PRODUCTION: "https://services-ps-tlsm.ameli.fr/lps",
}
"""Where searches with the certificate of an organisation are posted (test: WSDL DESIR_ICIR_EXP 1.5.0)."""

_NAMES: Final = frozenset({"INSI-AUTO", "INSI-MANU"})


def address(settings: InsiSettings, profile: Profile) -> str:
    """Where searches are posted.

    Raises:
        AddressOfOtherProfile: the sandbox is asked to call another machine, or a profile the host of another.
        BulkSearch: everybody is to be searched, and not at the stand-in.
    """
    if CallOn.ANY in settings.call_on and profile is not Profile.SANDBOX:
        raise BulkSearch(profile=profile.value)
    national = ADDRESSES.get(profile, "")
    url = settings.url or national
    parts = urlsplit(url)
    hosts = LOOPBACK if profile is Profile.SANDBOX else {urlsplit(national).hostname}
    if parts.scheme != "https" or parts.hostname not in hosts:
        raise AddressOfOtherProfile(host=parts.hostname or "?", profile=profile.value)
    return url


def open_service(
    settings: InsiSettings,
    profile: Profile,
    material: Material,
    trust: Trust,
    *,
    idam: str,
    nom: str,
    version: str,
    instance: UUID,
    crl: Sequence[Path] = (),
    capture: Capture | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    new_id: Callable[[], UUID] = uuid4,
) -> InsiService:
    """The service of one site; `close` it.

    Args:
        material, trust, crl: our certificate, whom to accept, and revocation lists.
        idam, nom, version, instance: of the software, see `Logiciel`; the emitter is the `OU` of the certificate.
        now: aware time of a message; new_id: a new UUID each time.
    Raises:
        AddressOfOtherProfile, BulkSearch, CertificateName, CertificateOfOtherProfile: before anything is sent.
        TlsProblem, FileUnusable: a certificate or list cannot be used.
    """
    url = address(settings, profile)
    facts = certificate_facts(material)
    if facts.subject_cn not in _NAMES or not facts.ou:
        raise CertificateName(name=facts.subject_cn)
    check_families(profile, (material,), trust)
    http = client(client_context(material, trust, crl=crl, now=now()), timeout=settings.timeout, connections=1)
    logiciel = Logiciel(idam, nom, version, instance, facts.ou)
    return InsiService(http, url, logiciel, verification=settings.verification, capture=capture, now=now, new_id=new_id)
