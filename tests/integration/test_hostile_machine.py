"""A machine that refuses: no right, no room, a folder for a file, two runs, an interruption, no terminal."""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from crash_site import FORK, crash_site
from demo_site import DemoSite, invoke
from forked_command import SECONDS, Forked, forked, without_rights_of_root
from small_site import assert_plain_words, small_site, speak, tree

import dui_bridge
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline import handover

PACKAGE = str(Path(dui_bridge.__file__).parent.parent)


@pytest.fixture
def small(tmp_path: Path) -> DemoSite:
    return small_site(tmp_path / "out")


def start(*words: str, plain_root: bool = False, cwd: Path | None = None) -> Forked:
    """`plain_root`: without the right of root to read and write everything."""
    before = without_rights_of_root if plain_root and os.geteuid() == 0 else lambda: None
    return forked(*words, cwd=cwd, before=before)


def own_environment() -> dict[str, str]:
    """Without the languages of this process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return {**kept, "PYTHONPATH": PACKAGE}


def alone(*words: str, **environment: str) -> tuple[int, str, str]:
    """The command in a process of its own; nothing else in its environment."""
    command = [sys.executable, "-m", "dui_bridge.cli.main", *words]
    ran = subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", timeout=SECONDS * 4, check=False
    )
    assert_plain_words(ran.stdout + ran.stderr)
    return ran.returncode, ran.stdout, ran.stderr


def parts(site: DemoSite) -> list[Path]:
    return list(site.out.rglob("*.part"))


@pytest.fixture
def locked() -> Iterator[list[Path]]:
    """Paths made unusable; given back so that the folder can be removed."""
    paths: list[Path] = []
    yield paths
    for path in paths:
        path.chmod(0o700)


@pytest.mark.parametrize("name", ["site/bridge.yaml", "site/atlas-ph/atlas-ph.yaml", "site/secrets/master.key"])
def test_a_file_of_the_site_that_may_not_be_read(small: DemoSite, name: str) -> None:
    (small.out / name).chmod(0o000)
    before = tree(small.out)
    code, _, err = start("run", "--config", str(small.config), plain_root=True).ended()
    assert code == 2
    assert Path(name).name in err
    assert tree(small.out) == before


def test_a_file_of_the_export_that_may_not_be_read(small: DemoSite) -> None:
    small.export("PROJETS.CSV").chmod(0o000)
    before = tree(small.out, journal=False)
    code, _, err = start("run", "--config", str(small.config), plain_root=True).ended()
    assert code == 2
    assert "PROJETS.CSV" in err
    assert tree(small.out, journal=False) == before


def test_an_export_folder_that_may_not_be_read(small: DemoSite, locked: list[Path]) -> None:
    folder = small.export("USAGERS.CSV").parent.parent
    folder.chmod(0o000)
    locked.append(folder)
    code, _, err = start("run", "--config", str(small.config), plain_root=True).ended()
    assert code == 2
    assert "export/atlas-ph" in err


def test_a_vendor_file_that_may_not_be_read_quarantines_its_document_alone(small: DemoSite) -> None:
    docs = small.export("DOCS")
    (docs / "P.PDF").write_bytes(b"%PDF-1.4")
    (docs / "P.PDF").chmod(0o000)
    small.edit("PROJETS.CSV", lambda text: text.replace(";17/02/2026;E01;", r";17/02/2026;E01;DOCS\P.PDF"))
    code, out, _ = start("run", "--config", str(small.config), plain_root=True).ended()
    assert code == 0
    assert "PIP-001" in out


@pytest.mark.parametrize("name", ["documents", "site/data"])
def test_a_folder_that_may_not_be_written(small: DemoSite, locked: list[Path], name: str) -> None:
    folder = small.out / name
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    locked.append(folder)
    code, _, err = start("run", "--config", str(small.config), plain_root=True).ended()
    assert code == 2
    assert name.rpartition("/")[2] in err
    assert not list((small.out / "documents").rglob("*"))
    folder.chmod(0o700)
    small.run()
    assert len(small.cdas()) == 1


def test_a_report_that_may_not_be_written_is_told_and_the_documents_stay(small: DemoSite) -> None:
    (small.out / "report.html").mkdir()
    ran = invoke("run", "--config", str(small.config))
    assert ran.code == 2
    assert "report.html" in ran.stderr
    assert not parts(small)
    (small.out / "report.html").rmdir()
    assert small.run()["documents"]["unchanged"] == 1


@pytest.mark.parametrize("name", ["documents", "documents/atlas-ph", "site/data"])
def test_a_file_where_a_folder_should_be(small: DemoSite, name: str) -> None:
    path = small.out / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"not a folder")
    ran = invoke("run", "--config", str(small.config))
    assert ran.code == 2
    assert_plain_words(ran.stdout + ran.stderr)
    assert path.read_bytes() == b"not a folder"


def test_the_demo_does_not_write_over_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(b"mine")
    ran = invoke("demo", "--out", str(tmp_path / "out"))
    assert ran.code == 2
    assert_plain_words(ran.stdout + ran.stderr)
    assert (tmp_path / "out").read_bytes() == b"mine"


@pytest.mark.parametrize(
    "data", [b"Un texte, pas une base.\n" * 300, b"SQLite format 3\0" + b"\xff" * 8000, b"\0" * 8192]
)
def test_a_journal_that_is_none_is_left_as_it_is(small: DemoSite, data: bytes) -> None:
    journal = small.out / "site" / "data" / "journal.sqlite"
    journal.parent.mkdir(exist_ok=True)
    journal.write_bytes(data)
    for language, words in (("en", "is damaged or is not a journal"), ("fr", "est endommagé")):
        speak(small, language)
        ran = invoke("run", "--config", str(small.config))
        assert ran.code == 2
        assert words in ran.stderr
        assert_plain_words(ran.stdout + ran.stderr)
        small.config.write_text(small.config.read_text("utf-8").replace("language: en", "language: fr"), "utf-8")
    assert journal.read_bytes() == data
    assert not (small.out / "documents").exists()
    assert not (small.out / "report.html").exists()


def test_a_journal_cut_in_two_is_told(small: DemoSite) -> None:
    small.run()
    journal = small.out / "site" / "data" / "journal.sqlite"
    whole = journal.read_bytes()
    journal.write_bytes(whole[: len(whole) // 2])
    documents = small.documents()
    ran = invoke("run", "--config", str(small.config))
    assert ran.code == 2
    assert_plain_words(ran.stdout + ran.stderr)
    assert small.documents() == documents


@pytest.fixture
def full_disk(small: DemoSite) -> Iterator[Path]:
    """A disk of 40 kB where the documents should go."""
    folder = small.out / "documents"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("this user may not mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_leaves_no_half_document(small: DemoSite, full_disk: Path) -> None:
    ran = invoke("run", "--config", str(small.config))
    assert ran.code == 2
    assert "disque est plein" in ran.stdout
    assert_plain_words(ran.stdout + ran.stderr)
    assert not [path for path in full_disk.rglob("*") if path.is_file()]
    subprocess.run(["mount", "-o", "remount,size=10m", str(full_disk)], check=True)
    small.run()
    assert len(small.documents()) == 2


@pytest.mark.parametrize("limit", [0, 1_000, 30_000, 70_000])
def test_no_file_can_grow_beyond_a_limit(small: DemoSite, limit: int) -> None:
    """The journal, a document or the report hits the limit: each is whole or not there, and the next run goes on."""
    process = forked(
        *("run", "--config", str(small.config)),
        before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert process.ended()[0] == 2
    assert not parts(small)
    handed = {path.name: path.read_bytes() for path in (small.out / "documents").rglob("*") if path.is_file()}
    small.run()
    after = small.documents()
    assert len(after) == 2
    assert handed.items() <= after.items()


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EIO, errno.EROFS, errno.EDQUOT])
def test_whatever_the_disk_answers_the_report_is_whole_or_not_there(
    small: DemoSite, monkeypatch: pytest.MonkeyPatch, fault: int
) -> None:
    write = Path.write_text

    def refuse(path: Path, text: str, *args: str, **options: str) -> int:
        if path.name.startswith(".report"):
            write(path, text[:100], *args, **options)
            raise OSError(fault, os.strerror(fault))
        return write(path, text, *args, **options)

    monkeypatch.setattr(Path, "write_text", refuse)
    ran = invoke("run", "--config", str(small.config))
    assert ran.code == 2
    assert "report.html" in ran.stderr
    assert not (small.out / "report.html").exists()
    assert not parts(small)


def at_the_second_document(call: Callable[[], object]) -> Callable[[], None]:
    """For a child: it calls this when it has recorded a document and has another."""

    def prepare() -> None:
        record, seen = Journal.record_versions, []
        handover._TOGETHER = 1  # type: ignore[misc]

        def struck(journal: Journal, *given: Any, **named: Any) -> Any:
            if seen:
                call()
            seen.append(1)
            return record(journal, *given, **named)

        Journal.record_versions = struck  # type: ignore[method-assign]

    return prepare


def test_of_two_runs_at_the_same_time_one_works_and_the_other_says_so(tmp_path: Path) -> None:
    site = crash_site(tmp_path / "out")
    words = ("run", "--config", str(site.config))
    inside, over = FORK.Event(), FORK.Event()

    def wait() -> None:
        inside.set()
        assert over.wait(SECONDS)

    first = forked(*words, before=at_the_second_document(wait))
    assert inside.wait(SECONDS)
    second = forked(*words).ended()
    over.set()
    assert (first.ended()[0], second[0]) == (0, 2)
    assert "JRN-00" in second[2]
    assert not parts(site)
    documents = site.documents()
    assert len(documents) == 3 * 2
    assert site.run()["documents"]["built"] == 0
    assert site.documents() == documents


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_whole_documents_and_the_next_goes_on(tmp_path: Path, sign: signal.Signals) -> None:
    whole, site = crash_site(tmp_path / "whole"), crash_site(tmp_path / "out")
    whole.run()
    strike = at_the_second_document(lambda: os.kill(os.getpid(), sign))
    code, _, err = forked("run", "--config", str(site.config), before=strike).ended()
    assert code == (130 if sign == signal.SIGINT else -signal.SIGTERM)
    if sign == signal.SIGINT:
        assert not parts(site)
        assert "interrompu ; ce qui était fait est conservé" in err
    left = site.documents()
    assert len(left) < len(whole.documents())
    assert {
        name: data for name, data in left.items() if not name.endswith(".part")
    }.items() <= whole.documents().items()
    site.run()
    assert {name: data for name, data in site.documents().items() if not name.endswith(".part")} == whole.documents()


@pytest.mark.parametrize(
    "words",
    [["config", "show"], ["config", "show", "--effective", "--json"], ["config", "check"], ["run"], ["run", "--json"]],
    ids=" ".join,
)
def test_a_reader_that_goes_away_is_no_error(small: DemoSite, words: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    process = forked(*words, "--config", str(small.config), streams={1: writing})
    os.close(writing)
    code, _, err = process.ended()
    assert "BrokenPipe" not in err
    assert code in (0, 1)


def test_an_interruption_inside_a_transaction_waits_for_no_lock(
    small: DemoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def strike(journal: Journal, *_: object, **__: object) -> None:
        connection = journal._access.database.writer.connect()
        connection.begin()
        held.append(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "record_versions", strike)
    begun = time.monotonic()
    ran = invoke("run", "--config", str(small.config))
    took = time.monotonic() - begun
    held.pop().close()
    assert ran.code == 130, ran.stderr
    assert "interrompu" in ran.stderr
    assert took < 8.0
    monkeypatch.undo()
    assert small.run()["documents"]["built"] == 1


@pytest.mark.parametrize("words", [["config", "show", "--config"], ["config", "check", "--json", "--config"]])
def test_a_full_standard_output_is_told(small: DemoSite, words: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        process = forked(*words, str(small.config), streams={1: full.fileno()}, environment={"LC_ALL": "C"})
        code, _, err = process.ended()
    assert "the disk is full" in err
    assert code == 2


@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2)])
def test_a_closed_output_stops_nothing(small: DemoSite, closed: tuple[int, ...]) -> None:
    assert forked("run", "--config", str(small.config), streams=dict.fromkeys(closed)).ended()[0] == 0
    assert len(small.documents()) == 2


def test_a_bare_environment_is_enough(small: DemoSite) -> None:
    code, _, err = alone("run", "--config", str(small.config), PYTHONPATH=PACKAGE, LANG="C")
    assert code == 0, err
    assert len(small.documents()) == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_terminal_that_cannot_show_accents_stops_nothing(small: DemoSite, encoding: str) -> None:
    process = forked("run", "--config", str(small.config), environment={"LC_ALL": "fr_FR"}, encoding=encoding)
    code, _, err = process.ended(encoding)
    assert code == 0, err
    assert len(small.documents()) == 2


def test_a_current_folder_that_may_not_be_written_is_not_needed(
    small: DemoSite, tmp_path: Path, locked: list[Path]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    here.chmod(0o500)
    locked.append(here)
    code, _, err = start("run", "--config", str(small.config), cwd=here, plain_root=True).ended()
    assert code == 0, err
    assert len(small.documents()) == 2


def test_a_current_folder_that_is_gone_is_not_needed(small: DemoSite, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    code, _, err = forked("run", "--config", str(small.config), cwd=gone, before=gone.rmdir).ended()
    assert code == 0, err


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "UTC-14", "PYTHONHASHSEED": "4242", "LANG": "C"},
        {
            "TZ": "America/Los_Angeles",
            "PYTHONHASHSEED": "1",
            "PYTHONUTF8": "0",
            "LC_ALL": "C",
            "PYTHONCOERCECLOCALE": "0",
        },
    ],
    ids=lambda environment: " ".join(f"{name}={value}" for name, value in environment.items()),
)
def test_the_machine_does_not_show_in_the_documents(
    small: DemoSite, tmp_path: Path, environment: dict[str, str]
) -> None:
    elsewhere = small_site(tmp_path / "elsewhere")
    small.run()
    code, _, err = alone("run", "--config", str(elsewhere.config), **{**own_environment(), **environment})
    assert code == 0, err
    assert elsewhere.documents() == small.documents()


@pytest.mark.real
def test_the_machine_does_not_show_in_any_document_of_the_demo(demo: DemoSite, tmp_path: Path) -> None:
    site = DemoSite(tmp_path / "out")
    code, _, err = alone(
        *("demo", "--out", str(site.out)),
        **{**own_environment(), "TZ": "Pacific/Auckland", "PYTHONHASHSEED": "7", "LANG": "C"},
    )
    assert code == 0, err
    assert site.documents() == demo.documents()
