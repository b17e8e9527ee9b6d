"""What operators type: their words reach the actions, what was done is told in words and as JSON, exit codes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from action_world import ASKING, DMP, FINESS, LOCAL, NOW, Office
from demo_site import Invocation, invoke
from small_site import assert_plain_words, small_site

from dui_bridge.model.states import DeliveryEvent, DeliveryState, RunEvent


def act(office: Office, *words: str) -> Invocation:
    return invoke(*words, "--config", str(office.site.file))


def test_a_hold_is_placed_listed_and_released(office: Office) -> None:
    one = office.add()

    placed = act(office, "hold", f"document-{office.document(one)}", "--reason", "incident", "--by", "Mme Martin")
    listed = act(office, "release", "--list", "--json")
    held = office.state(one)
    released = act(office, "release", "1")

    assert (placed.code, released.code) == (0, 0)
    assert "Hold 1 is in force: 1 document(s)" in placed.stdout
    assert listed.json["rows"][0]["by"] == "Mme Martin"
    assert (held[0], office.state(one)[0]) == (DeliveryState.BLOCKED, DeliveryState.READY)
    assert office.audited()[0][:2] == ("Mme Martin", "hold")


def test_status_names_the_holds_so_that_what_to_do_can_be_typed(office: Office) -> None:
    office.add()
    for reason in ("incident", "review"):
        act(office, "hold", "--destination", DMP, "--reason", reason, "--by", "Mme Martin")
    act(office, "hold", "--destination", LOCAL, "--reason", "nothing there", "--by", "M. Roux")

    told = act(office, "status").stdout
    [item] = act(office, "status", "--json").json["items"]
    released = act(office, "release", "1", "2")

    assert "hold 1 2, placed by Mme Martin, covers it [POL-003]" in told
    assert item["action"] == "When its reason is gone: dui-bridge release 1 2."
    assert released.code == 0
    assert [row["hold"] for row in act(office, "release", "--list", "--json").json["rows"]] == [3]


def test_of_many_holds_status_says_how_to_list_them(office: Office) -> None:
    office.add()
    for _ in range(6):
        act(office, "hold", "--destination", DMP, "--reason", "incident")

    assert "dui-bridge release --list" in act(office, "status").stdout


def test_of_several_holds_one_that_is_not_in_force_keeps_all(office: Office) -> None:
    act(office, "hold", "--destination", DMP, "--reason", "incident")

    refused = act(office, "release", "1", "7")

    assert (refused.code, "7" in refused.stderr) == (2, True)
    assert len(act(office, "release", "--list", "--json").json["rows"]) == 1


def test_the_state_that_forbids_a_decision_is_told_in_french(office: Office) -> None:
    one = office.ended(office.add(), DeliveryEvent.DELIVER)
    office.site.file.write_text(json.dumps(json.loads(office.site.file.read_text()) | {"language": "fr"}))

    told = act(office, "review", "ready", f"delivery-{one}", "--reason", "x")

    assert told.code == 2
    assert f"delivery-{one} : `ready` est impossible (état : remis)" in told.stderr


def test_what_waits_since_earlier_is_not_listed_but_counts(office: Office) -> None:
    office.add(ASKING)

    told = act(office, "status", "--since", "2999-01-01")

    assert told.code == 1
    assert "POL-" not in told.stdout


def test_a_run_that_was_decided_is_traced_with_the_decision(office: Office) -> None:
    office.add(end=RunEvent.HOLD)
    [run] = office.journal.runs()
    act(office, "runs", "discard", run.id, "--reason", "wrong export", "--by", "Mme Martin")

    [told] = act(office, "trace", run.id, "--json").json
    lines = act(office, "trace", run.id).stdout

    assert [(one["action"], one["by"]) for one in told["decisions"]] == [("runs discard", "Mme Martin")]
    assert told["read"]["state"] == "discarded"
    assert "runs discard  Mme Martin : wrong export" in lines


def test_who_acts_is_the_user_of_the_system_and_from_where_is_kept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGNAME", "dsi-03")

    act(office, "pause", DMP, "--reason", "maintenance", "--until", "2099-01-01T08:00")

    [row] = office.journal.audit.entries()
    assert (row.who, row.action, row.subject) == ("dsi-03", "pause", DMP)
    assert "/" in row.origin
    assert row.details == {"reason": "maintenance", "until": "2099-01-01T08:00+01:00"}


def test_a_pause_ends_with_resume_and_deliver_then_sends(office: Office) -> None:
    one = office.add(LOCAL)
    act(office, "pause", LOCAL, "--reason", "maintenance")

    stopped = act(office, "deliver", "--json")
    act(office, "resume", LOCAL)
    sent = act(office, "deliver", "--destination", LOCAL)

    assert stopped.json["destinations"][LOCAL]["paused"] is True
    assert (sent.code, office.state(one)[0]) == (0, DeliveryState.DELIVERED)
    assert "1 " in sent.stdout


def test_one_document_is_sent_now(office: Office) -> None:
    one = office.add(LOCAL)

    sent = act(office, "send-now", f"delivery-{one}", "--json")

    assert (sent.code, sent.json["number"]) == (0, 1)
    assert sent.json["rows"][0]["state"] == "delivered"


def test_a_replay_is_shown_then_done_then_steered(office: Office) -> None:
    os.utime(office.site.file, (NOW.timestamp() + 60, NOW.timestamp() + 60))
    refused = office.ended(office.add(), DeliveryEvent.REFUSE, "TST-001")

    shown = act(office, "replay", f"delivery-{refused}")
    done = act(office, "replay", "--cause", "TST-001", "--yes", "--json")
    paused = act(office, "replay", "pause", "1")
    listed = act(office, "replay", "list", "--json")
    cancelled = act(office, "replay", "cancel", "1")

    assert "Nothing was done: add --yes" in shown.stdout
    assert (done.json["number"], done.json["fate_send"]) == (1, 1)
    assert [one.code for one in (shown, done, paused, listed, cancelled)] == [0] * 5
    assert listed.json["rows"][0]["state"] == "paused"
    assert office.state(refused) == (DeliveryState.CANCELLED, "DLV-012")


def test_what_waits_for_a_person_is_1_until_it_is_decided(office: Office) -> None:
    asked = office.add(ASKING)

    waiting = act(office, "review", "--json")
    shown = act(office, "review", "show", f"delivery-{asked}", "--json")
    allowed = act(office, "review", "allow", f"document-{office.document(asked)}", "--reason", "agreed")
    nothing = act(office, "review")

    assert (waiting.code, shown.code, allowed.code, nothing.code) == (1, 0, 0, 0)
    assert waiting.json["rows"][0]["answers"] == "allow | refuse"
    assert any("POL" not in step and step.startswith("✗") for step in shown.json["rows"][0]["rules"])
    assert office.state(asked) == (DeliveryState.READY, "")


def test_decisions_go_out_and_come_back_as_a_file(office: Office, tmp_path: Path) -> None:
    asked = office.add(ASKING)
    file = tmp_path / "questions.csv"

    out = act(office, "review", "export", str(file))
    line = file.read_text(encoding="utf-8-sig").replace(";;;", ";allow;Mme Martin;agreed", 1)
    (tmp_path / "back.csv").write_text(line, encoding="utf-8")
    back = act(office, "review", "import", str(tmp_path / "back.csv"))
    (tmp_path / "back.csv").write_text(line.replace(";allow;", ";maybe;"), encoding="utf-8")
    wrong = act(office, "review", "import", str(tmp_path / "back.csv"))

    assert (out.code, back.code, wrong.code) == (0, 0, 1)
    assert "back.csv:2" in wrong.stdout
    assert office.state(asked) == (DeliveryState.READY, "")


def test_a_declaration_is_made_listed_and_withdrawn(office: Office) -> None:
    words = ("--establishment", FINESS, "--channel", "dmp", "--date", "2026-01-01", "--evidence", "letter")

    codes = [
        act(office, "consents", "declare", *words).code,
        act(office, "consents", "list").code,
        act(office, "consents", "withdraw", "1").code,
        act(office, "consents", "withdraw", "1").code,
        act(office, "consents", "declare", *words[:3], "local", *words[4:]).code,
    ]

    assert codes == [0, 0, 0, 2, 2]


def test_baselines_and_backfills_are_shown_first(office: Office) -> None:
    one = office.add()

    shown = act(office, "baseline", "--before", "2026-11-01")
    before = office.state(one)[0]
    act(office, "baseline", "--before", "2026-11-01", "--yes")
    after = office.state(one)
    listed = act(office, "baseline", "--json")
    planned = act(office, "backfill", "--per-day", "5", "--json")
    started = act(office, "backfill", "--per-day", "5", "--yes")

    assert "add --yes" in shown.stdout
    assert (before, after) == (DeliveryState.READY, (DeliveryState.BLOCKED, "POL-007"))
    assert listed.json["rows"] == [{"destination": "*", "before": "2026-11-01"}]
    assert (planned.json["number"], planned.json["days"], started.code) == (1, 1, 0)
    assert office.state(one) == (DeliveryState.READY, "")


def test_a_held_run_is_released_or_discarded(office: Office) -> None:
    one = office.add(end=RunEvent.HOLD)
    released = act(office, "runs", "release", office.run_id)
    two = office.add(end=RunEvent.HOLD)
    discarded = act(office, "runs", "discard", office.run_id, "--reason", "wrong export")
    again = act(office, "runs", "discard", office.run_id, "--reason", "wrong export")

    assert [released.code, discarded.code, again.code] == [0, 0, 2]
    assert office.state(one)[0] is DeliveryState.READY
    assert office.state(two)[0] is DeliveryState.CANCELLED
    assert "is not held" in again.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("hold", "--reason", "x"),
        ("hold", "--destination", DMP),
        ("hold", "document-99", "--reason", "x"),
        ("hold", "usager-1", "--reason", "x"),
        ("release", "99"),
        ("pause", "nowhere", "--reason", "x"),
        ("pause", DMP, "--reason", " "),
        ("resume", DMP),
        ("send-now", "delivery-99"),
        ("deliver", "--destination", "nowhere"),
        ("replay", "toto"),
        ("replay", "--state", "ready"),
        ("replay", "--type", "toto"),
        ("replay", "pause", "99"),
        ("replay", "delivery-99", "--rebuild"),
        ("backfill", "cancel", "99"),
        ("review", "show", "delivery-99"),
        ("review", "allow", "delivery-99", "--reason", "x"),
        ("review", "import", "absent.csv"),
        ("baseline", "--before", "2099-01-01"),
        ("runs", "release", "20261122T000000Z-00000000"),
        ("consents", "withdraw", "9"),
    ],
    ids=" ".join,
)
def test_what_is_not_possible_is_2_in_words_and_nothing_is_audited(office: Office, words: tuple[str, ...]) -> None:
    ended = act(office, *words)

    assert ended.code == 2
    assert ended.stderr
    assert_plain_words(ended.stderr)
    assert office.journal.audit.entries() == []


def test_on_a_site_that_ran_every_action_speaks_french(tmp_path: Path) -> None:
    site = small_site(tmp_path / "demo")
    config = ("--config", str(site.config))
    site.run()

    told = [
        invoke("hold", "--destination", "documents", "--reason", "essai", *config),
        invoke("release", "1", *config),
        invoke("review", *config),
        invoke("replay", "--state", "delivered", *config),
        invoke("replay", "--rebuild", *config),
        invoke("baseline", *config),
        invoke("backfill", *config),
        invoke("deliver", *config),
    ]

    assert {one.code for one in told} <= {0, 1}
    assert "jamais renvoyés" in told[3].stdout
    assert_plain_words("\n".join(one.stdout + one.stderr for one in told))


def test_a_policy_that_cannot_be_is_found_by_config_check(office: Office, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("grace_after_exit: toujours\n", encoding="utf-8")
    written = json.loads(office.site.file.read_text(encoding="utf-8"))
    clean = act(office, "config", "check", "--json")

    office.site.file.write_text(json.dumps({**written, "policy": ["policy.yaml"]}), encoding="utf-8")
    checked = act(office, "config", "check", "--json")

    assert clean.json["errors"] == 0
    assert checked.code == 1
    assert [(one["file"], one["line"]) for one in checked.json["findings"] if one["severity"] == "error"] == [
        ("policy.yaml", 1)
    ]


def test_a_type_that_a_destination_may_never_have_so_is_found_by_config_check(office: Office) -> None:
    written = json.loads(office.site.file.read_text(encoding="utf-8"))
    written["destinations"][DMP]["types"] = {"projet_personnalise": "auto"}
    written["establishments"][0]["category"] = "CSAPA"
    office.site.file.write_text(json.dumps(written, indent=1), encoding="utf-8")

    checked = act(office, "config", "check", "--json")

    found = [one for one in checked.json["findings"] if one["rule"].startswith("POL-")]
    line = office.site.file.read_text(encoding="utf-8").splitlines()[found[0]["line"] - 1] if found else ""
    assert checked.code == 1
    assert "projet_personnalise" in line
