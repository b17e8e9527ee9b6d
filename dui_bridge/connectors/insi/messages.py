"""The messages of the téléservice INSi: writes requests, reads results (WSDL DESIR_ICIR_EXP 1.5.0). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from lxml import etree

from dui_bridge.connectors.insi.errors import AnswerUnreadable
from dui_bridge.connectors.wire.soap import Envelope, envelope
from dui_bridge.model.insi import CodeReponse, Demande, Individu, MatriculeIns, Reponse

SEARCH: Final = "urn:ServiceIdentiteCertifiee:1.0.0:rechercherInsAvecTraitsIdentite"
"""Action of the search by traits."""

BAM: Final = "urn:siram:bam:ctxbam"
LPS: Final = "urn:siram:lps:ctxlps"
RECSANS: Final = "http://www.cnamts.fr/INSiRecSans"
RESULT: Final = "http://www.cnamts.fr/INSiResultat"

SHOWN: Final = frozenset(
    {
        *(f"{{{RESULT}}}{name}" for name in ("CodeCR", "LibelleCR", "OID", "TypeMatricule")),
        *(f"{{{BAM}}}{name}" for name in ("ContexteBAM", "Id", "Temps")),
        *(f"{{{LPS}}}{name}" for name in ("ContexteLPS", "Id", "Temps", "Version", "Nom")),
        "{urn:siram}Erreur",
    }
)
"""What a capture may show besides what it always shows: nothing of a person, no authorisation number."""


@dataclass(frozen=True, slots=True)
class Logiciel:
    """Who calls, as both contexts of every message say.

    Args:
        idam: the authorisation number that the CNDA gave.
        nom, version: as they were declared.
        instance: a UUID that stays the same for one installation.
        emetteur: the `OU` of the certificate: 1 and the FINESS, or 3 and the SIRET, of the structure.
    """

    idam: str = field(repr=False)
    nom: str
    version: str
    instance: UUID
    emetteur: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is new in each message: its id, those of its two contexts, and the time (aware)."""

    message: UUID
    bam: UUID
    lps: UUID
    at: datetime

    @property
    def message_id(self) -> str:
        """The message id as it is written."""
        return f"uuid:{self.message}"


def search_request(demande: Demande, logiciel: Logiciel, stamp: Stamp) -> bytes:
    """A search by traits. The certificate of the connection says who calls: there is no assertion."""
    body = etree.Element(etree.QName(RECSANS, "RECSANSVITALE"), nsmap={"ins": RECSANS})
    _put(body, "NomNaissance", demande.nom_naissance)
    for prenom in demande.prenoms:
        _put(body, "Prenom", prenom)
    _put(body, "Sexe", demande.sexe)
    _put(body, "DateNaissance", demande.date_naissance)
    if demande.lieu_naissance is not None:
        _put(body, "LieuNaissance", demande.lieu_naissance)
    return envelope(body, contexts(logiciel, stamp), action=SEARCH, message_id=stamp.message_id)


def contexts(logiciel: Logiciel, stamp: Stamp) -> tuple[etree._Element, etree._Element]:
    """The headers ContexteBAM (without a carte Vitale, so with an empty COUVERTURE) and ContexteLPS."""
    bam = _context(BAM, "ctxbam", "ContexteBAM", stamp.bam, stamp.at, logiciel.emetteur)
    bam.set("Version", "01_02")
    _put(bam, "COUVERTURE")
    lps = _context(LPS, "ctxlps", "ContexteLPS", stamp.lps, stamp.at, logiciel.emetteur)
    lps.set("Nature", "CTXLPS")
    lps.set("Version", "01_00")
    software = _put(lps, "LPS")
    _put(software, "IDAM", logiciel.idam).set("R", "4")
    _put(software, "Version", logiciel.version)
    _put(software, "Instance", str(logiciel.instance))
    _put(software, "Nom", f"urn:lps:{logiciel.nom}:{logiciel.version}")
    return bam, lps


def _context(space: str, prefix: str, name: str, id_: UUID, at: datetime, emetteur: str) -> etree._Element:
    context = etree.Element(etree.QName(space, name), nsmap={prefix: space})
    _put(context, "Id", str(id_))
    _put(context, "Temps", at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"))
    _put(context, "Emetteur", emetteur)
    return context


def _put(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(parent, etree.QName(etree.QName(parent).namespace, name))
    made.text = text
    return made


def read_result(message: Envelope) -> Reponse:
    """The answer to a search, its values unaltered.

    Raises:
        AnswerUnreadable: no result, an unknown code, or a person without what makes one.
    """
    result = message.body
    if result is None or result.tag != _tag("RESULTAT"):
        raise _unreadable("no RESULTAT", "pas de RESULTAT")
    code = (result.findtext(f"{_tag('CR')}/{_tag('CodeCR')}") or "").strip()
    if code not in set(CodeReponse):
        raise _unreadable(f"unknown CodeCR {code[:10]!r}", f"CodeCR inconnu {code[:10]!r}")
    found = result.find(_tag("INDIVIDU"))
    if (code == CodeReponse.TROUVEE) != (found is not None):
        raise _unreadable(
            f"code {code} with{'out' if found is None else ''} INDIVIDU",
            f"code {code} {'sans' if found is None else 'avec'} INDIVIDU",
        )
    return Reponse(
        CodeReponse(code),
        result.findtext(f"{_tag('CR')}/{_tag('LibelleCR')}") or "",
        None if found is None else read_person(found),
        message.message_id,
        message.relates_to,
    )


def read_person(found: etree._Element) -> Individu:
    """The element INDIVIDU.

    Raises:
        AnswerUnreadable: no active number or no traits.
    """
    active, traits = found.find(_tag("INSACTIF")), found.find(_tag("TIQ"))
    if active is None or traits is None:
        raise _unreadable("INDIVIDU without INSACTIF or TIQ", "INDIVIDU sans INSACTIF ou TIQ")
    return Individu(
        actif=_number(active),
        nom_naissance=traits.findtext(_tag("NomNaissance")) or "",
        prenoms=traits.findtext(_tag("ListePrenom")) or "",
        sexe=traits.findtext(_tag("Sexe")) or "",
        date_naissance=traits.findtext(_tag("DateNaissance")) or "",
        lieu_naissance=traits.findtext(_tag("LieuNaissance")) or "",
        premier_prenom=traits.findtext(_tag("Prenom")) or None,
        historique=tuple(_number(former) for former in found.findall(_tag("INSHISTO"))),
    )


def _number(element: etree._Element) -> MatriculeIns:
    identifier = _tag("IdIndividu")
    number, oid = element.findtext(f"{identifier}/{_tag('NumIdentifiant')}"), element.findtext(_tag("OID"))
    if not number or not oid:
        raise _unreadable("a number without NumIdentifiant or OID", "un matricule sans NumIdentifiant ou OID")
    return MatriculeIns(
        number,
        oid,
        element.findtext(f"{identifier}/{_tag('Cle')}") or None,
        element.findtext(f"{identifier}/{_tag('TypeMatricule')}") or None,
        element.findtext(_tag("DateDeb")) or None,
        element.findtext(_tag("DateFin")) or None,
    )


def _tag(name: str) -> str:
    return f"{{{RESULT}}}{name}"


def _unreadable(reason: str, reason_fr: str) -> AnswerUnreadable:
    return AnswerUnreadable(reason=reason, reason_fr=reason_fr)
