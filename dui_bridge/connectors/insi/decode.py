"""Reads any captured message of the téléservice INSi for a person: what it is, what it holds, what is odd about it."""

from __future__ import annotations

from typing import Any, Final

from lxml import etree

from dui_bridge.connectors.insi.errors import FAULTS, codes_of, error_of
from dui_bridge.connectors.insi.messages import BAM, LPS, RECSANS, RESULT, read_result
from dui_bridge.connectors.wire.net_errors import NotSoap
from dui_bridge.connectors.wire.soap import SOAP_1_1, SOAP_1_2, Envelope, Fault, open_envelope
from dui_bridge.errors import DuiBridgeError, Retry
from dui_bridge.ins.matricule import key
from dui_bridge.model.insi import Individu, MatriculeIns
from dui_bridge.xmlsafe import XmlRefused, parse_xml

Json = dict[str, Any]

_RECVIT: Final = "http://www.cnamts.fr/INSiRecVit"
_WSSE: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
_SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
_SEVERITIES: Final = frozenset({"information", "avertissement", "erreur", "fatale"})
_OPERATIONS: Final = {
    f"{{{RECSANS}}}RECSANSVITALE": "rechercherInsAvecTraitsIdentite",
    f"{{{_RECVIT}}}RECVITALE": "rechercherInsAvecCarteVitale",
}
_CONTEXTS: Final = {f"{{{BAM}}}ContexteBAM": "ContexteBAM", f"{{{LPS}}}ContexteLPS": "ContexteLPS"}


def decode(data: bytes) -> Json:
    """What a message holds, as JSON takes it.

    Args:
        data: an envelope, or a body or a context alone.
    Returns:
        `kind` (request, answer, fault, context, unknown), `understood`, and by kind: `operation`, `message_id`,
        `relates_to`, `contexts`, `security`, `traits`, `code`, `libelle`, `individu`, `fault`; `remarks`, each with a
        `code` and where it is. The authorisation number is not shown. Values are as written.
    """
    try:
        root = parse_xml(data)
    except XmlRefused as refused:
        return _unknown("not_xml", reason=refused.reason, line=refused.line)
    if etree.QName(root).namespace in {SOAP_1_1, SOAP_1_2}:
        try:
            return _message(open_envelope(data))
        except NotSoap as error:
            return _unknown("not_soap", reason=error.values["reason"])
    if root.tag in _CONTEXTS:
        contexts = {_CONTEXTS[root.tag]: _plain(root)}
        return {"kind": "context", "understood": True, "contexts": contexts, "remarks": _number_remarks(root)}
    return _message(Envelope(None, root))


def _message(message: Envelope) -> Json:
    about: Json = {"message_id": message.message_id, "relates_to": message.relates_to}
    about = {name: value for name, value in about.items() if value is not None}
    if message.fault is not None:
        return {"kind": "fault", **about, **_fault(message.fault)}
    body = message.body
    if body is None:
        return _unknown("empty_body")
    if body.tag in _OPERATIONS:
        header = message.header
        contexts = {} if header is None else {_CONTEXTS[one.tag]: _plain(one) for one in header if one.tag in _CONTEXTS}
        request = {"operation": _OPERATIONS[body.tag], "security": _security(header), "contexts": contexts}
        remarks = _number_remarks(body)
        return {"kind": "request", "understood": True, **about, **request, "traits": _plain(body), "remarks": remarks}
    if etree.QName(body).namespace != RESULT:
        return _unknown("other_body", root=body.tag)
    try:
        answer = read_result(message)
    except DuiBridgeError as error:
        return {"kind": "answer", "understood": False, **about, "remarks": [_remark("contract", text=str(error))]}
    person = answer.individu
    return {
        "kind": "answer",
        "understood": True,
        **about,
        "code": answer.code.value,
        "libelle": answer.libelle,
        **({} if person is None else {"individu": _person(person)}),
        "remarks": [] if person is None else _person_remarks(person),
    }


