"""Reads and checks a search by traits as the contract of the téléservice says (WSDL DESIR_ICIR_EXP 1.5.0).

Written apart from the client, so that a mistake of one is not shared by the other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.xmlsafe import XmlRefused, parse_xml

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
WSA: Final = "http://www.w3.org/2005/08/addressing"
BAM: Final = "urn:siram:bam:ctxbam"
LPS: Final = "urn:siram:lps:ctxlps"
RECSANS: Final = "http://www.cnamts.fr/INSiRecSans"
ACTION: Final = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_WORDS: Final = re.compile(r"[A-Z]+(?:(?:-{1,2}|[' ])[A-Z]+)*['-]?", re.ASCII)
_GIVEN: Final = re.compile(r"[A-Z]+(?:[-' ][A-Z]+)*", re.ASCII)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PLACE: Final = re.compile(r"[A-Z0-9]{5}", re.ASCII)
_TRAITS: Final = ("NomNaissance", "Prenom", "Sexe", "DateNaissance", "LieuNaissance")

_SCHEMAS: Final = {
    RECSANS: "xsd/ServiceIdentiteCertifiee/INSi_RECSANS_INS.xsd",
    BAM: "xsd/CTX/ROOT_ctxbam_CTXBAM_V01_02.xsd",
    LPS: "xsd/CTX/ROOT_ctxlps_CTXLPS_V01_00.xsd",
}


@dataclass(frozen=True, slots=True)
class Search:
    """The traits of a request, as sent."""

    nom_naissance: str
    prenoms: tuple[str, ...]
    sexe: str
    date_naissance: str
    lieu_naissance: str | None


@dataclass(frozen=True, slots=True)
class Request:
    """A request and what is wrong with it; empty texts where nothing was given."""

    message_id: str = ""
    emitters: frozenset[str] = frozenset()
    idam: str = ""
    search: Search | None = None
    faults: tuple[str, ...] = ()


class Contract:
    """The official schemas.

    Args:
        folder: where the WSDL is, with its `xsd` folder.
    Raises:
        OSError, lxml.etree.XMLSchemaParseError: a schema is not there, or is none.
    """

    def __init__(self, folder: Path) -> None:
        self._schemas = {space: etree.XMLSchema(etree.parse(folder / path)) for space, path in _SCHEMAS.items()}

    def faults(self, part: etree._Element) -> tuple[str, ...]:
        """What the schema of an element says of it."""
        schema = self._schemas[etree.QName(part).namespace or ""]
        return () if schema.validate(part) else tuple(f"XSD: {error.message}" for error in schema.error_log)


def read_request(data: bytes, content_type: str, contract: Contract | None = None) -> Request:
    """Reads the bytes of a POST; what is not as the contract says stands in `faults`."""
    try:
        envelope = parse_xml(data, max_bytes=1_000_000)
    except XmlRefused as refused:
        return Request(faults=(f"not XML: {refused.reason}",))
    header, body = (envelope.find(f"{{{SOAP}}}{name}") for name in ("Header", "Body"))
    if envelope.tag != f"{{{SOAP}}}Envelope" or header is None or body is None:
        return Request(faults=("not a SOAP 1.2 envelope with a header and a body",))
    bam, lps = _only(header, BAM, "ContexteBAM"), _only(header, LPS, "ContexteLPS")
    asked = _only(body, RECSANS, "RECSANSVITALE")
    faults = [*_addressing_faults(header, content_type)]
    faults += ["ContexteBAM missing"] if bam is None else _context_faults(bam, BAM, {"01_02", "1.0"}, "CTXBAM")
    faults += ["ContexteLPS missing"] if lps is None else _context_faults(lps, LPS, {"01_00"}, "CTXLPS")
    faults += _cover_faults(bam) if bam is not None else []
    faults += _software_faults(lps) if lps is not None else []
    search = None if asked is None else _search(asked)
    faults += ["RECSANSVITALE missing, or not alone"] if asked is None or len(body) != 1 else _trait_faults(asked)
    if contract is not None:
        faults += [fault for part in (bam, lps, asked) if part is not None for fault in contract.faults(part)]
    return Request(
        message_id=_text(_only(header, WSA, "MessageID")),
        emitters=frozenset(
            _text(part.find(f"{{{space}}}Emetteur")) for part, space in ((bam, BAM), (lps, LPS)) if part is not None
        ),
        idam=_text(lps.find(f"{{{LPS}}}LPS/{{{LPS}}}IDAM")) if lps is not None else "",
        search=search,
        faults=tuple(faults),
    )


def _only(parent: etree._Element, space: str, name: str) -> etree._Element | None:
    found = parent.findall(f"{{{space}}}{name}")
    return found[0] if len(found) == 1 else None


def _text(element: etree._Element | None) -> str:
    return "" if element is None else (element.text or "").strip()


def _addressing_faults(header: etree._Element, content_type: str) -> list[str]:
    media, _, parameters = content_type.partition(";")
    faults = []
    if media.strip().lower() != "application/soap+xml":
        faults.append("Content-Type is not application/soap+xml")
    if f'action="{ACTION}"' not in parameters:
        faults.append("Content-Type has not the action")
    if _text(_only(header, WSA, "Action")) != ACTION:
        faults.append("wsa:Action")
    message_id = _text(_only(header, WSA, "MessageID"))
    if not message_id.startswith("uuid:") or _UUID.fullmatch(message_id.removeprefix("uuid:")) is None:
        faults.append("wsa:MessageID is not uuid: and a UUID")
    return faults


def _context_faults(context: etree._Element, space: str, versions: set[str], nature: str) -> list[str]:
    faults = []
    if context.get("Version") not in versions:
        faults.append(f"{nature}: Version")
    if context.get("Nature", nature) != nature:
        faults.append(f"{nature}: Nature")
    if _UUID.fullmatch(_text(context.find(f"{{{space}}}Id"))) is None:
        faults.append(f"{nature}: Id is not a UUID")
    try:
        aware = datetime.fromisoformat(_text(context.find(f"{{{space}}}Temps"))).tzinfo is not None
    except ValueError:
        aware = False
    return faults if aware else [*faults, f"{nature}: Temps is not a time with its offset"]


def _cover_faults(bam: etree._Element) -> list[str]:
    return [] if bam.find(f"{{{BAM}}}COUVERTURE") is not None else ["CTXBAM: COUVERTURE missing"]


def _software_faults(lps: etree._Element) -> list[str]:
    software = lps.find(f"{{{LPS}}}LPS")
    if software is None:
        return ["CTXLPS: LPS missing"]
    idam = software.find(f"{{{LPS}}}IDAM")
    faults = [] if idam is not None and idam.get("R") == "4" else ["CTXLPS: IDAM with R=4 missing"]
    if _UUID.fullmatch(_text(software.find(f"{{{LPS}}}Instance"))) is None:
        faults.append("CTXLPS: Instance is not a UUID")
    return faults + [f"CTXLPS: {name} missing" for name in ("Version", "Nom") if not _text(_child(software, name))]


def _child(software: etree._Element, name: str) -> etree._Element | None:
    return software.find(f"{{{LPS}}}{name}")


def _search(asked: etree._Element) -> Search:
    values = {name: [_raw(one) for one in asked.findall(f"{{{RECSANS}}}{name}")] for name in _TRAITS}
    first = {name: found[0] if found else "" for name, found in values.items()}
    return Search(
        nom_naissance=first["NomNaissance"],
        prenoms=tuple(values["Prenom"]),
        sexe=first["Sexe"],
        date_naissance=first["DateNaissance"],
        lieu_naissance=first["LieuNaissance"] or None,
    )


def _raw(element: etree._Element) -> str:
    """Not trimmed: a space at an end is a fault of the lexicon."""
    return element.text or ""


def _trait_faults(asked: etree._Element) -> list[str]:
    """The order of the elements, and the lexicon of the traits (SEL-MP-043, EF_INS01 and EF_INS10)."""
    names = [etree.QName(child).localname for child in asked]
    order = [_TRAITS.index(name) if name in _TRAITS else -1 for name in names]
    faults = [] if order == sorted(order) and -1 not in order else ["RECSANSVITALE: elements or their order"]
    search = _search(asked)
    checks: Sequence[tuple[str, bool]] = (
        ("NomNaissance", _WORDS.fullmatch(search.nom_naissance) is not None),
        ("Prenom", bool(search.prenoms) and all(_GIVEN.fullmatch(one) is not None for one in search.prenoms)),
        ("Sexe", search.sexe in {"M", "F"}),
        ("DateNaissance", _DAY.fullmatch(search.date_naissance) is not None),
        ("LieuNaissance", search.lieu_naissance is None or _PLACE.fullmatch(search.lieu_naissance) is not None),
    )
    return faults + [f"RECSANSVITALE: {name}" for name, holds in checks if not holds]
