"""From files to records: joins, order, damage, and the findings that say what was wrong."""

from __future__ import annotations

import csv
import gc
import io
import resource
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dui_bridge.connectors.csv import CsvSource, errors, parse_settings
from dui_bridge.connectors.csv.settings import MAX_CELL, MAX_ROW
from dui_bridge.connectors.wire.spool import SpoolFailed
from dui_bridge.declared import Problems, loads
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Scope, Severity
from dui_bridge.model.exchange import Record, Row

MAPPING = """
encoding: cp1252
files:
  usagers:      {file: USAGERS.CSV, key: NUM}
  intervenants: {file: INTERVENANTS.CSV, key: CODE}
  contacts:     {file: CONTACTS.CSV, of: usagers, on: NUM, order: RANG}
  projets:      {file: PROJETS.CSV, of: usagers, on: NUM, key: ID}
  objectifs:    {file: OBJECTIFS.CSV, of: projets, on: ID}
  evaluations:  {file: EVALUATIONS.CSV, of: usagers, on: NUM, group: [DATE, GRILLE], pivot: {ITEM: VALEUR}}
ignored:   {usagers: [REGIME]}
forbidden: {usagers: [NATIONALITE]}
"""
FILES = {
    "USAGERS": "NUM;NOM;NATIONALITE;REGIME\n1;DUPRÉ;SECRET;G\n2;NOÉ;SECRET;G\n",
    "INTERVENANTS": "CODE;NOM\nI1;ANNE\n",
    "CONTACTS": "NUM;RANG;NOM\n1;10;DIX\n1;9;NEUF\n2;1;UN\n",
    "PROJETS": "NUM;ID;TITRE\n1;P1;un\n",
    "OBJECTIFS": "ID;LIBELLE\nP1;marcher\nP1;lire\n",
    "EVALUATIONS": "NUM;DATE;GRILLE;ITEM;VALEUR;TOTAL\n1;01/01/2026;GEVA;a;3;7\n"
    "1;01/01/2026;GEVA;b;4;7\n1;02/01/2026;GEVA;a;1;1\n",
}


class Read:
    """What a source gave."""

    def __init__(self, folder: Path, mapping: str = MAPPING, used: dict[str, list[str]] | None = None) -> None:
        problems = Problems("m.yaml")
        declared = parse_settings(loads(mapping, "m.yaml"), problems)
        assert declared is not None, [finding.line() for finding in problems.findings]
        self.source = CsvSource(declared, folder, used, as_is=True)
        self.records: list[Record] = list(self.source.records())
        self.findings = self.source.findings()

    @property
    def lines(self) -> list[str]:
        return [f"{finding.rule.id} {finding.at}" for finding in self.findings]


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Read]:
    def write(mapping: str = MAPPING, used: dict[str, list[str]] | None = None, **files: str | bytes) -> Read:
        for name, content in {**FILES, **files}.items():
            data = content if isinstance(content, bytes) else content.encode("cp1252")
            (tmp_path / f"{name}.CSV").write_bytes(data)
        return Read(tmp_path, mapping, used)

    return write


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1, [finding.line() for finding in findings]
    return findings[0]


def test_one_record_per_usager_with_children_and_their_lines(read: Callable[..., Read]):
    result = read()

    first, second = result.records
    assert (first.key, first.root.alias, first.root.file, first.root.number) == ("1", "usagers", "USAGERS.CSV", 2)
    assert first.root.cells == {"NUM": "1", "NOM": "DUPRÉ", "REGIME": "G"}, "ignored stays, forbidden never enters"
    assert [(row.number, row.cells["NOM"]) for row in first.root.children["contacts"]] == [(3, "NEUF"), (2, "DIX")]
    (projet,) = first.root.children["projets"]
    assert [row.cells["LIBELLE"] for row in projet.children["objectifs"]] == ["lire", "marcher"]
    assert second.root.children["projets"] == ()
    assert first.root.findings == second.root.findings == ()
    assert result.findings == ()


