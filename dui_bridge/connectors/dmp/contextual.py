"""From the dossier of a person straight to their DMP in the browser of a professional (TD0.9, TD0.10).

TD0.9: the professional signs in there, with a card or an e-CPS; the address holds the INS and nothing of who calls.
TD0.10 (AIR): a form brings the assertion of the professional, whom the bridge has authenticated.

Source: GIE SESAM-Vitale, PDT-INF-527, "Accès Web au système DMP", v7 (2024-04-22), §2.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from html import escape
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlsplit

from dui_bridge.connectors.dmp.contextual_settings import AirWebSettings, WebSettings
from dui_bridge.connectors.dmp.errors import AddressOfOtherProfile, InsNotQualified, NotAllowed, WebUnknown
from dui_bridge.connectors.dmp.rights import Transaction, ensure
from dui_bridge.connectors.wire.vihf import Caller, Mode
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.profile import LOOPBACK, Profile

_AIR: Final = "TD0.10"


class Page(StrEnum):
    """A page of the site; the value is its name in the address. A DMP can no longer be created there."""

    TABLEAU_DE_BORD = "TableauDeBord"
    DOSSIER_PATIENT = "DossierPatient"
    GESTION = "GestionDMPPatient"
    DOCUMENTS = "Documents"
    PARCOURS_DE_SOINS = "ParcoursDeSoins"
    HISTORIQUE = "HistoriqueAcces"
    PARAMETRAGES = "Parametrages"
    VOLONTES_ET_DROITS = "VolontesEtDroits"
    VACCINATION = "CarnetVaccination"


WITHOUT_INS: Final = frozenset({Page.PARAMETRAGES})
"""Pages about the professional alone."""
WITH_OR_WITHOUT: Final = frozenset({Page.TABLEAU_DE_BORD})
"""With an INS it shows whether that person has a DMP, else the records that the professional may read."""

SHOWN: Final[Mapping[Page, Transaction]] = MappingProxyType(
    {
        page: Transaction.EXISTS if page in {Page.TABLEAU_DE_BORD, Page.PARAMETRAGES} else Transaction.SEARCH
        for page in Page
    }
)
"""Page → the transaction whose right it takes to see it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What the browser opens: an address, or a form that is sent to it. Neither goes in a log: both hold the INS."""

    method: str
    url: str = field(repr=False)
    fields: tuple[tuple[str, str], ...] = field(default=(), repr=False)


def card_url(settings: WebSettings, profile: Profile, page: Page, ins: QualifiedIns | None = None) -> Opened:
    """TD0.9: the address of a page; the professional signs in there.

    Args:
        ins: what the gate let through; of a page about the professional alone it is left out.
    Raises:
        WebUnknown: the site is not configured.
        AddressOfOtherProfile: not https, or the sandbox leads elsewhere than to this machine, or another profile there.
        InsNotQualified: the page is about a person, and there is no INS that may leave.
    """
    if settings.base is None:
        raise WebUnknown(reason="its address is missing", reason_fr="son adresse manque")
    _check(settings.base, profile)
    parts = [settings.base.rstrip("/"), *filter(None, [settings.path.strip("/")]), page.value]
    if ins is None and page not in WITHOUT_INS | WITH_OR_WITHOUT:
        raise InsNotQualified
    if ins is not None and page not in WITHOUT_INS:
        parts.append(quote(ins.matricule, safe=""))
    return Opened("GET", "/".join(parts))


def air_form(
    settings: WebSettings,
    profile: Profile,
    page: Page,
    caller: Caller,
    assertion: bytes,
    ins: QualifiedIns | None = None,
) -> Opened:
    """TD0.10: the form that opens a page in the name of a professional.

    Args:
        caller: the professional, in the mode INDIRECTE_RENFORCEE.
        assertion: their VIHF about this INS, signed, made for this call (`vihf.signed_vihf`).
    Raises:
        NotAllowed: the caller is a structure, or may not see this page.
        WebUnknown: the site is not configured, or not for AIR.
        AddressOfOtherProfile, InsNotQualified: as of `card_url`.
    """
    if caller.mode is not Mode.RENFORCEE:
        raise NotAllowed(transaction=_AIR, mode=caller.mode.value)
    ensure(caller, SHOWN[page])
    air = air_settings(settings, profile)
    target = card_url(settings, profile, page, ins).url
    address = air.address or target
    fields = [(air.assertion_field, _written(assertion, air.encoding))]
    if air.target_field is not None:
        fields.append((air.target_field, target))
    return Opened("POST", address, tuple(fields))


def air_settings(settings: WebSettings, profile: Profile) -> AirWebSettings:
    """How the site is called in AIR: to be asked before anybody signs in.

    Raises:
        WebUnknown, AddressOfOtherProfile: as of `air_form`.
    """
    air = settings.air
    if air is None:
        raise WebUnknown(reason="the form of a call in AIR is not told", reason_fr="la forme d'un appel en AIR manque")
    card_url(settings, profile, Page.TABLEAU_DE_BORD)
    if air.address is not None:
        _check(air.address, profile)
    return air


def form_page(form: Opened) -> bytes:
    """A page that sends a form as soon as a browser opens it, or at a click where scripts are off; UTF-8."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in form.fields
    )
    return (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        '<title>DMP</title></head><body onload="document.forms[0].submit()">'
        f'<form method="{escape(form.method.lower())}" action="{escape(form.url)}">{fields}'
        "<button>Ouvrir le DMP · Open the DMP</button></form></body></html>\n"
    ).encode()


def _check(address: str, profile: Profile) -> None:
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        raise AddressOfOtherProfile(host="?", profile=profile.value) from None
    clean = not (parts.username or parts.query or parts.fragment)
    here = host in LOOPBACK
    if parts.scheme != "https" or not host or not clean or here is not (profile is Profile.SANDBOX):
        raise AddressOfOtherProfile(host=host or "?", profile=profile.value)


def _written(assertion: bytes, encoding: str) -> str:
    match encoding:
        case "base64":
            return b64encode(assertion).decode()
        case "base64url":
            return urlsafe_b64encode(assertion).rstrip(b"=").decode()
        case _:
            return assertion.decode()
