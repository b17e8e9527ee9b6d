"""The wheel, installed where there is no checkout, runs the demo."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.mark.real
def test_the_wheel_runs_the_demo_from_another_folder_without_the_checkout(tmp_path: Path) -> None:
    """Needs the package index: it builds the wheel and fills an empty environment."""
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not in this environment")
    copy = tmp_path / "copy"
    shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns(".venv", ".git", ".*_cache", "demo-out", "bench-out"))
    quiet = {"capture_output": True, "text": True, "timeout": 240, "check": True}
    subprocess.run([uv, "build", "--wheel", "--out-dir", tmp_path, copy], **quiet)  # type: ignore[call-overload]
    (wheel,) = tmp_path.glob("*.whl")
    subprocess.run([uv, "venv", "--python", sys.executable, tmp_path / "env"], **quiet)  # type: ignore[call-overload]
    python = tmp_path / "env" / "bin" / "python"
    subprocess.run([uv, "pip", "install", "--python", python, wheel], **quiet)  # type: ignore[call-overload]
    shutil.rmtree(copy)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    environment = {key: value for key, value in os.environ.items() if key not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    ran = subprocess.run(
        [tmp_path / "env" / "bin" / "dui-bridge", "demo"],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert len(list((elsewhere / "demo-out" / "documents" / "atlas-ph").glob("*.xml"))) >= 50
    where = subprocess.run([python, "-c", "import dui_bridge; print(dui_bridge.__file__)"], cwd=elsewhere, **quiet)  # type: ignore[call-overload]
    assert str(CHECKOUT) not in where.stdout
