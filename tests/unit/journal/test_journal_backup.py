"""A backup is whole, sealed and of no use without the key; what is put back waits for a person."""

from __future__ import annotations

import base64
import json
import multiprocessing
import shutil
import sqlite3
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from journal_site import AT, delivery_of, record, settle, start_run, state_of

from dui_bridge.errors import JournalUnusable
from dui_bridge.journal.backup import BackupReport, backup, mark_restored, restore
from dui_bridge.journal.errors import (
    BackupElsewhere,
    BackupUnusable,
    JournalDamaged,
    JournalKeyWrong,
    JournalLocked,
    JournalNewer,
    NotEmpty,
)
from dui_bridge.journal.restoration import Restoration
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState

LARGE = b"x" * (1024 * 1024 + 1)
LATER = AT + timedelta(days=1)
_FORK = multiprocessing.get_context("fork")


@pytest.fixture
def source(folder: Path, key: bytes) -> Path:
    """The data folder of a site with a delivered document, and a large one that waits."""
    with Journal.open(folder, key) as journal:
        start_run(journal)
        settle(journal, record(journal))
        record(journal, "PP-2", usager="U-2", data=LARGE)
        journal.audit.add("anne", "h", "run", "r1", {}, AT)
    return folder


@pytest.fixture
def made(source: Path, key: bytes, tmp_path: Path) -> Path:
    return backup(source, key, tmp_path / "backup", AT).folder


def refused(made: Path, into: Path, key: bytes, kind: type[JournalUnusable]) -> str:
    with pytest.raises(kind) as error:
        restore(made, into, key, LATER, by="anne")
    assert error.value.message("fr") != error.value.message("en")
    assert error.value.action("fr")
    assert not into.exists() or list(into.iterdir()) == []
    return error.value.message("en")


def test_what_is_put_back_is_what_was_there(made: Path, source: Path, tmp_path: Path, key: bytes):
    into = tmp_path / "new"

    report = restore(made, into, key, LATER, by="anne", destinations=["neuve"])

    assert (report.folder, report.made_at, report.paused) == (into, AT, ("dmp", "neuve"))
    assert {path.name for path in into.iterdir()} == {"journal.sqlite", "spool"}
    with Journal.open(into, key) as journal:
        states = {
            case.built.data: case.case.delivery.state for case in map(journal.deliveries.sendable, (1, 2)) if case
        }
        assert states == {b"<ClinicalDocument/>": DeliveryState.DELIVERED, LARGE: DeliveryState.PLANNED}
        assert journal.audit.verify() is None


def test_every_destination_waits_until_what_left_since_is_known(made: Path, tmp_path: Path, key: bytes):
    restore(made, tmp_path / "new", key, LATER, by="anne", destinations=["neuve"])

    with Journal.open(tmp_path / "new", key) as journal:
        assert [(brake.gate(LATER), brake.reason) for brake in journal.brakes.all()] == [("shut", "restored")] * 2
        assert Restoration(journal.access).is_open()


def test_a_journal_that_was_never_put_back_says_so(stored: Journal):
    assert not Restoration(stored.access).is_open()
    assert mark_restored(stored, AT, by="anne", destinations=["dmp"]) == ("dmp",)
    assert Restoration(stored.access).is_open()


def test_only_this_user_can_read_a_backup_and_the_master_key_is_not_in_it(made: Path, key: bytes):
    files = [path for path in made.rglob("*") if path.is_file()]

    assert len(files) == 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (made, made / "spool")} == {0o700}
    for path in files:
        content = path.read_bytes()
        for form in (key, key.hex().encode(), base64.b64encode(key)):
            assert form not in content


def test_a_backup_is_whole_while_another_process_writes(folder: Path, key: bytes, tmp_path: Path):
    Journal.open(folder, key).close()
    ready, stop = _FORK.Event(), _FORK.Event()

    def write() -> None:
        with Journal.open(folder, key) as journal:
            start_run(journal)
            number = 0
            while not stop.is_set():
                number += 1
                record(journal, f"PP-{number}", usager=f"U-{number}", data=LARGE if number % 3 == 0 else b"<x/>")
                if number == 5:
                    ready.set()

    writer = _FORK.Process(target=write)
    writer.start()
    try:
        assert ready.wait(30)
        made = [backup(folder, key, tmp_path / f"backup-{number}", AT) for number in range(3)]
    finally:
        stop.set()
        writer.join(30)

    assert writer.exitcode == 0
    for report in made:
        into = tmp_path / f"into-{report.folder.name}"
        restore(report.folder, into, key, LATER, by="anne")
        with Journal.open(into, key) as journal:
            cases = journal.deliveries.cases("dmp", limit=10_000)
            assert len(cases) >= 5
            assert all(journal.deliveries.sendable(case.delivery.id) for case in cases)