def test_a_long_table_is_folded_into_one_row_per_group(read: Callable[..., Read]):
    first, second = read().records[0].root.children["evaluations"]

    assert first.cells == {"NUM": "1", "DATE": "01/01/2026", "GRILLE": "GEVA", "TOTAL": "7"}
    assert [(row.number, dict(row.cells)) for row in first.children["items"]] == [
        (2, {"ITEM": "a", "VALEUR": "3"}),
        (3, {"ITEM": "b", "VALEUR": "4"}),
    ]
    assert second.cells["DATE"] == "02/01/2026"


def test_the_same_item_twice_and_columns_that_disagree_are_findings(read: Callable[..., Read]):
    head = "NUM;DATE;GRILLE;ITEM;VALEUR;TOTAL\n"
    rows = "1;d;g;a;3;7\n1;d;g;a;4;7\n1;d;g;b;1;8\n"

    (group,) = read(EVALUATIONS=head + rows).records[0].root.children["evaluations"]

    assert {(f.rule.id, str(f.at), f.dossier) for f in group.findings} == {
        ("CSV-111", "EVALUATIONS.CSV:3:ITEM", "1"),
        ("CSV-112", "EVALUATIONS.CSV:4:TOTAL", "1"),
    }


def test_a_reference_is_looked_up(read: Callable[..., Read]):
    record = read().records[0]

    found = record.lookup("intervenants", " I1 ")
    assert found is not None
    assert found.cells["NOM"] == "ANNE"
    assert record.lookup("intervenants", "I2") is None
    assert record.lookup("nothing", "I1") is None


def test_the_order_column_is_text_when_a_value_is_no_integer(read: Callable[..., Read]):
    contacts = read(CONTACTS="NUM;RANG;NOM\n1;9;a\n1;10;b\n1;1bis;c\n").records[0].root.children["contacts"]

    assert [row.cells["RANG"] for row in contacts] == ["10", "1bis", "9"]


def test_a_key_over_two_columns(read: Callable[..., Read]):
    mapping = MAPPING.replace("key: ID}", "key: [NUM, ID]}").replace(
        "of: projets, on: ID}", "of: projets, on: [N, ID]}"
    )
    files = {"PROJETS": "NUM;ID;TITRE\n1;P;un\n2;P;deux\n", "OBJECTIFS": "N;ID;LIBELLE\n2;P;marcher\n1;;perdu\n"}

    result = read(mapping, **files)

    assert result.records[0].root.children["projets"][0].children["objectifs"] == ()
    (objectif,) = result.records[1].root.children["projets"][0].children["objectifs"]
    assert objectif.cells["LIBELLE"] == "marcher"
    assert result.lines == ["CSV-110 OBJECTIFS.CSV:3:N"]


def test_a_child_without_parent_is_an_orphan(read: Callable[..., Read]):
    result = read(CONTACTS="NUM;RANG;NOM\n7;1;SEPT\n;1;RIEN\n")

    assert result.lines == ["CSV-110 CONTACTS.CSV:2:NUM", "CSV-110 CONTACTS.CSV:3:NUM"]
    assert result.findings[0].message() == "orphan: USAGERS.CSV has no row 7. The row is not used."


def test_many_findings_of_a_kind_are_counted_not_kept(read: Callable[..., Read]):
    result = read(CONTACTS="NUM;RANG;NOM\n" + "7;1;SEPT\n" * 1000)

    assert len(result.findings) == 201
    assert result.findings[-1].message() == "800 more finding(s) CSV-110 in this file"


def test_a_key_twice_holds_both_and_gives_both_the_children(read: Callable[..., Read]):
    result = read(USAGERS="NUM;NOM;NATIONALITE;REGIME\n1;A;S;G\n1;B;S;G\n2;C;S;G\n")

    a, b, c = result.records
    for record in (a, b):
        finding = only(record.root.findings)
        assert (finding.rule, finding.scope, finding.dossier) == (errors.KEY_TWICE, Scope.DOSSIER, "1")
        assert "2 rows of USAGERS.CSV (rows 2 to 3)" in finding.message()
        assert len(record.root.children["contacts"]) == 2
    assert c.root.findings == ()


