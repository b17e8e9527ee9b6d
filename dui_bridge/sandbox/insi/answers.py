"""Writes what the téléservice INSi answers: results, and faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from dui_bridge.sandbox.insi.persons import Number, Person
from dui_bridge.sandbox.insi.request import SOAP

_RESULT: Final = "http://www.cnamts.fr/INSiResultat"
_SIRAM: Final = "urn:siram"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A fault as the service words it: `who` is Sender or Receiver, `code` of the detail and `severity` as seen."""

    who: str
    subcode: str
    reason: str
    code: str = ""
    severity: str = ""
    detail: str = ""
    language: str = "fr"


_SORRY: Final = (
    "Le service est temporairement inaccessible. Veuillez renouveler votre demande ultérieurement. "
    "Si le problème persiste, contactez l'éditeur du progiciel ou votre responsable informatique."
)
_NOT_ALLOWED: Final = (
    "L'accès par ce progiciel au service n'est pas autorisé. "
    "Contactez l'éditeur du progiciel ou votre responsable informatique."
)

FAULTS: Final = {
    "insi_102": SoapFault(
        "Receiver",
        "siram_40",
        _SORRY,
        "insi_102",
        "fatal",
        "L'appel au service de recherche avec les traits d'identité renvoie une erreur technique.",
        language="en",
    ),
    "siram_40": SoapFault("Receiver", "siram_40", _SORRY),
    "siram_100": SoapFault("Sender", "siram_100", _NOT_ALLOWED),
    "desir_550": SoapFault(
        "Sender", "siram_100", _NOT_ALLOWED, "desir_550", "erreur", "Numéro d'autorisation du logiciel inconnu."
    ),
    "desir_560": SoapFault(
        "Sender",
        "siram_100",
        "Vous ne disposez pas des droits suffisants pour accéder à ce service.",
        "desir_560",
        "erreur",
        "Niveau d'accès insuffisant",
    ),
    "unknown": SoapFault("Sender", "siram_999", "Motif inconnu.", "desir_999", "erreur", "Erreur que nul ne connaît."),
}
"""Faults by the name under which they can be asked for. No subcode is published for desir_560: siram_100 is assumed."""


def contract_fault(faults: Sequence[str]) -> SoapFault:
    """The stand-in's own fault: the request is not as the contract says. The real service's words are not known."""
    return SoapFault("Sender", "", f"Bac à sable : requête non conforme ({' ; '.join(faults)})")


def result(persons: Sequence[Person]) -> bytes:
    """The answer for everybody found: 00 and the person, 01, or 02."""
    code, label = {0: ("01", "Aucune identite trouvee"), 1: ("00", "OK")}.get(
        len(persons), ("02", "Plusieurs identites trouvees")
    )
    root, body = _envelope()
    answer = etree.SubElement(body, f"{{{_RESULT}}}RESULTAT", nsmap={None: _RESULT})
    report = _put(answer, "CR")
    _put(report, "CodeCR", code)
    _put(report, "LibelleCR", label)
    if len(persons) == 1:
        _put_person(_put(answer, "INDIVIDU"), persons[0])
    return _bytes(root)


def fault(what: SoapFault, message_id: str = "") -> bytes:
    """A fault; the detail repeats the id of the request when one is given."""
    root, body = _envelope()
    made = etree.SubElement(body, f"{{{SOAP}}}Fault")
    code = etree.SubElement(made, f"{{{SOAP}}}Code")
    etree.SubElement(code, f"{{{SOAP}}}Value").text = f"soap:{what.who}"
    if what.subcode:
        subcode = etree.SubElement(code, f"{{{SOAP}}}Subcode")
        etree.SubElement(subcode, f"{{{SOAP}}}Value").text = f"soap:{what.subcode}"
    reason = etree.SubElement(etree.SubElement(made, f"{{{SOAP}}}Reason"), f"{{{SOAP}}}Text")
    reason.set(_LANG, what.language)
    reason.text = what.reason
    if what.code:
        detail = etree.SubElement(made, f"{{{SOAP}}}Detail")
        error = etree.SubElement(detail, f"{{{_SIRAM}}}Erreur", nsmap={"siram": _SIRAM})
        error.set("code", what.code)
        error.set("severite", what.severity)
        if message_id:
            error.set("messageID", message_id)
        error.text = what.detail
    return _bytes(root)


def _envelope() -> tuple[etree._Element, etree._Element]:
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Header")
    return root, etree.SubElement(root, f"{{{SOAP}}}Body")


def _put_person(parent: etree._Element, person: Person) -> None:
    _put_number(_put(parent, "INSACTIF"), person.number)
    for former in person.history:
        _put_number(_put(parent, "INSHISTO"), former)
    traits = _put(parent, "TIQ")
    _put(traits, "NomNaissance", person.nom_naissance)
    _put(traits, "ListePrenom", person.prenoms)
    _put(traits, "Sexe", person.sexe)
    _put(traits, "DateNaissance", person.date_naissance)
    _put(traits, "LieuNaissance", person.lieu_naissance)


def _put_number(parent: etree._Element, number: Number) -> None:
    identifier = _put(parent, "IdIndividu")
    _put(identifier, "NumIdentifiant", number.matricule[:13])
    _put(identifier, "Cle", number.matricule[13:])
    if number.type:
        _put(identifier, "TypeMatricule", number.type)
    _put(parent, "OID", number.oid)


def _put(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(parent, f"{{{_RESULT}}}{name}")
    made.text = text
    return made


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
