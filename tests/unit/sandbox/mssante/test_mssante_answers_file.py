"""The file in which an operator of the sandbox writes how recipients behave, and what fails."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from dui_bridge.errors import DeclarationInvalid
from dui_bridge.sandbox.answers import read_answers
from dui_bridge.sandbox.mssante import BOUNCES, Correspondent, Form, MssanteAnswers, Step, Trouble

WRITTEN = """
correspondents:
  - {address: dr.parti@medecin.mssante.fr, refusal: 550 5.1.1 Boite inconnue}
  - {address: "@patient.mssante.fr", bounce: closed}
  - {address: dr.autre@medecin.mssante.fr, receipt: "902", form: old}
troubles:
  - {step: rcpt, answer: 451 4.3.0 Plus tard, times: 2, delay: 0.5}
  - {step: end, cut: true, kept: true}
"""


def said(text: str, folder: Path) -> MssanteAnswers:
    (folder / "answers.yaml").write_text(text, encoding="utf-8")
    return read_answers(folder / "answers.yaml", MssanteAnswers)


def test_it_holds_correspondents_and_troubles(tmp_path: Path) -> None:
    assert said(WRITTEN, tmp_path) == MssanteAnswers(
        correspondents=(
            Correspondent("dr.parti@medecin.mssante.fr", refusal="550 5.1.1 Boite inconnue"),
            Correspondent("@patient.mssante.fr", bounce="closed"),
            Correspondent("dr.autre@medecin.mssante.fr", receipt="902", form=Form.OLD),
        ),
        troubles=(
            Trouble(Step.RCPT, times=2, answer="451 4.3.0 Plus tard", delay=0.5),
            Trouble(Step.END, cut=True, kept=True),
        ),
    )


def test_every_reason_of_mon_espace_sante_can_be_written() -> None:
    assert set(get_args(get_type_hints(Correspondent)["bounce"])) == {"", *BOUNCES}


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ("correspondents: [{adress: a@b.mssante.fr}]", "1:19", "did you mean 'address'"),
        ("correspondents: [{refusal: 550 non}]", "1:18", "'address'"),
        ("correspondents: [{address: a@b.mssante.fr, bounce: fermee}]", "1:52", "closed"),
        ("troubles: [{step: rctp}]", "1:19", "did you mean rcpt"),
        ("troubles: [{step: rcpt, times: deux}]", "1:32", "whole number"),
        ("trouble: []", "1:1", "did you mean 'troubles'"),
        ("- rcpt", "1:1", "map"),
    ],
)
def test_a_fault_is_told_with_its_place(tmp_path: Path, line: str, place: str, words: str) -> None:
    with pytest.raises(DeclarationInvalid) as refused:
        said(line, tmp_path)

    told = [one.line("en") for one in refused.value.findings]
    assert any(one.startswith(f"answers.yaml:{place} ") and words in one for one in told), told
