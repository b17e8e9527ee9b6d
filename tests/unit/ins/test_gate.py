"""The INS leaves only for a qualified, complete identity, under an OID of the site's profile."""

from __future__ import annotations

import pytest

from dui_bridge.ins.gate import QualifiedIns, Refusal, ins_refusals, is_cog, qualified_ins
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.ins.matricule import key
from dui_bridge.model.identite import Ins, LieuNaissance, StatutIdentite, Usager
from dui_bridge.model.profile import Profile

NIR, NIA, TEST, DEMO = (f"1.2.250.1.213.1.4.{n}" for n in (8, 9, 10, 11))
INVENTED = invented_matricule("F", 1987, 3, "33063")
PUBLISHED = "275126322074974"  # CNDA test base
ORDINARY = "2870333063999"
ORDINARY += f"{key(ORDINARY):02d}"  # well formed, right key, on no list: stands for a real person's


def person(matricule: str | None = INVENTED, oid: str | None = NIR, **changes: object) -> Usager:
    ins = {"matricule": matricule, "oid": oid, "statut": StatutIdentite.QUALIFIEE}
    ins |= {name: changes.pop(name) for name in ("statut", "douteuse", "fictive", "homonyme") if name in changes}
    traits: dict[str, object] = {
        "identifiant_local": "1",
        "nom_naissance": "D'ŒUVRE-LACAZE",
        "prenoms": "ANNE-LISE MARIE",
        "sexe": "F",
        "date_naissance": "1987-03-14",
        "lieu_naissance": LieuNaissance(cog="33063"),
        "ins": Ins.model_validate(ins),
    }
    return Usager.model_validate(traits | changes)


def test_a_qualified_complete_identity_passes() -> None:
    assert qualified_ins(person(), Profile.SANDBOX) == QualifiedIns(INVENTED, TEST)
    assert ins_refusals(person(), Profile.SANDBOX) == ()


def test_a_homonym_may_be_qualified() -> None:
    assert qualified_ins(person(homonyme=True), Profile.SANDBOX)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"matricule": None}, Refusal.NO_MATRICULE),
        ({"matricule": ""}, Refusal.NO_MATRICULE),
        *(({"statut": s}, Refusal.STATUS) for s in (None, *StatutIdentite) if s is not StatutIdentite.QUALIFIEE),
        ({"anonyme": True}, Refusal.ANONYMOUS),
        ({"douteuse": True}, Refusal.DOUBTFUL),
        ({"fictive": True}, Refusal.FICTITIOUS),
        ({"matricule": INVENTED[:13]}, Refusal.FORM),
        ({"matricule": "28703330630008X"}, Refusal.FORM),
        ({"matricule": INVENTED[:13] + "01"}, Refusal.KEY),
        ({"nom_naissance": None}, Refusal.BIRTH_NAME),
        ({"nom_naissance": "LACAZE 2"}, Refusal.BIRTH_NAME),
        ({"nom_naissance": "-"}, Refusal.BIRTH_NAME),
        ({"prenoms": None}, Refusal.GIVEN_NAMES),
        ({"date_naissance": None}, Refusal.BIRTH_DATE),
        ({"date_naissance": "1987"}, Refusal.BIRTH_DATE),
        ({"date_naissance": "1987-03"}, Refusal.BIRTH_DATE),
        ({"date_naissance": "1987-02-30"}, Refusal.BIRTH_DATE),
        ({"sexe": "I"}, Refusal.SEX),
        ({"sexe": None}, Refusal.SEX),
        ({"lieu_naissance": LieuNaissance()}, Refusal.BIRTHPLACE),
        ({"lieu_naissance": LieuNaissance(cog="3306")}, Refusal.BIRTHPLACE),
        ({"oid": DEMO}, Refusal.OID),
        ({"oid": "1.2.250.1.213.1.4.13"}, Refusal.OID),
    ],
    ids=str,
)
@pytest.mark.parametrize("profile", Profile)
def test_one_fault_is_enough_to_hold_the_ins_in_every_profile(
    changes: dict[str, object], reason: Refusal, profile: Profile
) -> None:
    values = {"matricule": ORDINARY if profile is Profile.PRODUCTION else INVENTED} | changes
    usager = person(**values)  # type: ignore[arg-type]
    assert reason in ins_refusals(usager, profile)
    assert qualified_ins(usager, profile) is None


@pytest.mark.parametrize(
    ("profile", "matricule", "given", "leaves_under"),
    [
        (Profile.SANDBOX, INVENTED, None, TEST),
        (Profile.SANDBOX, INVENTED, NIA, TEST),
        (Profile.SANDBOX, PUBLISHED, NIR, TEST),
        (Profile.SANDBOX, ORDINARY, TEST, None),
        (Profile.QUALIFICATION, INVENTED, NIR, TEST),
        (Profile.QUALIFICATION, PUBLISHED, None, TEST),
        (Profile.QUALIFICATION, PUBLISHED, TEST, TEST),
        (Profile.QUALIFICATION, PUBLISHED, NIR, NIR),
        (Profile.QUALIFICATION, PUBLISHED, NIA, NIA),
        (Profile.QUALIFICATION, ORDINARY, NIR, None),
        (Profile.PRODUCTION, ORDINARY, None, NIR),
        (Profile.PRODUCTION, ORDINARY, NIR, NIR),
        (Profile.PRODUCTION, ORDINARY, NIA, NIA),
        (Profile.PRODUCTION, ORDINARY, TEST, None),
        (Profile.PRODUCTION, INVENTED, NIR, None),
        (Profile.PRODUCTION, PUBLISHED, NIR, None),
    ],
)
def test_the_oid_and_the_matricules_of_each_profile(
    profile: Profile, matricule: str, given: str | None, leaves_under: str | None
) -> None:
    found = qualified_ins(person(matricule, given), profile)
    assert (found.oid if found else None) == leaves_under
    assert found is None or found.matricule == matricule


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("33063", True),
        ("2A004", True),
        ("99352", True),
        ("2C004", False),
        ("3306", False),
        ("33063 ", False),
        (None, False),
    ],
)
def test_the_form_of_a_cog(value: str | None, expected: bool) -> None:
    assert is_cog(value) is expected
