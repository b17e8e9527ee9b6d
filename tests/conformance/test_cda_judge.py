"""Every branch of the header passes the official schema and Schematrons, run by an independent judge."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cda_dossiers import VARIANTS
from tests.shared import shared_path

SHARED = shared_path()


@pytest.mark.skipif(SHARED is None, reason="the shared reference folder is not here")
def test_the_judge_finds_no_problem_in_any_variant(tmp_path: Path) -> None:
    pytest.importorskip("saxonche", reason="the judge needs saxonche")
    shared = Path(SHARED or ".")
    for name, build in VARIANTS.items():
        (tmp_path / f"{name}.xml").write_bytes(build())

    judged = subprocess.run(
        [sys.executable, shared / "judges" / "cda.py", shared / "reference" / "cisis", *sorted(tmp_path.glob("*.xml"))],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert judged.returncode == 0, judged.stdout + judged.stderr
    assert judged.stdout.count(" 0 problems ") == len(VARIANTS)
