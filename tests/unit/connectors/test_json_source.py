"""A vendor's JSON export as records: what enters a row, and what each fault stops."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.connectors.json import JsonSource, errors, open_source, parse_settings, shape_of
from dui_bridge.connectors.ports import Ready, Waiting
from dui_bridge.connectors.wire import export_rules, object_rules
from dui_bridge.declared import Problems, loads
from dui_bridge.errors import FileUnusable
from dui_bridge.findings import Severity
from dui_bridge.model.exchange import Record

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
EACH = 'each: "residents[]"\n'
WITH_DOCUMENTS = EACH + "then: {documents: {file: 'documents/{id}.json', key: id}}\n"

Open = Callable[..., JsonSource]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def opened(residents: Any, declared: str = EACH, used: Any = None, **files: Any) -> JsonSource:
        text = residents if isinstance(residents, str) else json.dumps({"residents": residents})
        (tmp_path / "residents.json").write_text(text, encoding="utf-8")
        (tmp_path / "documents").mkdir(exist_ok=True)
        for name, content in files.items():
            (tmp_path / "documents" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        problems = Problems("m.yaml")
        settings = parse_settings(loads(declared, "m.yaml"), problems, "residents")
        assert settings is not None, problems.findings
        source = open_source(settings, tmp_path, used, as_is=True)
        assert isinstance(source.prepare(NOW), Ready)
        return source

    return opened


def faults(record: Record) -> list[tuple[str, str, str]]:
    return [(f.rule.id, str(f.at), f.severity.value) for f in record.root.findings]


def test_every_scalar_is_text_as_written_and_null_missing_and_empty_differ(opened: Open):
    source = opened('{"residents": [{"id": "a", "n": 007.0, "x": {}}]}'.replace("007.0", "12345678901234567890.10"))
    assert next(source.records()).root.cells == {"id": "a", "n": "12345678901234567890.10", "x": {}}

    source = opened([{"id": "a", "vrai": True, "nul": None, "vide": "", "l": [1, {"b": False}]}])
    (record,) = source.records()

    assert record.key == "a"
    assert record.root.cells == {"id": "a", "vrai": "true", "nul": None, "vide": "", "l": ["1", {"b": "false"}]}
    assert (record.root.file, record.root.number) == ("residents.json", 1)


@pytest.mark.parametrize(
    ("element", "rule", "at"),
    [
        ('{"id": "1", "identite": {"nom": "A", "nom": "B"}}', object_rules.KEY_REPEATED, ":2:identite.nom"),
        ('{"id": "1", "gir": {"valeur": NaN}}', object_rules.NOT_A_NUMBER, ":2:gir.valeur"),
        ('{"id": "1", "l": [' + "[" * 40 + "]" * 40 + "]}", object_rules.TOO_DEEP, ":2:l" + "[0]" * 29),
        ('{"id": "1", "nom": "\\ud800"}', object_rules.UNDECODABLE, ":2:nom"),
        ('{"id": "1", "prenoms": ["Anne", "RenÃ©"]}', object_rules.DOUBLE_UTF8, ":2:prenoms[1]"),
        ('{"id": "1", "nom": truc}', object_rules.NOT_JSON, ":2"),
        ("null", object_rules.NOT_AN_OBJECT, ":2"),
        ('{"nom": "A"}', object_rules.NO_KEY, ":2:id"),
        ('{"id": {}}', object_rules.NO_KEY, ":2:id"),
    ],
)
def test_a_fault_stops_its_usager_only_and_says_where(opened: Open, element: str, rule: Any, at: str):
    source = opened('{"residents": [{"id": "0"}, ' + element + ', {"id": "2"}]}')

    records = list(source.records())

    assert [bool(record.root.findings) for record in records] == [False, True, False]
    assert (rule.id, f"residents.json{at}", "error") in faults(records[1])


def test_a_text_encoded_twice_shows_what_was_meant(opened: Open):
    (record,) = opened([{"id": "1", "nom": "RenÃ©"}]).records()

    assert record.root.cells["nom"] == "RenÃ©"
    assert '"René" was probably meant' in record.root.findings[0].message()


def test_in_a_key_that_nothing_is_made_from_it_is_a_warning(opened: Open):
    source = opened([{"id": "1", "note": "RenÃ©"}], EACH + "ignored: {residents: [note]}", {"residents": {"nom"}})

    assert [f.severity for f in next(source.records()).root.findings] == [Severity.WARNING]


def test_a_declared_repair_is_counted(opened: Open):
    source = opened([{"id": "1", "nom": "RenÃ©", "v": ["dâ€™Ay"]}], EACH + "repair: [double_utf8]")

    (record,) = source.records()

    assert (record.root.cells["nom"], record.root.findings) == ("René", ())
    assert [(f.rule, f.values["count"]) for f in source.findings()] == [(object_rules.REPAIRED, "2")]


def test_a_forbidden_key_enters_no_row_at_any_depth(opened: Open):
    declared = EACH + "forbidden: {residents: [couverture, identite.nationalite, contacts.religion]}"
    resident = {
        "id": "1",
        "couverture": "RenÃ©",
        "identite": {"nom": "A", "nationalite": "x"},
        "contacts": [{"religion": "y", "nom": "B"}],
    }

    (record,) = opened([resident], declared).records()

    assert record.root.cells == {"id": "1", "identite": {"nom": "A"}, "contacts": [{"nom": "B"}]}
    assert record.root.findings == ()


def test_the_same_key_twice_holds_both(opened: Open):
    records = list(opened([{"id": "1"}, {"id": "2"}, {"id": "1"}]).records())

    assert [[f.rule.id for f in record.root.findings] for record in records] == [["OBJ-109"], [], ["OBJ-109"]]


def test_unknown_keys_and_keys_that_are_nowhere_are_told(opened: Open):
    source = opened(
        [{"id": "1", "nomm": "A", "sexe": "F"}],
        EACH + "forbidden: {residents: [nationalite]}\nignored: {residents: [sexe]}",
        {"residents": frozenset({"nom"})},
    )
    list(source.records())

    assert [(f.rule, f.values.get("column"), f.values.get("columns")) for f in source.findings()] == [
        (object_rules.UNKNOWN_COLUMNS, None, "nomm"),
        (object_rules.NOWHERE, "nom", None),
        (object_rules.NOWHERE, "nationalite", None),
    ]


def test_the_list_of_each_usager_in_a_file_of_his_own(opened: Open):
    source = opened([{"id": "1"}], WITH_DOCUMENTS, **{"1": {"documents": [{"id": "d1"}, {"id": "d2", "id ": 1}]}})

    (record,) = source.records()

    rows = record.root.children["documents"]
    assert [(row.alias, row.file, row.number, row.cells["id"]) for row in rows] == [
        ("documents", "documents/1.json", 1, "d1"),
        ("documents", "documents/1.json", 2, "d2"),
    ]


def test_a_list_that_is_missing_or_cut_holds_its_usager(opened: Open, tmp_path: Path):
    source = opened([{"id": "1"}, {"id": "2"}, {"id": "../3"}, {"id": "4"}], WITH_DOCUMENTS, **{"4": []})
    (tmp_path / "documents" / "2.json").write_text('{"documents": [{"id": "d1"},')

    records = list(source.records())

    assert [[f.rule.id for f in record.root.findings] for record in records] == [["OBJ-111"]] * 3 + [[]]


def test_a_list_that_may_be_missing_is_empty(opened: Open):
    declared = EACH + "then: {documents: {file: 'documents/{id}.json', if_missing: none}}"

    (record,) = opened([{"id": "1"}], declared).records()

    assert (record.root.children, record.root.findings) == ({"documents": ()}, ())


def test_one_file_with_the_objects_of_all(opened: Open):
    declared = EACH + "then: {documents: {file: documents/all.json, each: 'lignes[]', on: resident, key: id}}"
    lines = [{"id": "d1", "resident": 2}, {"id": "d2", "resident": 1}, {"id": "d3", "resident": 2}, {"id": "d4"}]

    source = opened([{"id": "1"}, {"id": "2"}], declared, all={"lignes": lines})
    records = list(source.records())

    assert [[row.cells["id"] for row in record.root.children["documents"]] for record in records] == [
        ["d2"],
        ["d1", "d3"],
    ]
    assert [(f.rule, str(f.at)) for f in source.findings()] == [(object_rules.ORPHAN, "documents/all.json:4:resident")]


def test_a_list_inside_the_usager_s_own_object(opened: Open):
    source = opened(
        [{"id": "1", "dossier": {"sejours": [{"debut": "2020"}]}}],
        EACH + "then: {sejours: {each: 'dossier.sejours[]'}}",
    )

    (record,) = source.records()

    assert [row.cells for row in record.root.children["sejours"]] == [{"debut": "2020"}]


def test_a_key_forbidden_in_a_list_inside_the_usager_s_own_object_enters_no_row(opened: Open):
    source = opened(
        [{"id": "1", "dossier": {"sejours": [{"debut": "2020", "motif": {"justice": "x", "texte": "y"}}]}}],
        EACH + "then: {sejours: {each: 'dossier.sejours[]'}}\nforbidden: {sejours: [motif.justice]}",
    )

    (record,) = source.records()

    assert [row.cells for row in record.root.children["sejours"]] == [{"debut": "2020", "motif": {"texte": "y"}}]
    assert record.root.cells["dossier"] == {"sejours": [{"debut": "2020", "motif": {"texte": "y"}}]}


def test_a_file_that_is_cut_gives_no_record_at_all(opened: Open):
    source = opened('{"residents": [{"id": "1"}, {"id": "2"}')

    with pytest.raises(errors.JsonCut):
        next(source.records())


@pytest.mark.parametrize("text", ['{"usagers": []}', "pas du JSON", "", '{"residents": {}}'])
def test_what_is_no_such_list_is_refused(opened: Open, text: str):
    with pytest.raises((errors.JsonDamaged, errors.JsonCut)):
        list(opened(text).records())


def test_bytes_that_are_no_utf8_stop_their_usager(opened: Open, tmp_path: Path):
    source = opened([{"id": "1"}])
    (tmp_path / "residents.json").write_bytes('{"residents": [{"id": "1", "nom": "René"}]}'.encode("cp1252"))

    assert faults(next(source.records())) == [("OBJ-104", "residents.json:1:nom", "error")]


def test_the_newest_complete_folder_is_read(tmp_path: Path):
    for name in ("20261119", "20261120"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "residents.json").write_text("[]")
    (tmp_path / "20261119" / "FIN").touch()
    problems = Problems("m.yaml")
    settings = parse_settings(loads(EACH + "folder: AAAAMMJJ\ncomplete: {file: FIN}", "m.yaml"), problems)
    assert settings is not None
    source = open_source(settings, tmp_path)

    assert source.prepare(NOW) == Ready("20261119")
    assert [f.rule for f in source.findings()] == [export_rules.OLDER_READ, export_rules.NO_MARKER]
    (tmp_path / "20261119" / "FIN").unlink()
    assert isinstance(source.prepare(NOW), Waiting)


def test_only_files_of_the_export_are_opened(opened: Open, tmp_path: Path):
    source = opened([])
    (tmp_path / "a.pdf").write_bytes(b"%PDF")

    with source.open("a.pdf") as stream:
        assert stream.read() == b"%PDF"
    for ref in ("../a.pdf", "/etc/passwd", "b.pdf", ""):
        with pytest.raises(FileUnusable):
            source.open(ref)


def test_the_engine_is_told_the_lists_and_their_keys(opened: Open):
    declared = WITH_DOCUMENTS + "forbidden: {residents: [nationalite, identite.nationalite]}"
    source = opened([{"id": "1", "nom": "A"}], declared, **{"1": [{"id": "d", "titre": "T"}]})

    shape = shape_of(source._settings, source.headers())

    assert (shape.root, shape.columns("residents"), shape.columns("documents")) == (
        "residents",
        ("id", "nom"),
        ("id", "titre"),
    )
    assert shape.below("residents") == {"documents": "documents"}
    assert shape.aliases["documents"].key == ("id",)
    assert shape.aliases["residents"].forbidden == {"nationalite"}


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        ("file: a.json", "YML-011"),
        ("each: residents", "OBJ-004"),
        (EACH + "encodding: utf-8", "YML-010"),
        (EACH + "encoding: utf8x", "EXP-004"),
        (EACH + "file: ../a.json", "EXP-003"),
        (EACH + "then: {documents: {file: a.json}}", "JSN-002"),
        (EACH + "then: {documents: {file: 'a/{id.json'}}", "OBJ-006"),
        (EACH + "then: {items: {each: 'items[]'}}", "OBJ-002"),
        (EACH + "ignored: {residens: [a]}", "OBJ-001"),
        (EACH + "forbidden: {residents: [id]}", "OBJ-003"),
        (EACH + "repair: [html]", "OBJ-005"),
    ],
)
def test_a_mistake_of_the_mapping_is_told(declared: str, rule: str):
    problems = Problems("m.yaml")

    assert parse_settings(loads(declared, "m.yaml"), problems) is None
    assert rule in [finding.rule.id for finding in problems.findings]


def test_the_line_of_the_specification_is_accepted():
    problems = Problems("m.yaml")
    settings = parse_settings(loads('{each: "residents[]"}', "m.yaml"), problems)

    assert settings is not None
    assert (settings.root.alias, settings.root.file, settings.root.key) == ("residents", "residents.json", "id")
