"""Whether the documents of an archive are what its metadata tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.xds.entries import DocumentEntry
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.xdm_content import content_findings
from dui_bridge.xds.xdm_reading import ArchivedDocument
from tests.xds_deposits import cda, entry


@pytest.mark.parametrize(
    ("told", "data", "rules"),
    [
        pytest.param(entry(), cda(), [], id="the same"),
        pytest.param(document_entry(cda(), None), cda(), [], id="the same, by the number of the structure"),
        pytest.param(replace(entry(), patient_id="1^^^&1.2.250.1.213.1.4.10&ISO^NH"), cda(), ["XDM-041"], id="patient"),
        pytest.param(replace(entry(), patient_id=""), cda(), ["XDM-041"], id="no patient"),
        pytest.param(replace(entry(), unique_id="2.25.1"), cda(), ["XDM-042"], id="id"),
        pytest.param(entry(), b"<a/>", ["XDM-043"], id="no CDA"),
        pytest.param(replace(entry(), mime_type="application/pdf"), b"%PDF", [], id="told to be a PDF"),
        pytest.param(entry(), None, [], id="no bytes"),
    ],
)
def test_a_document_and_its_metadata_must_agree(told: DocumentEntry, data: bytes | None, rules: list[str]) -> None:
    found = content_findings(ArchivedDocument(told, "DOC0001.XML", data))
    assert [one.rule.id for one in found] == rules
