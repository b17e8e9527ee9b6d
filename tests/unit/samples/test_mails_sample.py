"""The mails that wait for the demo: written by their generator, and right as mails, archives and documents."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from demo_site import invoke

from dui_bridge.sandbox.answers import read_answers
from dui_bridge.sandbox.mssante import MssanteAnswers

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
MAILS = {path.name: path for path in (SAMPLES / "mssante" / "mails").glob("*/*.eml")}


def test_they_are_what_their_generator_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(SAMPLES)
    generator = import_module("generate_mails")

    assert dict(generator.mails()) == {name: path.read_bytes() for name, path in MAILS.items()}
    assert {path.parent.name for path in MAILS.values()} == {generator.MAILBOX}


@pytest.mark.parametrize("path", MAILS.values(), ids=MAILS)
def test_nothing_is_wrong_with_them(path: Path) -> None:
    decoded = invoke("mssante", "decode", str(path), "--json")

    assert (decoded.code, decoded.json["kind"], decoded.json["findings"]) == (0, "xdm", [])


def test_the_answers_of_the_demo_are_of_the_form_that_the_stand_in_reads() -> None:
    told = read_answers(SAMPLES / "mssante" / "answers.yaml", MssanteAnswers)

    assert len(told.correspondents) > 3
