"""Opens the Annuaire Santé for one site: the address of its profile, its key, the folder of kept answers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dui_bridge.connectors.annuaire.cache import Answers
from dui_bridge.connectors.annuaire.client import AnnuaireClient, Clock
from dui_bridge.connectors.annuaire.directory import Annuaire
from dui_bridge.connectors.annuaire.errors import AddressOfOtherProfile, KeyMalformed
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings
from dui_bridge.connectors.wire.http import client
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.model.profile import LOOPBACK, Profile

NATIONAL: Final = "https://gateway.api.esante.gouv.fr/fhir/v2"
"""Of production and tests alike: there is no other, and its data are public (ANS, documentation of the API v2)."""

_NATIONAL: Final = frozenset({"gateway.api.esante.gouv.fr"})
_HOSTS: Final = {
    Profile.SANDBOX: LOOPBACK,
    Profile.QUALIFICATION: _NATIONAL | {"gateway.preprod.api.esante.gouv.fr"},
    Profile.PRODUCTION: _NATIONAL,
}


def address(settings: AnnuaireSettings, profile: Profile) -> str:
    """Where searches are made. Raises AddressOfOtherProfile, before anything is sent."""
    url = settings.url or ("" if profile is Profile.SANDBOX else NATIONAL)
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname not in _HOSTS[profile] or "@" in parts.netloc:
        raise AddressOfOtherProfile(host=parts.hostname or "?", profile=profile.value)
    return url


def open_annuaire(
    settings: AnnuaireSettings,
    profile: Profile,
    key: str,
    trust: Trust,
    folder: Path,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    clock: Clock | None = None,
) -> Annuaire:
    """The directory of one site; `close` it. Nothing is sent yet.

    Args:
        key: a secret. trust: whom to accept; the national service shows a public certificate.
        folder: of kept answers. now: aware.
    Raises:
        AddressOfOtherProfile, KeyMalformed: before anything is sent.
        TlsProblem, FileUnusable: a certificate cannot be used.
    """
    url = address(settings, profile)
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise KeyMalformed
    http = client(client_context(None, trust, now=now()), timeout=settings.timeout, connections=1)
    answers = Answers(folder, timedelta(days=settings.keep_days))
    return Annuaire(AnnuaireClient(http, url, key, settings, clock), answers, settings, now)
