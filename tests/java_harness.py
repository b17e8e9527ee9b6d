"""Judges of other hands that run on Java: a folder with a `pom.xml`, which names their libraries, and their sources.

They need `mvn` and a JDK 17 or newer.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from pathlib import Path

import pytest

PRESENT = bool(shutil.which("mvn") and shutil.which("javac"))
ABSENT = "mvn or javac is not here"


def class_path(harness: Path, temporary: pytest.TempPathFactory) -> str:
    """A harness, compiled, and its libraries; made once for all processes of a run."""
    base = temporary.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / f"java-{harness.parent.name}"
    libraries, classes = folder / "lib", folder / "classes"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not classes.exists():
            copy = ["dependency:copy-dependencies", f"-DoutputDirectory={libraries}", f"-DbuildDirectory={folder}"]
            quick = os.environ | {"MAVEN_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"}
            subprocess.run(["mvn", "-q", "-B", "-f", harness / "pom.xml", *copy], check=True, timeout=600, env=quick)
            sources = sorted(harness.glob("*.java"))
            compiler = ["javac", "-nowarn", "-proc:none", "-cp", f"{libraries}/*", "-d"]
            subprocess.run([*compiler, folder / "new", *sources], check=True, timeout=120)
            (folder / "new").rename(classes)
    return f"{classes}:{libraries}/*"
