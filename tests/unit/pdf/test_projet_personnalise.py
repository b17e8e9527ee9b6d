"""The projet personnalisé as a document: what it holds and withholds, and the cases that break layouts."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from pydantic import BaseModel

from dui_bridge.model.accompagnement import EtatProjet, Professionnel, ProjetPersonnalise, Signataire, Signature
from dui_bridge.model.identite import Lien, RoleContact
from dui_bridge.model.types import Code
from dui_bridge.pdf import wording
from dui_bridge.pdf.fonts import MissingGlyph
from dui_bridge.pdf.projet_personnalise import render_projet_personnalise
from tests.unit.pdf.dossiers import CREATED, ESTABLISHMENT, full_dossier, full_projet, objectif, rendered

ReadText = Callable[..., str]

NOT_IN_IT = {
    *("identifiant", "rpps", "code_local", "courriel_mss", "actif", "systeme", "fichier"),
    *("visibilite", "oppositions", "consentements", "ins", "etablissement"),
}
"""Fields that do not belong in the document: technical identifiers, and what only metadata may say."""


@pytest.fixture
def read_text(tmp_path: Path) -> ReadText:
    """The text of a PDF, blanks made single: as `pdftotext` reads it."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils)")

    def read(data: bytes, *options: str) -> str:
        file = tmp_path / "document.pdf"
        file.write_bytes(data)
        output = subprocess.run([program, *options, "-enc", "UTF-8", file, "-"], check=True, capture_output=True)
        return re.sub(r"\s+", " ", output.stdout.decode())

    return read


def shown_values(value: object, field: str = "") -> Iterator[str]:
    """Every value of a model as the document says it, down to the leaves."""
    match value:
        case Professionnel():
            yield wording.professional(value)
        case Code():
            yield from (text for text in (value.libelle or value.code,) if text)
        case BaseModel():
            for name in type(value).model_fields:
                if name not in NOT_IN_IT:
                    yield from shown_values(getattr(value, name), name)
        case tuple():
            for item in value:
                yield from shown_values(item, field)
        case EtatProjet():
            yield wording.ETATS[value]
        case Signataire():
            yield wording.SIGNATAIRES[value]
        case Lien():
            yield wording.LIENS[value]
        case RoleContact():
            yield wording.ROLES_CONTACT[value]
        case StrEnum() | bool() | None:
            return
        case date():
            yield f"{value:%d/%m/%Y}"
        case str() if field == "sexe":
            yield wording.SEXES[value]
        case str() if field == "civilite":
            yield wording.CIVILITES[value]
        case str() if field == "date_naissance":
            yield wording.partial_day(value)
        case _:
            yield str(value)


@pytest.mark.real
@pytest.mark.parametrize("options", [(), ("-raw",)], ids=["reading order", "raw"])
def test_every_value_of_the_dossier_is_found_in_the_text(read_text: ReadText, options: tuple[str, ...]) -> None:
    dossier = full_dossier()

    text = read_text(rendered(dossier).data, *options)

    values = list(shown_values(dossier))
    assert len(values) > 100
    assert [value for value in values if re.sub(r"\s+", " ", value) not in text] == []


def test_the_walk_over_the_model_reaches_what_it_must() -> None:
    values = set(shown_values(full_dossier()))

    assert {
        "LEFEVRE",
        "14/07/2009",
        "Se laver",
        "Orientation en IME",
        "Vers la vie adulte",
        "Le trajet est connu",
    } <= values


def test_the_same_content_gives_the_same_bytes() -> None:
    assert rendered(full_dossier(), ins=True).data == rendered(full_dossier(), ins=True).data


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import hashlib; from tests.unit.pdf.dossiers import full_dossier, rendered;"
        "print(hashlib.sha256(rendered(full_dossier()).data).hexdigest())"
    )

    output = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert output.stdout.strip() == hashlib.sha256(rendered(full_dossier()).data).hexdigest()


def test_another_content_gives_other_bytes() -> None:
    other = full_projet().model_copy(update={"version": "3"})

    assert rendered(full_dossier()).data != rendered(full_dossier(other)).data


@pytest.mark.real
def test_without_an_ins_the_matricule_is_nowhere(read_text: ReadText) -> None:
    dossier = full_dossier()
    assert dossier.usager.ins.matricule is not None

    result = rendered(dossier)

    text = read_text(result.data)
    assert "INS non qualifiée : matricule non communiqué" in text
    assert dossier.usager.ins.matricule not in text
    assert "Figure" not in structure_types(result.data)


@pytest.mark.real
def test_with_an_ins_it_stands_with_its_nature_and_its_datamatrix(read_text: ReadText) -> None:
    dossier = full_dossier()

    result = rendered(dossier, ins=True)

    assert f"{dossier.usager.ins.matricule} (NIR de test, OID 1.2.250.1.213.1.4.10)" in read_text(result.data)
    assert structure_types(result.data).count("Figure") == 1


