"""What only a person can decide, here or in a spreadsheet; and what is declared for all usagers."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from action_world import ASKING, DMP, FINESS, INFORMED, NOW, Office

from dui_bridge.journal.records import DossierEntry, ItemEntry
from dui_bridge.model.exchange import Channel
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.actions.consents import declarations, declare, withdraw
from dui_bridge.pipeline.actions.errors import (
    DayAhead,
    InformationUnknown,
    NotPossible,
    ReasonMissing,
    SheetExists,
    SheetUnreadable,
)
from dui_bridge.pipeline.actions.reviews import Choice, decide, decide_all, questions, shown
from dui_bridge.pipeline.actions.sheet import Imported, export_sheet, import_sheet

READY = (DeliveryState.READY, "")
Change = Callable[[list[list[str]]], None]


def doubtful(office: Office) -> int:
    return office.ended(office.add(), DeliveryEvent.LOSE, "DLV-005")


def exported(office: Office, path: Path) -> list[list[str]]:
    export_sheet(office.desk(), path, None, "en")
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def imported(office: Office, path: Path, change: Change, separator: str = ";", encoding: str = "cp1252") -> Imported:
    """What a spreadsheet saves of an export, changed, comes back."""
    rows = exported(office, path.with_suffix(".exported.csv"))
    change(rows)
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    path.write_text(text.getvalue(), encoding=encoding, newline="")
    return import_sheet(office.desk(), path)


def answer(decision: str, by: str = "Dr Lefèvre", reason: str = "vu avec la personne") -> Change:
    def change(rows: list[list[str]]) -> None:
        rows[1][8:] = [decision, by, reason]

    return change


# --- decisions


def test_doubtful_deliveries_and_what_policy_asks_about_wait_for_a_person(office: Office) -> None:
    asked, lost, plain = office.add(ASKING), doubtful(office), office.add()

    waiting = {one.id: one.kind for one in questions(office.desk(), None, "en")}

    assert waiting == {f"delivery-{lost}": "doubtful", f"delivery-{asked}": "ask"}
    assert questions(office.desk(), "630000032", "en") == []
    with pytest.raises(NotPossible):
        shown(office.desk(), [plain], "en")


def test_a_changed_person_waits_with_its_run(office: Office) -> None:
    office.journal.start_run("r2", "atlas", "export", {}, NOW)
    held = DossierEntry("atlas", "U1", "U1", FINESS, {}, {})
    item = ItemEntry("usager", "U1", held, None, None, FINESS, "quarantined", "PIP-020", "identito", {})
    office.journal.items.record("r2", "atlas", [item], NOW)

    [question] = questions(office.desk(), None, "en")

    assert (question.kind, question.run, question.number) == ("person", "r2", "U1")


def test_what_is_allowed_may_leave_at_once_and_what_is_refused_never_does(office: Office) -> None:
    one, two = office.add(ASKING), office.add(ASKING)

    decide(office.desk(), one, Choice.ALLOW, "agreed")
    decide(office.desk(), two, Choice.REFUSE, "not to be shared")

    assert office.state(one) == READY
    assert office.state(two) == (DeliveryState.BLOCKED, "POL-014")
    assert [row[1:] for row in office.audited()] == [
        ("review allow", f"delivery-{one}"),
        ("review refuse", f"delivery-{two}"),
    ]


def test_a_decision_answers_what_is_asked_and_nothing_else(office: Office) -> None:
    opposed = office.add(ASKING, facts=replace(INFORMED, opposition_dmp=True))

    decide(office.desk(), opposed, Choice.ALLOW, "agreed")

    assert office.state(opposed)[0] is DeliveryState.BLOCKED


@pytest.mark.parametrize(
    ("choice", "after"),
    [
        (Choice.DELIVERED, DeliveryState.DELIVERED),
        (Choice.READY, DeliveryState.READY),
        (Choice.CANCEL, DeliveryState.CANCELLED),
    ],
)
def test_a_doubtful_delivery_is_settled_by_a_person_once(office: Office, choice: Choice, after: DeliveryState) -> None:
    lost = doubtful(office)

    first = decide(office.desk(), lost, choice, "looked it up")
    again = decide(office.desk(), lost, choice, "looked it up")

    assert office.state(lost)[0] is after
    assert (first, again) == (True, False)
    assert len(office.audited()) == 1


def test_a_decision_that_is_no_answer_is_refused(office: Office) -> None:
    plain, asked = office.add(), office.add(ASKING)

    for delivery, choice in ((plain, Choice.ALLOW), (plain, Choice.DELIVERED), (asked, Choice.READY)):
        with pytest.raises(NotPossible):
            decide(office.desk(), delivery, choice, "x")
    with pytest.raises(ReasonMissing):
        decide(office.desk(), asked, Choice.ALLOW, " ")

    assert office.audited() == []


def test_of_a_document_only_what_asks_is_decided(office: Office) -> None:
    asked, plain = office.add(ASKING), office.add()

    done = decide_all(office.desk(), [asked, plain], Choice.ALLOW, "agreed", single=False)

    assert (done.values["number"], office.state(asked), office.state(plain)) == (1, READY, READY)
    assert office.journal.decisions.decision(office.known(plain).version_id, DMP) is None


# --- spreadsheets


@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
def test_a_decision_comes_back_from_a_spreadsheet_however_it_saves(
    office: Office, tmp_path: Path, separator: str, encoding: str
) -> None:
    asked = office.add(ASKING)

    done = imported(office, tmp_path / "back.csv", answer("autoriser"), separator, encoding)

    assert (done.findings, office.state(asked)) == ((), READY)
    decision = office.journal.decisions.decision(office.known(asked).version_id, ASKING)
    assert decision is not None
    assert decision.by == "Dr Lefèvre"


def test_a_file_imported_twice_decides_once(office: Office, tmp_path: Path) -> None:
    office.add(ASKING)
    first = imported(office, tmp_path / "back.csv", answer("allow"))

    second = import_sheet(office.desk(), tmp_path / "back.csv")

    assert (first.done.values["number"], second.done.values["number"], second.done.values["already"]) == (1, 0, 1)
    assert second.done.exit_code == 0


def test_a_decision_about_an_earlier_try_is_not_carried_out_on_a_later_one(office: Office, tmp_path: Path) -> None:
    lost = doubtful(office)
    imported(office, tmp_path / "back.csv", answer("ready"))
    office.ended(lost, DeliveryEvent.LOSE, "DLV-005", NOW + timedelta(minutes=1))

    again = import_sheet(office.desk(), tmp_path / "back.csv")

    assert [finding.rule.id for finding in again.findings] == ["RVW-006"]
    assert office.state(lost)[0] is DeliveryState.DOUBTFUL


def test_leading_zeros_that_a_spreadsheet_drops_do_not_matter(office: Office, tmp_path: Path) -> None:
    asked = office.add(ASKING, usager="00715")

    def change(rows: list[list[str]]) -> None:
        answer("allow")(rows)
        rows[1][1], rows[1][4] = "715", "10000024"

    assert imported(office, tmp_path / "back.csv", change).findings == ()
    assert office.state(asked) == READY


def _set(column: int, text: str) -> Change:
    def change(rows: list[list[str]]) -> None:
        answer("allow")(rows)
        rows[1][column] = text

    return change


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        pytest.param(_set(0, "56"), "RVW-001", id="another id"),
        pytest.param(_set(0, "delivery-999/0"), "RVW-001", id="unknown"),
        pytest.param(_set(8, "maybe"), "RVW-002", id="no answer"),
        pytest.param(_set(9, ""), "RVW-003", id="nobody decided"),
        pytest.param(_set(10, " "), "RVW-003", id="no reason"),
        pytest.param(_set(1, "another"), "RVW-004", id="cells sorted apart"),
        pytest.param(_set(8, "delivered"), "RVW-005", id="no answer to this question"),
    ],
)
def test_a_line_with_a_problem_is_named_and_the_others_are_carried_out(
    office: Office, tmp_path: Path, change: Change, rule: str
) -> None:
    wrong, right = office.add(ASKING), office.add(ASKING)

    def both(rows: list[list[str]]) -> None:
        change(rows)
        rows[2][8:] = ["allow", "x", "x"]

    done = imported(office, tmp_path / "back.csv", both)

    assert [(finding.rule.id, str(finding.at)) for finding in done.findings] == [(rule, "back.csv:2:1")]
    assert done.done.exit_code == 1
    assert office.state(wrong) == (DeliveryState.BLOCKED, "POL-015")
    assert office.state(right) == READY


def test_two_different_decisions_on_one_item_are_told(office: Office, tmp_path: Path) -> None:
    office.add(ASKING)

    def change(rows: list[list[str]]) -> None:
        answer("allow")(rows)
        rows.append([*rows[1][:8], "refuse", "x", "x"])

    done = imported(office, tmp_path / "back.csv", change)

    assert [finding.rule.id for finding in done.findings] == ["RVW-007"]


def test_an_undecided_line_stays_open(office: Office, tmp_path: Path) -> None:
    asked = office.add(ASKING)

    done = imported(office, tmp_path / "back.csv", lambda rows: None)

    assert (done.findings, done.done.values["number"]) == ((), 0)
    assert office.state(asked) == (DeliveryState.BLOCKED, "POL-015")


def test_no_cell_of_an_export_is_a_formula_and_only_its_owner_reads_it(office: Office, tmp_path: Path) -> None:
    asked = office.add(ASKING, usager="=cmd()")
    path = tmp_path / "questions.csv"

    rows = exported(office, path)

    assert rows[1][1] == "'=cmd()"
    assert path.stat().st_mode & 0o777 == 0o600
    assert imported(office, tmp_path / "back.csv", answer("allow")).findings == ()
    assert office.state(asked) == READY


def test_a_file_that_may_hold_decisions_is_not_written_over(office: Office, tmp_path: Path) -> None:
    exported(office, tmp_path / "questions.csv")

    with pytest.raises(SheetExists):
        export_sheet(office.desk(), tmp_path / "questions.csv", None, "en")


@pytest.mark.parametrize("data", [b"", b"a;b;c\n1;2;3\n", b"PK\x03\x04\0\0", b'item;dossier;decision;by;reason\n"a'])
def test_what_is_no_list_of_decisions_is_refused_as_a_whole(office: Office, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "back.csv"
    path.write_bytes(data)

    with pytest.raises(SheetUnreadable):
        import_sheet(office.desk(), path)


# --- declarations


def test_a_declaration_replaces_a_blank_and_never_an_opposition(office: Office) -> None:
    blank = replace(INFORMED, information_dmp=None, opposition_dmp=None)
    silent = office.add(facts=blank)
    opposed = office.add(facts=replace(blank, opposition_dmp=True))
    before = office.state(silent)[0]

    done = declare(office.desk(), FINESS, Channel.DMP, date(2026, 1, 1), "letter of 1 January")
    after = (office.state(silent), office.state(opposed)[0])
    withdraw(office.desk(), int(str(done.values["id"])))

    assert before is DeliveryState.BLOCKED
    assert after == (READY, DeliveryState.BLOCKED)
    assert done.values["number"] == 1
    assert office.state(silent)[0] is DeliveryState.BLOCKED
    [row] = declarations(office.desk()).rows
    assert row["evidence"] == "letter of 1 January"
    assert "withdrawn_at" in row


def test_a_declaration_needs_its_evidence_and_a_day_that_has_come(office: Office) -> None:
    with pytest.raises(ReasonMissing):
        declare(office.desk(), FINESS, Channel.DMP, date(2026, 1, 1), " ")
    with pytest.raises(DayAhead):
        declare(office.desk(), FINESS, Channel.DMP, date(2026, 11, 23), "letter")
    with pytest.raises(InformationUnknown):
        withdraw(office.desk(), 1)

    assert office.audited() == []
