"""PDFBox Preflight, the judge of PDF/A-1b (Debian: libpdfbox2-java, libactivation-java, libjaxb-api-java)."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

JARS = [
    Path("/usr/share/java") / f"{name}.jar"
    for name in (
        *("preflight", "pdfbox2", "fontbox2", "xmpbox"),
        *("commons-logging", "commons-io", "javax.activation", "jaxb-api"),
    )
]


def wrong_with(files: Iterable[Path], folder: Path) -> list[str]:
    """What is wrong with the files, by the judge's own words; empty when all are valid. Skips without the judge.

    Args:
        folder: an empty one, where the judge writes its answers. One Java process judges all files.
    """
    java = shutil.which("java")
    absent = [jar.name for jar in JARS if not jar.exists()]
    if java is None or absent:
        pytest.skip(f"Preflight is not installed: {'java' if java is None else ', '.join(absent)}")
    names = [shutil.copy(file, folder / f"{number}.pdf") for number, file in enumerate(files)]
    command = [java, "-cp", ":".join(map(str, JARS)), "org.apache.pdfbox.preflight.Validator_A1b", "xml", "batch"]
    ran = subprocess.run([*command, folder], capture_output=True, text=True, check=False)
    wrong = []
    for name in names:
        answer = Path(f"{name}.preflight.xml")
        said = answer.read_text(encoding="utf-8") if answer.exists() else f"no answer: {ran.stdout}{ran.stderr}"
        if '<isValid type="PDF/A1-b">true</isValid>' not in said:
            wrong.append(said)
    return wrong
