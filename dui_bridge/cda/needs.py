"""What a document cannot do without, checked before anything is built: findings, not exceptions."""

from __future__ import annotations

from typing import Final

from dui_bridge.cda.content import Item, author_of, document_dates, document_type, legal_authenticator_of
from dui_bridge.cda.people import name_part, person_id, profession
from dui_bridge.cda.xml import clean
from dui_bridge.findings import Finding, Rule, Scope, Severity, Who
from dui_bridge.ins.matricule import has_right_key
from dui_bridge.model.accompagnement import Professionnel, ProjetPersonnalise
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Usager


def _need(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str, who: Who, source: str) -> Rule:
    return Rule(
        f"CDA-{number:03d}", Severity.ERROR, Scope.DOCUMENT, en, fr, remedy_en, remedy_fr, who, f"CI-SIS {source}"
    )


NO_DATE: Final = _need(
    1,
    "The document has no day: neither signed by management, nor validated, nor written.",
    "Le document n'a pas de date : ni signature de la direction, ni validation, ni rédaction.",
    "Enter one of these days in the DUI.",
    "Saisissez l'une de ces dates dans le DUI.",
    Who.DUI,
    "STRUCMIN: effectiveTime",
)
AUTHOR: Final = _need(
    2,
    "The author has no {missing}.",
    "L'auteur n'a pas de {missing_fr}.",
    "Complete the professional in the DUI, or name a default author for the establishment.",
    "Complétez le professionnel dans le DUI, ou indiquez un auteur par défaut pour l'établissement.",
    Who.DUI,
    "STRUCMIN: author",
)
LEGAL_AUTHENTICATOR: Final = _need(
    3,
    "The establishment {establishment} has nobody with an identifier and a name to answer for its documents.",
    "L'établissement {establishment} n'a pas de responsable des documents identifié et nommé.",
    "Give the establishment a legal_authenticator (or a default_author) with rpps or code_local, and nom.",
    "Donnez à l'établissement un legal_authenticator (ou un default_author) avec rpps ou code_local, et nom.",
    Who.IT,
    "STRUCMIN: legalAuthenticator",
)
IDENTITY: Final = _need(
    4,
    "{field} is blank.",
    "{field} n'est pas renseigné.",
    "Complete the identity in the DUI.",
    "Complétez l'identité dans le DUI.",
    Who.DUI,
    "STRUCMIN: recordTarget/patientRole/patient",
)
NO_IPP_ROOT: Final = _need(
    5,
    "The establishment {establishment} has no oid_ipp: local patient identifiers have no root.",
    "L'établissement {establishment} n'a pas d'oid_ipp : les identifiants locaux n'ont pas de racine.",
    "Give the establishment an oid_ipp.",
    "Donnez un oid_ipp à l'établissement.",
    Who.IT,
    "STRUCMIN: recordTarget/patientRole/id",
)
IPP_IS_MATRICULE: Final = _need(
    6,
    "The local identifier is a NIR: it would carry the INS out of the bridge.",
    "L'identifiant local est un NIR : il ferait sortir l'INS.",
    "Map another identifier of the dossier.",
    "Faites correspondre un autre identifiant du dossier.",
    Who.MAPPING,
    "annexe INS",
)
NOT_LEVEL_1: Final = _need(
    7,
    "{type} is not a document that the bridge makes from a file.",
    "{type} n'est pas un document que le pont produit à partir d'un fichier.",
    "Map it to another type of document.",
    "Faites-le correspondre à un autre type de document.",
    Who.MAPPING,
    "JDV_J07",
)
ANONYMOUS: Final = _need(
    8,
    "The dossier is anonymous: no document that carries an identity is made.",
    "Le dossier est anonyme : aucun document portant une identité n'est produit.",
    "",
    "",
    Who.NOBODY,
    "STRUCMIN: recordTarget/patientRole/patient",
)
PROFESSION_LEFT_OUT: Final = Rule(
    "CDA-020",
    Severity.WARNING,
    Scope.VALUE,
    "The profession {code} of the author is not one of CI-SIS: the document does not tell it.",
    "La profession {code} de l'auteur n'est pas de celles du CI-SIS : le document ne la porte pas.",
    "Map this profession to a code of JDV_J01.",
    "Faites correspondre cette profession à un code du JDV_J01.",
    Who.MAPPING,
    "CI-SIS JDV_J01",
)

