"""The professional of a userinfo answer, and the caller of a VIHF that is made of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psc_world import FINESS, START, USERINFO
from shared import shared_path
from xds_signer import signer

from dui_bridge.connectors.dmp.rights import Access, access_of
from dui_bridge.connectors.psc.calling import air_caller
from dui_bridge.connectors.psc.client import Session
from dui_bridge.connectors.psc.errors import ProfessionalIncomplete, SituationAmbiguous
from dui_bridge.connectors.psc.professional import Professional, read_professional
from dui_bridge.connectors.psc.tokens import Token
from dui_bridge.connectors.wire.vihf import Caller, Mode, Role, Software, signed_vihf
from dui_bridge.ins.gate import QualifiedIns

G15, G16, R01, G05 = "1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.8", "1.2.250.1.71.4.2.5", "1.2.250.1.71.4.2.6"


def professional(*exercises: Mapping[str, object], **claims: object) -> Professional:
    said = {**USERINFO, "SubjectRefPro": {"exercices": list(exercises)}} if exercises else USERINFO
    return read_professional({**said, **claims}, "SubjectNameID")


def caller(person: Professional, situation: int | None = None) -> Caller:
    session = Session(person, START, "eidas1", Token("x"), None)
    return air_caller(
        session, finess=FINESS, sector="SA25", authentication="MobileTwoFactorUnregistered", situation=situation
    )


def exercise(profession: str = "60", finess: str = "", **said: object) -> dict[str, object]:
    return {"codeProfession": profession, "activities": [{"numeroFinessSite": finess}], **said}


def test_what_the_service_says_is_read_and_blanks_are_nothing() -> None:
    person = professional()
    assert (person.rpps, person.family, person.given) == ("99700000017", "GARANCE", "Élodie")
    assert person.level == "APPPRIP3^1.2.250.1.213.1.5.1.1.1"
    assert person.other_ids == (("RPPS", "899700000017"),)
    at = person.exercises[0].activities[0]
    assert (at.finess, at.national_id, at.sector, at.pharmacist_section) == (FINESS, f"1{FINESS}", "SA25", None)
    assert "GARANCE" not in repr(person)
    assert "99700000017" not in repr(person)


def test_the_published_sample_is_read() -> None:
    shared = shared_path()
    if shared is None:
        pytest.skip("the reference material is not here")
    sample = json.loads((shared / "reference" / "ins" / "psc" / "userinfo_sandbox_pedicure.json").read_bytes())
    person = read_professional(sample, "SubjectNameID")
    assert (person.national_id, person.rpps) == ("ANS20231122132732", None)
    assert person.exercises[0].activities[0].national_id == "499700237045007"
    assert caller(person).roles == (Role("80", G15, "Pédicure-Podologue"),)


@pytest.mark.parametrize("left_out", ["SubjectNameID", "family_name"])
@pytest.mark.parametrize("blank", [None, "", "  ", 7])
def test_nobody_is_a_professional_without_a_number_or_a_name(left_out: str, blank: object) -> None:
    with pytest.raises(ProfessionalIncomplete):
        professional(**{left_out: blank})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(USERINFO)), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*USERINFO, "exercices", "Secteur_Activite"]), json_values))
def test_whatever_comes_is_a_professional_or_an_error_of_ours(claims: dict[str, object]) -> None:
    try:
        person = professional(**claims)
    except ProfessionalIncomplete:
        return
    assert person.national_id.strip()


@pytest.mark.parametrize(
    ("situation", "roles"),
    [
        (exercise("60"), (Role("60", G15, "Infirmier"),)),
        (exercise("60", codeCategorieProfessionnelle="E"), (Role("60", G16, "Infirmier"),)),
        (
            exercise("10", codeTypeSavoirFaire="S", codeSavoirFaire="SM26"),
            (Role("10", G15, "Médecin"), Role("SM26", R01, "Qualifié en Médecine Générale (SM)")),
        ),
        (
            exercise("21", activities=[{"numeroFinessSite": FINESS, "codeSectionPharmacien": "A"}]),
            (Role("21", G15, "Pharmacien"), Role("A", G05, "Pharmacien titulaire d'officine")),
        ),
        (exercise("777"), (Role("777", G15, "777"),)),
    ],
)
def test_profession_and_specialty_are_the_roles(situation: dict[str, object], roles: tuple[Role, ...]) -> None:
    assert caller(professional(situation)).roles == roles


def test_who_has_no_profession_of_health_has_the_role_that_the_service_tells() -> None:
    person = professional(exercise(""), SubjectRole=["41^1.2.250.1.213.1.6.1.4"])
    found = caller(person)
    assert [(one.code, one.system) for one in found.roles] == [("41", "1.2.250.1.213.1.6.1.4")]
    assert access_of(found) is Access.OTHER
    with pytest.raises(ProfessionalIncomplete):
        caller(professional(exercise(""), SubjectRole=[]))


def test_the_situation_is_the_one_in_this_establishment_or_the_one_that_is_chosen() -> None:
    here, elsewhere = exercise("60", FINESS), exercise("70", "990000019")
    assert caller(professional(elsewhere, here)).roles[0].code == "60"
    assert caller(professional(elsewhere, here), situation=1).roles[0].code == "70"
    for person, chosen in (
        (professional(elsewhere, exercise("91")), None),
        (professional(here), 2),
        (professional(here), 0),
    ):
        with pytest.raises(SituationAmbiguous):
            caller(person, chosen)


def test_the_assertion_of_the_caller_is_one_of_air() -> None:
    found = caller(professional())
    assert (found.mode, access_of(found)) == (Mode.RENFORCEE, Access.PROFESSIONAL)
    ins = QualifiedIns("279035121518989", "1.2.250.1.213.1.4.10")
    software = Software("Le DUI", "1.0", "numéro secret")
    when = datetime(2026, 11, 22, 8, 1, tzinfo=UTC)
    text = signed_vihf(found, software, ins, signer(), assertion_id=UUID(int=1), now=when).decode()
    for wanted in (">INDIRECTE_RENFORCEE<", ">899700000017<", f">1{FINESS}<", "MobileTwoFactorUnregistered", "SM26"):
        assert wanted in text
