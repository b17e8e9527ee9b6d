"""Establishments: the FINESS géographique under which every document, delivery and indicator stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from dui_bridge.model.accompagnement import Professionnel


@dataclass(frozen=True)
class Establishment:
    """One establishment of the site.

    Args:
        finess: géographique, 9 characters.
        finess_ej: of the legal entity, or None.
        name: as it stands in documents.
        category: IME, SESSAD, EHPAD…
        local_codes: how the DUI names it.
        facility_type: the healthCareFacility code (JDV_J02) when the category's own does not fit.
        timezone: IANA zone in which its dates are local.
        oid_ipp: root of its local patient ids (an OID).
        default_author: who signs when a document names no author.
        legal_authenticator: who answers for documents that name no director.
    """

    finess: str
    name: str
    category: str
    finess_ej: str | None = None
    local_codes: tuple[str, ...] = ()
    facility_type: str | None = None
    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
    oid_ipp: str = ""
    default_author: Professionnel | None = None
    legal_authenticator: Professionnel | None = None
    phone: str | None = None
    address_lines: tuple[str, ...] = ()
    postal_code: str | None = None
    city: str | None = None
