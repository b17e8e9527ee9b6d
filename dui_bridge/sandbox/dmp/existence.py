"""TD0.2: whether a person has a DMP, in which state, and what the structure may do (HL7 v3 PRPA_IN201307 and 308)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from lxml import etree

from dui_bridge.sandbox.dmp.forms import same_patient
from dui_bridge.sandbox.dmp.rights import Dossier, State
from dui_bridge.sandbox.dmp.soap import not_conform
from dui_bridge.sandbox.dmp.vihf import Caller
from dui_bridge.sandbox.dmp.words import HL7, XSI

_DMP: Final = "1.2.250.1.213.4.1.1.1"
_INTERACTIONS: Final = "2.16.840.1.113883.1.6"
_REASON: Final = ("TEST_EXST", "1.2.250.1.213.1.1.4.11")
_OBSERVATIONS: Final = "1.2.250.1.213.4.1.2.3"
_TYPE: Final = f"{{{XSI}}}type"


def existence(
    request: etree._Element, caller: Caller, dossier: Dossier, now: datetime, *, fails: bool = False
) -> etree._Element:
    """The `PRPA_IN201308UV02` to a `PRPA_IN201307UV02`.

    Args:
        fails: the DMP says that it could not answer.
    Raises:
        Refusal: the question is not TD0.2, or about another person than the VIHF's.
    """
    _check(request, caller)
    exists = dossier.state is not State.NONE and not fails
    root = etree.Element(f"{{{HL7}}}PRPA_IN201308UV02", nsmap={None: HL7, "xsi": XSI}, ITSVersion="XML_1.0")
    _put(root, "id", root=str(uuid4()))
    _put(root, "creationTime", value=f"{now.astimezone(UTC):%Y%m%d%H%M%S}")
    _put(root, "interactionId", root=_INTERACTIONS, extension="PRPA_IN201308UV02")
    _put(root, "processingCode", code="D")
    _put(root, "processingModeCode", code="T")
    _put(root, "acceptAckCode", code="NE")
    sender = request.find(f"{{{HL7}}}sender/{{{HL7}}}device/{{{HL7}}}id")
    _device(_put(root, "receiver", typeCode="RCV"), "" if sender is None else sender.get("root", ""))
    _device(_put(root, "sender", typeCode="SND"), _DMP)
    if exists:
        _line(root, "AUTORISATION", "1.2.250.1.213.4.1.2.6.1", dossier.stated_authorisation)
        _line(root, "STATUT_MT", "1.2.250.1.213.4.1.2.6.3", caller.name_id in dossier.treating)
    acknowledgement = _put(root, "acknowledgement", typeCode="AE" if fails else "AA")
    _copy(request, "id", _put(acknowledgement, "targetMessage"))
    act = _put(root, "controlActProcess", classCode="CACT", moodCode="EVN")
    _put(act, "reasonCode", code=_REASON[0], codeSystem=_REASON[1], displayName="Test d'existence de dossier")
    if exists:
        _subject(act, caller, dossier)
    answer = _put(act, "queryAck")
    _copy(request, f"controlActProcess/{{{HL7}}}queryByParameter/{{{HL7}}}queryId", answer)
    _put(answer, "queryResponseCode", code="AE" if fails else "OK" if exists else "NF")
    return root


def _check(request: etree._Element, caller: Caller) -> None:
    act = request.find(f"{{{HL7}}}controlActProcess")
    reason = None if act is None else act.find(f"{{{HL7}}}reasonCode")
    if act is None or reason is None or (reason.get("code"), reason.get("codeSystem")) != _REASON:
        raise not_conform("TD0.2 : reasonCode n'est pas TEST_EXST")
    values = act.findall(f"{{{HL7}}}queryByParameter/{{{HL7}}}parameterList/{{{HL7}}}patientIdentifier/{{{HL7}}}value")
    if len(values) != 1:
        raise not_conform("TD0.2 : patientIdentifier")
    asked = f"{values[0].get('extension')}^^^&{values[0].get('root')}&ISO^NH"
    if not same_patient(asked, caller.patient):
        raise not_conform("TD0.2 : l'INS n'est pas celui du VIHF")
    interaction = request.find(f"{{{HL7}}}interactionId")
    if interaction is None or interaction.get("extension") != "PRPA_IN201307UV02":
        raise not_conform("TD0.2 : interactionId")


def _subject(act: etree._Element, caller: Caller, dossier: Dossier) -> None:
    """Traits are not answered: nobody may show or keep them (RG_0320)."""
    matricule, authority = caller.patient.split("^")[0], caller.patient.split("^")[3].split("&")[1]
    event = _put(_put(act, "subject", typeCode="SUBJ", contextConductionInd="false"), "registrationEvent")
    event.attrib.update({"classCode": "REG", "moodCode": "EVN"})
    _put(event, "statusCode", code="completed")
    patient = _put(_put(event, "subject1", typeCode="SBJ"), "patient", classCode="PAT")
    _put(patient, "id", root=authority, extension=matricule)
    _put(patient, "statusCode", code="terminated" if dossier.state is State.CLOSED else "active")
    person = _put(patient, "patientPerson", classCode="PSN", determinerCode="INSTANCE")
    _put(_put(person, "name"), "family").text = "NON RENSEIGNE"
    told = {"RATTACHEMENT_ENS": dossier.state is not State.CLOSED, **dict.fromkeys(dossier.observations, True)}
    if dossier.state is State.OPPOSED:
        told["OPPOSITION_ACCES_URGENCE"] = True
    for code, value in told.items():
        one = _put(_put(patient, "subjectOf", typeCode="SBJ"), "administrativeObservation")
        one.attrib.update({"classCode": "OBS", "moodCode": "EVN"})
        _put(one, "code", code=code, codeSystem=_OBSERVATIONS)
        _boolean(one, value)
    custodian = _put(_put(event, "custodian", typeCode="CST"), "assignedEntity", classCode="ASSIGNED")
    _put(custodian, "id", root=_DMP)


def _line(root: etree._Element, code: str, system: str, value: str | bool) -> None:
    line = _put(root, "attentionLine")
    _put(line, "keyWordText", code=code, codeSystem=system)
    if isinstance(value, bool):
        _boolean(line, value)
    else:
        _put(line, "value", code=value, codeSystem="1.2.250.1.213.4.1.2.6.2").set(_TYPE, "CV")


def _boolean(parent: etree._Element, value: bool) -> None:
    _put(parent, "value", value="true" if value else "false").set(_TYPE, "BL")


def _device(parent: etree._Element, root: str) -> None:
    device = _put(parent, "device", classCode="DEV", determinerCode="INSTANCE")
    _put(device, "id", root=root)


def _copy(request: etree._Element, path: str, parent: etree._Element) -> None:
    found = request.find(f"{{{HL7}}}{path}")
    if found is not None:
        _put(parent, etree.QName(found).localname, **{str(name): str(value) for name, value in found.attrib.items()})


def _put(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{HL7}}}{name}", attributes)
