"""The file in which an operator writes what fails at the DMP."""

from __future__ import annotations

from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from dui_bridge.errors import DeclarationInvalid
from dui_bridge.sandbox.answers import read_answers
from dui_bridge.sandbox.dmp import FAULTS, Cut, DmpAnswers, Transaction, Trouble


def read(folder: Path, text: str) -> tuple[Trouble, ...]:
    (folder / "answers.yaml").write_text(f"troubles:\n  - {text}\n", encoding="utf-8")
    return read_answers(folder / "answers.yaml", DmpAnswers).troubles


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        (
            "{transaction: deposit, error: XDSRegistryError, partial: true, times: 3, after: 2}",
            Trouble(Transaction.DEPOSIT, times=3, after=2, error="XDSRegistryError", partial=True),
        ),
        ("{status: 503, body: <html>}", Trouble(status=503, body=b"<html>")),
        ("{cut: answer, delay: 1.5}", Trouble(cut=Cut.ANSWER, delay=1.5)),
        ("{fault: structure}", Trouble(fault="structure")),
    ],
)
def test_every_failure_can_be_written(tmp_path: Path, text: str, trouble: Trouble) -> None:
    assert read(tmp_path, text) == (trouble,)


def test_every_fault_that_is_known_can_be_written() -> None:
    assert set(get_args(get_type_hints(Trouble)["fault"])) == {"", *FAULTS}


@pytest.mark.parametrize(
    "text", ["{fault: none}", "{tines: 2}", "{cut: somewhere}", "{status: 1}", "{delay: 1e9}", "{transaction: mail}"]
)
def test_a_fault_in_the_file_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeclarationInvalid) as caught:
        read(tmp_path, text)
    assert [one.line("en").split(":")[:2] for one in caught.value.findings] == [["answers.yaml", "2"]]
