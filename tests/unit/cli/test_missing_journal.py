"""A site without a journal: what looks or acts says so and makes none; what prepares a site makes it and says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from action_world import DMP, FINESS, action_site
from delivery_world import KEY
from demo_site import Invocation, invoke

from dui_bridge.journal.errors import JournalMissing
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.opening import journal_if_any
from dui_bridge.site.settings import Site

LOOKING = (
    "status", "queue documents", "quarantine", "runs list", "trace document-1", "explain document-1",
    "report --day 2026-11-21", "audit list", "audit verify", "review list", "baseline", "consents list",
)  # fmt: skip
ACTING = (
    "deliver", "resume documents", "purge", "reconcile", "replay --cause DLV-004", "backfill --yes", "send-now document-1",
    "hold --reason x --destination documents", "runs discard 20261121T000000Z-00000000 --reason x", "backup --out copy",
)  # fmt: skip
PREPARING = (
    f"pause {DMP} --reason x",
    "baseline --before 2026-01-01 --yes",
    f"consents declare --establishment {FINESS} --channel dmp --date 2026-01-01 --evidence x",
)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    monkeypatch.chdir(tmp_path)
    return action_site(tmp_path)


def call(site: Site, words: str) -> Invocation:
    return invoke(*words.split(), "--config", str(site.file))


@pytest.mark.parametrize("words", [*LOOKING, *ACTING])
def test_without_a_journal_a_command_says_so_and_makes_none(site: Site, words: str) -> None:
    told = call(site, words)

    assert (told.code, told.stdout) == (2, "")
    assert "JRN-016" in told.stderr
    assert str(site.data) in told.stderr
    assert not site.data.exists()


def test_a_data_folder_that_lost_its_journal_is_left_as_it_is(site: Site) -> None:
    site.data.mkdir()

    told = call(site, "status")

    assert (told.code, list(site.data.iterdir())) == (2, [])


def test_a_journal_that_was_never_finished_is_none(site: Site) -> None:
    site.data.mkdir()
    (site.data / "journal.sqlite").touch()

    assert "JRN-016" in call(site, "status").stderr


@pytest.mark.parametrize("words", PREPARING)
def test_a_site_is_prepared_before_it_runs_and_told_that_its_journal_is_new(site: Site, words: str) -> None:
    first, second = call(site, words), call(site, words)

    assert first.code == 0, first.stderr
    assert str(site.data / "journal.sqlite") in first.stderr
    assert second.stderr == ""
    assert call(site, "audit list --json").code == 0


def test_a_dry_run_makes_no_journal_and_a_run_makes_it(site: Site) -> None:
    dry = call(site, "run --dry-run")
    made_by_dry_run = site.data.exists()
    run = call(site, "run")

    assert (dry.code, made_by_dry_run, run.code) == (0, False, 0)
    assert (site.data / "journal.sqlite").is_file()


def test_what_is_told_is_in_the_language_of_the_site(site: Site) -> None:
    site.file.write_text(json.dumps(json.loads(site.file.read_text()) | {"language": "fr"}))

    told = call(site, "status")

    assert f"il n'y a pas de journal dans {site.data}" in told.stderr
    assert "dui-bridge run" in told.stderr


@pytest.mark.real
def test_an_empty_database_on_a_server_is_left_empty(tmp_path: Path, postgresql_url: str) -> None:
    with pytest.raises(JournalMissing) as refused:
        Journal.open(tmp_path, KEY, url=postgresql_url, make=False)

    assert "127.0.0.1" in refused.value.message()
    Journal.open(tmp_path, KEY, url=postgresql_url).close()
    Journal.open(tmp_path, KEY, url=postgresql_url, make=False).close()


def test_there_may_be_none(site: Site) -> None:
    assert journal_if_any(site) is None
