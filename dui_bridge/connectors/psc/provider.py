"""What the service publishes of itself, and whether it may be believed.

Sources: OpenID Connect Discovery 1.0 §3 and §4.3 (the issuer of the answer is exactly the one that was asked); RFC 8705
§5 (addresses for clients with a certificate); RFC 9207 §3; OpenID Connect CIBA Core 1.0 §4.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urljoin, urlsplit

from dui_bridge.connectors.psc.errors import AddressOfOtherProfile, AnswerUnreadable, DiscoveryWrong, OtherIssuer
from dui_bridge.connectors.psc.settings import Authentication, PscSettings
from dui_bridge.model.profile import LOOPBACK, Profile

ISSUERS: Final = {
    Profile.QUALIFICATION: "https://auth.bas.psc.esante.gouv.fr/auth/realms/esante-wallet",
    Profile.PRODUCTION: "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet",
}
"""Source: samples of the ANS (plug-in for Keycloak, sample for Apache)."""

_CIBA: Final = "protocol/openid-connect/ext/ciba/auth"
_HOSTS: Final = {
    Profile.QUALIFICATION: re.compile(r"[a-z0-9-]+\.bas\.psc\.esante\.gouv\.fr", re.ASCII),
    Profile.PRODUCTION: re.compile(r"[a-z0-9-]+\.esw\.esante\.gouv\.fr", re.ASCII),
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who is asked, and where it may stand.

    Args:
        url: the issuer, exactly as it names itself.
        discovery: where it publishes what it is.
        hosts: further ones that the site takes.
    """

    url: str
    discovery: str
    profile: Profile
    hosts: frozenset[str]

    def check(self, address: str) -> None:
        """Raises AddressOfOtherProfile for an address that is not https, or on a host that is not of the profile."""
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            raise AddressOfOtherProfile(host="?", profile=self.profile.value) from None
        if parts.scheme != "https" or parts.username is not None or not self._may_stand_on(host):
            raise AddressOfOtherProfile(host=host or "?", profile=self.profile.value)

    def _may_stand_on(self, host: str) -> bool:
        if self.profile is Profile.SANDBOX:
            return host in LOOPBACK
        if any(form.fullmatch(host) for profile, form in _HOSTS.items() if profile is not self.profile):
            return False
        return _HOSTS[self.profile].fullmatch(host) is not None or (host in self.hosts and host not in LOOPBACK)


@dataclass(frozen=True, slots=True)
class Provider:
    """The addresses of the service; `says_issuer`: its answers to a browser name it (RFC 9207)."""

    authorization: str
    token: str
    userinfo: str
    jwks: str
    ciba: str
    says_issuer: bool


def issuer_of(settings: PscSettings, profile: Profile) -> Issuer:
    """Who is asked. Raises AddressOfOtherProfile, before anything is sent."""
    url = settings.issuer or ISSUERS.get(profile, "")
    hosts = frozenset(settings.hosts)
    Issuer(url, url, profile, hosts).check(url)
    try:
        discovery = urljoin(f"{url.rstrip('/')}/", settings.discovery)
    except ValueError:
        raise AddressOfOtherProfile(host="?", profile=profile.value) from None
    issuer = Issuer(url, discovery, profile, hosts)
    issuer.check(issuer.discovery)
    return issuer


def json_object(body: bytes) -> Mapping[str, object]:
    """A JSON object. Raises AnswerUnreadable."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise AnswerUnreadable(reason="no JSON object", reason_fr="pas un objet JSON")
    return found


def read_provider(body: bytes, issuer: Issuer, settings: PscSettings) -> Provider:
    """What the service publishes.

    Raises:
        OtherIssuer: it is about another service.
        DiscoveryWrong: it is no description of a service.
        AddressOfOtherProfile: an address leads elsewhere.
    """
    try:
        said = json_object(body)
    except AnswerUnreadable as error:
        raise DiscoveryWrong(**error.values) from None
    if said.get("issuer") != issuer.url:
        raise OtherIssuer
    aliases = said.get("mtls_endpoint_aliases")
    by_certificate = settings.authentication is Authentication.CERTIFICATE and isinstance(aliases, dict)
    reached = {**said, **aliases} if by_certificate and isinstance(aliases, dict) else said
    found = Provider(
        authorization=_address(said, "authorization_endpoint"),
        token=_address(reached, "token_endpoint"),
        userinfo=_address(reached, "userinfo_endpoint"),
        jwks=_address(said, "jwks_uri"),
        ciba=_ciba(reached, issuer, settings),
        says_issuer=said.get("authorization_response_iss_parameter_supported") is True,
    )
    for address in (found.authorization, found.token, found.userinfo, found.jwks, found.ciba):
        issuer.check(address)
    return found


def _ciba(said: Mapping[str, object], issuer: Issuer, settings: PscSettings) -> str:
    published = said.get("backchannel_authentication_endpoint")
    usual = published if isinstance(published, str) else urljoin(f"{issuer.url.rstrip('/')}/", _CIBA)
    return settings.ciba.address or usual


def _address(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise DiscoveryWrong(reason=f"{name} is missing", reason_fr=f"{name} manque")
    return value