def test_a_child_key_twice_is_a_finding_of_those_rows_unless_keep_says_which(read: Callable[..., Read]):
    rows = "NUM;ID;TITRE\n1;P1;1\n1;P1;2\n1;P2;1\n"

    projets = read(PROJETS=rows).records[0].root.children["projets"]
    assert [[f.rule.id for f in row.findings] for row in projets] == [["CSV-108"], ["CSV-108"], []]
    assert projets[0].findings[0].scope is Scope.DOCUMENT

    kept = read(MAPPING.replace("key: ID}", "key: ID, keep: {last_by: TITRE}}"), PROJETS=rows)
    projets = kept.records[0].root.children["projets"]
    assert [(row.findings, len(row.children["objectifs"])) for row in projets] == [((), 2), ((), 2), ((), 0)]


def test_a_blank_key_holds_the_dossier(read: Callable[..., Read]):
    record = read(USAGERS="NUM;NOM;NATIONALITE;REGIME\n ;A;S;G\n").records[0]

    assert record.key == ""
    assert [(f.rule.id, f.scope) for f in record.root.findings] == [("CSV-109", Scope.DOSSIER)]


def test_an_unquoted_separator_is_said_with_the_row_and_the_dossier_is_known(read: Callable[..., Read]):
    result = read(CONTACTS="NUM;RANG;NOM\n1;1;DUPOND;DURAND\n1;2;BON\n")

    root = result.records[0].root
    finding = only(root.findings)
    assert (finding.rule, str(finding.at), finding.dossier) == (errors.TOO_MANY_CELLS, "CONTACTS.CSV:2", "1")
    assert finding.values["alias"] == "contacts"
    assert finding.scope is Scope.DOCUMENT, "what a child loses does not hold the dossier by itself"
    assert "4 cells where the header has 3" in finding.message()
    assert [row.cells["NOM"] for row in root.children["contacts"]] == ["BON"]


def test_the_dossier_is_found_when_the_damage_comes_before_its_number(read: Callable[..., Read]):
    mapping = MAPPING.replace(
        "{file: CONTACTS.CSV, of: usagers, on: NUM, order: RANG}", "{file: C.CSV, of: usagers, on: NUM}"
    )

    result = read(mapping, C="NOM;NUM\nDUPOND;DURAND;1\nseul\n;x;y\n")

    assert [str(finding.at) for finding in result.records[0].root.findings] == ["C.CSV:2"]
    assert result.lines == ["CSV-102 C.CSV:3", "CSV-101 C.CSV:4"]


def test_a_damaged_usager_is_still_a_record_that_is_held(read: Callable[..., Read]):
    result = read(USAGERS="NUM;NOM;NATIONALITE;REGIME\n1;DU;PRÉ;S;G\n2;NOÉ;S;G\n")

    held, sound = result.records
    assert (held.key, held.root.cells) == ("1", {"NUM": "1"})
    assert [(f.rule.id, f.scope, f.dossier) for f in held.root.findings] == [("CSV-101", Scope.DOSSIER, "1")]
    assert sound.root.findings == ()
    assert result.findings == (), "its children are no orphans"


def test_a_damaged_reference_answers_its_look_up_with_the_finding(read: Callable[..., Read]):
    result = read(INTERVENANTS="CODE;NOM\nI1;A;B\n")

    found = result.records[0].lookup("intervenants", "I1")
    assert found is not None
    assert found.cells == {"CODE": "I1"}
    assert only(found.findings).rule is errors.TOO_MANY_CELLS
    assert result.lines == ["CSV-101 INTERVENANTS.CSV:2"]


def test_children_of_a_damaged_row_are_no_orphans(read: Callable[..., Read]):
    result = read(PROJETS="NUM;ID;TITRE\n1;P1;un;deux\n")

    assert result.findings == ()
    assert [f.rule.id for f in result.records[0].root.findings] == ["CSV-101"]


def test_lines_inside_quoted_cells_count(read: Callable[..., Read]):
    contacts = read(CONTACTS='NUM;RANG;NOM\r\n1;1;"a\r\nb;""c"""\r\n\r\n1;2;d\r\n').records[0].root.children["contacts"]

    assert [(row.number, row.cells["NOM"]) for row in contacts] == [(2, 'a\r\nb;"c"'), (5, "d")]


