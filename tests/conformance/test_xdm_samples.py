"""The metadata of our archives are valid for the published schemas, and every published archive is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.xds.xdm_reading import read_xdm
from tests.shared import shared_path
from tests.xdm_archives import METADATA, archive, unpacked

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
REFERENCE = (SHARED or Path()) / "reference"
SAMPLES = sorted((REFERENCE / "mssante" / "xdm").glob("*.zip"))


def test_our_metadata_are_valid_for_the_schema_of_ebrs() -> None:
    schema = etree.XMLSchema(etree.parse(REFERENCE / "xds" / "schema" / "xdsb-nist" / "lcm.xsd"))
    schema.assertValid(etree.fromstring(unpacked(archive())[METADATA]))


def test_there_are_samples() -> None:
    assert SAMPLES


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_published_archive_gives_all_its_documents(sample: Path) -> None:
    read = read_xdm(sample.read_bytes())

    assert set(unpacked(sample.read_bytes())) == set(read.names)
    assert read.documents
    for one in read.documents:
        assert one.name is not None
        assert one.data == unpacked(sample.read_bytes())[one.name]
    assert [one.rule.id for one in read.findings if one.is_error] == []


def test_the_sample_of_direct_has_another_layout_and_no_uri() -> None:
    read = read_xdm((REFERENCE / "mssante" / "xdm" / "nhind_samplexdm_prefixed_folder.zip").read_bytes())

    assert [one.rule.id for one in read.findings] == ["XDM-019", "XDM-031"]
    assert [one.name for one in read.documents] == ["samplexdm/IHE_XDM/SUBSET01/Document01.xml"]
    # Its SHA-1 is the one that its metadata tell.
    assert read.documents[0].data is not None
    assert read.documents[0].entry.hash == "2f016bdeba83855ec76bd1102d9da6a79590f1a9"
