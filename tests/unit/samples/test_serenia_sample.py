"""The second invented vendor's sample: made by its generator, holding every pathology where its README says."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sample_vendor import SAMPLES, WORDS, differences, pathologies, regenerate

from dui_bridge.ins.invented import is_listed_test_matricule
from dui_bridge.ins.matricule import has_right_key
from dui_bridge.pipeline.check import check_mapping
from tests.shared import shared_path

SAMPLE = SAMPLES / "serenia-ehpad"
NIGHT = SAMPLE / "export" / "20261120"
WRITTEN_BY_HAND = {"serenia-ehpad.yaml", "professions.csv"}
TERMINOLOGIES = "reference/cisis/schematrons/profils/terminologies/terminologie"


def objects(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((NIGHT / f"{name}.json").read_text(encoding="utf-8"))[name]
    return found


RESIDENTS, DOCUMENTS = objects("residents"), objects("documents")


CASES = {case["id"]: case for case in pathologies(SAMPLE.name)}


def object_of(ident: str) -> dict[str, Any]:
    """The object on the row that the README names."""
    case = CASES[ident]
    listed = RESIDENTS if case["file"] == "residents.json" else DOCUMENTS
    return listed[int(case["row"]) - 1]


def ins_of(resident: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for item in resident["identite"]["identifiants"] if item["type"] == "INS-NIR"]


WITH_FILE = [resident for resident in RESIDENTS if "synthese" in resident]


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("serenia")
    return regenerate("generate_serenia", folder)


def test_the_generator_writes_the_committed_files_byte_for_byte(regenerated: Path) -> None:
    assert differences(regenerated, SAMPLE.name, WRITTEN_BY_HAND, {"documents.json"}) == []


def test_the_sample_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 1_500_000


def test_it_has_enough_residents_clinical_files_and_documents() -> None:
    assert len(RESIDENTS) >= 24
    assert len(WITH_FILE) >= 12
    held = {case["row"] for case in CASES.values() if case["must"].startswith("dossier held")}
    assert not held & {str(RESIDENTS.index(resident) + 1) for resident in WITH_FILE}
    broken = {case["row"] for case in CASES.values() if case["must"].startswith("document quarantined")}
    usable = [
        document
        for number, document in enumerate(DOCUMENTS, start=1)
        if document["statut"] == "VALIDE" and document["typeMetier"] != "DLU" and str(number) not in broken
    ]
    assert len(usable) >= 30
    assert {(document["typeMetier"], document["sousType"]) for document in usable} >= {
        ("PP", None),
        ("ORD", None),
        ("LIAISON", "ENTREE"),
        ("LIAISON", "SORTIE"),
        ("CR", "GRILLE"),
        ("CR", "BILAN"),
        ("AUTRE", None),
    }


def test_two_establishments_that_are_not_those_of_the_other_vendor() -> None:
    finess = {resident["etablissement"]["finessGeographique"] for resident in RESIDENTS}
    assert len(finess) == 2
    atlas = (SAMPLES / "atlas-ph" / "README.md").read_text(encoding="utf-8")
    assert not [number for number in finess if number in atlas]


def test_the_mapping_shares_no_line_with_the_other_vendors() -> None:
    def lines(vendor: str) -> set[str]:
        text = (SAMPLES / vendor / f"{vendor}.yaml").read_text(encoding="utf-8")
        return {" ".join(line.split()) for line in text.splitlines()} - {""}

    # words of the language alone, like `each: documents`, are no line of a vendor
    language = re.compile(r"[a-z_]+:( [a-z_]+)?|folder: AAAAMMJJ")
    shared = lines("serenia-ehpad") & lines("atlas-ph")
    assert [line for line in shared if language.fullmatch(line) is None] == []


def test_the_mapping_passes_its_own_tests() -> None:
    checked = check_mapping(SAMPLE / "serenia-ehpad.yaml")
    assert not checked.has_errors
    assert len(checked.tests) >= 6


@pytest.mark.parametrize("ident", [
    "sex-intersex", "qualified-without-proof", "qualified-without-traits", "usage-name-same", "postcode-as-cog",
    "birth-date-year-only", "value-null", "value-missing", "value-empty", "same-file", "replaces-unknown",
    "consent-unnoticed", "gir-text", "profession-free", "stamp-without-zone", "double-encoded", "two-matricules",
    "soft-deleted", "type-unknown", "file-missing", "file-empty",
])  # fmt: skip
def test_every_pathology_asked_for_is_there_and_says_what_must_become_of_it(ident: str) -> None:
    assert CASES[ident]["must"].startswith(WORDS)


def test_identities_stand_as_the_readme_says() -> None:
    assert object_of("sex-intersex")["identite"]["sexe"] == "I"
    (unproven,) = ins_of(object_of("qualified-without-proof"))
    assert (unproven["statut"], unproven["preuve"]) == ("QUALIFIEE", None)
    untraced = object_of("qualified-without-traits")
    assert ins_of(untraced)[0]["statut"] == "QUALIFIEE"
    assert untraced["identite"]["lieuNaissance"] is None
    names = object_of("usage-name-same")["identite"]
    assert names["nomUsage"] == names["nomNaissance"]
    assert object_of("postcode-as-cog")["identite"]["lieuNaissance"]["cog"] == "63000"
    assert object_of("birth-date-year-only")["identite"]["dateNaissance"] == "1933-00-00"
    assert object_of("double-encoded")["identite"]["prenomsNaissance"] == ["RenÃ©"]
    assert len(ins_of(object_of("two-matricules"))) == 2


def test_null_missing_and_empty_are_three_things() -> None:
    assert object_of("value-null")["identite"]["prenomUtilise"] is None
    assert "prenomUtilise" not in object_of("value-missing")["identite"]
    assert object_of("value-empty")["identite"]["prenomUtilise"] == ""


def test_a_change_of_consent_that_the_stamp_does_not_show() -> None:
    resident = object_of("consent-unnoticed")
    assert date.fromisoformat(resident["consentements"]["date"]) > date.fromisoformat(resident["dateModification"][:10])


def test_values_come_in_several_types_and_stamps_with_several_offsets() -> None:
    assert object_of("gir-text")["gir"]["valeur"] == "2"
    assert {type(resident["gir"]["valeur"]) for resident in WITH_FILE} == {str, int}
    naive = object_of("stamp-without-zone")["synthese"]["signatures"][0]["date"]
    assert re.search(r"(Z|[+-]\d\d:\d\d)$", naive) is None
    stamps = [signature["date"] for document in DOCUMENTS for signature in document["signatures"]]
    assert {stamp[len("AAAA-MM-JJThh:mm:ss") :] for stamp in stamps} >= {"", "Z", "+02:00", ".000+02:00"}


def test_documents_stand_as_the_readme_says() -> None:
    digests = Counter(document["contenu"]["sha256"] for document in DOCUMENTS)
    assert digests[object_of("same-file")["contenu"]["sha256"]] == 2
    assert object_of("replaces-unknown")["remplace"] not in {document["id"] for document in DOCUMENTS}
    assert object_of("type-unknown")["typeMetier"] not in {"DLU", "PP", "CR", "ORD", "LIAISON", "AUTRE"}
    assert not (NIGHT / object_of("file-missing")["contenu"]["url"]).exists()
    assert (NIGHT / object_of("file-empty")["contenu"]["url"]).stat().st_size == 0


def test_announced_contents_are_those_of_the_files() -> None:
    broken = {object_of(ident)["id"] for ident in ("file-missing", "file-empty")}
    for document in DOCUMENTS:
        if document["id"] in broken:
            continue
        data = (NIGHT / document["contenu"]["url"]).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (
            document["contenu"]["taille"],
            document["contenu"]["sha256"],
        )


def test_every_person_is_invented() -> None:
    matricules = [item["valeur"] for resident in RESIDENTS for item in ins_of(resident) if item["valeur"]]
    assert len(matricules) >= 12
    for matricule in matricules:
        assert matricule[10:13] == "000"
        assert has_right_key(matricule)
        assert is_listed_test_matricule(matricule)


def test_a_qualified_matricule_agrees_with_the_traits() -> None:
    spoilt = {object_of(ident)["id"] for ident in ("qualified-without-traits", "two-matricules")}
    qualified = [
        (resident["identite"], item)
        for resident in RESIDENTS
        if resident["id"] not in spoilt
        for item in ins_of(resident)
        if item["statut"] == "QUALIFIEE"
    ]
    assert len(qualified) >= 10
    for traits, item in qualified:
        _, month, _ = traits["dateNaissance"].split("-")
        sex = "1" if traits["sexe"] == "H" else "2"
        assert item["valeur"].startswith(sex + traits["dateNaissance"][2:4] + month + traits["lieuNaissance"]["cog"])
        assert item["dateQualification"]


def codes_of(terminology: str) -> set[str]:
    residents = WITH_FILE
    lists = {
        "2.16.840.1.113883.6.3": [
            item["cim10"] for r in residents for name in ("problemes", "antecedents") for item in r[name]
        ],
        "2.16.840.1.113883.6.73": [
            *(item["code"] for r in residents for item in r["allergies"]),
            *(item["atc"] for r in residents for name in ("traitements", "vaccinations") for item in r[name]),
        ],
        "1.2.250.1.215.300.1": [item["ccam"] for r in residents for item in r["actes"]],
        "1.2.250.1.213.2.68": [item["emdn"] for r in residents for item in r["dispositifs"]],
    }
    return {code for code in lists[terminology] if code}


@pytest.mark.skipif(shared_path() is None, reason="the shared reference folder is not here")
@pytest.mark.parametrize(
    "terminology", ["2.16.840.1.113883.6.3", "2.16.840.1.113883.6.73", "1.2.250.1.215.300.1", "1.2.250.1.213.2.68"]
)
def test_every_clinical_code_exists(terminology: str) -> None:
    shared = shared_path()
    assert shared is not None
    text = (shared / TERMINOLOGIES / f"{terminology}.rdf").read_text(encoding="utf-8")
    official = set(re.findall(r"<skos:notation[^>]*>([^<]+)<", text))
    assert codes_of(terminology)
    assert codes_of(terminology) - official == set()


@pytest.mark.skipif(shared_path() is None, reason="the shared reference folder is not here")
def test_every_vital_sign_is_of_the_national_value_set() -> None:
    shared = shared_path()
    assert shared is not None
    text = (shared / "reference/cisis/jeuxDeValeurs/JDV_SignesVitaux_CISIS.xml").read_text(encoding="utf-8")
    used = {measure["loinc"] for resident in WITH_FILE for measure in resident["constantes"]}
    assert len(used) >= 7
    assert {code for code in used if f'code="{code}"' not in text} == set()
