"""A machine that refuses: no right, no room, a folder for a file, two runs, an interruption, no terminal."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_site import DemoSite, invoke
from small_site import assert_plain_words, small_site, speak, tree

import dui_bridge
from dui_bridge.journal.store import Journal

COMMAND = [sys.executable, "-m", "dui_bridge.cli.main"]
PACKAGE = str(Path(dui_bridge.__file__).parent.parent)
SECONDS = 60


@pytest.fixture
def small(tmp_path: Path) -> DemoSite:
    return small_site(tmp_path / "out")


def start(*words: str, cwd: Path | None = None, plain_root: bool = False, **environment: str) -> subprocess.Popen[str]:
    """The command in a process of its own. `plain_root`: without the right of root to read and write everything."""
    before = []
    if plain_root and os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("setpriv is not installed, and root may do everything")
        before = [setpriv, "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))}
    return subprocess.Popen(
        [*before, *COMMAND, *words],
        cwd=cwd,
        env={**kept, "PYTHONPATH": PACKAGE, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=SECONDS)
    assert_plain_words(out + err)
    return process.returncode, out, err


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
    code, _, err = ended(start("run", "--config", str(small.config), plain_root=True))
    assert code == 2
    assert Path(name).name in err
    assert tree(small.out) == before


def test_a_file_of_the_export_that_may_not_be_read(small: DemoSite) -> None:
    small.export("PROJETS.CSV").chmod(0o000)
    before = tree(small.out, journal=False)
    code, _, err = ended(start("run", "--config", str(small.config), plain_root=True))
    assert code == 2
    assert "PROJETS.CSV" in err
    assert tree(small.out, journal=False) == before


def test_an_export_folder_that_may_not_be_read(small: DemoSite, locked: list[Path]) -> None:
    folder = small.export("USAGERS.CSV").parent.parent
    folder.chmod(0o000)
    locked.append(folder)
    code, _, err = ended(start("run", "--config", str(small.config), plain_root=True))
    assert code == 2
    assert "export/atlas-ph" in err


def test_a_vendor_file_that_may_not_be_read_quarantines_its_document_alone(small: DemoSite) -> None:
    docs = small.export("DOCS")
    (docs / "P.PDF").write_bytes(b"%PDF-1.4")
    (docs / "P.PDF").chmod(0o000)
    small.edit("PROJETS.CSV", lambda text: text.replace(";17/02/2026;E01;", r";17/02/2026;E01;DOCS\P.PDF"))
    code, out, _ = ended(start("run", "--config", str(small.config), plain_root=True))
    assert code == 0
    assert "PIP-001" in out


@pytest.mark.parametrize("name", ["documents", "site/data"])
def test_a_folder_that_may_not_be_written(small: DemoSite, locked: list[Path], name: str) -> None:
    folder = small.out / name
    folder.mkdir(exist_ok=True)
    folder.chmod(0o500)
    locked.append(folder)
    code, _, err = ended(start("run", "--config", str(small.config), plain_root=True))
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


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
sys.argv[1:] = sys.argv[2:]
from dui_bridge.cli.main import main
main()
"""


@pytest.mark.parametrize("limit", [0, 1_000, 30_000, 70_000])
def test_no_file_can_grow_beyond_a_limit(small: DemoSite, limit: int) -> None:
    """The journal, a document or the report hits the limit: each is whole or not there, and the next run goes on."""
    words = [sys.executable, "-c", LIMITED, str(limit), "run", "--config", str(small.config)]
    stopped = subprocess.run(
        words, capture_output=True, text=True, timeout=SECONDS, check=False, env={**os.environ, "PYTHONPATH": PACKAGE}
    )
    assert_plain_words(stopped.stdout + stopped.stderr)
    assert stopped.returncode == 2
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


def test_of_two_runs_at_the_same_time_one_works_and_the_other_says_so(tmp_path: Path) -> None:
    site = DemoSite(tmp_path / "out")
    assert invoke("demo", "--prepare", "--out", str(site.out)).code == 0
    with site.stand_ins():
        both = [start("run", "--config", str(site.config)) for _ in range(2)]
        (first, second) = sorted((ended(process) for process in both), key=lambda end: end[0])
    assert (first[0], second[0]) == (0, 2)
    assert "JRN-00" in second[2]
    assert not parts(site)
    documents = site.documents()
    assert len(documents) >= 100
    assert site.run()["documents"]["built"] == 0
    assert site.documents() == documents


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_whole_documents_and_the_next_goes_on(
    demo: DemoSite, tmp_path: Path, sign: signal.Signals
) -> None:
    site = DemoSite(tmp_path / "out")
    assert invoke("demo", "--prepare", "--out", str(site.out)).code == 0
    with site.stand_ins():
        process = start("run", "--config", str(site.config))
        until = time.monotonic() + SECONDS
        built = site.out / "site" / "data" / "origins"
        while len(list(built.glob("*.json"))) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(sign)
        code, _, err = ended(process)
    assert code == (130 if sign == signal.SIGINT else -signal.SIGTERM)
    if sign == signal.SIGINT:
        assert not parts(site)
        assert "interrompu ; ce qui était fait est conservé" in err
    whole = demo.documents()
    left = site.documents()
    assert len(left) < len(whole)
    assert {name: data for name, data in left.items() if not name.endswith(".part")}.items() <= whole.items()
    with site.stand_ins():
        assert invoke("run", "--config", str(site.config)).code == 0
    assert {name: data for name, data in site.documents().items() if not name.endswith(".part")} == whole


