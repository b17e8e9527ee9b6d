"""Which value of the dossier stands where: the table against the documents that we write."""

from __future__ import annotations

import re
from datetime import date

import pytest
from lxml import etree

from dui_bridge.cda.content import HeaderContent, Item, document_content
from dui_bridge.cda.ips.content import ips_content
from dui_bridge.cda.ips.document import build_ips
from dui_bridge.cda.origins import model_paths
from dui_bridge.ins.gate import qualified_ins
from dui_bridge.model.accompagnement import DocumentPret, Sejour, TypeDocument
from dui_bridge.model.clinique import MedecinTraitant, Synthese
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.identite import Adresse, Contact, Lien, RoleContact
from dui_bridge.model.profile import Profile
from dui_bridge.model.types import Code, Modele
from tests.cda_dossiers import EDUCATRICE, FOYER, FULL, IDS, MERE, PROJET, TUTELLE, built, with_usager

PATH = "projets_personnalises[0]"
LETTER = DocumentPret(identifiant="9", type=TypeDocument.DOCUMENT_ESSMS, titre="Lettre", date=date(2026, 2, 28))
DOSSIERS: dict[str, tuple[Dossier, Item, str]] = {
    "full": (FULL, PROJET, PATH),
    "deceased_twin": (
        with_usager(decede=True, date_deces=date(2026, 5, 1), ordre_naissance=2, premier_prenom="ANNE-LISE"),
        PROJET,
        PATH,
    ),
    "repeated": (
        with_usager(
            adresses=(Adresse(), Adresse(localite="Pau"), Adresse(localite="Pau"), Adresse(localite="Dax")),
            telephones=("néant", "0600000001", "06 00 00 00 01", "0500000009"),
            entourage=(
                Contact(nom="Roux", role=RoleContact.A_PREVENIR, ordre_appel=9, telephones=("0600000007",)),
                TUTELLE,
                MERE,
                Contact(nom="Blin", prenom="Zoé", civilite="MME", lien=Lien.TUTEUR),
            ),
        ),
        PROJET,
        PATH,
    ),
    "stay_over": (
        FULL.model_copy(
            update={
                "sejours": (
                    Sejour(date_entree=date(2020, 1, 6), date_sortie=date(2026, 7, 2)),
                    Sejour(date_entree=date(2001, 1, 6), date_sortie=date(2002, 1, 1)),
                )
            }
        ),
        PROJET,
        PATH,
    ),
    "unsigned": (FULL, PROJET.model_copy(update={"signatures": (), "date_debut": None}), PATH),
    "letter": (FULL.model_copy(update={"documents": (LETTER,)}), LETTER, "documents[0]"),
}


def content_of(dossier: Dossier, item: Item) -> HeaderContent:
    return document_content(dossier, item, FOYER, IDS, qualified_ins(dossier.usager, Profile.SANDBOX))


def plain(data: bytes) -> etree._Element:
    root = etree.fromstring(data)
    for element in root.iter("*"):
        element.tag = etree.QName(element).localname
    return root


def value(dossier: Dossier, item: Item, path: str) -> object:
    found: object = dossier
    for name, index in re.findall(r"(\w+)(?:\[(\d+)\])?", path):
        found = item if name in ("projets_personnalises", "documents") else getattr(found, name)
        if index and isinstance(found, tuple):
            found = found[int(index)]
    return found


def says(element: etree._Element, expected: object) -> bool:
    said = " ".join([*element.itertext(), *(value for one in element.iter() for value in one.attrib.values())])
    if isinstance(expected, date):
        return f"{expected:%Y%m%d}" in said
    if isinstance(expected, Code):
        return element.get("code") == expected.code
    if isinstance(expected, bool):
        return said.strip() == str(expected).lower()
    if isinstance(expected, Adresse):
        return expected.localite is not None and expected.localite in said
    digits = re.sub(r"[ -]", "", str(expected))
    return str(expected) in said or digits in said