def test_a_file_that_the_journal_names_and_that_is_gone_is_told(source: Path, key: bytes, tmp_path: Path):
    next((source / "spool").iterdir()).unlink()

    with pytest.raises(JournalDamaged):
        backup(source, key, tmp_path / "backup", AT)

    assert not (tmp_path / "backup").exists()
    assert not (tmp_path / "backup.part").exists()


def test_a_backup_waits_for_a_purge_and_then_gives_up(source: Path, key: bytes, tmp_path: Path):
    with Journal.open(source, key) as journal, journal.lock("keeping"), pytest.raises(JournalLocked):
        backup(source, key, tmp_path / "backup", AT, wait=0.1)


def test_nothing_is_written_over(made: Path, source: Path, key: bytes, tmp_path: Path):
    with pytest.raises(NotEmpty):
        backup(source, key, made, AT)
    with pytest.raises(NotEmpty):
        restore(made, source, key, LATER, by="anne")
    (tmp_path / "empty").mkdir()
    assert restore(made, tmp_path / "empty", key, LATER, by="anne").files == 2


def test_what_a_backup_or_a_restore_that_was_killed_has_left_is_no_hindrance(
    made: Path, source: Path, key: bytes, tmp_path: Path
):
    (tmp_path / "second.part").mkdir()
    (tmp_path / "second.part" / "journal.sqlite").write_bytes(b"half")
    assert isinstance(backup(source, key, tmp_path / "second", AT), BackupReport)

    (tmp_path / "new" / ".restoring").mkdir(parents=True)
    (tmp_path / "new" / ".restoring" / "journal.sqlite").write_bytes(b"half")
    restore(made, tmp_path / "new", key, LATER, by="anne")


def test_another_key_is_refused(made: Path, tmp_path: Path):
    refused(made, tmp_path / "new", b"another key, but of thirty-two bytes", JournalKeyWrong)
    refused(made, tmp_path / "new", b"short", JournalKeyWrong)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def edit(path: Path, change: Callable[[dict[str, object]], object]) -> None:
    manifest = json.loads(path.read_text())
    change(manifest["content"])
    path.write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "damage",
    [
        lambda made: flip(made / "journal.sqlite"),
        lambda made: flip(next((made / "spool").iterdir())),
        lambda made: next((made / "spool").iterdir()).unlink(),
        lambda made: (made / "journal.sqlite").unlink(),
        lambda made: (made / "manifest.json").unlink(),
        lambda made: (made / "manifest.json").write_text("{"),
        lambda made: (made / "manifest.json").write_text("[]"),
        lambda made: edit(made / "manifest.json", lambda content: content["files"].clear()),
        lambda made: edit(made / "manifest.json", lambda content: content.update(made_at="2026-01-01T00:00:00+00:00")),
        lambda made: shutil.rmtree(made),
    ],
    ids=["database", "file", "no file", "no database", "no manifest", "cut", "other", "fewer", "earlier", "nothing"],
)
def test_a_backup_that_is_damaged_or_was_changed_is_refused(
    made: Path, tmp_path: Path, key: bytes, damage: Callable[[Path], object]
):
    damage(made)

    refused(made, tmp_path / "new", key, BackupUnusable)


def test_the_backup_of_a_newer_version_is_refused(source: Path, tmp_path: Path, key: bytes):
    made = backup(source, key, tmp_path / "backup", AT).folder
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("dui_bridge.journal.backup._FORMAT", 0)
        assert "newer" in refused(made, tmp_path / "new", key, BackupUnusable)


def test_a_journal_of_a_newer_version_is_refused(source: Path, tmp_path: Path, key: bytes):
    with Journal.open(source, key):  # keeps the write-ahead log from being put away
        with sqlite3.connect(source / "journal.sqlite") as database:
            database.execute("UPDATE alembic_version SET version_num = '0999'")
        database.close()
        with pytest.raises(JournalNewer):
            backup(source, key, tmp_path / "backup", AT)


@pytest.mark.real
def test_a_journal_on_postgresql_is_saved_with_its_own_tools(
    postgresql_url: str, folder: Path, key: bytes, tmp_path: Path
):
    with pytest.raises(BackupElsewhere) as error:
        backup(folder, key, tmp_path / "backup", AT, url=postgresql_url)

    assert "pg_dump" in error.value.action("fr")
    assert not (tmp_path / "backup").exists()


def test_yesterdays_backup_knows_nothing_of_what_left_since_and_lets_nothing_leave(
    source: Path, key: bytes, tmp_path: Path
):
    made = backup(source, key, tmp_path / "backup", AT)
    with Journal.open(source, key) as journal:
        journal.start_run("r2", "atlas", "export", {}, AT)
        settle(journal, 2)

    restore(made.folder, tmp_path / "new", key, LATER, by="anne")

    with Journal.open(tmp_path / "new", key) as journal:
        assert state_of(journal, delivery_of(journal, 2)) is DeliveryState.PLANNED
        assert journal.brakes.get("dmp").gate(LATER + timedelta(days=9)) == "shut"
