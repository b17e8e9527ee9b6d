"""`make bench`, at sizes too small to mean anything: it measures everything that it says it measures."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real  # a minute

BENCH = Path(__file__).parent.parent / "benchmarks" / "bench.py"
KEYS = (
    "start_version",
    "start_help",
    "start_help_without_rich",
    "mapped_rate",
    "cda_rate",
    "rendered_rate",
    "demo_wall",
    "unchanged_rate",
    "memory",
    "deliveries_sqlite",
    "deliveries_sqlite_bare",
    "deliveries_postgresql",
    "deliveries_postgresql_bare",
    "deliveries_dead",
    "status",
    "searches",
    "deposits",
    "deposit_cpu",
    "deposit_metadata",
    "deposit_signature",
    "deposit_assertion",
    "deposit_message",
    "deposit_tls",
    "deposit_answer",
    "deposit_rest",
    "mails",
    "mails_handed_over",
)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """What `bench.py --quick` printed, and the folder that it wrote."""
    out = tmp_path_factory.mktemp("bench")
    words = [sys.executable, str(BENCH), "--quick", "--out", str(out)]
    ran = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout, out


def test_the_table_has_a_row_for_every_measure_with_its_floor(bench: tuple[str, Path]) -> None:
    printed, out = bench
    header, rule, *rows = printed.splitlines()
    assert printed == (out / "bench.md").read_text(encoding="utf-8")
    assert [len(line.split(" | ")) for line in (header, rule, *rows)] == [7] * (len(KEYS) + 2)


def test_the_json_has_every_sample_behind_the_table(bench: tuple[str, Path]) -> None:
    answer = json.loads((bench[1] / "bench.json").read_text(encoding="utf-8"))
    assert tuple(measure["key"] for measure in answer["measures"]) == KEYS
    for measure in answer["measures"]:
        if "skipped" in measure:
            continue
        assert measure["value"]["samples"]
        assert measure["ratio"] == measure["value"]["median"] / measure["floor"]["median"]
    assert answer["machine"]["python"]
