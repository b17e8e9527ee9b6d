"""PDFBox Preflight as the judge of PDF/A-1b (Debian: libpdfbox2-java, libactivation-java, libjaxb-api-java)."""

from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from demo_site import DemoSite
from preflight import wrong_with

from tests.unit.pdf.dossiers import full_dossier, full_projet, objectif, rendered

pytestmark = pytest.mark.real


@pytest.fixture
def judged(tmp_path: Path) -> "Judge":
    return Judge(tmp_path)


class Judge:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def says(self, *documents: bytes) -> list[str]:
        files = [self._folder / f"document-{number}" for number in range(len(documents))]
        for file, document in zip(files, documents, strict=True):
            file.write_bytes(document)
        answers = self._folder / "answers"
        answers.mkdir()
        return wrong_with(files, answers)


def variant(**changes: object) -> bytes:
    return rendered(full_dossier(full_projet().model_copy(update=changes))).data


def test_rendered_projects_are_valid(judged: Judge) -> None:
    nothing = dict.fromkeys(("attentes", "besoins", "objectifs", "actions", "prestations", "bilans", "signatures"), ())

    assert (
        judged.says(
            rendered(full_dossier(), ins=True).data,
            rendered(full_dossier()).data,
            variant(**nothing),
            variant(objectifs=tuple(objectif(n) for n in range(40))),
            variant(titre="Œuvre, ș, ğ, Ł, Ж, 中, \x01, ﬁ " * 8, objectifs=(objectif(1, titre="Z" * 300),)),
        )
        == []
    )


@pytest.mark.parametrize("damage", ["no output intent", "no font file", "no declaration", "encrypted"])
def test_the_judge_refuses_damaged_ones(judged: Judge, damage: str) -> None:
    output = BytesIO()
    encryption: pikepdf.Encryption | bool = False
    with pikepdf.open(BytesIO(rendered(full_dossier()).data)) as pdf:
        if damage == "no output intent":
            del pdf.Root.OutputIntents
        elif damage == "no font file":
            font = pdf.pages[0].Resources.Font["/F1"]
            del font.DescendantFonts[0].FontDescriptor.FontFile2
        elif damage == "no declaration":
            del pdf.Root.Metadata
        else:
            encryption = pikepdf.Encryption(owner="a", user="")
        pdf.save(output, encryption=encryption)

    assert len(judged.says(output.getvalue())) == 1


def test_every_pdf_of_the_demo_is_valid(demo: DemoSite, tmp_path: Path) -> None:
    files = sorted((demo.out / "documents").rglob("*.pdf"))
    assert len(files) >= 50
    assert wrong_with(files, tmp_path) == []
