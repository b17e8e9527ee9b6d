"""The journal on PostgreSQL: how it is opened, what its errors say, and that two workers never do the same."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from journal_site import AT, delivery_of, record, start_run
from postgres_server import PASSWORD, USER, PostgresServer, running_server
from sqlalchemy import text

from dui_bridge.errors import JournalUnusable
from dui_bridge.journal.control_records import brake_of
from dui_bridge.journal.errors import (
    AddressUnusable,
    DriverMissing,
    JournalDamaged,
    JournalKeyWrong,
    JournalLocked,
    JournalNewer,
    JournalOvertaken,
    JournalRefused,
    JournalUnreachable,
    JournalUnwritable,
    LocksLost,
    RunUnderWay,
)
from dui_bridge.journal.lock import held
from dui_bridge.journal.postgresql import meaning, parse
from dui_bridge.journal.schema import brake, metadata
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, DeliveryState

real = pytest.mark.real


def in_threads(calls: Sequence[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def refusal(folder: Path, key: bytes, url: str, kind: type[JournalUnusable], wait: float = 10.0) -> str:
    with pytest.raises(kind) as refused:
        Journal.open(folder, key, wait, url)
    error = refused.value
    assert error.message("fr") != error.message("en")
    assert error.action("fr")
    for words in (str(error), error.message("fr"), repr(error.values)):
        assert PASSWORD not in words
        assert USER not in words.replace("dui-bridge", "")
    return error.message("en")


@pytest.mark.parametrize(
    "url",
    ["", "dui:sesame-42@host/base", "mysql://dui:sesame-42@host/base", "postgresql://dui:sesame-42@host",
     "postgresql://dui:sesame-42@host:port/base", "sqlite:///dui-sesame-42", "postgresql+asyncpg://dui:sesame-42@h/b"],
)  # fmt: skip
def test_an_address_that_is_none_of_postgresql_is_refused_and_not_shown(folder: Path, key: bytes, url: str):
    refusal(folder, key, url, AddressUnusable)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("postgresql://dui:sesame-42@host:5433/base", "postgresql://host:5433/base"),
        ("postgres://dui@host/base", "postgresql://host/base"),
        (" postgresql+psycopg:///base?password=sesame-42&host=/run\n", "postgresql:///base"),
    ],
)
def test_a_journal_is_named_without_account_and_password(url: str, name: str):
    parsed, shown = parse(url)

    assert shown == name
    assert parsed.drivername == "postgresql+psycopg"


def test_without_the_extra_it_is_told_what_to_install(folder: Path, key: bytes, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    message = refusal(folder, key, "postgresql://dui:sesame-42@127.0.0.1:1/base", DriverMissing)

    assert "psycopg is not installed" in message


def test_a_server_that_does_not_answer_is_told_with_the_exit_code_of_services(folder: Path, key: bytes):
    pytest.importorskip("psycopg")
    refusal(folder, key, "postgresql://dui:sesame-42@127.0.0.1:1/base", JournalUnreachable)

    assert JournalUnreachable.exit_code == 3


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("57P01", JournalUnreachable),
        ("08006", JournalUnreachable),
        ("28P01", JournalRefused),
        ("42501", JournalRefused),
        ("40001", JournalLocked),
        ("40P01", JournalLocked),
        ("55P03", JournalLocked),
        ("53100", JournalUnwritable),
        ("58030", JournalUnwritable),
        ("25006", JournalUnwritable),
        ("XX001", JournalDamaged),
        ("22P02", JournalUnusable),
    ],
)
def test_a_code_of_the_server_becomes_what_a_person_can_do(state: str, kind: type[JournalUnusable]):
    class DriverError(Exception):
        sqlstate = state

    error = meaning(DriverError("invalid input: Lefèvre"), "postgresql://host/base")

    assert type(error) is kind
    assert "Lefèvre" not in str(error)


@real
def test_the_wrong_password_and_the_wrong_base_are_refused(folder: Path, key: bytes, postgresql_server: PostgresServer):
    url = postgresql_server.url()
    assert f"127.0.0.1:{postgresql_server.port}" in refusal(
        folder, key, url.replace(PASSWORD, "falsch"), JournalRefused
    )
    refusal(folder, key, postgresql_server.url("no_such_base"), JournalRefused)


@real
def test_the_migrations_make_the_tables_of_the_schema(postgresql_url: str, folder: Path, key: bytes):
    with Journal.open(folder, key, url=postgresql_url) as journal, journal.access.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@real
def test_what_is_committed_survives_a_power_cut_and_readers_cannot_write(postgresql_url: str, folder: Path, key: bytes):
    with Journal.open(folder, key, url=postgresql_url) as journal:
        with journal.access.writing() as connection:
            assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"
            assert connection.execute(text("SHOW transaction_isolation")).scalar() == "read committed"
        with journal.access.reading() as connection:
            assert connection.execute(text("SHOW transaction_isolation")).scalar() == "repeatable read"
        with pytest.raises(JournalUnwritable), journal.access.reading() as connection:
            connection.execute(brake.delete())


@real
def test_another_key_a_newer_version_and_other_tables_are_refused(
    postgresql_server: PostgresServer, folder: Path, key: bytes
):
    import psycopg

    url = postgresql_server.fresh()
    Journal.open(folder, key, url=url).close()
    refusal(folder, b"another key, but of thirty-two bytes", url, JournalKeyWrong)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
    assert "0999" in refusal(folder, key, url, JournalNewer)

    foreign = postgresql_server.fresh()
    with psycopg.connect(foreign) as connection:
        connection.execute("CREATE TABLE usagers (nom text)")
    refusal(folder, key, foreign, JournalDamaged)


@real
def test_hosts_that_make_the_same_journal_at_once_all_open_it(postgresql_url: str, tmp_path: Path, key: bytes):
    barrier, opened = threading.Barrier(3), []

    def make(number: int) -> None:
        barrier.wait()
        Journal.open(tmp_path / str(number), key, url=postgresql_url).close()
        opened.append(number)

    in_threads([partial(make, number) for number in range(3)])

    assert sorted(opened) == [0, 1, 2]


@pytest.fixture
def two(postgresql_url: str, tmp_path: Path, key: bytes) -> Iterator[tuple[Journal, Journal]]:
    """The same journal, opened by two hosts."""
    with (
        Journal.open(tmp_path / "one", key, 1.0, postgresql_url) as one,
        Journal.open(tmp_path / "two", key, 1.0, postgresql_url) as other,
    ):
        yield one, other


@real
def test_a_run_of_a_source_keeps_other_hosts_out_and_names_its_process(two: tuple[Journal, Journal]):
    one, other = two
    start_run(one)

    with pytest.raises(RunUnderWay) as refused:
        other.start_run("r2", "atlas", "export", {}, AT)
    assert "dui-bridge" in refused.value.values["process"]

    one.close()
    other.start_run("r2", "atlas", "export", {}, AT)


@real
def test_a_lock_is_waited_for_and_let_go(two: tuple[Journal, Journal]):
    one, other = two
    with one.lock("dmp") as first, other.lock("dmp") as second, other.lock("mail") as third:
        assert (first, second, third) == (True, False, True)

    patient = one.access.database.locks.lock("dmp")
    assert patient.acquire()
    threading.Timer(0.2, patient.release).start()
    with held(other.access.database.locks, "dmp", wait=10) as waited:
        assert waited


@real
def test_what_holds_no_lock_any_more_keeps_its_connection_for_the_next(two: tuple[Journal, Journal]):
    one, other = two

    def who_holds() -> list[int]:
        with one.lock("dmp") as mine, other.lock("dmp") as theirs, other.access.reading() as connection:
            assert (mine, theirs) == (True, False)
            shown = connection.execute(text("SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"))
            return list(shown.scalars())

    first = who_holds()
    assert len(first) == 1
    assert who_holds() == first

    with other.lock("dmp") as free:
        assert free


@real
def test_a_kept_connection_that_the_server_broke_off_is_replaced(two: tuple[Journal, Journal]):
    one, other = two
    with one.lock("dmp"):
        pass
    ends = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    with other.access.writing() as connection:
        connection.execute(text(ends))

    with one.lock("dmp") as taken:
        assert taken


@real
def test_of_two_hosts_one_starts_a_delivery(two: tuple[Journal, Journal]):
    one, _ = two
    start_run(one)
    ids = [delivery_of(one, record(one, f"PP-{n}", usager=f"U-{n}")) for n in range(10)]
    one.deliveries.change([(delivery, DeliveryEvent.ALLOW, "", "") for delivery in ids], AT)
    started: list[tuple[int, int]] = []
    barrier = threading.Barrier(2)

    def work(number: int) -> None:
        barrier.wait()
        started.extend(
            (delivery, number) for delivery in ids if two[number].deliveries.start(delivery, f"w{number}", AT)
        )

    in_threads([partial(work, number) for number in range(2)])

    assert sorted(delivery for delivery, _ in started) == ids
    assert all(len(one.deliveries.attempts(delivery)) == 1 for delivery in ids)
    assert all(known.state is DeliveryState.SENDING for known in one.deliveries.sending("dmp"))


@real
def test_the_rate_holds_across_hosts_and_the_audit_stays_whole(two: tuple[Journal, Journal]):
    taken: list[float] = []
    barrier = threading.Barrier(2)
    failed: list[BaseException] = []

    def work(journal: Journal) -> None:
        barrier.wait()
        try:
            for _ in range(15):
                taken.append(journal.brakes.take("dmp", 10.0, AT))
                journal.audit.add("anne", "h", "a", "s", {}, AT)
        except JournalUnusable as error:
            failed.append(error)

    in_threads([partial(work, journal) for journal in two])

    assert failed == []
    assert taken.count(0.0) == 10
    assert two[0].audit.verify() is None
    assert len(two[0].audit.entries(limit=100)) == 30


@real
def test_a_row_that_another_host_keeps_is_waited_for_then_told(two: tuple[Journal, Journal]):
    one, other = two
    one.brakes.succeeded("dmp", AT)
    with one.access.writing() as connection:
        connection.execute(brake.update().values(failures=1))
        with pytest.raises(JournalLocked):
            other.brakes.failed("dmp", "RTY-001", AT + timedelta(seconds=2), None, opens=False)


@real
def test_an_establishment_has_a_brake_of_its_own(two: tuple[Journal, Journal]):
    one, other = two
    one.brakes.failed(brake_of("dmp", "010000024"), "DMP-034", AT, AT + timedelta(minutes=1), opens=True)

    assert other.brakes.of_establishments()["dmp", "010000024"].gate(AT) == "shut"
    assert (other.brakes.all(), other.brakes.resume("dmp", "anne", AT)) == ([], True)


@real
def test_a_constraint_that_is_broken_says_no_value(two: tuple[Journal, Journal]):
    with pytest.raises(JournalOvertaken) as refused:
        two[0].decisions.hold(reason="Lefèvre", by="anne", until=None, at=AT, dossier_id=404)

    assert "Lefèvre" not in str(refused.value)


@real
def test_a_server_that_falls_takes_the_locks_with_it_and_nothing_more_is_written(folder: Path, key: bytes):
    with running_server() as server, Journal.open(folder, key, url=server.fresh()) as journal:
        with journal.lock("dmp") as taken:
            assert taken
            journal.brakes.succeeded("dmp", AT)
            server.stop()
            with pytest.raises((LocksLost, JournalUnreachable)):
                journal.brakes.succeeded("dmp", AT + timedelta(hours=1))
            server.start()
            # The server is back, but another worker may have taken the destination meanwhile.
            with pytest.raises(LocksLost):
                journal.brakes.failed("dmp", "x", AT, None, opens=False)

        with journal.lock("dmp") as again:
            assert again
            journal.brakes.succeeded("dmp", AT + timedelta(hours=2))
            assert journal.brakes.get("dmp").last_success_at == AT + timedelta(hours=2)
