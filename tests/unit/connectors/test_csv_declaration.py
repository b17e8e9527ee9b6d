"""The `source.csv` part of a mapping: what is read, and one finding per mistake."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dui_bridge.connectors.csv import parse_settings
from dui_bridge.declared import Problems, loads

GOOD = """
encoding: cp1252
separator: ";"
folder: AAAAMMJJ
complete: {file: TERMINE.TXT, or_stable_for: 15min}
files:
  usagers:     {file: USAGERS.CSV, key: NUM}
  references:  {file: 'REF\\LISTE.CSV', key: CODE}
  projets:     {file: PROJETS.CSV, of: usagers, on: NUM, key: ID, keep: {last_by: VERSION}}
  objectifs:   {file: OBJECTIFS.CSV, of: projets, on: ID, order: RANG}
  evaluations: {file: EVALUATIONS.CSV, of: usagers, on: NUM, group: [DATE], pivot: {ITEM: VALEUR}}
ignored:   {usagers: [REGIME]}
forbidden: {usagers: [NATIONALITÉ]}
"""


def read(text: str, root: str | None = None):
    problems = Problems("m.yaml")
    return parse_settings(loads(text, "m.yaml"), problems, root), [f.line() for f in problems.findings]


def test_a_declaration_becomes_a_tree_of_typed_files():
    settings, lines = read(GOOD)

    assert lines == []
    assert settings is not None
    assert (settings.encoding, settings.separator, settings.quote, settings.folder) == ("cp1252", ";", '"', "AAAAMMJJ")
    assert settings.complete is not None
    assert settings.complete.marker == "TERMINE.TXT"
    assert settings.complete.stable_for == timedelta(minutes=15)
    assert settings.root == "usagers"
    assert settings.children("usagers") == ("projets", "evaluations")
    assert settings.children("projets") == ("objectifs",)
    assert settings.references == ("references",)
    assert settings.files["references"].file == "REF/LISTE.CSV"
    assert settings.files["projets"].keep_last_by == "VERSION"
    assert settings.files["evaluations"].pivot == ("ITEM", "VALEUR")
    assert settings.files["usagers"].ignored == {"REGIME"}
    assert settings.files["usagers"].forbidden == {"NATIONALITÉ"}


@pytest.mark.parametrize(
    ("before", "after", "place", "message"),
    [
        ("separator:", "seperator:", "3:1", "did you mean 'separator'?"),
        ("encoding: cp1252", "encoding: cp12522", "2:11", "unknown encoding 'cp12522': did you mean cp1252?"),
        ("encoding: cp1252", "encoding: idna", "2:11", "unknown encoding 'idna'"),
        ("encoding: cp1252", "quote: none", "2:1", "key 'encoding' is missing"),
        ('separator: ";"', 'separator: ";;"', "3:12", "exactly one character"),
        ('separator: ";"', "separator: '\"'", "2:1", "same character"),
        ("folder: AAAAMMJJ", "folder: AAMMJJ", "4:9", "not a pattern"),
        ("15min", "un quart d'heure", "5:46", "not a duration"),
        ("file: USAGERS.CSV", "file: ../USAGERS.CSV", "7:23", "inside the export folder"),
        ("file: USAGERS.CSV", "file: 'C:\\USAGERS.CSV'", "7:23", "inside the export folder"),
        ("file: USAGERS.CSV", "file: /etc/passwd", "7:23", "inside the export folder"),
        ("of: projets", "of: projet", "10:3", "did you mean projets?"),
        ("of: projets, on: ID,", "of: projets,", "10:16", "`of` and `on` go together"),
        ("on: ID, order", "on: [ID, RANG], order", "10:3", "has 1 key column(s), `on` names 2"),
        (", pivot: {ITEM: VALEUR}", "", "11:16", "`group` and `pivot` go together"),
        ("{ITEM: VALEUR}", "{ITEM: VALEUR, A: B}", "11:84", "one pair"),
        ("key: CODE}", "key: CODE, keep: {last_by: V}}", "8:3", "not for a reference"),
        ("usagers: [REGIME]", "usager: [REGIME]", "12:13", "did you mean usagers?"),
        ("[NATIONALITÉ]", "[NUM]", "13:22", "NUM of usagers is forbidden"),
        ("key: NUM}", "key: NUM, columns: [NUMS, REGIME, NATIONALITÉ]}", "7:16", "unknown column NUM in usagers: did"),
        ("of: usagers, on: NUM, key: ID", "of: objectifs, on: NUM, key: ID", "9:3", "'projets' is its own ancestor"),
    ],
)
def test_each_mistake_is_one_finding_with_its_place(before: str, after: str, place: str, message: str):
    assert before in GOOD

    settings, lines = read(GOOD.replace(before, after, 1))

    assert settings is None
    assert any(line.startswith(f"m.yaml:{place}  ") and message in line for line in lines), lines


def test_the_root_is_what_the_mapping_names_when_it_names_one():
    text = "{encoding: utf-8, files: {a: {file: A.CSV, key: N}, b: {file: B.CSV, key: N}}}"

    assert "cannot tell which file has one row per usager: a, b?" in read(text)[1][0]
    settings, lines = read(text, root="b")
    assert lines == []
    assert settings is not None
    assert (settings.root, settings.references) == ("b", ("a",))
    assert "not c" in read(text, root="c")[1][0]


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "x",
        "{encoding: [a], files: {u: 1, v: {file: {}}}}",
        "{files: }",
        "{encoding: utf-8, complete: {}, files: {u: {file: A, key: [], pivot: [], keep: x, columns: {}}}}",
        "{encoding: utf-8, files: {u: {file: A, key: N}}, ignored: [], forbidden: x}",
    ],
)
def test_wrong_shapes_are_findings(text: str):
    settings, lines = read(text)

    assert settings is None
    assert lines
