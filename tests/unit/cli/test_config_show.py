"""`config show`: the configuration as written, and as applied; never a secret."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from demo_site import invoke

SITE = """\
site: og-test
profile: production
data: journal
master_key: {env: BRIDGE_KEY}
establishments:
  - {finess: 010000024, name: IME, category: IME, default_author: {code_local: D1, nom: NOM}}
destinations:
  dmp: {start: 2026-12-01}
"""
KEY = "5e" * 32


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BRIDGE_KEY", KEY)
    path = tmp_path / "bridge.yaml"
    path.write_text(SITE, encoding="utf-8")
    return path


def test_the_file_is_shown_as_written_with_every_value_as_text(site: Path) -> None:
    shown = invoke("config", "show", "--config", str(site))

    assert shown.code == 0
    values = yaml.safe_load(shown.stdout)
    assert list(values) == ["site", "profile", "data", "master_key", "establishments", "destinations"]
    assert values["data"] == "journal"
    assert values["establishments"][0]["finess"] == "010000024"
    assert values["destinations"]["dmp"]["start"] == "2026-12-01"


def test_effective_fills_defaults_and_makes_paths_absolute(site: Path) -> None:
    shown = invoke("config", "show", "--effective", "--config", str(site))

    assert shown.code == 0
    values = yaml.safe_load(shown.stdout)
    assert values["language"] == "fr"
    assert values["data"] == str(site.parent / "journal")
    assert values["report"] == str(site.parent / "journal" / "report.html")
    assert values["establishments"][0]["timezone"] == "Europe/Paris"
    assert values["destinations"]["dmp"]["kind"] == "dmp"


@pytest.mark.parametrize("options", [[], ["--effective"]])
def test_json_says_the_same(site: Path, options: list[str]) -> None:
    as_yaml = invoke("config", "show", *options, "--config", str(site))
    as_json = invoke("config", "show", *options, "--json", "--config", str(site))

    assert as_json.json == yaml.safe_load(as_yaml.stdout)


@pytest.mark.parametrize("options", [[], ["--effective"], ["--effective", "--json"]])
def test_a_secret_is_shown_by_the_place_it_stands_in(site: Path, options: list[str]) -> None:
    shown = invoke("config", "show", *options, "--config", str(site))

    assert "BRIDGE_KEY" in shown.stdout
    assert KEY not in shown.stdout + shown.stderr


def test_a_secret_written_in_the_file_is_refused_and_not_repeated(site: Path) -> None:
    site.write_text(SITE.replace("{env: BRIDGE_KEY}", KEY), encoding="utf-8")

    shown = invoke("config", "show", "--config", str(site))

    assert shown.code == 2
    assert KEY not in shown.stdout + shown.stderr


def test_a_file_with_errors_is_not_shown(site: Path) -> None:
    site.write_text(SITE.replace("profile:", "profil:"), encoding="utf-8")

    shown = invoke("config", "show", "--effective", "--config", str(site))

    assert (shown.code, shown.stdout) == (2, "")
    assert "bridge.yaml:2:1" in shown.stderr
