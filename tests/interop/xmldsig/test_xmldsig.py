"""What we sign in a deposit is verified by others: the assertion and the lot, by xmlsec1 (C) and Apache Santuario (Java).

Both are judged as they leave: the envelope and the part of a request. Whatever of them was changed is refused.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.pace import Pace
from dui_bridge.xds.lot import DS, XADES, Algorithms, Digest
from dui_bridge.xds.submission import SIGNATURE_ID
from tests import java_harness
from tests.dmp_world import AUTOMATE, FINESS, PRACTICE, TAKEN, Dmp, built, client, context
from tests.xds_deposits import cda, entry
from tests.xds_signer import signer

XMLSEC1 = shutil.which("xmlsec1")
pytestmark = pytest.mark.real
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
IDS = [f"{SAML}:Assertion", f"{DS}:Manifest", f"{XADES}:SignedProperties"]
UNIQUE_ID = entry().unique_id
SENT = ("vihf", "lot-sha1", "lot-sha256")


@dataclass(frozen=True)
class Signed:
    """A signed file beside what it refers to, and what becomes of it when it is read by the judges.

    Args:
        folder: holds the documents of a lot under their OIDs.
        holds: the signature as a whole; references: of what is signed; documents: of a lot's manifest, whose first, the
            lot's own, has no digest by the DMP's rules.
    """

    file: Path
    holds: bool = True
    references: tuple[bool, ...] = (True,)
    documents: tuple[bool, ...] = ()

    @property
    def verdicts(self) -> list[bool]:
        return [self.holds, *self.references, *self.documents]


def sent(digest: Digest) -> tuple[bytes, bytes]:
    """Envelope and signature of the lot of a deposit, as the server got them."""
    dmp = Dmp([TAKEN])
    opened = replace(client(dmp), practice=replace(PRACTICE, algorithms=Algorithms(digest, digest)))
    to = DmpDestination(opened, {FINESS: AUTOMATE}, Pace(None), max_megabytes=1, ask_existence=False)
    to.send(to.prepare(built(), context()))
    parts = dmp.asked[0].parts
    signature = parts.attachment(f"cid:{SIGNATURE_ID}@dui-bridge")
    assert signature is not None
    return parts.body, signature.file.read()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Signed]:
    """What was sent, and copies that were changed."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / UNIQUE_ID).write_bytes(cda())
    altered = tmp_path_factory.mktemp("altered")
    (altered / UNIQUE_ID).write_bytes(cda().replace(b"</title>", b".</title>", 1))
    found: dict[str, Signed] = {}

    def written(name: str, data: bytes, into: Path = folder, **verdicts: Any) -> None:
        file = into / f"{name}.xml"
        file.write_bytes(data)
        found[name] = Signed(file, **verdicts)

    def changed(data: bytes, before: bytes, after: bytes) -> bytes:
        assert before in data
        return data.replace(before, after, 1)

    def other_value(data: bytes) -> bytes:
        start = data.index(b"SignatureValue>") + 25
        return data[:start] + (b"A" if data[start : start + 1] != b"A" else b"B") + data[start + 1 :]

    envelope, _ = sent(Digest.SHA1)
    refused: dict[str, Any] = {"holds": False, "references": (False,)}
    written("vihf", envelope)
    written("vihf-role", changed(envelope, b'code="AUTOMATE"', b'code="MEDECIN"'), **refused)
    written("vihf-patient", changed(envelope, b"&amp;ISO^NH", b"&amp;ISO^PI"), **refused)
    written("vihf-later", changed(envelope, b'IssueInstant="2026', b'IssueInstant="2027'), **refused)
    written("vihf-value", other_value(envelope), holds=False)
    for digest in Digest:
        name, signature = f"lot-{digest}", sent(digest)[1]
        whole: dict[str, Any] = {"references": (True, True), "documents": (False, True)}
        written(name, signature, **whole)
        written(f"{name}-value", other_value(signature), **whole, holds=False)
        time = changed(signature, b"SigningTime>2026", b"SigningTime>2027")
        written(f"{name}-time", time, holds=False, references=(True, False), documents=(False, True))
        oid = changed(signature, f"urn:oid:{UNIQUE_ID}".encode(), b"urn:oid:2.25.9")
        written(f"{name}-oid", oid, holds=False, references=(False, True), documents=(False, False))
        # The signature is over the manifest: what the documents are now is found by their digests alone.
        written(f"{name}-document", signature, altered, references=(True, True), documents=(False, False))
    return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("certificate") / "signer.der"
    file.write_bytes(signer().certificates[0])
    return file


@pytest.mark.skipif(not java_harness.PRESENT, reason=java_harness.ABSENT)
def test_santuario_holds_for_right_what_was_sent_and_nothing_that_was_changed(
    files: dict[str, Signed], certificate: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    classes = java_harness.class_path(Path(__file__).parent / "harness", tmp_path_factory)
    pairs = [part for one in files.values() for part in (certificate, one.file)]
    command: list[str | Path] = ["java", "-XX:TieredStopAtLevel=1", "-cp", classes, "Verify", *pairs]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    lines = [line.split(" ") for line in ran.stdout.splitlines()]
    verdicts = {name.removesuffix(".xml"): [one == "true" for one in said] for name, *said in lines}
    assert verdicts == {name: one.verdicts for name, one in files.items()}
    assert {name for name, one in files.items() if one.holds and all(one.documents[1:])} == set(SENT)


@pytest.mark.skipif(XMLSEC1 is None, reason="xmlsec1 is not here")
def test_xmlsec1_holds_for_right_what_was_sent_and_nothing_that_was_changed(
    files: dict[str, Signed], certificate: Path
) -> None:
    verdicts = {name: xmlsec1(one, certificate) for name, one in files.items()}
    assert verdicts == {name: (one.holds, one.documents.count(True) if one.holds else 0) for name, one in files.items()}


def xmlsec1(one: Signed, certificate: Path) -> tuple[bool, int]:
    """Whether it holds, and if so how many of its documents have their digests."""
    ids = [word for name in IDS for word in (f"--id-attr:{'ID' if SAML in name else 'Id'}", name)]
    # Each number that the manifest has needs a file, the lot's own too; what is not its content has another digest.
    numbers = re.findall(r"urn:oid:[0-9.]+", one.file.read_text(encoding="utf-8"))
    maps = [word for number in numbers for word in (f"--url-map:{number}", one.file.with_name(UNIQUE_ID))]
    assert XMLSEC1 is not None
    command = [XMLSEC1, "--verify", *ids, *maps, "--pubkey-cert-der", certificate, one.file]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = ran.stdout + ran.stderr
    documents = re.search(r"Manifests References \(ok/all\): (\d+)/", said)
    assert documents is not None, said
    holds = ran.returncode == 0
    assert holds == bool(re.search("^OK$", said, re.MULTILINE))
    return holds, int(documents[1]) if holds else 0
