"""An archive that we write is read by a reader that we did not write: the zip, XML and hash classes of the JDK."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.xdm_archives import DOCUMENT, archive
from tests.xds_deposits import cda

JAVA = shutil.which("java")
READER = Path(__file__).with_name("ReadXdm.java")
pytestmark = [pytest.mark.real, pytest.mark.skipif(JAVA is None, reason="there is no java")]


def test_the_jdk_reads_our_archive_and_finds_its_document_whole(tmp_path: Path) -> None:
    assert JAVA is not None
    (tmp_path / "IHE_XDM.zip").write_bytes(archive())
    ran = subprocess.run(
        [JAVA, READER, tmp_path / "IHE_XDM.zip"], capture_output=True, text=True, timeout=120, check=True
    )
    assert ran.stdout.splitlines() == [
        f"DOC0001.XML true true {hashlib.sha1(cda()).hexdigest()}",
        DOCUMENT,
        "README.TXT",
    ]