@pytest.mark.parametrize(
    "words",
    [["config", "show"], ["config", "show", "--effective", "--json"], ["config", "check"], ["run"], ["run", "--json"]],
    ids=" ".join,
)
def test_a_reader_that_goes_away_is_no_error(small: DemoSite, words: list[str]) -> None:
    process = start(*words, "--config", str(small.config))
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=SECONDS)
    assert_plain_words(err)
    assert "BrokenPipe" not in err
    assert process.returncode in (0, 1)


def test_an_interruption_inside_a_transaction_waits_for_no_lock(
    small: DemoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = []

    def strike(journal: Journal, *_: object, **__: object) -> None:
        connection = journal._access.database.writer.connect()
        connection.begin()
        held.append(connection)
        raise KeyboardInterrupt

    monkeypatch.setattr(Journal, "record_version", strike)
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
        ran = subprocess.run(
            [*COMMAND, *words, str(small.config)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            env={"PYTHONPATH": PACKAGE, "LC_ALL": "C"},
        )
    assert_plain_words(ran.stderr)
    assert "the disk is full" in ran.stderr
    assert ran.returncode == 2


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_output_stops_nothing(small: DemoSite, closed: str) -> None:
    words = f"exec {' '.join(COMMAND)} run --config {small.config} {closed}"
    ran = subprocess.run(["/bin/sh", "-c", words], env={**os.environ, "PYTHONPATH": PACKAGE}, check=False)
    assert ran.returncode == 0
    assert len(small.documents()) == 2


def test_a_bare_environment_is_enough(small: DemoSite) -> None:
    ran = subprocess.run(
        [*COMMAND, "run", "--config", str(small.config)],
        env={"PYTHONPATH": PACKAGE, "LANG": "C"},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert_plain_words(ran.stderr.decode())
    assert len(small.documents()) == 2


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_terminal_that_cannot_show_accents_stops_nothing(small: DemoSite, encoding: str) -> None:
    ran = subprocess.run(
        [*COMMAND, "run", "--config", str(small.config)],
        env={"PYTHONPATH": PACKAGE, "PYTHONIOENCODING": encoding, "LC_ALL": "fr_FR"},
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert_plain_words(ran.stderr.decode(encoding))
    assert len(small.documents()) == 2


def test_a_current_folder_that_may_not_be_written_is_not_needed(
    small: DemoSite, tmp_path: Path, locked: list[Path]
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    here.chmod(0o500)
    locked.append(here)
    code, _, err = ended(start("run", "--config", str(small.config), cwd=here, plain_root=True))
    assert code == 0, err
    assert len(small.documents()) == 2


def test_a_current_folder_that_is_gone_is_not_needed(small: DemoSite, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    words = f"cd {gone} && rmdir {gone} && exec {' '.join(COMMAND)} run --config {small.config}"
    ran = subprocess.run(
        ["/bin/sh", "-c", words],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PYTHONPATH": PACKAGE},
    )
    assert ran.returncode == 0, ran.stderr
    assert_plain_words(ran.stderr)


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Auckland"},
        {"TZ": "America/Los_Angeles", "PYTHONHASHSEED": "1"},
        {"TZ": "UTC-14", "PYTHONHASHSEED": "4242", "LANG": "C"},
        {"PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda environment: " ".join(f"{name}={value}" for name, value in environment.items()),
)
def test_the_machine_does_not_show_in_the_documents(
    small: DemoSite, tmp_path: Path, environment: dict[str, str]
) -> None:
    elsewhere = small_site(tmp_path / "elsewhere")
    small.run()
    code, _, err = ended(start("run", "--config", str(elsewhere.config), **environment))
    assert code == 0, err
    assert elsewhere.documents() == small.documents()


@pytest.mark.real
def test_the_machine_does_not_show_in_any_document_of_the_demo(demo: DemoSite, tmp_path: Path) -> None:
    site = DemoSite(tmp_path / "out")
    code, _, err = ended(start("demo", "--out", str(site.out), TZ="Pacific/Auckland", PYTHONHASHSEED="7", LANG="C"))
    assert code == 0, err
    assert site.documents() == demo.documents()