def _fault(fault: Fault) -> Json:
    error = error_of(fault)
    details = [] if fault.detail is None else list(fault.detail.iter("{urn:siram}Erreur"))
    severities = [one.get("severite", "") for one in details]
    known = any(code.lower() in FAULTS for code in codes_of(fault))
    remarks = [] if known else [_remark("unknown_fault")]
    remarks += [_remark("severity_outside_contract", value=one) for one in severities if one not in _SEVERITIES]
    return {
        "understood": True,
        "fault": {
            "role": fault.code,
            "subcodes": list(fault.subcodes),
            "reason": fault.reason,
            "details": [{**dict(one.attrib), "text": (one.text or "").strip()} for one in details],
            "error": error.code,
            "retry": isinstance(error, Retry),
            "message": {"fr": error.message("fr"), "en": error.message("en")},
            "action": {"fr": error.action("fr"), "en": error.action("en")},
        },
        "remarks": remarks,
    }


def _security(header: etree._Element | None) -> str:
    """`none`, `empty` or `assertion`: how the caller says who he is, besides his certificate."""
    security = None if header is None else header.find(f"{{{_WSSE}}}Security")
    if security is None:
        return "none"
    return "empty" if security.find(f"{{{_SAML}}}Assertion") is None else "assertion"


def _person(person: Individu) -> Json:
    return {
        "actif": _number(person.actif),
        "historique": [_number(former) for former in person.historique],
        "nom_naissance": person.nom_naissance,
        **({} if person.premier_prenom is None else {"premier_prenom": person.premier_prenom}),
        "prenoms": person.prenoms,
        "sexe": person.sexe,
        "date_naissance": person.date_naissance,
        "lieu_naissance": person.lieu_naissance,
    }


def _number(number: MatriculeIns) -> Json:
    given = {"type": number.type, "debut": number.debut, "fin": number.fin}
    return {
        "matricule": number.matricule15,
        "oid": number.oid,
        "key_valid": not _key_remarks("", number.numero, number.cle),
        **{name: value for name, value in given.items() if value is not None},
    }


def _person_remarks(person: Individu) -> list[Json]:
    remarks = _key_remarks("INSACTIF", person.actif.numero, person.actif.cle)
    for place, former in enumerate(person.historique, 1):
        where = f"INSHISTO[{place}]"
        remarks += _key_remarks(where, former.numero, former.cle)
        if former.numero == person.actif.numero:
            remarks.append(_remark("history_repeats_active", where=where))
    return remarks


def _number_remarks(part: etree._Element) -> list[Json]:
    """Of the numbers in a request or a context, each one named by the element that holds it."""
    remarks: list[Json] = []
    for one in part.iter("{*}NumIdentifiant", "{*}Num"):
        holder = one.getparent()
        if one.text and holder is not None:
            remarks += _key_remarks(etree.QName(holder).localname, one.text, holder.findtext("{*}Cle") or None)
    return remarks


def _key_remarks(where: str, number: str, given: str | None) -> list[Json]:
    try:
        expected = f"{key(number):02d}"
    except ValueError:
        return [_remark("number_form", where=where, matricule=number + (given or ""))]
    if given == expected:
        return []
    wrong = "key_missing" if given is None else "key_wrong"
    return [_remark(wrong, where=where, matricule=number + (given or ""), expected=expected)]


def _plain(element: etree._Element) -> Json:
    """Attributes and children by local name; children of the same name as a list."""
    values: Json = {str(name): value for name, value in element.attrib.items()}
    for child in element.iterchildren("*"):
        name = etree.QName(child).localname
        value = "***" if name == "IDAM" else _plain(child) if len(child) else (child.text or "")
        if name in values:
            earlier = values[name]
            values[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            values[name] = value
    return values


def _remark(code: str, **values: object) -> Json:
    return {"code": code, **values}


def _unknown(code: str, **values: object) -> Json:
    return {"kind": "unknown", "understood": False, "remarks": [_remark(code, **values)]}
