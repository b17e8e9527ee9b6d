"""The signature of a lot is verified by an implementation of XML Signature that we did not write: that of the JDK."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dui_bridge.xds.lot import Algorithms, Digest, SignedDocument, sign_lot
from tests.xds_deposits import cda
from tests.xds_signer import signer

JAVA = shutil.which("java")
VERIFIER = Path(__file__).with_name("VerifyLot.java")
pytestmark = [pytest.mark.real, pytest.mark.skipif(JAVA is None, reason="there is no java")]


@pytest.mark.parametrize("digest", list(Digest))
def test_the_jdk_finds_the_signature_of_a_lot_right(digest: Digest, tmp_path: Path) -> None:
    signed = sign_lot(
        "2.25.3",
        [SignedDocument("2.25.4", cda())],
        signer(),
        signature_id="_lot",
        at=datetime(2026, 11, 22, 5, tzinfo=UTC),
        algorithms=Algorithms(digest, digest),
    )
    right, wrong = tmp_path / "right.xml", tmp_path / "wrong.xml"
    right.write_bytes(signed)
    wrong.write_bytes(signed.replace(b"urn:oid:2.25.3", b"urn:oid:2.25.9"))
    assert verdicts(right) == "true true true"
    assert verdicts(wrong) == "true false true"


def verdicts(path: Path) -> str:
    assert JAVA is not None
    ran = subprocess.run([JAVA, VERIFIER, path], capture_output=True, text=True, timeout=120, check=True)
    return ran.stdout.strip()
