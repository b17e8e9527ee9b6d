"""Which export is read, when it is complete, and what may be opened in it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dui_bridge.connectors.csv import CsvSource, parse_settings
from dui_bridge.connectors.ports import Ready, Waiting
from dui_bridge.connectors.wire import export_rules as errors
from dui_bridge.declared import Problems, loads
from dui_bridge.errors import FileUnusable

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def source(path: Path, extra: str = "folder: AAAAMMJJ") -> CsvSource:
    text = "encoding: cp1252\nfiles: {usagers: {file: USAGERS.CSV, key: NUM}}\n" + extra
    problems = Problems("m.yaml")
    settings = parse_settings(loads(text, "m.yaml"), problems)
    assert settings is not None, problems.findings
    return CsvSource(settings, path)


def export(folder: Path, *names: str, age: timedelta = timedelta(hours=1)) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("USAGERS.CSV", *names):
        (folder / name).write_text("NUM;NOM\n1;A\n2;B\n")
    for path in (*folder.iterdir(), folder):
        os.utime(path, ((NOW - age).timestamp(),) * 2)
    return folder


MARKER = "folder: AAAAMMJJ\ncomplete: {file: TERMINE.TXT}"
MARKER_OR_STABLE = "folder: AAAAMMJJ\ncomplete: {file: TERMINE.TXT, or_stable_for: 15min}"


def test_the_newest_dated_folder_is_read(tmp_path: Path):
    for name in ("20261119", "20261120", "20269999", "ancien", "2026112"):
        export(tmp_path / name)

    assert source(tmp_path).prepare(NOW) == Ready("20261120", records=2)


def test_another_pattern_of_dated_folders(tmp_path: Path):
    export(tmp_path / "EXPORT_31-10-2026")
    export(tmp_path / "EXPORT_01-11-2026")

    assert source(tmp_path, "folder: EXPORT_JJ-MM-AAAA").prepare(NOW).name == "EXPORT_01-11-2026"  # type: ignore[union-attr]


def test_without_any_dated_folder_the_run_waits(tmp_path: Path):
    waiting = source(tmp_path).prepare(NOW)

    assert isinstance(waiting, Waiting)
    assert [f.rule for f in waiting.findings] == [errors.NO_EXPORT]


def test_the_run_waits_for_the_end_marker_and_says_so(tmp_path: Path):
    export(tmp_path / "20261120")

    waiting = source(tmp_path, MARKER).prepare(NOW)

    assert isinstance(waiting, Waiting)
    assert waiting.findings[0].message() == "export 20261120 is not complete: waiting for TERMINE.TXT"


def test_the_end_marker_may_differ_by_case(tmp_path: Path):
    export(tmp_path / "20261120", "Termine.txt")

    assert isinstance(source(tmp_path, MARKER).prepare(NOW), Ready)


def test_without_marker_an_export_that_no_longer_changes_is_complete(tmp_path: Path):
    export(tmp_path / "20261120", age=timedelta(minutes=16))
    assert isinstance(source(tmp_path, MARKER_OR_STABLE).prepare(NOW), Ready)

    export(tmp_path / "20261120", age=timedelta(minutes=14))
    waiting = source(tmp_path, MARKER_OR_STABLE).prepare(NOW)
    assert isinstance(waiting, Waiting)
    assert "no TERMINE.TXT" in waiting.findings[0].message()
    assert "0:14:00 ago" in waiting.findings[0].message()


def test_an_older_complete_export_is_read_while_the_newest_is_written_and_that_is_said(tmp_path: Path):
    export(tmp_path / "20261119", "TERMINE.TXT")
    export(tmp_path / "20261120")
    reader = source(tmp_path, MARKER)

    ready = reader.prepare(NOW)

    assert isinstance(ready, Ready)
    assert ready.name == "20261119"
    assert [f.rule for f in reader.findings()] == [errors.OLDER_READ, errors.NO_MARKER]


def test_without_dated_folders_the_folder_itself_is_the_export(tmp_path: Path):
    export(tmp_path)

    assert isinstance(source(tmp_path, "").prepare(NOW), Ready)


def test_a_missing_file_is_named_with_what_was_probably_meant(tmp_path: Path):
    export(tmp_path).joinpath("USAGERS.CSV").rename(tmp_path / "USAGER.CSV")

    with pytest.raises(errors.FileMissing, match=r"USAGERS.CSV: not in the export .*did you mean USAGER.CSV\?"):
        source(tmp_path, "").prepare(NOW)


@pytest.mark.parametrize("kind", ["folder", "pipe", "link outside"])
def test_what_is_no_ordinary_file_is_refused(tmp_path: Path, kind: str):
    inside, path = tmp_path / "export", tmp_path / "export/USAGERS.CSV"
    export(inside)
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        (tmp_path / "secret").write_text("NUM\n")
        path.symlink_to(tmp_path / "secret")

    with pytest.raises(errors.NotAFile):
        source(inside, "").prepare(NOW)


def test_a_missing_source_folder_and_a_file_in_its_place_are_said(tmp_path: Path):
    with pytest.raises(errors.FileDenied):
        source(tmp_path / "absent").prepare(NOW)
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.NotAFile):
        source(tmp_path / "file").prepare(NOW)


def test_no_permission_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def refuse(path: Path, *_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    export(tmp_path)
    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(errors.FileDenied, match="this user may not use it"):
        source(tmp_path, "").prepare(NOW)


@pytest.fixture
def opened(tmp_path: Path) -> CsvSource:
    folder = export(tmp_path / "export")
    (folder / "Docs").mkdir()
    (folder / "Docs" / "été.pdf").write_bytes(b"%PDF")
    (folder / "Docs" / "A.PDF").write_bytes(b"A")
    (folder / "Docs" / "a.pdf").write_bytes(b"a")
    (folder / "out").symlink_to(tmp_path)
    (folder / "ring").symlink_to(folder / "ring")
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    reader = source(folder, "")
    reader.prepare(NOW)
    return reader


@pytest.mark.parametrize("ref", ["Docs/été.pdf", "DOCS\\ÉTÉ.PDF", ".\\docs\\été.pdf", " Docs/e\u0301te\u0301.pdf "])
def test_a_file_named_by_a_row_is_opened_whatever_separators_case_or_accent_form(opened: CsvSource, ref: str):
    with opened.open(ref) as stream:
        assert stream.read() == b"%PDF"


@pytest.mark.parametrize(
    ("ref", "error"),
    [
        ("../secret.pdf", errors.PathRefused),
        ("Docs\\..\\..\\secret.pdf", errors.PathRefused),
        ("/etc/passwd", errors.PathRefused),
        ("\\\\srv\\partage\\a.pdf", errors.PathRefused),
        ("C:\\DOCS\\a.pdf", errors.PathRefused),
        ("C:a.pdf", errors.PathRefused),
        ("out/secret.pdf", errors.PathRefused),
        ("Docs/\0", errors.PathRefused),
        ("", errors.PathRefused),
        ("Docs", errors.PathNotFound),
        ("Docs/absent.pdf", errors.PathNotFound),
        ("Docs/été.pdf/x", errors.PathNotFound),
        ("DOCS/A.pdf", errors.PathNotFound),
        ("ring", errors.PathNotFound),
        ("x" * 5000, errors.PathNotFound),
    ],
)
def test_nothing_else_is_opened(opened: CsvSource, ref: str, error: type[FileUnusable]):
    with pytest.raises(error) as caught:
        opened.open(ref)

    assert not ref or ref not in str(caught.value), "the name of a file may be a person's"


def test_the_exact_name_wins_over_one_that_differs_by_case(opened: CsvSource):
    assert opened.open("Docs/a.pdf").read() == b"a"
