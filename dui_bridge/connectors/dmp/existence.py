"""TD0.2: whether a person has a DMP, and what one may do with it (HL7 v3, PRPA_IN201307UV02 and its answer). Pure.

Traits of the answer are not read: they may be neither shown nor kept. Source: GDP service of the DMP (samples and
schema of the GIE SESAM-Vitale).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from lxml import etree
from lxml.builder import ElementMaker

from dui_bridge.connectors.dmp.errors import AnswerUnreadable
from dui_bridge.ins.gate import QualifiedIns

ACTION: Final = "urn:hl7-org:v3:PRPA_IN201307UV02"
V3: Final = "urn:hl7-org:v3"

_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_NIL: Final = {f"{{{_XSI}}}nil": "true"}
_DMP: Final = "1.2.250.1.213.4.1.1.1"
_REASONS: Final = "1.2.250.1.213.1.1.4.11"
_INTERACTIONS: Final = "2.16.840.1.113883.1.6"
_ACCEPTED: Final = frozenset({"AA", "CA"})
_FEED_OPPOSITION: Final = "OPPOSITION_ALIMENTATION"
_FLAGS: Final = frozenset({"true", "false", ""})
_LONGEST: Final = 200
_E: Final = ElementMaker(namespace=V3, nsmap={None: V3, "xsi": _XSI})


class State(StrEnum):
    """Whether there is a DMP that can be fed."""

    OPEN = "open"
    CLOSED = "closed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Existence:
    """What the DMP says of a record.

    Args:
        authorisation: of who asks, to consult: VALIDE, EXPIRE, INTERDIT, NON_EXISTE; empty when not told. Feeding
            needs none.
        treating_doctor: whether who asks is the declared treating doctor.
        status: of the record, as written.
        observations: what else is told (`RATTACHEMENT_ENS`, `OPPOSITION_ACCES_URGENCE`…), values as written.
    """

    state: State
    authorisation: str = ""
    treating_doctor: bool = False
    status: str = ""
    observations: Mapping[str, str] = field(default_factory=dict)

    @property
    def opposed_to_feeding(self) -> bool:
        """Whether the person is told to be opposed to documents being deposited."""
        return self.observations.get(_FEED_OPPOSITION, "").lower() == "true"

    @property
    def closing(self) -> str:
        """Why and when the record was closed, as it is told: what is no flag; empty for one that is open."""
        if self.state is not State.CLOSED:
            return ""
        told = ((code, value) for code, value in self.observations.items() if value.lower() not in _FLAGS)
        return ", ".join(f"{code} {value}" for code, value in told)[:_LONGEST]


def existence_request(
    ins: QualifiedIns, *, message: UUID, query: UUID, at: datetime, system: str, software: str, production: bool
) -> etree._Element:
    """The question.

    Args:
        message, query: new for each request.
        at: aware.
        system: OID of the software that asks; its ids are `system.1` (messages) and `system.2` (queries).
        production: or a test.
    """
    return _E.PRPA_IN201307UV02(
        _E.id(root=f"{system}.1", extension=str(message)),
        _E.creationTime(value=f"{at.astimezone(UTC):%Y%m%d%H%M%S}"),
        _E.interactionId(root=_INTERACTIONS, extension="PRPA_IN201307UV02"),
        _E.processingCode(code="P" if production else "D"),
        _E.processingModeCode(code="T"),
        _E.acceptAckCode(code="AL"),
        _E.receiver(_device(_DMP, "DMP"), typeCode="RCV"),
        _E.sender(_device(system, software), typeCode="SND"),
        _E.attentionLine(_NIL),
        _E.controlActProcess(
            _E.reasonCode(code="TEST_EXST", codeSystem=_REASONS, displayName="Test d'existence de dossier"),
            _E.queryByParameter(
                _E.queryId(root=f"{system}.2", extension=str(query)),
                _E.statusCode(code="new"),
                _E.parameterList(
                    _E.dataSource(_NIL),
                    _E.patientIdentifier(
                        _E.value(root=ins.oid, extension=ins.matricule), _E.semanticsText("Patient.id")
                    ),
                ),
            ),
            classCode="CACT",
            moodCode="EVN",
        ),
        ITSVersion="XML_1.0",
    )


def read_existence(body: etree._Element | None) -> Existence:
    """The answer.

    Raises:
        AnswerUnreadable: it is none, or the DMP says that it could not answer.
    """
    if body is None or body.tag != f"{{{V3}}}PRPA_IN201308UV02":
        raise AnswerUnreadable(reason="no PRPA_IN201308UV02", reason_fr="pas de PRPA_IN201308UV02")
    accepted = _attribute(body, "acknowledgement", "typeCode")
    found = _attribute(body, "controlActProcess/queryAck/queryResponseCode", "code")
    if found == "NF":
        return Existence(State.NONE)
    if accepted not in _ACCEPTED or found != "OK":
        answer = f"acknowledgement {accepted[:10]!r}, response {found[:10]!r}"
        raise AnswerUnreadable(reason=answer, reason_fr=answer)
    patient = body.find(_path("controlActProcess/subject/registrationEvent/subject1/patient"))
    if patient is None:
        return Existence(State.NONE)
    lines = {_attribute(one, "keyWordText", "code"): _value(one) for one in body.iterfind(_path("attentionLine"))}
    status = _attribute(patient, "statusCode", "code")
    told = {
        _attribute(one, "code", "code"): _value(one)
        for one in patient.iterfind(_path("subjectOf/administrativeObservation"))
    }
    return Existence(
        State.OPEN if status.lower() == "active" else State.CLOSED,
        lines.get("AUTORISATION", ""),
        lines.get("STATUT_MT", "").lower() == "true",
        status,
        told,
    )


def _device(root: str, name: str) -> etree._Element:
    return _E.device(_E.id(root=root), _E.softwareName(name), classCode="DEV", determinerCode="INSTANCE")


def _path(path: str) -> str:
    return "/".join(f"{{{V3}}}{one}" for one in path.split("/"))


def _attribute(parent: etree._Element, path: str, name: str) -> str:
    found = parent.find(_path(path))
    return "" if found is None else found.get(name, "")


def _value(parent: etree._Element) -> str:
    """A code, a boolean, a date or a text."""
    value = parent.find(_path("value"))
    if value is None:
        return ""
    return value.get("code") or value.get("value") or (value.text or "").strip()