RULES: Final = (
    NO_DATE,
    AUTHOR,
    LEGAL_AUTHENTICATOR,
    IDENTITY,
    NO_IPP_ROOT,
    IPP_IS_MATRICULE,
    NOT_LEVEL_1,
    ANONYMOUS,
    PROFESSION_LEFT_OUT,
)


def document_needs(dossier: Dossier, item: Item, establishment: Establishment, path: str) -> tuple[Finding, ...]:
    """What prevents this document (errors), or is left out of it (warnings).

    Args:
        path: model path of the item, `projets_personnalises[0]`.
    """
    where = f"{path}.auteur" if item.auteur is not None else ""
    findings = header_needs(dossier, author_of(item, establishment), where, establishment)
    if document_dates(item) is None:
        field = "date_redaction" if isinstance(item, ProjetPersonnalise) else "date"
        findings.append(Finding(NO_DATE, path=f"{path}.{field}"))
    if not isinstance(item, ProjetPersonnalise) and document_type(item) is None:
        findings.append(Finding(NOT_LEVEL_1, path=f"{path}.type", values={"type": item.type.value}))
    return tuple(findings)


def header_needs(
    dossier: Dossier, author: Professionnel | None, author_path: str, establishment: Establishment
) -> list[Finding]:
    """What the header of any document cannot do without: an identity, an author, somebody to answer for it.

    Args:
        author_path: model path of the author; empty for the establishment's default author.
    """
    findings = [*_identity(dossier.usager, establishment), *_author(author, author_path, establishment)]
    responsible = legal_authenticator_of(establishment)
    if responsible is None or person_id(responsible, establishment.finess) is None or not name_part(responsible.nom):
        findings.append(Finding(LEGAL_AUTHENTICATOR, values={"establishment": establishment.name}))
    return findings


def _identity(usager: Usager, establishment: Establishment) -> list[Finding]:
    findings = [
        Finding(IDENTITY, path=f"usager.{field}", values={"field": field})
        for field, value in (
            ("nom_naissance", name_part(usager.nom_naissance)),
            ("prenoms", name_part(usager.prenoms)),
            ("date_naissance", clean(usager.date_naissance)),
            ("identifiant_local", clean(usager.identifiant_local)),
        )
        if not value
    ]
    if usager.anonyme is True:
        findings.append(Finding(ANONYMOUS, path="usager.anonyme"))
    if not establishment.oid_ipp:
        findings.append(Finding(NO_IPP_ROOT, values={"establishment": establishment.name}))
    if _is_a_matricule(usager):
        findings.append(Finding(IPP_IS_MATRICULE, path="usager.identifiant_local"))
    return findings


def _is_a_matricule(usager: Usager) -> bool:
    local = clean(usager.identifiant_local).replace(" ", "").upper()
    known = {
        text[:length]
        for text in (clean(n).replace(" ", "").upper() for n in (usager.ins.matricule, usager.numero_securite_sociale))
        for length in (13, 15)
        if len(text) >= 13
    }
    return local in known or has_right_key(local)


def _author(author: Professionnel | None, where: str, establishment: Establishment) -> list[Finding]:
    if author is None:
        return [Finding(AUTHOR, path=where, values={"missing": "record at all", "missing_fr": "fiche"})]
    findings = [
        Finding(AUTHOR, path=where, values={"missing": en, "missing_fr": fr})
        for en, fr, value in (
            (
                "identifier (RPPS or local code)",
                "identifiant (RPPS ou code local)",
                person_id(author, establishment.finess),
            ),
            ("name", "nom", name_part(author.nom)),
        )
        if not value
    ]
    if author.profession is not None and not profession(author):
        findings.append(Finding(PROFESSION_LEFT_OUT, path=where, values={"code": author.profession.code}))
    return findings
