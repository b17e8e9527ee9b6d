"""base < vendor < site; tables beside the mapping; the mapping's own tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dui_bridge.declared import Problems, loads
from dui_bridge.errors import ExportUnreadable
from dui_bridge.findings import Finding
from dui_bridge.mappings.compile import compile_mapping
from dui_bridge.mappings.document import Layer, load_mapping
from dui_bridge.mappings.golden import declared_tests, run_golden
from dui_bridge.model.exchange import Record
from tests.unit.mappings.mapping_world import FILES, MAPPING, SHAPE, TODAY, check, lines, load, open_file, swap, usager


def test_a_site_changes_one_key_and_provenance_names_its_file() -> None:
    mapping, problems = load(
        site='usager: {nom_usage: NOM_JEUNE_FILLE}\ntables: {etat: {codes: {"V": null, "P": ENPAUSE}}}'
    )
    compile_mapping(mapping, SHAPE, problems)
    assert lines(problems.findings) == ["site.yaml:1:21  unknown column NOM_JEUNE_FILLE in usagers"]
    assert set(mapping.tables["etat"].entries) == {"B", "A", "P"}


def test_null_removes_what_a_lower_layer_said() -> None:
    mapping, problems = load(site="documents: null\ntables: {type_doc: null}")
    plan = compile_mapping(mapping, SHAPE, problems)
    assert "documents" not in plan.documents
    assert [f.rule.id for f in problems.findings] == ["MAP-010"] * 3  # its columns are now unused


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("medico-social/pf@1", "unknown base 'medico-social/pf': did you mean medico-social/ph?"),
        ("medico-social/ph@9", "base medico-social/ph is installed in version 1, the mapping asks for 9"),
        ("medico-social/ph", "expected a base: name/path@major"),
        ("../../secret@1", "expected a base: name/path@major"),
    ],
)
def test_a_base_that_is_not_there_is_said(base: str, expected: str) -> None:
    found = lines(check(swap("version: 1\n", f"version: 1\nbase: {base}\n"))[1])
    assert any(expected in line for line in found), found


def test_the_tables_of_a_base_may_stay_unused() -> None:
    assert not [
        f for f in check(swap("version: 1\n", "version: 1\nbase: medico-social/ph@1\n"))[1] if f.rule.id == "MAP-011"
    ]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "table file fonctions.csv:"),
        ("a;b\n", "the first line must name the columns"),
        ('code;libellé\n"x', "not a table"),
        ("code;code officiel\nA;1\na;2\n", "code 'a' stands twice with different values"),
    ],
)
def test_a_table_file_that_cannot_be_read_is_said(
    content: str | None, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is None:
        monkeypatch.delitem(FILES, "fonctions.csv")
    else:
        monkeypatch.setitem(FILES, "fonctions.csv", content)
    assert any(expected in line for line in lines(check()[1]))


@pytest.mark.parametrize("name", ["../x.csv", "/etc/passwd", "C:\\x.csv"])
def test_a_table_file_stands_beside_the_mapping(name: str) -> None:
    assert any("table file" in line for line in lines(check(swap("fonctions.csv", name))[1]))


# --- what tells a mapping that was corrected ---


@pytest.mark.parametrize(
    "text",
    [
        f"# relu le 22\n{MAPPING}",
        swap("{from: INS_STATUT, table: statut}", "{from:   'INS_STATUT',\n    table:  statut}"),
        swap("version: 1", "version: 2"),
        f"{MAPPING}tests: [{{name: t, export: x/, expect: e.yaml}}]\n",
    ],
)
def test_what_makes_nothing_else_of_a_record_corrects_nothing(text: str) -> None:
    assert load(text)[0].digest == load()[0].digest


def test_a_correction_of_the_mapping_a_layer_or_a_table_file_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [
        load()[0].digest,
        load(swap("nom_usage:         NOM", "nom_usage:         NOM_JF"))[0].digest,
        load(swap("V: ENCOURS", "V: ENPAUSE"))[0].digest,
        load(swap("type_doc}, fichier", "type_doc, when: {VALIDE: [O]}}, fichier"))[0].digest,
        load(site="usager: {nom_usage: NOM_JF}\ndocuments: null")[0].digest,
    ]
    monkeypatch.setitem(FILES, "fonctions.csv", FILES["fonctions.csv"].replace("IDE;Infirmier;60", "IDE;Infirmier;10"))
    assert len({*digests, load()[0].digest}) == 6


# --- tests of the mapping itself ----------------------------------------------------------------------------------


def golden(test: str, *found: Record | Finding, expect: str = "") -> list[str]:
    text = f"{MAPPING}tests:\n  - {test}\n"
    problems = Problems("petit.yaml")
    files = {**FILES, "e.yaml": expect}
    mapping = load_mapping(Layer(loads(text, "petit.yaml"), lambda name: files[name].encode()), problems)
    plan = compile_mapping(mapping, SHAPE, problems)
    assert lines(problems.findings) == []

    def read(folder: str) -> Iterator[Record | Finding]:
        if folder != "x/":
            raise ExportUnreadable(file=folder, reason="not there")
        yield from found

    (declared,) = declared_tests(mapping, problems)
    result = run_golden(declared, mapping, plan, read, TODAY)
    assert result.passed is not bool(result.details)
    assert result.line("fr").count("\n") == len(result.details)
    return [en for en, _ in result.details]


def test_expected_values_are_compared_as_text() -> None:
    expect = (
        "'20145': {usager.sexe: F, usager.anonyme: non, 'sejours[0].date_entree': 2020-09-01, usager.civilite: null}"
    )
    assert golden("{name: t, export: x/, expect: e.yaml}", usager(), expect=expect) == []
    wrong = golden("{name: t, export: x/, expect: e.yaml}", usager(), expect="'20145': {usager.sexe: M}\n'9': {}")
    assert wrong == ["e.yaml:1:11: usager.sexe is 'F', expected 'M'", "e.yaml:2:1: no dossier 9 in the export"]


def test_an_expected_finding_is_named_by_its_field() -> None:
    test = "{name: t, export: x/, finding: date_naissance}"
    assert golden(test, usager(DATE_NAISS="31/02/1987")) == []
    assert golden(test, usager()) == ["no finding at date_naissance"]


def test_a_test_may_name_establishments() -> None:
    test = '{name: t, export: x/, finding: finess, establishments: ["010780054"]}'
    assert golden(test, usager(CODE_ETAB="ESA01")) == []


def test_an_export_that_cannot_be_read_fails_its_test() -> None:
    assert golden("{name: t, export: y/, finding: x}") == ["y/: the export cannot be read: not there"]


def test_a_test_says_what_it_expects() -> None:
    found = lines(check(f"{MAPPING}tests:\n  - {{name: t, export: x/}}\n  - {{nam: t}}\n")[1])
    assert any("expected either expect or finding" in line for line in found)
    assert any("unknown key 'nam': did you mean 'name'?" in line for line in found)
    assert open_file("fonctions.csv")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ('"010780054"', "expected a list of FINESS"),
        ("{finess: x}", "expected a list of FINESS"),
        ("[{finess: x}]", "expected a FINESS"),
    ],
)
def test_the_establishments_of_a_test_are_a_list(written: str, expected: str) -> None:
    found = lines(check(f"{MAPPING}tests:\n  - {{name: t, export: x/, finding: f, establishments: {written}}}\n")[1])
    assert any(expected in line for line in found)
