"""A backup made yesterday is put back: nothing leaves twice, and nothing is lost."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest
from demo_site import DemoSite, invoke
from postgres_server import PostgresServer
from small_site import small_site

STAND_IN = "  dmp-essai: {kind: dummy, plays: local, path: ../dmp-essai.sqlite"


@pytest.fixture
def site(tmp_path: Path) -> DemoSite:
    """A small site whose destinations stand outside of its data folder: a folder, and a stand-in that can be asked."""
    made = small_site(tmp_path)
    lines = made.config.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if "dmp-essai:" not in line]
    made.config.write_text("".join(kept) + f"{STAND_IN}}}\n", encoding="utf-8")
    return made


def cannot_be_asked(site: DemoSite) -> None:
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace(f"{STAND_IN}}}", f"{STAND_IN}, asked: false}}"), encoding="utf-8")


def command(site: DemoSite, *words: str) -> list[str]:
    return [*words, "--config", str(site.config)]


def restored_after_more_was_sent(site: DemoSite) -> None:
    """A backup; then a first document leaves; then the data folder is lost, and the backup put back."""
    shutil.move(site.export("USAGERS.CSV").parent, site.out / "kept")
    assert invoke(*command(site, "run")).code == 1  # no export yet: the journal is made, and nothing else
    backup = site.out / "backup"
    assert invoke(*command(site, "backup"), "--out", str(backup)).code == 0
    shutil.move(site.out / "kept", site.export("USAGERS.CSV").parent)
    site.run()
    shutil.rmtree(site.out / "site" / "data")
    restored = invoke(*command(site, "restore"), str(backup))
    assert restored.code == 0, restored.stderr


def taken(site: DemoSite) -> list[int]:
    """How often the stand-in took each document."""
    with sqlite3.connect(site.out / "dmp-essai.sqlite") as store:
        return [number for (number,) in store.execute("select taken from document")]


def test_what_left_after_the_backup_does_not_leave_again(site: DemoSite) -> None:
    restored_after_more_was_sent(site)
    before = site.documents()
    assert taken(site) == [1]

    reconciled = invoke(*command(site, "reconcile"), "--json")
    summary = site.run()

    assert reconciled.code == 0, reconciled.stdout + reconciled.stderr
    asked = reconciled.json["destinations"]
    assert {name: (one["there"], one["absent"], one["unknown"]) for name, one in asked.items()} == {
        "documents": (1, 0, 0),
        "dmp-essai": (1, 0, 0),
    }
    assert [one["resumed"] for one in asked.values()] == [True, True]
    assert (summary["documents"]["built"], summary["documents"]["unchanged"]) == (0, 1)
    assert taken(site) == [1]
    assert site.documents() == before


def test_until_reconcile_a_restored_site_sends_nothing_and_says_so(site: DemoSite) -> None:
    restored_after_more_was_sent(site)
    shutil.rmtree(site.out / "documents")

    site.run()
    status = invoke(*command(site, "status"))

    assert not (site.out / "documents").exists()
    assert taken(site) == [1]
    assert status.code == 1
    assert "reconcile" in status.stdout


def test_what_did_not_leave_before_the_restore_leaves_after_it(site: DemoSite) -> None:
    restored_after_more_was_sent(site)
    shutil.rmtree(site.out / "documents")

    reconciled = invoke(*command(site, "reconcile"), "--json").json["destinations"]
    site.run()

    assert (reconciled["documents"]["there"], reconciled["documents"]["absent"]) == (0, 1)
    assert len(site.cdas()) == 1
    assert taken(site) == [1]


def test_what_is_resumed_without_reconcile_is_asked_for_all_the_same(site: DemoSite) -> None:
    restored_after_more_was_sent(site)
    resume(site)

    site.run()

    assert taken(site) == [1]


def test_a_destination_that_cannot_be_asked_stays_paused_and_a_person_decides(site: DemoSite) -> None:
    cannot_be_asked(site)
    restored_after_more_was_sent(site)

    reconciled = invoke(*command(site, "reconcile"), "--json")
    resume(site)
    site.run()

    asked = reconciled.json["destinations"]["dmp-essai"]
    assert reconciled.code == 1
    assert (asked["unknown"], asked["resumed"]) == (1, False)
    assert reconciled.json["destinations"]["documents"]["resumed"]
    assert taken(site) == [1]


def test_without_an_export_destinations_stay_paused(site: DemoSite) -> None:
    restored_after_more_was_sent(site)
    shutil.rmtree(site.export("USAGERS.CSV").parent)

    reconciled = invoke(*command(site, "reconcile"))

    assert reconciled.code == 1
    assert "atlas-ph" in reconciled.stdout
    assert invoke(*command(site, "reconcile"), "--json").json["done"] is False


def test_a_journal_that_was_not_put_back_has_nothing_to_ask(site: DemoSite) -> None:
    site.run()

    assert invoke(*command(site, "reconcile")).code == 0


def test_a_backup_is_put_back_into_an_empty_folder_only(site: DemoSite) -> None:
    site.run()
    invoke(*command(site, "backup"), "--out", str(site.out / "backup"))

    restored = invoke(*command(site, "restore"), str(site.out / "backup"))

    assert restored.code == 2
    assert "JRN-014" in restored.stderr


def test_the_master_key_is_not_in_the_backup(site: DemoSite) -> None:
    site.run()
    invoke(*command(site, "backup"), "--out", str(site.out / "backup"))
    key = (site.out / "site" / "secrets" / "master.key").read_text().strip()

    files = [path.read_bytes() for path in (site.out / "backup").rglob("*") if path.is_file()]

    assert files
    assert not [data for data in files if key.encode() in data or bytes.fromhex(key) in data]


def test_the_audit_tells_of_it_and_is_whole(site: DemoSite) -> None:
    restored_after_more_was_sent(site)
    invoke(*command(site, "reconcile"), "--by", "a.martin")

    listed = invoke(*command(site, "audit", "list"))
    verified = invoke(*command(site, "audit", "verify"), "--json")

    assert [line.split("  ")[3].split(" ")[0] for line in listed.stdout.splitlines()] == [
        "backup",
        "restore",
        "reconcile",
    ]
    assert "a.martin" in listed.stdout
    assert verified.json == {"whole": True, "rows": 3, "first_broken": None}


@pytest.mark.real
def test_a_journal_on_a_server_that_was_put_back_asks_before_it_sends(
    site: DemoSite, postgresql_server: PostgresServer, postgresql_url: str
) -> None:
    address = site.out / "site" / "secrets" / "journal.url"
    address.write_text(postgresql_url, "utf-8")
    address.chmod(0o600)
    site.config.write_text(
        site.config.read_text(encoding="utf-8") + "\njournal: {file: secrets/journal.url}\n", "utf-8"
    )
    shutil.move(site.export("USAGERS.CSV").parent, site.out / "kept")
    assert invoke(*command(site, "run")).code == 1  # no export yet: the journal is made, and nothing else
    dumped = postgresql_server.copied(postgresql_url)
    shutil.move(site.out / "kept", site.export("USAGERS.CSV").parent)
    site.run()
    address.write_text(dumped, "utf-8")

    reconciled = invoke(*command(site, "reconcile"), "--put-back", "--json")
    summary = site.run()

    assert reconciled.code == 0, reconciled.stdout + reconciled.stderr
    asked = reconciled.json["destinations"]
    assert {name: (one["there"], one["absent"], one["resumed"]) for name, one in asked.items()} == {
        "documents": (1, 0, True),
        "dmp-essai": (1, 0, True),
    }
    assert (summary["documents"]["built"], summary["documents"]["unchanged"]) == (0, 1)
    assert taken(site) == [1]


def resume(site: DemoSite) -> None:
    from datetime import UTC, datetime

    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.site.settings import load_site

    with open_journal(load_site(site.config)) as journal:
        journal.brakes.resume("dmp-essai", "test", datetime.now(UTC))