def test_a_quotation_mark_left_open_costs_its_own_row_only(read: Callable[..., Read]):
    rows = "NUM;RANG;NOM\n" + '1;1;"Chez Dupont\n' + "".join(f"2;{n};n{n}\n" for n in range(2000))

    result = read(CONTACTS=rows)

    assert [(f.rule.id, str(f.at)) for f in result.records[0].root.findings] == [("CSV-103", "CONTACTS.CSV:2")]
    assert [row.number for row in result.records[1].root.children["contacts"]] == list(range(3, 2003))


def test_a_stray_quotation_mark_does_not_swallow_rows_when_the_cells_do_not_add_up(read: Callable[..., Read]):
    result = read(CONTACTS='NUM;RANG;NOM\n1;"1;A\n2;1;b\n2;2;C"\n2;3;d\n')

    assert [str(f.at) for f in result.records[0].root.findings] == ["CONTACTS.CSV:2"]
    assert [row.cells["NOM"] for row in result.records[1].root.children["contacts"]] == ["b", 'C"', "d"]


def test_rows_inside_a_quoted_text_are_pointed_out(read: Callable[..., Read]):
    result = read(CONTACTS='NUM;RANG;NOM\n1;1;"A\n2;1;b\n2;2;C"\n2;3;d\n')

    assert result.lines == ["CSV-117 CONTACTS.CSV:2"]
    assert "to line 4" in result.findings[0].message()


def test_text_after_a_closing_quotation_mark_is_damage_not_a_silent_change(read: Callable[..., Read]):
    result = read(CONTACTS='NUM;RANG;NOM\n1;1;"Le Petit" foyer\n')

    assert [f.rule.id for f in result.records[0].root.findings] == ["CSV-103"]


def test_without_quoting_a_quotation_mark_is_text(read: Callable[..., Read]):
    result = read("quote: none" + MAPPING, CONTACTS='NUM;RANG;NOM\n1;1;"Le Petit" foyer\n')

    assert result.records[0].root.children["contacts"][0].cells["NOM"] == '"Le Petit" foyer'


@pytest.mark.parametrize("end", ["1;2", "1;", '1;2;"DUP', "1\0\0\0\0"])
def test_a_half_written_file_stops_the_reading(read: Callable[..., Read], end: str):
    with pytest.raises(errors.FileCut, match=r"CONTACTS.CSV:3: the file ends in the middle of this row"):
        read(CONTACTS="NUM;RANG;NOM\n1;1;UN\n" + end)


def test_a_last_line_without_its_end_but_with_all_its_cells_is_read(read: Callable[..., Read]):
    assert len(read(CONTACTS="NUM;RANG;NOM\n1;1;UN\n1;2;DEUX").records[0].root.children["contacts"]) == 2


def test_blank_rows_are_counted_and_empty_lines_skipped(read: Callable[..., Read]):
    result = read(CONTACTS="NUM;RANG;NOM\n;;\n\n1;1;UN\n;;\n\n")

    assert result.lines == ["CSV-115 CONTACTS.CSV:2"]
    assert result.findings[0].message().startswith("2 row(s)")


def test_nul_bytes_damage_their_row(read: Callable[..., Read]):
    result = read(CONTACTS="NUM;RANG;NOM\n1;1;U\0N\n1;2;DEUX\n")

    assert [f.rule.id for f in result.records[0].root.findings] == ["CSV-104"]
    assert len(result.records[0].root.children["contacts"]) == 1


def test_a_byte_that_does_not_decode_damages_its_row_and_says_where(read: Callable[..., Read]):
    finding = only(read(CONTACTS=b"NUM;RANG;NOM\n1;1;\xc9\x81\n").records[0].root.findings)

    assert finding.rule is errors.UNDECODABLE
    assert finding.message().startswith("byte 6 of this row is no cp1252 character (0x81)")


