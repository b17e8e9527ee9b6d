"""The INS in each format, as the official examples write it; and no other place writes one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import dui_bridge
from dui_bridge.ins import carriers
from dui_bridge.ins.gate import QualifiedIns

NIR, NIA, TEST, DEMO = (f"1.2.250.1.213.1.4.{n}" for n in (8, 9, 10, 11))
PACKAGE = Path(dui_bridge.__file__).parent


def ins(oid: str) -> QualifiedIns:
    return QualifiedIns("260058815400233", oid)


def test_cda_has_the_oid_as_root_and_the_matricule_as_extension() -> None:
    assert carriers.cda_id(ins(NIR)) == {"root": NIR, "extension": "260058815400233"}


def test_xds_has_type_nh_and_no_name_of_authority() -> None:
    assert carriers.xds_patient_id(ins(TEST)) == f"260058815400233^^^&{TEST}&ISO^NH"


@pytest.mark.parametrize(("oid", "authority"), [(NIR, "INS-NIR"), (NIA, "INS-NIA"), (TEST, "INS-NIR")])
def test_hl7_v2_has_type_ins_and_the_name_of_the_authority(oid: str, authority: str) -> None:
    assert carriers.hl7_cx(ins(oid)) == f"260058815400233^^^ASIP-SANTE-{authority}&{oid}&ISO^INS"


@pytest.mark.parametrize(
    ("oid", "code", "use"), [(NIR, "INS-NIR", "official"), (NIA, "INS-NIA", "temp"), (TEST, "INS-NIR-TEST", "official")]
)
def test_fhir_says_the_nature_and_whether_it_is_temporary(oid: str, code: str, use: str) -> None:
    system = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
    assert carriers.fhir_identifier(ins(oid)) == {
        "use": use,
        "type": {"coding": [{"system": system, "code": code}]},
        "system": f"urn:oid:{oid}",
        "value": "260058815400233",
    }


@pytest.mark.parametrize("carrier", [carriers.hl7_cx, carriers.fhir_identifier])
@pytest.mark.parametrize("oid", [DEMO, "1.2.250.1.213.1.4.13"])
def test_an_oid_that_no_profile_lets_out_has_no_form(carrier: object, oid: str) -> None:
    with pytest.raises(KeyError):
        carrier(ins(oid))  # type: ignore[operator]


def test_the_citizen_s_address_is_the_matricule_in_the_national_domain() -> None:
    assert carriers.citizen_address(ins(NIR)) == "260058815400233@patient.mssante.fr"


def test_only_the_gate_makes_a_qualified_ins() -> None:
    makers = [
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(
            isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "QualifiedIns"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]
    assert makers == ["ins/gate.py"]


@pytest.mark.parametrize("written", ["patient.mssante.fr", "ISO^NH", "ISO^INS"])
def test_only_the_carriers_write_an_ins_in_those_formats(written: str) -> None:
    rooms = [path for room in PACKAGE.iterdir() if room.name != "sandbox" for path in room.rglob("*.py")]
    assert [path.name for path in rooms if written in path.read_text(encoding="utf-8")] == ["carriers.py"]
