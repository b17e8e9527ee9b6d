"""The INS as each format writes it: one function a carrier, each from what the gate let through and nothing else.

Sources: CI-SIS, annexe "Prise en charge de l'INS" (CDA, XDS); PAM France 2.11.2 (HL7 v2: type INS, never NH, which is
there the number of social security; CX-7 and CX-8 stay empty); FR Core 2.2.0, profile fr-core-patient-ins; référentiel
MSSanté (address of the citizen).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from dui_bridge.data.codes import rows
from dui_bridge.ins.gate import QualifiedIns

CITIZEN_MAIL: Final = "@patient.mssante.fr"
"""Domain of the citizens' mail: what stands before it is a matricule, else the mailbox is one of the service itself."""

_NUMBER: Final = re.compile(r"\d{4}")
"""What a matricule has, and no name of a service."""

_FHIR_TYPES: Final = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"


def cda_id(ins: QualifiedIns) -> dict[str, str]:
    """The attributes of `recordTarget/patientRole/id`: root is the OID, extension the 15 characters."""
    return {"root": ins.oid, "extension": ins.matricule}


def xds_patient_id(ins: QualifiedIns) -> str:
    """`patientId`, `sourcePatientId` of XDS and the resource-id of a VIHF: a CX of type NH."""
    return f"{ins.matricule}^^^&{ins.oid}&ISO^NH"


def hl7_cx(ins: QualifiedIns) -> str:
    """A repetition of PID-3 in HL7 v2: a CX of type INS.

    Raises:
        KeyError: the OID is not one of an INS.
    """
    return f"{ins.matricule}^^^{_said(ins)['autorite']}&{ins.oid}&ISO^INS"


def fhir_identifier(ins: QualifiedIns) -> dict[str, object]:
    """An `identifier` of a FHIR Patient, as JSON: `official` for a NIR, `temp` for a NIA.

    Raises:
        KeyError: the OID is not one of an INS.
    """
    said = _said(ins)
    return {
        "use": said["use"],
        "type": {"coding": [{"system": _FHIR_TYPES, "code": said["type"]}]},
        "system": f"urn:oid:{ins.oid}",
        "value": ins.matricule,
    }


def is_citizen_service(address: str) -> bool:
    """Whether an address is of Mon espace santé itself: of the citizens' domain, and of no citizen."""
    local, _, domain = address.strip().lower().partition("@")
    return bool(local) and f"@{domain}" == CITIZEN_MAIL and _NUMBER.search(local) is None


def citizen_address(ins: QualifiedIns) -> str:
    """The address of the person's citizen mailbox; a Corsican department keeps its capital letter."""
    return f"{ins.matricule}{CITIZEN_MAIL}"


def _said(ins: QualifiedIns) -> dict[str, str]:
    return _by_oid()[ins.oid]


@cache
def _by_oid() -> dict[str, dict[str, str]]:
    return {row["oid"]: row for row in rows("ins_carriers")}
