"""A mapping is checked before a byte is read: every mistake has its file:line:column, and what was probably meant."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dui_bridge.mappings.shape import SourceShape
from tests.unit.mappings.mapping_world import MAPPING, SHAPE, check, lines, swap


def only(text: str, shape: SourceShape = SHAPE) -> str:
    found = lines(check(text, shape)[1])
    assert len(found) == 1, found
    return found[0]


def test_the_mapping_of_the_examples_has_no_finding() -> None:
    assert lines(check()[1]) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("nom_usage:         NOM", "nom_usage:         NOM_F", "unknown column NOM_F in usagers: did you mean NOM_JF?"),
        ("formats: [JJ/MM/AAAA, JJ/MM/AA]", "fromats: [JJ/MM/AAAA]", "unknown key 'fromats': did you mean 'formats'?"),
        ("nom_usage:  ", "nom_usag:  ", "unknown key 'nom_usag': did you mean 'nom_usage'?"),
        ("as: given_names", "as: given_name", "unknown conversion 'given_name': did you mean given_names?"),
        ("{from: INS_STATUT, table: statut}", "{from: INS_STATUT, table: status}", "unknown table 'status'"),
        ("as: given_names", "as: date", None),
        ("from: PRENOMS, as: given_names", "from: PRENOMS, as: oui_non, formats: [x]", "does not stand beside"),
        ("{from: SEXE, table: sexe}", "{from: SEXE, formats: [x]}", "'formats' goes with as: date"),
        ("as: nir", "as: serafin", "conversion 'serafin' does not give what numero_securite_sociale takes (text)"),
        ('"1": M, "2": F', '"1": M, "2": G', "'G' is not a value of sexe"),
        ("qui: usager", "qui: usagers", "unknown column usagers in projets"),
        ("each: contacts, where", "each: contact, where", "'contact' is not below usagers"),
        ("lookup: intervenants", "lookup: intervenant", "unknown file 'intervenant': did you mean intervenants?"),
        ("else: etablissement.default_author", "else: director", "expected etablissement.default_author"),
        ("partial: keep", "partial: kept", "unknown value 'kept': did you mean keep?"),
        (", century: birth", "", "a year of two digits needs century"),
        ("formats: [JJ/MM/AAAA,", "formats: [AA/AA,", "'AA/AA' is not a date format"),
        ("identifiant: ID_DOC, ", "", "identifiant is missing in this item"),
        ("unless_same_file_as: projets_personnalises", "unless_same_file_as: projets", "unknown value 'projets'"),
        ("item: {nom: NOM, lien", "item: {nom: NATIONALITE, lien", "unknown column NATIONALITE in contacts"),
        ("nom_usage:         NOM", "nom_usage:         NATIONALITE", "NATIONALITE of usagers is forbidden"),
        ("mapping: petit-dui", "mappings: petit-dui", "unknown key 'mappings': did you mean 'mapping'?"),
        ("where: {ETAT: [V, A]}", "wher: {ETAT: [V, A]}", "unknown key 'wher': did you mean 'where'?"),
        ("  each: usagers\n  left", "  each: contacts\n  left", "'contacts' is not below usager"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_place(old: str, new: str, expected: str | None) -> None:
    found = lines(check(swap(old, new))[1])
    if expected is None:
        assert found == []  # a date as text is a text
        return
    assert any(expected in line for line in found), found
    assert all(re.match(r"petit\.yaml:\d+:\d+  ", line) for line in found)


def test_the_place_is_the_line_and_column_of_the_mistake() -> None:
    text = swap("nom_usage:         NOM", "nom_usage:         NON")
    line = text[: text.index("NON")].count("\n") + 1
    assert only(text).startswith(f"petit.yaml:{line}:22  unknown column NON in usagers")


def test_checking_goes_on_after_the_first_mistake_in_the_order_of_the_file() -> None:
    text = swap("nom_usage:         NOM", "nom_usage:         NON")
    text = swap("item: {identifiant: ID_DOC", "item: {identifiant: IDDOC", swap("as: given_names", "as: nope", text))
    found = [finding for finding in check(text)[1] if finding.rule.id != "MAP-010"]
    assert [finding.rule.id for finding in found] == ["MAP-001", "MAP-005", "MAP-001"]
    assert sorted(str(finding.at) for finding in found) == [str(finding.at) for finding in found]


def test_a_column_that_is_neither_used_nor_ignored_is_an_error_and_a_warning_at_a_run() -> None:
    text = swap("  nom_usage:         NOM\n", "").replace(
        '{from: NOM, when: {SEXE: ["1"]}}, {from: NOM, mark: presumed}', "NOM_JF"
    )
    finding = next(finding for finding in check(text)[1] if finding.rule.id == "MAP-010")
    assert "column NOM of USAGERS.CSV (usagers) is neither used nor listed under ignored" in finding.message()
    assert finding.is_error


def test_columns_are_not_judged_while_they_are_unknown() -> None:
    unknown = SourceShape("usagers", {name: replace(shape, columns=None) for name, shape in SHAPE.aliases.items()})
    assert lines(check(swap("nom_usage:         NOM", "nom_usage:         NON"), unknown)[1]) == []


def test_a_misspelt_ignored_column_is_said() -> None:
    aliases = {**SHAPE.aliases, "usagers": replace(SHAPE.aliases["usagers"], ignored=frozenset({"REGIM"}))}
    found = lines(check(MAPPING, SourceShape("usagers", aliases))[1])
    assert any("usagers has no column REGIM (listed under ignored): did you mean REGIME?" in line for line in found)


def test_a_table_that_nothing_uses_is_a_warning() -> None:
    found = check(swap("tables:\n", "tables:\n  vide: {codes: {a: b}}\n"))[1]
    assert [(finding.rule.id, finding.is_error) for finding in found] == [("MAP-011", False)]


def test_a_value_that_is_also_a_column_is_ambiguous() -> None:
    aliases = {**SHAPE.aliases}
    aliases["projets"] = replace(aliases["projets"], columns=(*(aliases["projets"].columns or ()), "usager"))
    shape = SourceShape("usagers", aliases)
    found = lines(check(MAPPING, shape)[1])
    assert any(
        "'usager' is both a value of qui and a column of projets: write {from: usager} or {value: usager}" in x
        for x in found
    )
    assert not any("both a value" in x for x in lines(check(swap("qui: usager", "qui: {value: usager}"), shape)[1]))


@pytest.mark.parametrize(
    ("old", "field"),
    [
        ("  anonyme:           ANONYME\n", "usager.anonyme"),
        ('  consentements:     {absent: "not recorded"}\n', "usager.consentements"),
        (", date_sortie: DATE_SORTIE", "sejours.date_sortie"),
        ("    signatures:  [{qui: usager, le: {from: DATE_SIGN, as: date}}]\n", "projets_personnalises.signatures"),
        ('mssante_pro: {absent: "not recorded"}', "usager.oppositions.mssante_pro"),
    ],
)
def test_a_safety_field_is_mapped_or_declared_absent(old: str, field: str) -> None:
    found = lines(check(swap(old, ""))[1])
    assert any(f'{field} is a safety field: map it, or declare it by {{absent: "why"}}' in line for line in found)


def test_absent_covers_the_fields_below_and_stands_nowhere_else() -> None:
    text = re.sub(r"oppositions: .*\n", 'oppositions: {absent: "not recorded"}\n', MAPPING)
    assert not any("safety" in line for line in lines(check(text)[1]))
    refused = lines(check(swap("nom_usage:         NOM", 'nom_usage: {absent: "no"}'))[1])
    assert any("absent is for safety fields" in line for line in refused)


@pytest.mark.parametrize(
    "missing", ["matricule: INS, ", "statut: {from: INS_STATUT, table: statut}, ", ", qualifie_le: DATE_QUALIF"]
)
def test_the_ins_comes_with_its_status_and_its_proof(missing: str) -> None:
    assert any(finding.rule.id == "MAP-018" for finding in check(swap(missing, ""))[1])


def test_a_document_that_is_asked_for_has_what_it_needs() -> None:
    text = re.sub(r"  sexe:              .*\n", "", MAPPING)
    found = lines(check(text)[1])
    assert any("a projet_personnalise needs usager.sexe, which is not mapped" in line for line in found)


def test_expressions_are_refused_where_they_would_order_text() -> None:
    found = lines(check(swap("where: {VALIDE: [O]}", "where: {expression: \"CODE_TYPE < '12'\", VALIDE: [O]}"))[1])
    assert any("< or > on text in an expression: it would be ordered letter by letter" in line for line in found)


def test_an_expression_that_does_not_parse_shows_the_position() -> None:
    text = swap("{matricule: INS, ", '{matricule: {path: "identifiants[?type==\'INS-NIR"}, ')
    found = lines(check(text)[1])
    assert any("expression does not parse: identifiants[?type=='INS-NIR   (position 20)" in line for line in found)


def test_outcomes_are_checked_with_the_mapping() -> None:
    text = MAPPING + (
        "outcomes:\n  csv: {file: 'RETOUR_{run}.CSV', encoding: cp1252, columns: {A: usager.identifiant_local, "
        "B: {from: stat, table: nowhere}}}\n"
    )
    found = lines(check(text)[1])
    assert any("unknown value 'stat': did you mean state?" in line for line in found)
    assert any("unknown table 'nowhere'" in line for line in found)


def test_official_names_and_everyday_words_may_be_used() -> None:
    text = swap("nom_usage:         NOM", "nomUsage:         NOM")
    text = swap("titre: LIBELLE, besoin", "titreObjectif: LIBELLE, besoin", text)
    assert lines(check(text)[1]) == []


def test_findings_exist_in_french() -> None:
    text = swap("nom_usage:         NOM", "nom_usage:         NOM_F")
    assert "colonne NOM_F inconnue dans usagers : vouliez-vous dire NOM_JF ?" in lines(check(text)[1], "fr")[0]


def test_documents_need_an_establishment() -> None:
    text = re.sub(r"  etablissement: .*\n", "", MAPPING)
    assert any("a document needs usager.etablissement, which is not mapped" in line for line in lines(check(text)[1]))
