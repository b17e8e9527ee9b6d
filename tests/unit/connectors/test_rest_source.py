"""A DUI that answers by REST: whatever it does, an object is read once, or there is a finding or a retry."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from dui_bridge.connectors.rest import Timing, access, errors, open_source
from dui_bridge.connectors.wire import object_rules
from dui_bridge.errors import DuiBridgeError, FileUnusable, FixConfiguration, Retry
from dui_bridge.model.exchange import Record
from dui_bridge.sandbox.dui_rest import Fault
from dui_bridge.sandbox.dui_rest.server import Answer
from tests.unit.connectors.rest_world import DECLARED, PDF, SECRET, START, World, document, keys, settings, world

LIST = "/residents"


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUI_ID", "pont")
    monkeypatch.setenv("DUI_SECRET", SECRET)


@pytest.fixture
def dui(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "dui", 3, r0000=[document("d1")], r0001=[document("d2"), document("d3")]) as made:
        yield made


@pytest.fixture
def many(tmp_path: Path) -> Iterator[World]:
    with world(tmp_path / "dui", 450) as made:
        yield made


def all_of(count: int) -> list[str]:
    return [f"r{number:04}" for number in range(count)]


def change_answers(world: World, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The pages of residents, as another server would give them."""
    kept = world.server.answer

    def answer(method: str, target: str, authorization: str, form: str) -> Answer:
        status, body = kept(method, target, authorization, form)
        return status, change(body) if target.startswith("/residents?") and isinstance(body, dict) else body

    world.server.answer = answer  # type: ignore[method-assign]


def ref_of(record: Record) -> str:
    content = record.root.children["documents"][0].cells["contenu"]
    assert isinstance(content, dict)
    return str(content["url"])


def listed(world: World) -> list[str]:
    return world.asked(f"GET {LIST}?")


def test_a_record_is_a_resident_with_his_documents(dui: World):
    records, source = dui.read()

    assert keys(records) == ["r0000", "r0001", "r0002"]
    assert (records[0].root.file, records[1].root.number) == ("GET /residents", 2)
    rows = records[1].root.children["documents"]
    assert [(row.file, row.number, row.cells["titre"]) for row in rows] == [
        ("GET /residents/{id}/documents", 1, "Titre d2"),
        ("GET /residents/{id}/documents", 2, "Titre d3"),
    ]
    assert source.findings() == ()


def test_every_page_is_read(many: World):
    records, _ = many.read()

    assert keys(records) == all_of(450)
    assert len(listed(many)) == 3


@pytest.mark.parametrize("drifts", [1, 2])
def test_when_pages_drift_no_resident_is_lost_and_none_given_twice(many: World, drifts: int):
    many.server.quirks.drifts = drifts

    records, source = many.read()

    assert sorted(keys(records)) == all_of(450)
    assert [f.rule for f in source.findings()] == [errors.MOVED]


def test_of_a_resident_given_twice_the_newer_version_counts(many: World):
    # Between two pages he is modified and moves to the last one.
    many.server.quirks.drifts = 1
    before = many.server.store.residents(None)[0]["dateModification"]

    records, _ = many.read(extra="keep: {last_by: dateModification}\n")

    (found,) = [record for record in records if record.key == "r0000"]
    assert found.root.cells["dateModification"] != before
    assert found.root.findings == ()


def test_when_nothing_tells_which_version_is_newer_the_resident_is_held(many: World):
    many.server.quirks.drifts = 1

    records, _ = many.read(extra="keep: {last_by: nom}\n")

    held = [record.key for record in records if record.root.findings]
    assert held == ["r0000"]


def test_a_list_that_never_stops_moving_is_a_retry_and_gives_nothing(many: World):
    source = many.source()
    sweeps = count(1)

    def moving(body: dict[str, Any]) -> dict[str, Any]:
        found = body["residents"][: 10 * next(sweeps)]
        return {"residents": [*found, found[0]]}

    change_answers(many, moving)

    with pytest.raises(errors.ListMoves) as raised:
        next(source.records())
    assert isinstance(raised.value, Retry)
    assert source.next_cursor() is None


def test_a_list_that_stands_still_with_two_of_one_key_holds_both_meanings(dui: World):
    change_answers(dui, lambda body: {"residents": [*body["residents"], {**body["residents"][0], "nom": "AUTRE"}]})

    records, _ = dui.read()

    assert [(record.key, [f.rule for f in record.root.findings]) for record in records] == [
        ("r0000", [errors.VERSIONS_UNCLEAR]),
        ("r0001", []),
        ("r0002", []),
    ]


