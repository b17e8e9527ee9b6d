"""The unit verification of a number and its traits.

Its operation is known by name only: the shape below is that of a public client of the CNAM's kit, no schema of it is
public. The names that are not known are settings.
"""

from __future__ import annotations

from lxml import etree

from dui_bridge.connectors.insi.errors import AnswerUnreadable
from dui_bridge.connectors.insi.messages import Logiciel, Stamp, contexts
from dui_bridge.connectors.insi.settings import VerificationSettings
from dui_bridge.connectors.wire.soap import Envelope, envelope
from dui_bridge.model.insi import Demande, MatriculeIns, Verification


def verification_request(
    demande: Demande, number: MatriculeIns, settings: VerificationSettings, logiciel: Logiciel, stamp: Stamp
) -> bytes:
    """Asks whether a number and traits belong together. The last of `demande.prenoms` is the whole list."""
    space = settings.namespace
    body = etree.Element(etree.QName(space, settings.root), nsmap={"ver": space})
    person = _put(body, "IndividuVerifie")
    given = _put(person, "INSFourni")
    identifier = _put(given, "IdIndividu")
    _put(identifier, "NumIdentifiant", number.numero)
    if number.cle is not None:
        _put(identifier, "Cle", number.cle)
    if number.type is not None:
        _put(identifier, "TypeMatricule", number.type)
    _put(given, "OID", number.oid)
    traits = _put(person, "TraitsIdentiteIndividu")
    _put(traits, "NomNaissance", demande.nom_naissance)
    _put(traits, "Prenom", demande.prenoms[0])
    _put(traits, "ListePrenom", demande.prenoms[-1])
    _put(traits, "Sexe", demande.sexe)
    _put(traits, "DateNaissance", demande.date_naissance)
    if demande.lieu_naissance is not None:
        _put(traits, "LieuNaissance", demande.lieu_naissance)
    return envelope(body, contexts(logiciel, stamp), action=settings.action, message_id=stamp.message_id)


def read_verification(message: Envelope, settings: VerificationSettings) -> Verification:
    """The result, as far as it is known: its code and label.

    Raises:
        AnswerUnreadable: it has no code.
    """
    space = settings.answer_namespace
    report = None if message.body is None else message.body.find(f"{{{space}}}CR")
    code = "" if report is None else (report.findtext(f"{{{space}}}CodeCR") or "").strip()
    if report is None or not code:
        raise AnswerUnreadable(reason="no CR/CodeCR", reason_fr="pas de CR/CodeCR")
    label = report.findtext(f"{{{space}}}LibelleCR") or ""
    return Verification(code, label, message.message_id, message.relates_to)


def _put(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    made = etree.SubElement(parent, etree.QName(etree.QName(parent).namespace, name))
    made.text = text
    return made
