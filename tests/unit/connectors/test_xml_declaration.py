"""The `source.xml` part of a mapping: what is read, and one finding per mistake."""

from __future__ import annotations

import pytest

from dui_bridge.connectors.xml import parse_settings
from dui_bridge.declared import Problems, loads

GOOD = """
file: EXPORT_*.XML
encoding: ISO-8859-15
each: DOSSIER
key: num
lists: [TSO]
attributes: plain
above: STRUCTURE
repair: [html_entities, bare_ampersand]
then: {docs: {each: "DOCS.DOC[]", key: chemin}}
ignored: {DOSSIER: [ALIAS]}
forbidden: {DOSSIER: [JUSTICE, ETATCIVIL.NATION]}
"""


def read(text: str):
    problems = Problems("m.yaml")
    return parse_settings(loads(text, "m.yaml"), problems, "DOSSIER"), [f.line() for f in problems.findings]


def test_a_declaration_becomes_typed_settings():
    found, lines = read(GOOD)

    assert lines == []
    assert found is not None
    assert (found.file, found.encoding, found.each, found.marker) == ("EXPORT_*.XML", "iso8859-15", "DOSSIER", "")
    assert found.lists == {"TSO", "DOC"}
    assert found.above == ("STRUCTURE",)
    assert found.repair == {"html_entities", "bare_ampersand"}
    assert found.parts["docs"].path == ("DOCS", "DOC")
    assert found.root.forbidden == {"JUSTICE", "ETATCIVIL.NATION"}


def test_the_element_alone_is_enough():
    found, lines = read("each: DOSSIER")
    assert lines == []
    assert found is not None
    assert (found.file, found.encoding, found.root.key) == ("*.xml", None, "num")


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        ("lists:", "list:", "6:1", "did you mean 'lists'?"),
        ("each: DOSSIER\n", "", "2:1", "key 'each' is missing"),
        ("each: DOSSIER", "each: DOSSIERS", "4:7", "did you mean DOSSIERS?"),
        ("each: DOSSIER", "each: e:DOSSIER", "4:7", "'e:DOSSIER' is not the name of an element"),
        ("[TSO]", "[DOCS/TSO]", "6:8", "'DOCS/TSO' is not the name of an element"),
        ("ISO-8859-15", "ISO-8859-155", "3:11", "unknown encoding 'ISO-8859-155'"),
        ("ISO-8859-15", "zip", "3:11", "unknown encoding 'zip'"),
        ("plain", "nested", "7:13", "expected plain or at"),
        ("[html_entities", "[html_entity", "9:9", "'html_entity' is not a repair: did you mean html_entities?"),
        ("EXPORT_*.XML", "../EXPORT.XML", "2:7", "inside the export folder"),
        ("EXPORT_*.XML", "A/*.XML", "2:7", "without folder"),
        ('"DOCS.DOC[]"', "DOCS.DOC", "10:21", "is not the path of a list"),
        ("[JUSTICE", "[num", "2:1", "num of DOSSIER is forbidden"),
        ("{DOSSIER: [ALIAS]}", "{DOSIER: [ALIAS]}", "11:11", "did you mean DOSSIER?"),
    ],
)
def test_each_mistake_is_one_finding_with_its_place(before: str, after: str, place: str, message: str):
    assert before in GOOD
    found, lines = read(GOOD.replace(before, after, 1))
    assert found is None
    assert any(line.startswith(f"m.yaml:{place}  ") and message in line for line in lines), lines
