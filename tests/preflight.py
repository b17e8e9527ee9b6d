"""PDFBox Preflight, the judge of PDF/A-1b (Debian: libpdfbox2-java, libactivation-java, libjaxb-api-java)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in (
        *("preflight", "pdfbox2", "fontbox2", "xmpbox"),
        *("commons-logging", "commons-io", "javax.activation", "jaxb-api"),
    )
]


def wrong_with(files: Iterable[Path]) -> list[str]:
    """What is wrong with the files, by the judge's own lines; empty when all are valid. Skips without the judge."""
    java = shutil.which("java")
    absent = [jar.name for jar in JARS if not jar.exists()]
    if java is None or absent:
        pytest.skip(f"Preflight is not installed: {'java' if java is None else ', '.join(absent)}")
    command = [java, "-cp", ":".join(map(str, JARS)), "org.apache.pdfbox.preflight.Validator_A1b"]

    def judge(file: Path) -> str:
        answer = subprocess.run([*command, file], capture_output=True, text=True, check=False)
        valid = answer.returncode == 0 and "is a valid PDF/A-1b" in answer.stdout
        return "" if valid else answer.stdout + answer.stderr

    with ThreadPoolExecutor(2) as pool:
        return [answer for answer in pool.map(judge, files) if answer]
