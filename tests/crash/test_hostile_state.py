"""What a machine does to a journal in use: a lock, a full disk, a clock that goes back, two runs, another version."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from crash_site import FORK, Prepared, assert_nothing_lost_or_doubled, copied, ended, run, started, work
from demo_site import DemoSite, invoke
from small_site import assert_plain_words


def database(site: DemoSite) -> sqlite3.Connection:
    path = site.config.parent / "data" / "journal.sqlite"
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False)


def sent(site: DemoSite) -> list[Path]:
    return list((site.out / "documents").rglob("*.xml"))


@contextlib.contextmanager
def locked(site: DemoSite, seconds: float) -> Iterator[None]:
    """Another process writes all that time: locks of one's own process are no obstacle."""
    path = str(site.config.parent / "data" / "journal.sqlite")
    with subprocess.Popen([sys.executable, "-c", LOCKER, path, str(seconds)], stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"locked\n"
        yield
        other.kill()


LOCKER = """
import sqlite3, sys, time
other = sqlite3.connect(sys.argv[1], isolation_level=None)
other.execute("BEGIN IMMEDIATE")
print("locked", flush=True)
time.sleep(float(sys.argv[2]))
"""


def test_a_journal_that_another_process_locks_for_a_while_is_waited_for(fresh: Prepared, tmp_path: Path) -> None:
    site = copied(fresh.site, tmp_path / "out")
    assert run(site, "record.before") == -signal.SIGKILL

    with locked(site, seconds=2):
        assert run(site) == 0

    assert_nothing_lost_or_doubled(site, fresh.whole)


def test_a_journal_that_stays_locked_is_told_and_nothing_leaves(fresh: Prepared, tmp_path: Path) -> None:
    site = copied(fresh.site, tmp_path / "out")
    assert run(site, "record.before") == -signal.SIGKILL

    with locked(site, seconds=60):
        ran = invoke("run", "--config", str(site.config))

    assert ran.code == 2
    assert "JRN-" in ran.stderr
    assert_plain_words(ran.stdout + ran.stderr)
    assert not sent(site)
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, fresh.whole)


def test_a_journal_of_a_newer_version_is_left_alone(fresh: Prepared, tmp_path: Path) -> None:
    site = copied(fresh.site, tmp_path / "out")
    assert run(site, "start.before") == -signal.SIGKILL
    with contextlib.closing(database(site)) as other:
        before = other.execute("SELECT version_num FROM alembic_version").fetchone()
        other.execute("UPDATE alembic_version SET version_num = '9999'")

    ran = invoke("run", "--config", str(site.config))

    assert ran.code == 2
    assert "9999" in ran.stderr
    assert_plain_words(ran.stdout + ran.stderr)
    assert not sent(site)
    with contextlib.closing(database(site)) as other:
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == ("9999",)
        other.execute("UPDATE alembic_version SET version_num = ?", before)
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, fresh.whole)


def test_of_two_runs_that_start_together_one_is_refused_and_nothing_leaves_twice(
    fresh: Prepared, tmp_path: Path
) -> None:
    site = copied(fresh.site, tmp_path / "out")
    barrier = FORK.Barrier(2)

    def together() -> None:
        barrier.wait()
        work(site)

    ends = sorted(ended(process) or 0 for process in [started(together) for _ in range(2)])

    # The second one may also come when the first has done everything.
    assert ends in ([0, 2], [0, 0])
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, fresh.whole)


@pytest.mark.parametrize(
    ("point", "hours"),
    [("record.after", -1), ("start.after", 1), ("send.after", -1), ("send.after", 1), ("finish.after", -1)],
)
def test_a_clock_that_jumps_after_a_crash_loses_and_doubles_nothing(
    fresh: Prepared, tmp_path: Path, point: str, hours: int
) -> None:
    site = copied(fresh.site, tmp_path / "out")
    assert run(site, point) == -signal.SIGKILL

    def elsewhen() -> None:
        shift_clock(timedelta(hours=hours))
        work(site)

    assert ended(started(elsewhen)) == 0
    # What waits for its next try waits until the clock is there again.
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, fresh.whole)


def shift_clock(by: timedelta) -> None:
    """In this process, every module of the bridge that asks for the time gets another one."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + by

    for name, module in list(sys.modules.items()):
        if name.startswith("dui_bridge.") and getattr(module, "datetime", None) is datetime:
            module.datetime = Shifted  # type: ignore[attr-defined]


@pytest.fixture
def little_disk(fresh: Prepared, tmp_path: Path) -> Iterator[DemoSite]:
    """A site whose data folder stands on a disk of its own, with room for the journal and for little else."""
    site = copied(fresh.site, tmp_path / "out")
    data = site.config.parent / "data"
    data.mkdir(exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", "size=900k", "tmpfs", str(data)]
    if os.geteuid() != 0 or subprocess.run(mount, check=False, capture_output=True).returncode != 0:
        pytest.skip("this user may not mount a small disk")
    yield site
    subprocess.run(["umount", str(data)], check=True)


@pytest.mark.parametrize("room", [400, 700, 900])
def test_a_disk_that_is_full_for_the_journal_is_told_and_the_next_run_goes_on(
    fresh: Prepared, little_disk: DemoSite, room: int
) -> None:
    data = little_disk.config.parent / "data"
    subprocess.run(["mount", "-o", f"remount,size={room}k", str(data)], check=True)

    code = run(little_disk)

    assert code in (0, 2, 3)
    subprocess.run(["mount", "-o", "remount,size=50m", str(data)], check=True)
    assert run(little_disk) == 0
    assert_nothing_lost_or_doubled(little_disk, fresh.whole)


def test_documents_that_may_not_be_written_wait_and_arrive_once(fresh: Prepared, tmp_path: Path) -> None:
    site = copied(fresh.site, tmp_path / "out")
    (site.out / "documents").write_bytes(b"a file where the folder should be")

    assert run(site) == 2

    (site.out / "documents").unlink()
    invoke("deliver", "--config", str(site.config))
    assert run(site) == 0
    assert_nothing_lost_or_doubled(site, fresh.whole)
