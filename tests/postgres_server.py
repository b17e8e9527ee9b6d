"""A PostgreSQL server of this test session alone: made by initdb, on a port of its own, gone afterwards.

`postgresql_server` starts it, `postgresql_url` is a fresh, empty database on it. Tests that use them are marked `real`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

USER = "dui"
PASSWORD = "sesame-42"


class PostgresServer:
    """A cluster in a folder of its own. `stop` and `start` play a server that falls and comes back."""

    def __init__(self, programs: Path, folder: Path, options: str) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._programs, self._data, self._count = programs, folder / "data", 0
        self._options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {folder} {options}"
        # PostgreSQL refuses to run as root.
        self._as = ["runuser", "-u", _unprivileged(), "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(folder, _unprivileged())
        words = folder / "password"
        words.write_text(PASSWORD, "ascii")
        words.chmod(0o644)
        self._run("initdb", "-D", self._data, "-U", USER, "-A", "scram-sha-256", f"--pwfile={words}", "-E", "UTF8",
                  "--no-sync")  # fmt: skip

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def fresh(self) -> str:
        """The address of a new, empty database."""
        import psycopg

        self._count += 1
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f"create database journal_{self._count}".encode())
        return self.url(f"journal_{self._count}")

    def copied(self, url: str) -> str:
        """The address of a new database that holds what one of `fresh` holds now, as a dump that was put back."""
        import psycopg

        self._count += 1
        with psycopg.connect(self.url(), autocommit=True) as connection:
            name = url.rpartition("/")[2]
            connection.execute(f"create database journal_{self._count} template {name}".encode())
        return self.url(f"journal_{self._count}")

    def start(self) -> None:
        self._run("pg_ctl", "-D", self._data, "-w", "-o", self._options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """`fast` breaks off what is under way, `immediate` is a crash."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", mode, "stop")

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [*self._as, self._programs / program, *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _unprivileged() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def running_server(options: str = "-c fsync=off") -> Iterator[PostgresServer]:
    """A running server; skips the test when there is none on this machine. A benchmark passes no `fsync=off`."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL server (Debian: postgresql)")
    if os.geteuid() == 0 and shutil.which("runuser") is None:
        pytest.skip("no runuser (Debian: util-linux)")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="dui-pg-"))
    try:
        server = PostgresServer(found[-1].parent, folder, options)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresServer]:
    """A server for all tests of the session (of the worker, under xdist)."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql_server: PostgresServer) -> str:
    """The address, with its password, of an empty database."""
    return postgresql_server.fresh()
