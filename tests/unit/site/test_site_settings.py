"""A site file is read into a typed site, or refused with everything that is wrong in it."""

from __future__ import annotations

import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dui_bridge.errors import DeclarationInvalid, FileUnusable
from dui_bridge.model.profile import Profile
from dui_bridge.site.settings import Site, load_site

GOOD = """\
site: og-test
profile: sandbox
data: data
master_key: {file: secrets/master.key}
establishments:
  - finess: 010000024
    finess_ej: "010000016"
    name: IME Les Tilleuls
    category: IME
    local_codes: [IME01, 12]
    default_author: {rpps: "10999000112", nom: VASSEUR, prenom: Hélène, profession: Psychologue}
  - finess: 2A0000014
    name: SESSAD A Teghja
    category: SESSAD
    timezone: Indian/Reunion
    oid_ipp: 1.2.250.1.999.7
    local_codes: [SES2A]
sources:
  atlas: {mapping: atlas.yaml, path: depot/atlas}
destinations:
  archive: {kind: file, path: /srv/archive}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "bridge.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def site_of(folder: Path, text: str = GOOD) -> Site:
    return load_site(written(folder, text))


def refused(folder: Path, old: str, new: str) -> list[str]:
    """The lines of findings, in English, once `old` is replaced in the good file."""
    assert old in GOOD
    with pytest.raises(DeclarationInvalid) as caught:
        site_of(folder, GOOD.replace(old, new, 1))
    return [finding.line("en") for finding in caught.value.findings]


def test_a_site_keeps_every_text_as_written(tmp_path: Path) -> None:
    first, second = site_of(tmp_path).establishments

    assert (first.finess, first.local_codes) == ("010000024", ("IME01", "12"))
    assert (second.finess, second.timezone) == ("2A0000014", ZoneInfo("Indian/Reunion"))


def test_relative_paths_start_at_the_folder_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here").mkdir()
    written(tmp_path / "here", GOOD)
    monkeypatch.chdir(tmp_path)

    site = load_site(Path("here/bridge.yaml"))

    assert site.data == tmp_path / "here/data"
    assert site.report == tmp_path / "here/data/report.html"
    assert site.master_key.file == tmp_path / "here/secrets/master.key"
    assert site.sources["atlas"].path == tmp_path / "here/depot/atlas"
    archive = site.destinations["archive"]
    assert archive.kind == "file"
    assert archive.path == Path("/srv/archive")


def test_defaults(tmp_path: Path) -> None:
    site = site_of(tmp_path)

    assert (site.language, site.profile) == ("fr", Profile.SANDBOX)
    assert site.establishments[0].timezone == ZoneInfo("Europe/Paris")


def test_the_default_author_answers_for_documents_when_nobody_else_is_named(tmp_path: Path) -> None:
    author = site_of(tmp_path).establishments[0].default_author

    assert author is not None
    assert (author.nom, author.rpps) == ("VASSEUR", "10999000112")
    assert author.profession is not None
    assert author.profession.libelle == "Psychologue"
    assert site_of(tmp_path).establishments[0].legal_authenticator == author


def test_the_root_of_local_ids_is_configured_or_made_from_site_and_finess(tmp_path: Path) -> None:
    made, given = (one.oid_ipp for one in site_of(tmp_path).establishments)
    elsewhere = site_of(tmp_path, GOOD.replace("site: og-test", "site: og-other")).establishments[0].oid_ipp

    assert given == "1.2.250.1.999.7"
    assert re.fullmatch(r"2\.25\.[1-9][0-9]+", made)
    assert len(made) <= 64
    assert made == "2.25.21493054904440944652641394153546242610"  # a change would rename every patient of every site
    assert elsewhere != made


def test_establishments_are_found_by_finess_and_by_local_code(tmp_path: Path) -> None:
    site = site_of(tmp_path)

    assert site.establishment("2A0000014") is site.by_local_code("SES2A") is site.establishments[1]
    assert site.establishment("999999999") is None
    assert site.by_local_code("ses2a") is None


def test_a_key_without_value_counts_as_absent(tmp_path: Path) -> None:
    site = site_of(tmp_path, GOOD + "software:\npolicy: ~\n")

    assert site.declaration.software is None


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("local_codes: [IME01, 12]", "oid_ip: 1", "bridge.yaml:10:5  unknown key 'oid_ip': did you mean 'oid_ipp'?"),
        ("kind: file", "kind: file, kid: x", "bridge.yaml:21:25  unknown key 'kid': did you mean 'kind'?"),
        ("prenom: Hélène", "prenon: H", "bridge.yaml:11:57  unknown key 'prenon': did you mean 'prenom'?"),
        ("mapping: atlas.yaml, ", "", "bridge.yaml:19:10  key 'mapping' is missing here"),
        ("data: data", "data:", "bridge.yaml:1:1  key 'data' is missing here"),
        ("kind: file, ", "", "bridge.yaml:21:12  key 'kind' is missing here"),
        ("nom: VASSEUR, ", "", "bridge.yaml:11:21  key 'nom' is missing here"),
        ("sandbox", "sandbx", "bridge.yaml:2:10  'sandbx' is not a known value: did you mean sandbox?"),
        ("sandbox", "live", "bridge.yaml:2:10  'live' is not a known value (production, qualification, sandbox)"),
        ("sandbox", "[sandbox]", "bridge.yaml:2:10  expected a text"),
        (
            "kind: file",
            "kind: fil",
            "bridge.yaml:21:19  'fil' is not a known value: did you mean file?",
        ),
        (
            "category: IME",
            "category: IEM01",
            "bridge.yaml:9:15  'IEM01' is not a known category of establishment: did you mean IEM?",
        ),
        (
            "Indian/Reunion",
            "Indian/Reunio",
            "bridge.yaml:15:15  'Indian/Reunio' is not a known time zone: did you mean Indian/Reunion?",
        ),
        (
            "finess: 010000024",
            "finess: 10000024",
            "bridge.yaml:6:13  expected a FINESS number: 9 characters, digits (2A or 2B in Corsica), leading zero kept",
        ),
        (
            "1.2.250.1.999.7",
            "1.2.0250.7",
            "bridge.yaml:16:14  expected an OID: numbers without leading zeros, joined by dots, 64 characters at most",
        ),
        (
            "finess: 2A0000014",
            'finess: "010000024"',
            "bridge.yaml:12:13  FINESS 010000024 stands twice (first at line 6)",
        ),
        (
            "[SES2A]",
            "[IME01]",
            "bridge.yaml:17:19  local code 'IME01' stands twice (first at line 10): it must name one establishment",
        ),
        (
            'rpps: "10999000112", ',
            "",
            "bridge.yaml:11:21  a person here needs an RPPS number (rpps) or a code of the establishment (code_local)",
        ),
        ("[SES2A]", "SES2A", "bridge.yaml:17:18  expected a list"),
        ("{mapping: atlas.yaml, path: depot/atlas}", "depot", "bridge.yaml:19:10  expected a map of keys"),
        ("name: SESSAD A Teghja", 'name: " "', "bridge.yaml:13:11  the value is empty"),
        (
            "path: /srv/archive",
            r'path: "/srv/a\0b"',
            "bridge.yaml:21:31  the value holds a line break or a control character",
        ),
        ("name: SESSAD A Teghja", "name: [A]", "bridge.yaml:13:11  expected a text"),
        (
            "  atlas:",
            "  ../atlas:",
            "bridge.yaml:19:3  expected a name of lower-case letters, digits, hyphens and underscores (at most 64)",
        ),
        (
            "site: og-test",
            "site: OG test",
            "bridge.yaml:1:7  expected a short name of lower-case letters, digits and hyphens (at most 64)",
        ),
        (
            "{file: secrets/master.key}",
            "{file: a, env: B}",
            "bridge.yaml:4:13  a secret stands in a file or in the environment: give either 'file' or 'env'",
        ),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place(tmp_path: Path, old: str, new: str, line: str) -> None:
    assert refused(tmp_path, old, new) == [line]


def test_a_secret_written_in_the_file_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (line,) = refused(tmp_path, "{file: secrets/master.key}", "0123456789abcdef")

    assert line.startswith("bridge.yaml:4:13  a secret is never written in this file")
    assert "0123456789abcdef" not in line


def test_everything_wrong_is_told_at_once_in_the_order_of_the_file_and_in_french_too(tmp_path: Path) -> None:
    text = (
        GOOD.replace("sandbox", "sandbx").replace("finess: 2A0000014", "finess: 010000024").replace("kind: file, ", "")
    )

    with pytest.raises(DeclarationInvalid) as caught:
        site_of(tmp_path, text)

    assert [finding.line("fr") for finding in caught.value.findings] == [
        "bridge.yaml:2:10  'sandbx' n'est pas une valeur connue : vouliez-vous dire sandbox ?",
        "bridge.yaml:12:13  le FINESS 010000024 figure deux fois (d'abord ligne 6)",
        "bridge.yaml:21:12  la clé 'kind' manque ici",
    ]


def test_a_site_needs_an_establishment(tmp_path: Path) -> None:
    text = re.sub(r"establishments:\n(  .*\n)+(?=sources)", "establishments: []\n", GOOD)

    with pytest.raises(DeclarationInvalid) as caught:
        site_of(tmp_path, text)

    assert [finding.line() for finding in caught.value.findings] == ["bridge.yaml:5:17  expected at least one item"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "only words\n"])
def test_a_file_that_is_no_site_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DeclarationInvalid) as caught:
        site_of(tmp_path, text)

    assert caught.value.findings


def test_a_file_that_is_not_there_is_unusable(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable):
        load_site(tmp_path / "bridge.yaml")
