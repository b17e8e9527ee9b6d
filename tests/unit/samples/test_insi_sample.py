"""Whom the stand-in of INSi knows of the samples' persons: written by its generator, and nobody real."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dui_bridge.ins.invented import ORDER_NEVER_ATTRIBUTED
from dui_bridge.ins.matricule import has_right_key
from dui_bridge.sandbox.insi import read_persons

SAMPLES = Path(__file__).resolve().parents[3] / "samples"
TABLE = SAMPLES / "insi" / "persons.csv"


def test_the_table_is_what_its_generator_writes(tmp_path: Path) -> None:
    words = [sys.executable, str(SAMPLES / "generate_insi.py"), "--out", str(tmp_path)]
    subprocess.run(words, check=True, capture_output=True)

    assert (tmp_path / "persons.csv").read_bytes() == TABLE.read_bytes()


def test_nobody_in_it_is_real_and_no_number_stands_twice() -> None:
    persons = read_persons(TABLE.read_text(encoding="utf-8"))
    numbers = [person.number.matricule for person in persons]

    assert len(persons) > 10
    assert all(number[10:13] == ORDER_NEVER_ATTRIBUTED and has_right_key(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)
