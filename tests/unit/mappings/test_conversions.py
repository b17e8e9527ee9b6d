"""Each named conversion: what it reads, what it refuses, what it flags."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.findings import Rule
from dui_bridge.ins.invented import invented_matricule
from dui_bridge.mappings import rules
from dui_bridge.mappings.conversion import ParameterKind, Rejected, Settings, SettingsInvalid
from dui_bridge.mappings.conversions import CONVERSIONS
from dui_bridge.mappings.conversions_fr import has_luhn_key, is_cog
from dui_bridge.mappings.conversions_text import fold
from dui_bridge.model.identite import Adresse, LieuNaissance
from dui_bridge.model.types import Code

TODAY = date(2026, 11, 21)


class Row:
    """A row in memory, and what was flagged."""

    def __init__(self, cells: Mapping[str, str] | None = None, finess: frozenset[str] = frozenset()) -> None:
        self.cells, self.finess = cells or {}, finess
        self.today, self.admission, self.zone = TODAY, None, ZoneInfo("Europe/Paris")
        self.flagged: list[str] = []

    def cell(self, column: str) -> str:
        return self.cells.get(column, "")

    def flag(self, rule: Rule, column: str | None = None, /, **values: str) -> None:
        rule_text = rule.en.format_map({**values, "mapping": "", "effect": ""})
        assert rule_text
        self.flagged.append(rule.id)


def convert(
    name: str,
    text: str,
    row: Row | None = None,
    target: type = str,
    kind: str = "",
    strict: bool = False,
    **given_: str,
) -> object:
    settings = Settings({key: tuple(value.split("|")) for key, value in given_.items()}, target, kind, strict)
    return CONVERSIONS[name].bind(settings)(text, row or Row())


def refused(
    name: str,
    text: str,
    row: Row | None = None,
    target: type = str,
    kind: str = "",
    strict: bool = False,
    **given_: str,
) -> Rule:
    with pytest.raises(Rejected) as error:
        convert(name, text, row, target, kind, strict, **given_)
    return error.value.rule


def tried(
    name: str, text: str, row: Row | None = None, target: type = str, strict: bool = False, **given_: str
) -> tuple[object, Rule | None]:
    """The value, or the rule that refuses it, whose texts can be filled."""
    try:
        return convert(name, text, row, target, "", strict, **given_), None
    except Rejected as error:
        filled = {**error.values, "mapping": "", "mapping_fr": "", "effect": "", "effect_fr": ""}
        for words in (error.rule.en, error.rule.fr, error.rule.remedy_en, error.rule.remedy_fr):
            words.format_map(filled)
        return None, error.rule


@pytest.mark.parametrize(
    ("text", "settings", "expected"),
    [
        ("28/02/1987", {}, "1987-02-28"),
        ("1987-02-28", {}, "1987-02-28"),
        ("28.02.1987 13:45", {"formats": "JJ.MM.AAAA hh:mm"}, "1987-02-28"),
        ("3/4/1987", {"formats": "J/M/AAAA"}, "1987-04-03"),
        ("19870228", {"formats": "AAAAMMJJ"}, "1987-02-28"),
        ("00/00/1999", {"partial": "keep"}, "1999"),
        ("00/03/1999", {"partial": "keep"}, "1999-03"),
        ("1999", {"partial": "keep", "formats": "JJ/MM/AAAA|AAAA"}, "1999"),
        ("05/06/87", {"formats": "JJ/MM/AA", "century": "birth"}, "1987-06-05"),
        ("05/06/27", {"formats": "JJ/MM/AA", "century": "birth"}, "1927-06-05"),
        ("05/06/27", {"formats": "JJ/MM/AA", "century": "past"}, "1927-06-05"),
        ("05/06/26", {"formats": "JJ/MM/AA", "century": "past"}, "2026-06-05"),
        ("05/06/26", {"formats": "JJ/MM/AA", "century": "future"}, "2126-06-05"),
        ("05/06/27", {"formats": "JJ/MM/AA", "century": "future"}, "2027-06-05"),
    ],
)
def test_dates_are_read_by_their_format(text: str, settings: dict[str, str], expected: str) -> None:
    assert convert("date", text, **settings) == expected


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-03-01", "Europe/Paris", "2026-03-01"),
        ("2026-03-01T23:30:00", "Europe/Paris", "2026-03-01"),
        ("2026-03-01T10:00:00+01:00", "Europe/Paris", "2026-03-01"),
        ("2026-03-01T22:59:59.999Z", "Europe/Paris", "2026-03-01"),
        ("2026-03-01T23:00:00Z", "Europe/Paris", "2026-03-02"),
        ("2026-07-01T22:00Z", "Europe/Paris", "2026-07-02"),
        ("2026-03-01 00:30:00+0200", "Europe/Paris", "2026-02-28"),
        ("2026-03-01T22:00:00-05", "Europe/Paris", "2026-03-02"),
        ("2026-03-01T20:00:00Z", "Indian/Reunion", "2026-03-02"),
    ],
)
def test_a_time_stamp_is_the_day_that_it_was_at_the_site(text: str, zone: str, expected: str) -> None:
    row = Row()
    row.zone = ZoneInfo(zone)

    assert convert("date", text, row, formats="ISO") == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30T10:00:00Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T10:00:00+15:00",
        "2026-03-01T10Z",
        "0001-01-01T00:00+14",
    ],
)
def test_what_is_no_time_stamp_is_refused(text: str) -> None:
    assert refused("date", text, formats="ISO") is rules.NOT_A_DATE


@pytest.mark.parametrize(
    ("text", "settings", "rule"),
    [
        ("31/02/1987", {}, rules.NOT_A_DATE),
        ("28-02-1987", {}, rules.NOT_A_DATE),
        ("28/02/87", {}, rules.NOT_A_DATE),
        ("٢٨/02/1987", {}, rules.NOT_A_DATE),
        ("28/13/1987", {"partial": "keep"}, rules.NOT_A_DATE),
        ("05/00/1987", {"partial": "keep"}, rules.NOT_A_DATE),
        ("00/00/0000", {"partial": "keep"}, rules.NOT_A_DATE),
        ("00/00/1999", {}, rules.PARTIAL_DATE),
        ("05/06/20", {"formats": "JJ/MM/AA", "century": "birth"}, rules.CENTURY),
        ("22/11/2026", {"century": "birth"}, rules.BORN_LATER),
        ("00/12/2026", {"century": "birth", "partial": "keep"}, rules.BORN_LATER),
    ],
)
def test_dates_that_cannot_be_are_refused(text: str, settings: dict[str, str], rule: Rule) -> None:
    assert refused("date", text, **settings) is rule


@given(st.dates(date(1850, 1, 1), date(2199, 12, 31)))
def test_every_day_is_read_back(day: date) -> None:
    assert convert("date", day.strftime("%d/%m/%Y").zfill(10), target=date) == day


@given(st.dates(TODAY - timedelta(days=365 * 105), TODAY))
def test_a_short_year_of_birth_is_right_or_undecided(day: date) -> None:
    read, rule = tried("date", day.strftime("%d/%m/%y"), formats="JJ/MM/AA", century="birth")
    assert (read == day.isoformat()) if rule is None else (rule is rules.CENTURY)


@pytest.mark.parametrize(
    "settings", [{"formats": "JJ/MM/AA"}, {"formats": "JJ/AAAA"}, {"formats": "MM"}, {"formats": ""}]
)
def test_a_format_that_cannot_be_meant_is_refused_when_bound(settings: dict[str, str]) -> None:
    with pytest.raises(SettingsInvalid):
        convert("date", "x", **settings)


def test_partial_dates_need_a_field_that_holds_them() -> None:
    with pytest.raises(SettingsInvalid):
        convert("date", "x", target=date, partial="keep")


@pytest.mark.parametrize(
    ("text", "expected", "flagged"),
    [
        ("Jean-Pierre Marie, Luc", "Jean-Pierre Marie Luc", ["MAP-152"]),
        ("Jean, Marie;Luc", "Jean Marie Luc", ["MAP-152"]),
        ("Jean,Marie", "Jean Marie", []),
        ("  N'Golo   Abd ", "N'Golo Abd", []),
        (",;/", None, ["MAP-152"]),
    ],
)
def test_given_names(text: str, expected: str | None, flagged: list[str]) -> None:
    row = Row()
    assert convert("given_names", text, row) == expected
    assert row.flagged == flagged


@given(
    st.lists(st.from_regex(r"[A-ZÉ][a-zéï'-]{1,8}", fullmatch=True), min_size=1, max_size=4),
    st.sampled_from([" ", ", ", ";", " / "]),
)
def test_given_names_lose_nothing_but_separators(names: list[str], separator: str) -> None:
    assert convert("given_names", separator.join(names)) == " ".join(names)


@pytest.mark.parametrize(
    ("text", "lost"), [("Ga?tan", True), ("RenÃ©", True), ("Re\ufffdn", True), ("Qui ?", False), ("Où ?Là", False)]
)
def test_lost_accents_are_flagged_in_free_text_and_refused_in_a_strict_trait(text: str, lost: bool) -> None:
    row = Row()
    assert convert("text", text, row) == text
    assert bool(row.flagged) is lost
    if lost:
        assert refused("text", text, strict=True) is rules.ACCENTS_LOST


def test_control_characters_are_refused_and_line_ends_unified() -> None:
    assert refused("text", "a\x00b") is rules.CONTROL_CHARACTERS
    assert convert("text", "a\r\nb\rc") == "a\nb\nc"
    assert refused("text", "a\nb", strict=True) is rules.CONTROL_CHARACTERS


@pytest.mark.parametrize(
    ("text", "expected"),
    [("O", True), ("oui", True), ("VRAI", True), ("1", True), ("n", False), ("Faux", False), ("0", False)],
)
def test_yes_and_no(text: str, expected: bool) -> None:
    assert convert("oui_non", text, target=bool) is expected


@pytest.mark.parametrize("text", ["?", "peut-être", "2", "on"])
def test_neither_yes_nor_no(text: str) -> None:
    assert refused("oui_non", text, target=bool) is rules.NOT_YES_NO


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("integer", "1 234", 1234),
        ("integer", "-5", -5),
        ("decimal", "12,50", "12.50"),
        ("decimal", "1 000.5", "1000.5"),
        ("upper", "éa", "ÉA"),
    ],
)
def test_numbers_and_capitals(name: str, text: str, expected: object) -> None:
    assert convert(name, text, target=int if name == "integer" else str) == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("integer", "1,0"),
        ("integer", "٣"),
        ("decimal", "1,2,3"),
        ("decimal", "1e9"),
        ("courriel", "a@b"),
        ("courriel", "a b@c.fr"),
        ("rpps", "123"),
        ("adeli", "12"),
        ("cog", "75000"),
        ("cog", "ABCDE"),
        ("nir", "123"),
        ("telephone", "voir la mère"),
        ("telephone", "12345"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, text: str) -> None:
    assert refused(name, text)


@pytest.mark.parametrize(
    ("text", "finess", "expected", "flagged"),
    [
        ("010000024", "", "010000024", []),
        ("2a0000014", "", "2A0000014", []),
        ("01 000 002 4", "", "010000024", []),
        ("10780054", "010780054", "010780054", ["MAP-120"]),
    ],
)
def test_finess(text: str, finess: str, expected: str, flagged: list[str]) -> None:
    row = Row(finess=frozenset({finess}))
    assert convert("finess", text, row) == expected
    assert row.flagged == flagged


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("10780054", rules.FINESS_LOST_ZERO),
        ("7,50012E+08", rules.FINESS_PRECISION),
        ("7.5E8", rules.FINESS_PRECISION),
        ("2C0000014", rules.NOT_FINESS),
        ("0107800540", rules.NOT_FINESS),
    ],
)
def test_a_finess_is_never_guessed(text: str, rule: Rule) -> None:
    assert refused("finess", text, Row(finess=frozenset({"010000024"}))) is rule


@pytest.mark.parametrize(
    ("text", "expected", "flagged"),
    [
        ("10002422979", "10002422979", []),
        ("810002422979", "10002422979", ["MAP-132"]),
        ("10002422978", "10002422978", ["MAP-131"]),
        ("100 024 229 79", "10002422979", []),
    ],
)
def test_rpps(text: str, expected: str, flagged: list[str]) -> None:
    row = Row()
    assert convert("rpps", text, row) == expected
    assert row.flagged == flagged


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_one_last_digit_of_ten_is_the_key(digits: str) -> None:
    assert sum(has_luhn_key(f"{digits}{last}") for last in range(10)) == 1


@given(st.sampled_from("MF"), st.integers(1900, 2020), st.integers(1, 12), st.sampled_from(["2A004", "75114", "99350"]))
def test_nir_in_all_its_spellings(sexe: str, year: int, month: int, cog: str) -> None:
    nir = invented_matricule(sexe, year, month, cog)
    spaced = f"{nir[0]} {nir[1:3]} {nir[3:5]} {nir[5:7]} {nir[7:10]} {nir[10:13]} {nir[13:]}"
    for text in (nir, nir[:13], spaced, nir.lower()):
        assert convert("nir", text) == nir
    assert convert("nir", nir[:13], Row({"CLE": nir[13:]}), key="CLE") == nir
    wrong = f"{int(nir[13:]) % 97 + 1:02}"
    assert refused("nir", f"{nir[:13]}{wrong}") is rules.NIR_KEY
    assert refused("nir", nir[:13], Row({"CLE": wrong}), key="CLE") is rules.NIR_KEY
    assert convert("matricule_ins", spaced) == nir
    assert refused("matricule_ins", f"{nir[:13]}{wrong}") is rules.MATRICULE_KEY
    assert refused("matricule_ins", nir[:13]) is rules.NOT_MATRICULE


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("04 74 00 00 00", "+33474000000"),
        ("04.74.00.00.00", "+33474000000"),
        ("+33 (0)4 74 00 00 00", "+33474000000"),
        ("0033474000000", "+33474000000"),
        ("0262 12 34 56", "+262262123456"),
        ("0690123456", "+590690123456"),
        ("+41 22 123 45 67", "+41221234567"),
        ("3919", "3919"),
        ("15", "15"),
    ],
)
def test_telephones(text: str, expected: str) -> None:
    assert convert("telephone", text) == expected


@pytest.mark.parametrize(
    ("cog", "postcode", "expected", "flagged"),
    [
        ("01283", "01100", "01283", []),
        ("2a004", "20000", "2A004", []),
        ("99350", "", "99350", []),
        ("01100", "01100", None, ["MAP-161"]),
        ("69000", "", None, ["MAP-161"]),
        ("75014", "", None, ["MAP-161"]),
        ("75056", "", "75056", []),
        ("PARIS", "", None, ["MAP-161"]),
        ("", "01100", None, ["MAP-162"]),
    ],
)
def test_commune_of_birth_by_form(cog: str, postcode: str, expected: str | None, flagged: list[str]) -> None:
    row = Row({"COG": cog, "CP": postcode})
    place = convert("commune_naissance", "OYONNAX", row, LieuNaissance, cog="COG", postcode="CP")
    assert place == LieuNaissance(cog=expected, libelle="OYONNAX", code_postal=postcode or None)
    assert row.flagged == flagged


def test_a_birthplace_that_is_blank_everywhere_is_absent() -> None:
    assert convert("commune_naissance", "", Row(), LieuNaissance, cog="COG") is None
    assert is_cog("97411")


def test_address_lines() -> None:
    row = Row({"ADR2": "BP 40", "CP": "01000", "VILLE": "BOURG"})
    read = convert("address", "12 allée\n\nBât. C", row, Adresse, more="ADR2", postcode="CP", city="VILLE")
    assert read == Adresse(lignes=("12 allée", "Bât. C", "BP 40"), code_postal="01000", localite="BOURG")
    assert convert("address", "", Row(), Adresse) is None


def test_serafin_codes_have_their_label_and_kind() -> None:
    assert convert("serafin", "1.1.3", target=Code, kind="besoin") == Code(
        code="1.1.3", libelle="Besoins en matière de douleur", systeme="1.2.250.1.213.3.3.60"
    )
    assert refused("serafin", "1.1.3", target=Code, kind="prestation") is rules.NOT_SERAFIN
    assert refused("serafin", "1.1.99", target=Code) is rules.NOT_SERAFIN


@pytest.mark.parametrize(
    ("text", "expected"), [("DOCS\\A.PDF", "DOCS/A.PDF"), ("./a//b.pdf", "a/b.pdf"), ("été/ça.pdf", "été/ça.pdf")]
)
def test_paths_inside_the_export(text: str, expected: str) -> None:
    assert convert("relative_path", text) == expected


@pytest.mark.parametrize(
    "text", ["..\\x", "a/../b", "/etc/passwd", "\\\\srv\\x", "C:\\x", "c:x", ".", "a\x00b", "a/.. /b", "x" * 1001]
)
def test_paths_that_could_lead_out_are_refused(text: str) -> None:
    assert refused("relative_path", text) is rules.BAD_PATH


@given(st.text(max_size=40))
def test_a_path_that_is_accepted_stays_inside(text: str) -> None:
    try:
        path = str(convert("relative_path", text))
    except Rejected:
        return
    assert not path.startswith("/")
    assert not {"..", ".", ""} & set(path.split("/"))
    assert convert("relative_path", path) == path


@pytest.mark.parametrize(
    "text",
    ["\\\\srv\\partage\\2026\\c.pdf", " \\\\SRV\\Partage\\2026\\c.pdf", "//srv/partage/2026/c.pdf", "2026\\c.pdf"],
)
def test_a_path_of_the_network_share_that_the_export_copies_is_read_inside_it(text: str) -> None:
    assert convert("relative_path", text, share="\\\\srv\\partage") == "2026/c.pdf"


@pytest.mark.parametrize(
    "text",
    ["\\\\autre\\partage\\c.pdf", "\\\\srv\\partage2\\c.pdf", "\\\\srv\\partage\\..\\c.pdf", "\\\\srv\\partage\\"],
)
def test_a_path_of_another_share_or_that_leaves_it_is_refused(text: str) -> None:
    assert refused("relative_path", text, share="\\\\srv\\partage\\") is rules.BAD_PATH


def test_a_share_must_name_a_folder() -> None:
    with pytest.raises(SettingsInvalid):
        convert("relative_path", "c.pdf", share="\\")


@given(st.text(max_size=60), st.sampled_from(sorted(CONVERSIONS)))
def test_no_text_makes_a_conversion_fail_otherwise(text: str, name: str) -> None:
    conversion = CONVERSIONS[name]
    given_ = {p.name: "X" for p in conversion.parameters if p.kind in (ParameterKind.COLUMN, ParameterKind.COLUMNS)}
    for strict in (False, True):
        row = Row({"X": text.strip()})
        tried(name, text.strip(), row, conversion.outputs[0], strict=strict, **given_)


def test_every_conversion_and_parameter_is_described_in_both_languages() -> None:
    for conversion in CONVERSIONS.values():
        assert conversion.en
        assert conversion.fr
        assert all(parameter.en and parameter.fr for parameter in conversion.parameters)


@given(st.text(max_size=30))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
