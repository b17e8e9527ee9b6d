"""Opening: what is made, and what is refused with words."""

from __future__ import annotations

import errno
import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.pool import Pool

from dui_bridge.errors import JournalUnusable
from dui_bridge.journal import migrations
from dui_bridge.journal.errors import (
    JournalDamaged,
    JournalKeyWrong,
    JournalLocked,
    JournalNewer,
    JournalUnwritable,
)
from dui_bridge.journal.schema import HEAD, metadata
from dui_bridge.journal.store import Journal

FILE = "journal.sqlite"


@pytest.fixture
def closed(folder: Path, key: bytes) -> Path:
    """The file of a journal that exists and is closed."""
    Journal.open(folder, key).close()
    return folder / FILE


def refusal(folder: Path, key: bytes, kind: type[JournalUnusable], wait: float = 10.0) -> str:
    with pytest.raises(kind) as refused:
        Journal.open(folder, key, wait)
    assert refused.value.message("fr") != refused.value.message("en")
    assert refused.value.action("fr")
    return refused.value.message("en")


def test_the_folder_and_the_files_are_for_this_user_only(folder: Path, journal):
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert set(modes.values()) == {0o600}
    assert {FILE, f"{FILE}-wal"} <= set(modes)


@pytest.mark.parametrize(("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)])
def test_what_is_committed_survives_a_power_cut(journal, pragma, value):
    with journal._access.reading() as connection:
        assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value


def test_the_migrations_make_the_tables_of_the_schema(journal):
    with journal._access.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_head_is_the_last_migration():
    assert ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head() == HEAD


def test_an_up_to_date_journal_is_opened_without_alembic(closed: Path, key: bytes):
    code = (
        "import sys; from pathlib import Path; import dui_bridge.journal; assert 'sqlalchemy' not in sys.modules\n"
        "from dui_bridge.journal.store import Journal\n"
        f"Journal.open(Path({str(closed.parent)!r}), bytes.fromhex({key.hex()!r})).close()\n"
        "assert 'alembic' not in sys.modules"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=closed.parent)


def test_a_journal_of_a_newer_version_is_refused_and_left_alone(closed: Path, key: bytes):
    with sqlite3.connect(closed) as database:
        database.execute("UPDATE alembic_version SET version_num = '0999'")
    database.close()

    assert "0999" in refusal(closed.parent, key, JournalNewer)


def test_a_file_that_is_no_database_is_refused_and_kept(folder: Path, key: bytes):
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"Nom;Prenom\n" * 100)

    refusal(folder, key, JournalDamaged)

    assert (folder / FILE).read_bytes().startswith(b"Nom;Prenom")


def test_the_database_of_something_else_is_refused(folder: Path, key: bytes):
    folder.mkdir(parents=True)
    with sqlite3.connect(folder / FILE) as database:
        database.execute("CREATE TABLE usagers (nom TEXT)")
    database.close()

    refusal(folder, key, JournalDamaged)


def test_a_damaged_page_is_told_when_it_is_read(folder: Path, key: bytes, journal, series, record):
    record(journal, 1)
    journal.close()
    file = folder / FILE
    size = file.stat().st_size
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\xa5" * (size - 4096))

    with pytest.raises(JournalDamaged), Journal.open(folder, key) as again:
        again.series_for(series)


def test_a_damaged_value_is_told_when_it_is_read(folder: Path, journal, series, record):
    record(journal, 1)
    with sqlite3.connect(folder / FILE) as database:
        database.execute("UPDATE document_version SET raw_parts = '{\"plans'")
    database.close()

    with pytest.raises(JournalDamaged):
        journal.series_for(series)


def test_another_key_is_refused(closed: Path):
    refusal(closed.parent, b"another key, but of thirty-two bytes", JournalKeyWrong)


def test_a_short_key_is_refused_before_anything_is_made(folder: Path):
    refusal(folder, b"short", JournalKeyWrong)

    assert not folder.exists()


def test_a_database_that_another_process_writes_is_waited_for_then_refused(folder: Path, key: bytes, journal, record):
    blocker = sqlite3.connect(folder / FILE)
    blocker.execute("BEGIN IMMEDIATE")
    try:
        with Journal.open(folder, key, wait=0.1) as impatient, pytest.raises(JournalLocked):
            impatient.dossiers.accept_traits(1, {})
    finally:
        blocker.close()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path, key: bytes):
    (tmp_path / "data").write_text("")

    refusal(tmp_path / "data", key, JournalUnwritable)


def test_a_read_only_folder_is_refused(closed: Path, key: bytes):
    for path in closed.parent.iterdir():
        path.chmod(0o444)
    closed.parent.chmod(0o555)

    # In a child process, which can give up the rights of root; by a relative path, since the folders above are root's.
    if (child := os.fork()) == 0:
        reason = "opened"
        try:
            os.chdir(closed.parent.parent)
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            Journal.open(Path(closed.parent.name), key)
        except JournalUnwritable as error:
            reason = error.values["reason"]
        finally:
            os._exit(0 if reason == os.strerror(errno.EACCES) else 1)
    exit_code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    closed.parent.chmod(0o700)

    assert exit_code == 0


def test_a_full_disk_is_told_and_what_was_recorded_is_kept(folder: Path, key: bytes, journal, series, record):
    record(journal, 1)
    journal.close()

    def fill(connection: sqlite3.Connection, _record: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Pool, "connect", fill)
    try:
        with Journal.open(folder, key) as again:
            before = again.series_for(series)
            with pytest.raises(JournalUnwritable) as refused:
                again.refresh_raw({"2.25.1": {f"part {number}": "a" * 64 for number in range(500)}})
            after = again.series_for(series)
    finally:
        event.remove(Pool, "connect", fill)
    assert "part 1" not in str(refused.value)
    assert after == before