def test_a_list_shorter_than_it_says_is_a_retry(dui: World):
    source = dui.source()
    change_answers(dui, lambda body: {**body, "total": 4})

    with pytest.raises(errors.ListMoves):
        next(source.records())


def test_a_list_whose_length_changes_on_the_way_is_swept_again(many: World):
    lengths = iter([451, 450, 450])
    change_answers(many, lambda body: {**body, "total": next(lengths, 450)})

    records, source = many.read()

    assert keys(records) == all_of(450)
    assert [f.values["times"] for f in source.findings()] == ["2"]


def test_a_page_that_fails_after_others_is_a_retry_and_gives_nothing(many: World):
    many.server.quirks.fail(Fault(LIST, after=1, times=99, status=503))
    source = many.source()

    with pytest.raises(errors.Unavailable):
        next(source.records())
    assert source.next_cursor() is None
    assert sum(many.slept) == 1 + 2 + 4 + 8


def test_a_page_that_fails_once_is_tried_again(many: World):
    many.server.quirks.fail(Fault(LIST, after=1, status=503), Fault(LIST, after=2, cut=True))

    records, _ = many.read()

    assert keys(records) == all_of(450)


@pytest.mark.parametrize("header", ["30", "Wed, 18 Nov 2026 09:00:30 GMT"])
def test_a_busy_server_is_left_as_long_as_it_asks(dui: World, header: str):
    dui.server.quirks.fail(Fault(LIST, status=429, retry_after=header))

    records, _ = dui.read()

    assert len(records) == 3
    assert dui.slept == [30.0]


def test_a_server_that_asks_for_an_hour_is_left_to_the_next_run(dui: World):
    dui.server.quirks.fail(Fault(LIST, status=429, retry_after="3600"))

    with pytest.raises(errors.Unavailable):
        dui.read()
    assert dui.slept == []


def test_a_token_that_is_refused_is_replaced_once(dui: World):
    source = dui.source()
    dui.server.revoke_tokens()

    assert len(list(source.records())) == 3
    assert len(dui.asked("POST /oauth/token")) == 2


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.RequestRefused),
        (401, errors.CredentialsRefused),
        (403, errors.AccessRefused),
        (404, errors.NotThere),
        (302, errors.NotThere),
    ],
)
def test_a_no_of_the_server_must_be_configured(dui: World, status: int, error: type[DuiBridgeError]):
    dui.server.quirks.fail(Fault(LIST, times=9, status=status))

    with pytest.raises(error) as raised:
        dui.read()
    assert isinstance(raised.value, FixConfiguration)


