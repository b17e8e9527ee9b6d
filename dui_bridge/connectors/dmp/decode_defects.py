"""What `decode` names besides the rules of `xds`, defects and remarks: a code, and what it is in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from dui_bridge.findings import Finding

Json = dict[str, Any]

DEFECTS: Final[Mapping[str, tuple[str, str]]] = {
    "not_xml": ("this is no XML that may be read", "ce n'est pas du XML lisible"),
    "not_soap": ("this is no message", "ce n'est pas un message"),
    "unknown_body": ("this is no message of the DMP", "ce n'est pas un message du DMP"),
    "soap_1_1": ("the envelope is SOAP 1.1, the DMP speaks SOAP 1.2", "l'enveloppe est en SOAP 1.1, le DMP en 1.2"),
    "no_message_id": ("the request has no MessageID", "la requête n'a pas de MessageID"),
    "no_relates_to": ("the answer relates to no request", "la réponse ne se rattache à aucune requête"),
    "document_without_entry": ("a document has no entry of that id", "un document n'a pas d'entrée de cet identifiant"),
    "document_missing": ("the bytes of a document are not there", "les octets d'un document sont absents"),
    "assertion_unsigned": ("the assertion is not signed", "l'assertion n'est pas signée"),
    "assertion_broken": ("the signature of the assertion is wrong", "la signature de l'assertion est fausse"),
    "assertion_patient": ("the assertion names another patient", "l'assertion désigne un autre patient"),
    "assertion_structure": (
        "the author of the lot is not of the structure of the assertion",
        "l'auteur du lot n'est pas de la structure de l'assertion",
    ),
    "lot_signature": ("the signature of the lot is wrong or incomplete", "signature du lot fausse ou incomplète"),
    "not_utf8": (
        "the message is not in UTF-8 and declares no other encoding",
        "hors UTF-8, sans codage déclaré",
    ),
    "contract": ("the message is not as its standard says", "le message n'est pas conforme à sa norme"),
}
"""Code → English, French."""

REMARKS: Final[Mapping[str, tuple[str, str]]] = {
    "masked": (
        "its values were masked when it was kept: they are not judged",
        "valeurs masquées lors de la conservation : elles ne sont pas jugées",
    ),
    "assertion_masked": (
        "the homologation number was masked after signing: the value of the signature is right, what it signs cannot "
        "be verified any more",
        "numéro d'homologation masqué après signature : la valeur de la signature est juste, ce qu'elle signe n'est "
        "plus vérifiable",
    ),
}
"""What is worth knowing and is no defect. Code → English, French."""


def defect(code: str, where: str = "", **values: object) -> Json:
    """A defect."""
    return _told(DEFECTS, code, where, **values)


def remark(code: str, where: str = "") -> Json:
    """What is no defect."""
    return _told(REMARKS, code, where)


def _told(table: Mapping[str, tuple[str, str]], code: str, where: str, **values: object) -> Json:
    en, fr = table[code]
    return {"code": code, "where": where, "message": {"fr": fr, "en": en}, **values}


def of_finding(finding: Finding) -> Json:
    """A fault that a rule of `xds` found, as a defect."""
    message = {"fr": finding.message("fr"), "en": finding.message("en")}
    return {"code": finding.rule.id, "where": finding.path, "message": message, "severity": finding.severity.value}