@pytest.mark.parametrize("name", DOSSIERS)
def test_the_value_at_each_place_is_the_one_told(name: str) -> None:
    dossier, item, path = DOSSIERS[name]
    root = plain(built(dossier, item))

    checked = 0
    for xpath, model in model_paths(dossier, item, path, content_of(dossier, item)).items():
        expected = value(dossier, item, model)
        if xpath.endswith("patient/name/given[2]"):
            expected = dossier.usager.premier_prenom_effectif  # of the list, when it is not told apart
        elements = root.xpath(re.sub(r"(\w)(?=/|$)", r"\1[1]", xpath))
        if not elements or model.endswith((".lien", ".fichier")) or (expected is None and len(elements[0])):
            continue  # not in this document, or told in a code
        if isinstance(expected, Modele) and not isinstance(expected, Code | Adresse):
            continue  # a whole person: its parts are checked
        assert says(elements[0], expected), (xpath, model)
        checked += 1

    assert checked >= 25


USAGER = {"/ClinicalDocument/recordTarget"}


def test_nothing_of_the_usager_has_no_origin() -> None:
    dossier, item, path = DOSSIERS["deceased_twin"]
    root = plain(built(dossier, item))
    told = set(model_paths(dossier, item, path, content_of(dossier, item)))

    role = root.find("recordTarget/patientRole")
    assert role is not None
    places = {
        re.sub(r"\[1\]", "", "/ClinicalDocument/" + root.getroottree().getelementpath(one)) for one in role.iter()
    }
    leaves = {place for place in places if not any(other.startswith(f"{place}/") for other in places)}

    near = {leaf for leaf in leaves if any(leaf == place or leaf.startswith(f"{place}/") for place in told - USAGER)}
    assert leaves - near == set()


def test_a_summary_has_the_origins_of_its_synthese_and_of_the_usual_doctor() -> None:
    synthese = Synthese(date=date(2026, 6, 2), auteur=EDUCATRICE)
    doctor = MedecinTraitant(
        professionnel=EDUCATRICE.model_copy(update={"rpps": "10000000001"}), telephones=("0500000006", "0500000007")
    )
    dossier = FULL.model_copy(update={"syntheses": (synthese,), "medecins_traitants": (doctor,)})
    ins = qualified_ins(dossier.usager, Profile.SANDBOX)
    content = ips_content(dossier, TypeDocument.DLU, FOYER, IDS, ins)
    root = plain(build_ips(content))

    paths = model_paths(dossier, synthese, "syntheses[0]", content.header)

    participant = "/ClinicalDocument/participant/associatedEntity"
    assert paths["/ClinicalDocument/author/time"] == "syntheses[0].date"
    assert paths["/ClinicalDocument/author/assignedAuthor/id"] == "syntheses[0].auteur.code_local"
    assert paths[f"{participant}/id"] == "medecins_traitants[0].professionnel.rpps"
    assert [paths[place] for place in (f"{participant}/telecom", f"{participant}/telecom[2]")] == [
        "medecins_traitants[0].telephones[0]",
        "medecins_traitants[0].telephones[1]",
    ]
    assert paths[f"{participant}/telecom[3]"] == "medecins_traitants[0].professionnel.courriel_mss"
    assert [one.get("value") for one in root.iterfind("participant/associatedEntity/telecom")][1] == "tel:0500000007"
    assert "/ClinicalDocument/title" not in paths


def test_the_order_of_calling_and_not_that_of_the_export_numbers_the_informants() -> None:
    dossier, item, path = DOSSIERS["repeated"]
    paths = model_paths(dossier, item, path, content_of(dossier, item))
    people = {xpath: model for xpath, model in paths.items() if xpath.endswith("relatedEntity")}

    assert people == {
        "/ClinicalDocument/informant/relatedEntity": "usager.entourage[2]",
        "/ClinicalDocument/informant[2]/relatedEntity": "usager.entourage[2]",
        "/ClinicalDocument/informant[3]/relatedEntity": "usager.entourage[0]",
    }


def test_what_the_site_gives_is_not_told() -> None:
    letter = LETTER.model_copy(update={"auteur": None})
    dossier = FULL.model_copy(update={"documents": (letter,)})
    paths = model_paths(dossier, letter, "documents[0]", content_of(dossier, letter))

    assert content_of(dossier, letter).author is EDUCATRICE
    assert not [xpath for xpath in paths if "assignedAuthor" in xpath or "custodian" in xpath or "performer" in xpath]
    assert paths["/ClinicalDocument/author/time"] == "documents[0].date"