def test_a_file_in_another_encoding_than_declared_is_refused(read: Callable[..., Read]):
    accented = FILES["USAGERS"] + "3;Zoé;S;G\n"
    with pytest.raises(errors.WrongEncoding, match=r"USAGERS.CSV:2: byte 33 .*not cp1252 text: probably utf-8"):
        read(USAGERS=accented.encode())
    with pytest.raises(errors.WrongEncoding, match=r"USAGERS.CSV:2: byte 33 .*not utf-8 text$"):
        read(MAPPING.replace("cp1252", "utf-8"), USAGERS=accented)
    with pytest.raises(errors.WrongEncoding, match="probably utf-16"):
        read(USAGERS=accented.encode("utf-16"))


def test_a_utf_16_file_cut_inside_a_character_is_refused(read: Callable[..., Read]):
    files = {name: text.encode("utf-16") for name, text in FILES.items()}

    assert len(read(MAPPING.replace("cp1252", "utf-16"), **files).records) == 2
    with pytest.raises(errors.WrongEncoding, match=r"USAGERS.CSV:4: byte 120"):
        read(MAPPING.replace("cp1252", "utf-16"), **files | {"USAGERS": files["USAGERS"] + b"\x31"})


@pytest.mark.parametrize("text", ["RenÃ©", "Zo\ufffd", "\x92"])
def test_signs_of_a_wrong_encoding_are_a_warning_on_the_value(read: Callable[..., Read], text: str):
    files = {name: content.encode() for name, content in FILES.items()}
    files["CONTACTS"] = f"NUM;RANG;NOM\n1;1;{text}\n".encode()

    (contact,) = read(MAPPING.replace("cp1252", "utf-8"), **files).records[0].root.children["contacts"]

    assert contact.cells["NOM"] == text
    assert [(f.rule.id, str(f.at), f.severity, f.dossier) for f in contact.findings] == [
        ("CSV-107", "CONTACTS.CSV:2:NOM", Severity.WARNING, "1")
    ]


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8", "iso8859-15", "utf-16", "utf-16-le"])
def test_a_byte_order_mark_is_no_part_of_the_first_column(read: Callable[..., Read], encoding: str):
    mark = "" if encoding == "utf-16" else "\ufeff"
    bom = b"\xef\xbb\xbf" if encoding in ("cp1252", "iso8859-15") else mark.encode(encoding)
    files = {name: bom + content.encode(encoding) for name, content in FILES.items()}

    result = read(MAPPING.replace("cp1252", encoding), **files)

    assert [record.key for record in result.records] == ["1", "2"]
    assert result.source.headers()["contacts"] == ("NUM", "RANG", "NOM")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "the file is empty"),
        ("\n", "the header line is blank"),
        (";;\n", "the header line is blank"),
        ("NUM;NOM;NUM\n", "column 'NUM' stands twice"),
        ("NUM;\0\n", "NUL bytes"),
        ('NUM;"NOM\n', "quotation mark"),
        (";".join(map(str, range(1001))) + "\n", "more than 1000 columns"),
        ("x" * (MAX_ROW + 10), "longer than"),
    ],
)
def test_a_header_that_cannot_be_used_stops_the_reading(read: Callable[..., Read], header: str, reason: str):
    with pytest.raises(errors.HeaderInvalid, match=f"CONTACTS.CSV:1: .*{reason}"):
        read(CONTACTS=header)


def test_separators_at_the_end_of_every_line_make_no_column(read: Callable[..., Read]):
    result = read(CONTACTS="NUM;RANG;NOM;;\n1;1;UN;;\n1;2;DE;UX;\n")

    assert result.records[0].root.children["contacts"][0].cells == {"NUM": "1", "RANG": "1", "NOM": "UN"}
    assert [f.rule.id for f in result.records[0].root.findings] == ["CSV-101"]


def test_unknown_columns_are_reported_once_per_file(read: Callable[..., Read]):
    used = {"usagers": ["NOM"], "contacts": [], "projets": ["TITRE"], "objectifs": ["LIBELLE"], "intervenants": ["NOM"]}

    result = read(used=used)

    assert result.lines == ["CSV-113 CONTACTS.CSV:1", "CSV-113 EVALUATIONS.CSV:1"]
    assert result.findings[0].values["columns"] == "NOM"