def test_wrong_credentials_are_said_without_showing_them(dui: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DUI_SECRET", "un-autre-secret")

    with pytest.raises(errors.CredentialsRefused) as raised:
        dui.source()
    assert "secret" not in f"{raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"

    monkeypatch.delenv("DUI_SECRET")
    with pytest.raises(errors.SecretMissing, match=r"\$DUI_SECRET"):
        dui.source()


def test_no_secret_stands_in_a_log_nor_in_a_representation(dui: World, caplog: pytest.LogCaptureFixture):
    source = dui.source()
    with caplog.at_level("DEBUG"):
        source.open(ref_of(next(source.records())))

    access = source._pages._access  # type: ignore[attr-defined]
    shown = caplog.text + repr((source, vars(source), access, access._auth, access._http))
    for secret in (SECRET, access._token, "signature="):
        assert secret not in shown


def test_the_next_run_asks_only_for_what_was_modified(dui: World):
    _, source = dui.read()
    cursor = source.next_cursor()
    dui.now += timedelta(days=1)
    dui.server.change("r0001", nom="AUTRE")

    records, source = dui.read(cursor)

    assert keys(records) == ["r0001"]
    assert "modifieDepuis=2026-11-18T08%3A50%3A00Z" in listed(dui)[-1]
    assert source.next_cursor() not in (None, cursor)


def test_on_sunday_everything_is_read_again(dui: World):
    _, source = dui.read()
    dui.now = START + timedelta(days=3)
    saturday, source = dui.read(source.next_cursor())
    dui.now = START + timedelta(days=5)  # Monday: Sunday's run did not happen
    monday, source = dui.read(source.next_cursor())
    tuesday, _ = dui.read(source.next_cursor())

    assert [len(saturday), len(monday), len(tuesday)] == [0, 3, 0]


def test_it_says_before_reading_whether_all_is_read(dui: World):
    _, source = dui.read()
    cursor = source.next_cursor()
    assert (source.reads_whole(None), source.reads_whole(cursor), source.reads_whole("{}")) == (True, False, True)

    dui.now = START + timedelta(days=5)

    assert dui.source().reads_whole(cursor)


def test_a_reading_is_complete_at_its_end_and_not_before(dui: World):
    source = dui.source()
    records = source.records()
    next(records)
    assert not source.is_complete()

    list(records)

    assert source.is_complete()


@pytest.mark.parametrize("cursor", ["", "n'importe quoi", "{}", '{"since": "hier", "full": "x", "of": "y"}', "[]", "1"])
def test_a_cursor_that_cannot_be_read_means_everything(dui: World, cursor: str):
    assert len(dui.read(cursor)[0]) == 3


def test_a_deleted_resident_is_not_read_and_is_told(dui: World):
    dui.server.delete("r0001")

    records, source = dui.read()

    assert keys(records) == ["r0000", "r0002"]
    assert [(f.rule, f.values["key"]) for f in source.findings()] == [(errors.DELETED, "r0001")]


def test_a_mark_of_deletion_that_says_neither_yes_nor_no_holds_him(dui: World):
    dui.server.change("r0001", supprime="peut-être")

    records, _ = dui.read()

    assert [[f.rule for f in record.root.findings] for record in records if record.root.findings] == [
        [errors.DELETED_UNCLEAR]
    ]


def test_text_encoded_twice_holds_the_resident(dui: World):
    dui.server.change("r0001", nom="RenÃ©")

    records, _ = dui.read()

    (found,) = [record for record in records if record.root.findings]
    assert [(f.rule, str(f.at), f.values["meant"]) for f in found.root.findings] == [
        (object_rules.DOUBLE_UTF8, "GET /residents:3:nom", "René")
    ]


def test_a_list_of_one_resident_that_fails_holds_him_and_the_cursor(dui: World):
    dui.server.quirks.fail(Fault(f"{LIST}/r0001/", times=99, status=503))

    records, source = dui.read()

    assert [record.key for record in records if record.root.findings] == ["r0001"]
    assert records[1].root.findings[0].rule is object_rules.CHILDREN_UNREADABLE
    assert "documents" not in records[1].root.children
    assert [f.rule for f in source.findings()] == [errors.INCOMPLETE]
    assert source.next_cursor() is None
    assert not source.is_complete()


def test_when_many_fail_in_a_row_the_dui_is_down(many: World):
    many.server.quirks.fail(Fault(f"{LIST}/", times=10_000, status=503))
    records = many.source().records()

    assert all(next(records).root.findings for _ in range(4))
    with pytest.raises(errors.Unavailable):
        next(records)


def test_keys_of_an_answer_that_the_mapping_does_not_know_may_hide_a_next_page(dui: World):
    source = dui.source("page: {cursor: autre, total: total}\n")

    with pytest.raises(errors.AnswerUnknown, match="suivant"):
        list(source.records())


@pytest.mark.parametrize("body", [b"<html>", b'{"residents": [', b'{"autres": []}', b'{"residents": [], "total": "x"}'])
def test_an_answer_that_is_not_the_list_is_refused(dui: World, body: bytes):
    dui.server.quirks.fail(Fault(LIST, status=200, body=body))

    with pytest.raises(errors.AnswerUnreadable):
        dui.read()


def test_pages_that_never_end_are_refused(dui: World):
    dui.server.quirks.fail(Fault(LIST, times=9, status=200, body=b'{"residents": [], "suivant": "encore"}'))

    with pytest.raises(errors.AnswerUnreadable, match="never end"):
        dui.read()


def test_a_next_page_on_another_host_is_refused(dui: World):
    dui.server.quirks.fail(Fault(LIST, status=200, body=b'{"residents": [], "suivant": "https://ailleurs.example/x"}'))

    with pytest.raises(errors.AnswerUnreadable, match="another host"):
        dui.read()


def test_a_file_is_opened_and_checked(dui: World):
    source = dui.source()
    first = next(source.records())
    ref = ref_of(first)

    assert ref == "residents/r0000/documents/d1"
    assert source.open(ref).read() == PDF
    assert source.open(ref).read() == PDF
    assert len(dui.asked("/contenus/d1")) == 1


def test_an_address_that_expired_is_asked_for_again(dui: World):
    source = dui.source()
    ref = ref_of(next(source.records()))
    dui.now += timedelta(minutes=11)

    assert source.open(ref).read() == PDF
    assert len(dui.asked("/contenus/d1")) == 2
    assert len(dui.asked("/r0000/documents")) == 2


def test_the_reference_stays_the_same_from_run_to_run(dui: World):
    first, _ = dui.read()
    dui.now += timedelta(hours=1)
    second, _ = dui.read()

    assert first[0].root.children == second[0].root.children


def test_a_file_that_is_not_the_one_announced_is_refused_every_time(dui: World):
    dui.server.quirks.wrong_sha256.add("d1")
    source = dui.source()
    ref = ref_of(next(source.records()))

    with pytest.raises(errors.FileDamaged):
        source.open(ref)
    dui.server.quirks.wrong_sha256.clear()
    with pytest.raises(errors.FileDamaged):
        source.open(ref)


def test_a_file_without_announced_digest_is_refused(dui: World):
    without = document("d1")
    without["contenu"]["sha256"] = None
    dui.server.store.set_documents("r0000", [without])
    source = dui.source()

    with pytest.raises(errors.NoDigest):
        source.open(ref_of(next(source.records())))


def test_a_file_that_is_busy_keeps_the_cursor_back(dui: World):
    dui.server.quirks.fail(Fault("/contenus/", times=99, status=503))
    source = dui.source()
    records = source.records()

    with pytest.raises(errors.FileUnavailable):
        source.open(ref_of(next(records)))
    list(records)
    assert source.next_cursor() is None
    assert source.is_complete()  # its lists are: what they do not name is not there


def test_a_file_that_is_gone_is_told_and_does_not(dui: World):
    (dui.folder / "files" / "d1.pdf").unlink()
    source = dui.source()
    records = source.records()

    with pytest.raises(errors.FileUnavailable) as raised:
        source.open(ref_of(next(records)))
    assert isinstance(raised.value, FileUnusable)
    list(records)
    assert source.next_cursor() is not None


def test_a_file_on_another_host_is_refused(dui: World, monkeypatch: pytest.MonkeyPatch):
    source = dui.source()
    elsewhere = document("d1")
    for url in ("https://ailleurs.example/d1", "http://127.0.0.1:1/d1", "file:///etc/passwd", "//ailleurs.example/d1"):
        elsewhere["contenu"]["url"] = url
        dui.server.store.set_documents("r0000", [elsewhere])
        monkeypatch.setattr(dui.server, "_address", lambda _, url=url: url)
        source.prepare(dui.now)
        records = source.records()

        with pytest.raises(errors.FileAddressRefused):
            source.open(ref_of(next(records)))


def test_only_files_that_the_resident_names_are_opened(dui: World):
    source = dui.source()
    records = source.records()
    first = ref_of(next(records))
    next(records)

    for ref in ("", "../x", "residents/r0000/documents/autre", first):
        with pytest.raises(errors.FileUnavailable):
            source.open(ref)


def test_saved_answers_are_read_like_those_of_a_server(dui: World):
    live, _ = dui.read()
    source = open_source(settings(DECLARED), dui.folder, as_is=True)
    source.prepare(START)
    records = source.records()
    first = next(records)

    assert first.root.children == live[0].root.children
    assert source.open(ref_of(first)).read() == PDF
    assert keys([first, *records]) == keys(live)


def test_the_keys_of_the_first_page_are_known_to_the_check(dui: World):
    source = dui.source()

    assert source.headers() == {
        "residents": ("id", "version", "dateModification", "nom"),
        "documents": ("id", "titre", "contenu"),
    }


def test_an_answer_that_is_too_large_is_refused(dui: World, monkeypatch: pytest.MonkeyPatch):
    source = dui.source()
    monkeypatch.setattr(access, "MAX_LIST", 100)

    with pytest.raises(errors.AnswerUnreadable, match="larger"):
        next(source.records())


def test_a_server_that_is_slow_or_drips_is_tried_again_then_left(dui: World, monkeypatch: pytest.MonkeyPatch):
    source = dui.source()
    late = count(0, 1000)
    timing = Timing(monotonic=lambda: float(next(late)), sleep=dui.sleep)
    monkeypatch.setattr(source._pages._access._http, "_timing", timing)  # type: ignore[attr-defined]

    with pytest.raises(errors.Unavailable, match="ReadTimeout"):
        next(source.records())
