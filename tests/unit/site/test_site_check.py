"""`config check`: the file, and what it names on this machine."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from dui_bridge.findings import Place, Severity
from dui_bridge.sandbox.pki import PASSWORD, make_pki
from dui_bridge.site.checks import check_site
from dui_bridge.site.secrets import PUBLISHED_DEMO_KEY
from dui_bridge.site.settings import load_site

EXAMPLE = Path(__file__).parents[3] / "config" / "bridge.yaml"

SITE = """\
site: og-test
profile: production
data: data
master_key: {file: master.key}
establishments:
  - {finess: "010000024", name: IME, category: IME, default_author: {code_local: D01, nom: TOURNIER}}
sources:
  atlas: {mapping: atlas.yaml, path: depot}
destinations:
  archive: {kind: file, path: archive}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site where everything that it names is there."""
    (tmp_path / "bridge.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "atlas.yaml").touch()
    (tmp_path / "depot").mkdir()
    (tmp_path / "master.key").write_bytes(b"ab" * 32)
    (tmp_path / "master.key").chmod(0o600)
    return tmp_path


def change(folder: Path, old: str, new: str) -> None:
    text = (folder / "bridge.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "bridge.yaml").write_text(text.replace(old, new), encoding="utf-8")


def told(folder: Path) -> list[tuple[str, str]]:
    """Severity and line of each finding; the folder is shown as `.`."""
    found = check_site(folder / "bridge.yaml")
    return [(str(one.severity), one.line("en").replace(f"{folder}/", "")) for one in found]


def test_a_site_whose_files_are_all_there_has_no_finding(folder: Path) -> None:
    assert told(folder) == []


def test_a_missing_mapping_is_an_error_and_a_missing_export_folder_a_warning(folder: Path) -> None:
    (folder / "atlas.yaml").unlink()
    (folder / "depot").rmdir()

    assert told(folder) == [
        ("error", "bridge.yaml:8:20  the mapping atlas.yaml does not exist"),
        ("warning", "bridge.yaml:8:38  depot does not exist"),
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [("data", "bridge.yaml:3:7  data is not a folder"), ("archive", "bridge.yaml:10:31  archive is not a folder")],
)
def test_a_file_in_place_of_a_folder_is_an_error(folder: Path, name: str, line: str) -> None:
    (folder / name).touch()

    assert told(folder) == [("error", line)]


def test_a_folder_in_place_of_a_mapping_is_an_error(folder: Path) -> None:
    (folder / "atlas.yaml").unlink()
    (folder / "atlas.yaml").mkdir()

    assert told(folder) == [("error", "bridge.yaml:8:20  atlas.yaml is not a file")]


def test_an_establishment_without_default_author_is_a_warning(folder: Path) -> None:
    change(folder, ", default_author: {code_local: D01, nom: TOURNIER}", "")

    ((severity, line),) = told(folder)

    assert severity == "warning"
    assert line.startswith("bridge.yaml:6:5  establishment 010000024 has no default author")


def test_a_key_of_a_part_that_is_not_built_is_said_to_have_no_effect(folder: Path) -> None:
    change(folder, "destinations:", "operators: depot.yaml\ndestinations:")

    assert (
        "info",
        "bridge.yaml:9:1  'operators' has no effect yet: the roles of operators is not in this version",
    ) in told(folder)


def test_what_has_no_effect_is_also_said_of_a_file_with_errors(folder: Path) -> None:
    change(folder, "profile: production", "profile: live\noperators: depot.yaml")

    assert [severity for severity, _ in told(folder)] == ["error", "info"]


def test_broken_yaml_is_one_finding(folder: Path) -> None:
    change(folder, "sources:", "sources: [")

    assert [severity for severity, _ in told(folder)] == ["error"]


def test_the_published_demo_key_is_refused_outside_the_sandbox(folder: Path) -> None:
    (folder / "master.key").write_text(PUBLISHED_DEMO_KEY.hex())

    ((severity, line),) = told(folder)

    assert severity == "error"
    assert "published demo key" in line

    change(folder, "profile: production", "profile: sandbox")
    assert told(folder) == []


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_a_key_that_others_may_read_is_a_warning(folder: Path) -> None:
    (folder / "master.key").chmod(0o640)

    ((severity, line),) = told(folder)

    assert severity == "warning"
    assert "(mode 0640)" in line


def test_the_commented_example_lacks_nothing_but_its_files(tmp_path: Path) -> None:
    (tmp_path / "bridge.yaml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")

    findings = check_site(tmp_path / "bridge.yaml")

    errors = [one.line() for one in findings if one.severity is not Severity.INFO]
    assert errors
    assert all("does not exist" in line for line in errors)


def test_the_example_shows_every_key_that_has_no_effect_yet(tmp_path: Path) -> None:
    findings = [one for one in check_site(EXAMPLE) if one.severity is Severity.INFO]

    keys = {re.sub(r"\[\d+\]|\.atlas", ".*", one.values["key"]) for one in findings}
    assert keys == {
        "alerts", "operators", "establishments.*.contact",
    }  # fmt: skip
    assert load_site(EXAMPLE).id == "og-les-tilleuls"


@pytest.mark.parametrize(
    ("profile", "insi", "told"),
    [
        ("production", "{url: 'https://qualiflps-services-ps-tlsm.ameli.fr:443/lps'}", "qualiflps"),
        ("production", "{call_on: [any]}", "production"),
        ("sandbox", "{url: 'https://services-ps-tlsm.ameli.fr/lps'}", "services-ps-tlsm"),
    ],
)
def test_insi_of_another_profile_is_told_at_its_place(tmp_path: Path, profile: str, insi: str, told: str) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("insi:"))
    lines[at : at + 3] = [f"insi: {insi}"]
    site = tmp_path / "bridge.yaml"
    site.write_text("\n".join(lines).replace("profile: production", f"profile: {profile}"), encoding="utf-8")

    (found,) = [one for one in check_site(site) if one.rule.id == "SIT-034"]

    assert told in found.values["message"]
    assert isinstance(found.at, Place)
    assert found.at.line == at + 1


@pytest.mark.parametrize(
    ("before", "after", "rule", "told"),
    [
        ("  dmp_homologation: {", "  # {", "SIT-035", "software.dmp_homologation"),
        ("  sign: {", "  # {", "SIT-035", "certificates.sign"),
        ("  dmp: {start", "  dmp: {base: 'https://dev6.lps2.dmp.gouv.fr/', start", "SIT-036", "dev6"),
        ("  dmp: {start", "  dmp: {automate: {role: ROBOT}, start", "SIT-041", "ROBOT"),
        ("    default_author:", "    # ", "SIT-037", "010000024"),
    ],
)
def test_what_the_dmp_needs_is_told_at_its_place(tmp_path: Path, before: str, after: str, rule: str, told: str) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    assert before in text
    site = tmp_path / "bridge.yaml"
    site.write_text(text.replace(before, after, 1), encoding="utf-8")
    (at,) = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith("  dmp: {start")]

    (found,) = [one for one in check_site(site) if one.rule.id == rule]

    assert told in found.message("en")
    assert isinstance(found.at, Place)
    assert found.at.line == at


def test_an_establishment_that_is_not_of_the_certificate_is_told(folder: Path) -> None:
    make_pki(folder / "pki", names=("client-dmp",), structure="1010000016")
    (folder / "password").write_text(PASSWORD, encoding="ascii")
    more = """  - {finess: "010000032", finess_ej: "010000016", name: ESAT, category: ESAT}
