"""Opens Pro Santé Connect for one site: the issuer of its profile, its secret or its certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from dui_bridge.connectors.psc.client import PscClient
from dui_bridge.connectors.psc.errors import SecretMissing
from dui_bridge.connectors.psc.provider import issuer_of
from dui_bridge.connectors.psc.settings import Authentication, PscSettings
from dui_bridge.connectors.psc.tokens import Token
from dui_bridge.connectors.wire.certificates import Material
from dui_bridge.connectors.wire.http import client
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.model.profile import Profile


def open_psc(
    settings: PscSettings,
    profile: Profile,
    trust: Trust,
    *,
    secret: str | None = None,
    material: Material | None = None,
    crl: Sequence[Path] = (),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> PscClient:
    """The service of one site; `close` it. Nothing is sent yet.

    Args:
        trust: whom to accept; the national service shows a public certificate.
        secret: of the bridge, as the service gave it; material: its certificate. One of both, by the settings.
        now: aware.
    Raises:
        AddressOfOtherProfile, SecretMissing: before anything is sent.
        TlsProblem, FileUnusable: a certificate or list cannot be used.
    """
    issuer = issuer_of(settings, profile)
    kind = settings.authentication
    if kind is Authentication.CERTIFICATE:
        if material is None:
            raise SecretMissing(authentication=kind.value, what="a certificate", what_fr="un certificat")
        secret = None
    elif not secret:
        raise SecretMissing(authentication=kind.value, what="a secret", what_fr="un secret")
    context = client_context(material, trust, crl=crl, now=now())
    http = client(context, timeout=settings.timeout, connections=2)
    return PscClient(http, settings, issuer, None if secret is None else Token(secret), now)