def test_a_used_column_that_is_missing_stops_the_reading(read: Callable[..., Read]):
    with pytest.raises(errors.ColumnsMissing, match=r"USAGERS.CSV:1: missing column\(s\): NOMS: did you mean NOM\?"):
        read(used={"usagers": ["NOMS"]})
    with pytest.raises(errors.ColumnsMissing, match=r"CONTACTS.CSV:1: missing column\(s\): RANG"):
        read(CONTACTS="NUM;NOM\n")


def test_a_forbidden_column_under_another_name_is_said(read: Callable[..., Read]):
    result = read(MAPPING.replace("[NATIONALITE]", "[NATIONALITÉ]"), used={"usagers": ["NOM"]})

    near = [finding.message() for finding in result.findings if finding.rule is errors.FORBIDDEN_ABSENT]
    assert near == ["the forbidden column NATIONALITÉ is not in the header: did you mean NATIONALITE?"]


def test_a_cell_or_line_too_long_damages_its_row_only(read: Callable[..., Read]):
    rows = f'1;1;{"x" * (MAX_CELL + 1)}\n1;2;{"y" * (2 * MAX_ROW)}\n1;3;"{"z" * (MAX_CELL * 2)}"\n1;4;fin\n'

    root = read(CONTACTS="NUM;RANG;NOM\n" + rows).records[0].root

    assert [(f.rule.id, str(f.at)) for f in root.findings] == [("CSV-106", f"CONTACTS.CSV:{n}") for n in (2, 3, 4)]
    assert [(row.number, row.cells["NOM"]) for row in root.children["contacts"]] == [(5, "fin")]


def test_a_row_without_end_is_given_up_in_bounded_time_and_memory(read: Callable[..., Read]):
    rows = 'NUM;RANG;NOM\n1;1;"a\n' + 'b";"a\n' * (MAX_ROW // 4) + '"\n2;1;fin\n'

    first, second = read(CONTACTS=rows).records

    assert [(f.rule.id, str(f.at)) for f in first.root.findings] == [("CSV-103", "CONTACTS.CSV:2")]
    assert [row.cells["NOM"] for row in second.root.children["contacts"]] == ["fin"]


def test_no_forbidden_cell_is_in_the_index(read: Callable[..., Read]):
    result = read(USAGERS=FILES["USAGERS"] + "3;X;SECRET;G;trop\n")

    assert result.source._index is not None
    dump = [str(row) for row in result.source._index._db.execute("SELECT * FROM rows")]
    assert any("DUPRÉ" in row for row in dump)
    assert not any("SECRET" in row for row in dump)


def test_a_full_disk_is_said(read: Callable[..., Read], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("dui_bridge.connectors.csv.index._SCHEMA", "PRAGMA max_page_count = 1")

    with pytest.raises(SpoolFailed):
        read()


def test_every_rule_and_error_speaks_both_languages():
    for rule in errors.RULES.values():
        assert rule.fr
        assert bool(rule.remedy_en) == bool(rule.remedy_fr), rule.id
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DuiBridgeError)]
    own = [kind for kind in kinds if kind.__module__ == errors.__name__]
    assert len({kind.code for kind in own}) == len(own) >= 4
    assert all(kind.code.startswith("CSV-3") and kind.fr and kind.action_fr for kind in own)


def content(row: Row) -> object:
    """A row without its line numbers."""
    below = {alias: [content(child) for child in rows] for alias, rows in row.children.items()}
    return row.alias, dict(row.cells), below, [finding.rule.id for finding in row.findings]


cells = st.sampled_from(["1", "2", "10", "x", "", "é"])


@given(st.lists(st.tuples(st.sampled_from("123"), cells, cells), max_size=12), st.randoms(use_true_random=False))
def test_shuffled_child_files_give_the_same_records(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    seen = []
    for order in (rows, shuffled):
        with TemporaryDirectory() as name:
            for file, text in FILES.items():
                Path(name, f"{file}.CSV").write_text(text, encoding="cp1252")
            Path(name, "CONTACTS.CSV").write_text(table("NUM;RANG;NOM", order), encoding="cp1252", newline="")
            evaluations = table("NUM;DATE;GRILLE;ITEM;VALEUR", [(*row[:2], "g", row[2], "v") for row in order])
            Path(name, "EVALUATIONS.CSV").write_text(evaluations, encoding="cp1252", newline="")
            seen.append([content(record.root) for record in Read(Path(name)).records])
    assert seen[0] == seen[1]


def table(header: str, rows: list[tuple[str, ...]]) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=";").writerows([header.split(";"), *rows])
    return stream.getvalue()


