"""The clinical summary for reading says what the structured document's narrative says, and is a PDF/A-1b."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dui_bridge.ins.gate import qualified_ins
from dui_bridge.model.clinique import Probleme
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.profile import Profile
from dui_bridge.model.synthese import summary
from dui_bridge.pdf.projet_personnalise import RenderedPdf
from dui_bridge.pdf.synthese import DrawnUp, render_synthese
from dui_bridge.validation.pdf import check_pdf
from tests.ips_dossiers import DOCTOR, EHPAD, MAXIMAL, NOT_ASKED, NOTHING_KNOWN

DRAWN_UP = DrawnUp("Document de liaison d'urgence", date(2026, 11, 13), DOCTOR)
CREATED = datetime(2026, 11, 13, tzinfo=UTC)


def rendered(dossier: Dossier = MAXIMAL) -> RenderedPdf:
    ins = qualified_ins(dossier.usager, Profile.SANDBOX)
    return render_synthese(dossier, DRAWN_UP, EHPAD, ins=ins, created=CREATED)


def squeezed(text: str) -> str:
    """Without the blanks, which a line break in a cell may add."""
    return re.sub(r"\s+", "", text)


def read_text(data: bytes, folder: Path) -> str:
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext is not installed (Debian: poppler-utils)")
    (folder / "document.pdf").write_bytes(data)
    run = subprocess.run([program, "-raw", folder / "document.pdf", "-"], check=True, capture_output=True)
    return squeezed(run.stdout.decode())


@pytest.mark.parametrize("dossier", [MAXIMAL, NOT_ASKED, NOTHING_KNOWN], ids=["maximal", "not-asked", "nothing-known"])
def test_it_is_a_pdf_a_1_and_every_character_was_drawn(dossier: Dossier) -> None:
    pdf = rendered(dossier)
    assert not [finding for finding in check_pdf(pdf.data, ours=True).findings if finding.is_error]
    assert pdf.missing == ()


@pytest.mark.parametrize("dossier", [MAXIMAL, NOT_ASKED, NOTHING_KNOWN], ids=["maximal", "not-asked", "nothing-known"])
def test_it_says_every_text_of_the_narrative(dossier: Dossier, tmp_path: Path) -> None:
    text = read_text(rendered(dossier).data, tmp_path)
    for table in summary(dossier).sections:
        assert squeezed(table.title) in text
        said = [words for line in table.lines for words in line.texts.values()] or [table.absence]
        assert [words for words in said if squeezed(words).replace("'", "’") not in text.replace("'", "’")] == []


def test_it_says_whom_to_call(tmp_path: Path) -> None:
    text = read_text(rendered().data, tmp_path)
    assert squeezed("05 00 00 00 09") in text.replace("0500000009", squeezed("05 00 00 00 09"))
    assert "O’Brien-Lacaze" in text.replace("'", "’")


def test_the_same_content_gives_the_same_bytes() -> None:
    assert rendered().data == rendered().data


def test_a_character_that_cannot_be_drawn_is_told_with_its_place() -> None:
    pdf = rendered(NOT_ASKED.model_copy(update={"problemes": (Probleme(libelle="Diabète \U0001f600"),)}))
    assert [(glyph.character, glyph.where) for glyph in pdf.missing] == [("\U0001f600", "problemes[0].libelle")]


def test_the_day_has_a_time_zone() -> None:
    with pytest.raises(ValueError, match="zone"):
        render_synthese(MAXIMAL, replace(DRAWN_UP), EHPAD, ins=None, created=datetime(2026, 1, 1))  # noqa: DTZ001