def test_the_datamatrix_stands_beside_the_identity_even_when_that_runs_over_the_page() -> None:
    dossier = full_dossier()
    usager = dossier.usager.model_copy(update={"nom_usage": "long " * 2000})

    with pikepdf.open(BytesIO(rendered(dossier.model_copy(update={"usager": usager}), ins=True).data)) as pdf:
        (figure,) = (o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/S") == "/Figure")
        assert figure.Pg == pdf.pages[0].obj
        assert len(pdf.pages) > 5


@pytest.mark.real
def test_a_project_without_objective_says_so(read_text: ReadText) -> None:
    bare = ProjetPersonnalise(identifiant="P-1")

    text = read_text(rendered(full_dossier(bare)).data)

    assert "Aucun objectif n’est enregistré." in text
    assert "Aucune attente n’est enregistrée." in text
    assert "Aucun besoin n’est enregistré." in text


@pytest.mark.real
def test_forty_objectives_all_stand_in_the_text_and_the_outline(read_text: ReadText) -> None:
    projet = full_projet().model_copy(update={"objectifs": tuple(objectif(n) for n in range(1, 41))})

    result = rendered(full_dossier(projet))

    text = read_text(result.data)
    assert all(f"{n}. Se déplacer seul en transport en commun, étape {n} " in text for n in range(1, 41))
    assert f"page {result.pages} / {result.pages}" in text
    with pikepdf.open(BytesIO(result.data)) as pdf, pdf.open_outline() as outline:
        (cover,) = outline.root
        section = next(item for item in cover.children if item.title == "Les objectifs et les actions")
        assert len(section.children) == 41  # and the other actions


@pytest.mark.real
@pytest.mark.parametrize(
    "title", [("Apprendre à gérer son budget " * 11)[:300].strip(), "Z" * 300], ids=["words", "one word"]
)
def test_a_title_of_300_characters_is_whole(read_text: ReadText, title: str) -> None:
    projet = full_projet().model_copy(update={"titre": title, "objectifs": (objectif(1, titre=title),)})

    text = read_text(rendered(full_dossier(projet)).data)

    assert text.replace(" ", "").count(title.replace(" ", "")) == 2


@pytest.mark.real
def test_accents_ligatures_and_rare_letters_come_out_as_written(read_text: ReadText) -> None:
    title = "Œuvre, æ, Ÿ, Ç, ñ, ș, ğ, Ł, ß, « guillemets » — l’été à 20 °C, 5 €"

    result = rendered(full_dossier(full_projet().model_copy(update={"titre": title})))

    assert title in read_text(result.data)
    assert result.missing == ()


def test_a_character_that_the_font_lacks_is_told_with_its_place() -> None:
    projet = full_projet().model_copy(update={"objectifs": (objectif(1), objectif(2, titre="Écrire 李"))})

    result = rendered(full_dossier(projet))

    assert result.missing == (MissingGlyph("李", "projets_personnalises[0].objectifs[1].titre"),)


@pytest.mark.real
def test_whoever_has_not_signed_is_said_not_to_have(read_text: ReadText) -> None:
    unsigned = full_projet().model_copy(update={"signatures": (Signature(qui=Signataire.DIRECTION),)})

    text = read_text(rendered(full_dossier(unsigned)).data, "-layout")

    assert re.search(r"La direction — non signé", text)
    assert re.search(r"L’usager ou son représentant — non signé", text)


def test_document_information_holds_no_trait() -> None:
    with pikepdf.open(BytesIO(rendered(full_dossier()).data)) as pdf:
        told = " ".join(str(value) for value in pdf.docinfo.values())

    assert "Projet personnalisé" in told
    assert not re.search("LEFEVRE|LEFÈVRE|LEO|Léo|2009-07|2019-0042", told)


def test_visibility_never_enters_the_document() -> None:
    hidden = full_projet().model_copy(
        update={
            "visibilite": full_projet().visibilite.model_copy(update={"masque_ps": True, "invisible_patient": True})
        }
    )

    assert rendered(full_dossier(hidden)).data == rendered(full_dossier()).data


def test_a_project_of_another_dossier_is_refused() -> None:
    with pytest.raises(ValueError, match="tuple"):
        render_projet_personnalise(
            full_dossier(), ProjetPersonnalise(identifiant="P-2"), ESTABLISHMENT, ins=None, created=CREATED
        )


def structure_types(data: bytes) -> list[str]:
    with pikepdf.open(BytesIO(data)) as pdf:
        return [
            str(item.S).removeprefix("/")
            for item in pdf.objects
            if isinstance(item, pikepdf.Dictionary) and item.get("/Type") == "/StructElem"
        ]