ONE_FILE = "encoding: utf-8\nfiles: {u: {file: U.CSV, key: N}}"
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@given(st.lists(st.tuples(text, text, text), max_size=6))
def test_whatever_csv_writer_writes_is_read_back(rows):
    with TemporaryDirectory() as name:
        data = table("N;A;B", [("k" + n, a, b) for n, a, b in rows]).encode()
        Path(name, "U.CSV").write_bytes(data)
        records = Read(Path(name), ONE_FILE).records
    assert [tuple(record.root.cells.values()) for record in records] == [("k" + n, a, b) for n, a, b in rows]


pieces = st.sampled_from(
    [b"1;", b"\n", b"\r\n", b'"', b";", b"a", b"\xc3\xa9", b"\x81", b"\0", b"\x1f", b"\x1e", b'";"']
)


@settings(max_examples=120, deadline=None)
@given(
    st.one_of(st.binary(max_size=60), st.lists(pieces, max_size=30).map(b"".join)),
    st.sampled_from(["utf-8", "cp1252", "utf-16", "utf-16-le", "ascii"]),
    st.booleans(),
)
def test_random_bytes_raise_nothing_but_our_errors(data: bytes, encoding: str, with_header: bool):
    with TemporaryDirectory() as name:
        header = "N;A;B\n".encode(encoding) if with_header else b""
        Path(name, "U.CSV").write_bytes(header + data)
        try:
            result = Read(Path(name), ONE_FILE.replace("utf-8", encoding))
        except DuiBridgeError as error:
            shown = [error.message("fr"), error.message("en")]
        else:
            found = [f for record in result.records for f in record.root.findings] + list(result.findings)
            shown = [finding.line(language) for finding in found for language in ("fr", "en")]
    assert all(shown)


def big_export(folder: Path, usagers: int, filler: int) -> Path:
    """Usagers with one contact each, the contacts backwards."""
    folder.mkdir()
    for name, header in {file: body.splitlines()[0] for file, body in FILES.items()}.items():
        with (folder / f"{name}.CSV").open("w", encoding="cp1252") as stream:
            print(header, file=stream)
            rest = ";x" * (header.count(";") - 1) + ";" + "y" * filler
            numbers = range(usagers, 0, -1) if name == "CONTACTS" else range(1, usagers + 1)
            if name in ("USAGERS", "CONTACTS"):
                stream.writelines(f"{number}{rest}\n" for number in numbers)
    return folder


def resident() -> int:
    """Bytes of memory of this process now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def peak(folder: Path, now: Callable[[], int]) -> int:
    """The highest memory while an export is read, over what it was before."""
    problems = Problems("m.yaml")
    declared = parse_settings(loads(MAPPING, "m.yaml"), problems)
    assert declared is not None
    source = CsvSource(declared, folder, as_is=True)
    gc.collect()
    before = highest = now()
    for number, record in enumerate(source.records()):
        assert len(record.root.children["contacts"]) == 1
        if number % 200 == 0:
            highest = max(highest, now())
    source.close()
    return highest - before


def test_what_python_holds_does_not_grow_with_the_export(tmp_path: Path):
    small, large = big_export(tmp_path / "s", 3_000, 100), big_export(tmp_path / "l", 9_000, 100)
    tracemalloc.start()
    try:
        peaks = [peak(folder, lambda: tracemalloc.get_traced_memory()[1]) for folder in (small, large)]
    finally:
        tracemalloc.stop()

    assert peaks[1] < peaks[0] * 1.2


def test_the_join_index_does_not_stay_in_memory(tmp_path: Path):
    export = big_export(tmp_path / "l", 25_000, 1_000)

    assert sum(path.stat().st_size for path in export.iterdir()) > 50_000_000
    assert peak(export, resident) < 40_000_000
