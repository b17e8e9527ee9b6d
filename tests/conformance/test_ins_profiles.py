"""The three profiles cannot be mixed: every profile with every OID and every kind of matricule, in one table."""

from __future__ import annotations

import json
from itertools import product

import pytest
from cda_dossiers import USAGERE, built, with_usager

from dui_bridge.ins import carriers
from dui_bridge.ins.gate import qualified_ins
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.ins.matricule import key
from dui_bridge.model.identite import Ins, StatutIdentite
from dui_bridge.model.profile import Profile

ORDINARY = "2870333063999"
MATRICULES = {
    "invented": invented_matricule("F", 1987, 3, "33063"),
    "published": "275126322074974",  # test base of INSi
    "ordinary": f"{ORDINARY}{key(ORDINARY):02d}",  # on no list: stands for a real person's
}
GIVEN = (None, ".8", ".9", ".10", ".11", ".13")
ARC = "1.2.250.1.213.1.4"
NONE = "   -    -    -    -    -    -"
TABLE = {
    # under which OID it leaves, given by the DUI: None .8   .9   .10  .11  .13 (billing)
    (Profile.SANDBOX, "invented"): "       .10  .10  .10  .10  -    -",
    (Profile.SANDBOX, "published"): "      .10  .10  .10  .10  -    -",
    (Profile.SANDBOX, "ordinary"): NONE,
    (Profile.QUALIFICATION, "invented"): " .10  .10  .10  .10  -    -",
    (Profile.QUALIFICATION, "published"): ".10  .8   .9   .10  -    -",
    (Profile.QUALIFICATION, "ordinary"): NONE,
    (Profile.PRODUCTION, "invented"): NONE,
    (Profile.PRODUCTION, "published"): NONE,
    (Profile.PRODUCTION, "ordinary"): "   .8   .8   .9   -    -    -",
}


@pytest.mark.parametrize(
    ("profile", "kind", "given", "leaves_under"),
    [
        (profile, kind, given, None if leaves == "-" else f"{ARC}{leaves}")
        for profile, kind in product(Profile, MATRICULES)
        for given, leaves in zip(GIVEN, TABLE[profile, kind].split(), strict=True)
    ],
)
def test_an_ins_leaves_a_profile_only_under_its_oids_and_with_its_matricules(
    profile: Profile, kind: str, given: str | None, leaves_under: str | None
) -> None:
    oid = f"{ARC}{given}" if given else None
    matricule = MATRICULES[kind]
    held = Ins(matricule=matricule, oid=oid, statut=StatutIdentite.QUALIFIEE)
    mail = (f"{matricule}@patient.mssante.fr",)
    ins = qualified_ins(USAGERE.model_copy(update={"ins": held}), profile)
    document = built(with_usager(ins=held, courriels=mail), profile=profile).decode()
    if leaves_under is None:
        assert ins is None
        assert matricule not in document
        return
    assert ins is not None
    assert f'root="{leaves_under}" extension="{matricule}"' in document
    assert f'value="mailto:{matricule}@patient.mssante.fr"' in document
    assert f"{matricule}^^^&{leaves_under}&ISO^NH" == carriers.xds_patient_id(ins)
    assert f"&{leaves_under}&ISO^INS" in carriers.hl7_cx(ins)
    assert f'"urn:oid:{leaves_under}", "value": "{matricule}"' in json.dumps(carriers.fhir_identifier(ins))