certificates: {dmp: {pkcs12: pki/client-dmp.p12, password: {file: password}}}
sources:"""
    change(folder, "sources:", more)
    change(folder, "  archive:", "  dmp: {start: 2026-01-01}\n  archive:")
    (found,) = [one for one in check_site(folder / "bridge.yaml") if one.rule.id == "SIT-039"]
    assert (found.values["finess"], found.values["holder"]) == ("010000024", "010000016")


def test_pro_sante_connect_needs_its_secret_or_its_certificate_and_a_dmp(folder: Path) -> None:
    change(folder, "sources:", "psc: {client_id: pont}\nsources:")
    by_secret = told(folder)
    change(folder, "{client_id: pont}", "{client_id: pont, authentication: tls_client_auth}")

    assert by_secret == [
        ("error", f"bridge.yaml:7:6  '{key}' is needed by psc Declare it (docs/configuration.md).")
        for key in ("software.psc_secret", "destinations.dmp")
    ]
    assert "'certificates.psc' is needed by psc" in told(folder)[0][1]


def test_pro_sante_connect_of_another_profile_is_refused(folder: Path) -> None:
    change(folder, "sources:", "psc: {client_id: pont, issuer: 'https://auth.bas.psc.esante.gouv.fr/r'}\nsources:")

    assert [line.partition("  ")[2] for _, line in told(folder) if "may not be called" in line] == [
        "Pro Santé Connect at auth.bas.psc.esante.gouv.fr may not be called with the profile production Leave "
        "`psc.issuer` out: the profile knows it."
    ]


REST = """\
inbox:
  rest:
    base: http://dui.example/api
    post: documents?tous
    auth: {client_credentials: {token_url: ftp://x, client_id: {file: dui.id}, client_secret: {env: DUI_SECRET}}}
"""


def test_an_api_that_takes_documents_is_checked_as_one_that_is_read(folder: Path) -> None:
    change(folder, "sources:", f"{REST}sources:")
    assert [line.split()[0] for _, line in told(folder)] == [
        "bridge.yaml:9:11",
        "bridge.yaml:10:11",
        "bridge.yaml:11:44",
        "bridge.yaml:11:71",
    ]
    change(folder, "http://dui", "https://dui")
    change(folder, "documents?tous", "/documents")
    change(folder, "ftp://x", "/jeton")
    (folder / "dui.id").write_text("pont")
    (folder / "dui.id").chmod(0o600)
    assert told(folder) == []


@pytest.mark.parametrize("inbox", ["inbox: {}\n", REST.replace("  rest:", "  path: dui\n  rest:")])
def test_documents_that_came_go_one_way(folder: Path, inbox: str) -> None:
    change(folder, "sources:", f"{inbox}sources:")
    ((severity, line),) = told(folder)
    assert (severity, "either 'path' or 'rest'" in line) == ("error", True)
