"""The dummy destination: it counts by itself, and fails as its probabilities say and can be foretold."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dui_bridge.errors import AnswerLost, FileUnusable, ServiceUnreachable
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import Answer, BuiltDocument, Channel, Document, DocumentIds, Outcome
from dui_bridge.model.states import DocumentState
from dui_bridge.sandbox.dummy import (
    Chance,
    Counts,
    Draws,
    DummyDestination,
    DummyStore,
    channel_of,
    expected,
    open_destination,
)
from dui_bridge.sandbox.dummy.errors import DummyBusy
from dui_bridge.site.declaration import DummySettings

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CDA = b"<ClinicalDocument/>"


def built(unique_id: str = "2.25.7", data: bytes = CDA) -> BuiltDocument:
    document = Document(
        type=TypeDocument.PROJET_PERSONNALISE,
        key="",
        source="atlas",
        dossier="20145",
        finess="010000024",
        path="",
        state=DocumentState.BUILT,
    )
    return BuiltDocument(
        document=document,
        ids=DocumentIds(unique_id, "2.25.6", 1),
        data=data,
        media_type="text/xml",
        sha1=hashlib.sha1(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
    )


def settings(folder: Path, **given: object) -> DummySettings:
    return DummySettings.model_validate({"path": folder / "dummy.sqlite", **given})


def dummy(folder: Path, **given: object) -> DummyDestination:
    return DummyDestination(settings(folder, **given), "atlas", clock=lambda: NOW)


def sent(to: DummyDestination, document: BuiltDocument) -> str:
    try:
        return to.send(to.prepare(document)).answer
    except (DummyBusy, AnswerLost, ServiceUnreachable) as failure:
        return type(failure).__name__


def counts(folder: Path) -> Counts:
    return DummyStore(folder / "dummy.sqlite").counts()


def test_what_is_sent_is_there_and_can_be_asked_for(tmp_path: Path) -> None:
    to = dummy(tmp_path)
    offered = to.prepare(built())
    assert to.resolve(offered) == Outcome(Answer.ABSENT, NOW)

    outcome = to.send(offered)

    assert outcome == Outcome(Answer.DELIVERED, NOW, reference="dummy/2.25.7")
    assert to.resolve(offered) == Outcome(Answer.ALREADY_THERE, NOW, reference="dummy/2.25.7")
    assert counts(tmp_path) == Counts(taken=1, duplicates=0, sends=1)


def test_it_has_a_document_only_with_the_content_that_was_sent(tmp_path: Path) -> None:
    to = dummy(tmp_path)
    to.send(to.prepare(built()))

    asked = to.resolve(to.prepare(built(data=b"<other/>")))

    assert asked == Outcome(Answer.ABSENT, NOW)


def test_a_document_sent_twice_is_counted_as_a_duplicate(tmp_path: Path) -> None:
    to = dummy(tmp_path)

    to.send(to.prepare(built()))
    DummyDestination(settings(tmp_path), "other").send(to.prepare(built()))

    assert counts(tmp_path) == Counts(taken=1, duplicates=1, sends=2)
    assert DummyStore(tmp_path / "dummy.sqlite").taken() == {"2.25.7": 2}


@pytest.mark.parametrize(
    ("failure", "seen", "there"),
    [
        ({"transient": "100%"}, "DummyBusy", False),
        ({"permanent": "100%"}, "refused", False),
        ({"cut_before": "100%"}, "AnswerLost", False),
        ({"cut_after": "100%"}, "AnswerLost", True),
        ({"wrong": "100%"}, "AnswerLost", True),
        ({}, "delivered", True),
    ],
)
def test_each_failure_is_told_as_the_port_says(tmp_path: Path, failure: dict[str, str], seen: str, there: bool) -> None:
    to = dummy(tmp_path, **failure)

    told = sent(to, built())

    assert told == seen
    assert counts(tmp_path) == Counts(taken=int(there), duplicates=0, sends=1)


def test_a_refusal_says_why(tmp_path: Path) -> None:
    to = dummy(tmp_path, permanent="100%")

    outcome = to.send(to.prepare(built()))

    assert [finding.rule.id for finding in outcome.findings] == ["DMY-002"]
    assert outcome.code == "DMY-002"


def test_one_that_cannot_be_asked_says_nothing(tmp_path: Path) -> None:
    to = dummy(tmp_path, asked=False)
    to.send(to.prepare(built()))

    assert to.resolve(to.prepare(built())) is None


def test_one_that_is_down_takes_nothing_and_cannot_be_asked(tmp_path: Path) -> None:
    to = dummy(tmp_path, down=True)

    with pytest.raises(ServiceUnreachable):
        to.send(to.prepare(built()))
    with pytest.raises(ServiceUnreachable):
        to.resolve(to.prepare(built()))
    assert counts(tmp_path) == Counts(taken=0, duplicates=0, sends=0)


def test_a_slow_answer_comes_after_the_document_was_taken(tmp_path: Path) -> None:
    seen: list[tuple[float, Counts]] = []
    to = DummyDestination(
        settings(tmp_path, slow="100%", delay="3s"),
        "atlas",
        sleep=lambda seconds: seen.append((seconds, counts(tmp_path))),
    )

    to.send(to.prepare(built()))

    assert seen == [(3, Counts(taken=1, duplicates=0, sends=1))]


def test_the_same_seed_draws_the_same_and_another_seed_another(tmp_path: Path) -> None:
    given = {"transient": "40%", "permanent": "10%", "wrong": "20%"}
    sends = [(f"2.25.{number}", send) for number in range(50) for send in (1, 2)]

    def drawn(seed: int) -> list[Chance]:
        draws = Draws(settings(tmp_path, seed=seed, **given))
        return [draws.chance(*one) for one in sends]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


def test_a_document_refused_once_is_refused_always(tmp_path: Path) -> None:
    draws = Draws(settings(tmp_path, permanent="50%", transient="50%"))

    refused = {send: {n for n in range(100) if draws.chance(str(n), send) is Chance.PERMANENT} for send in (1, 2, 3)}

    assert refused[1] == refused[2] == refused[3]
    assert 30 < len(refused[1]) < 70


def test_failures_come_as_often_as_they_are_told_to(tmp_path: Path) -> None:
    draws = Draws(settings(tmp_path, transient="20%", permanent="5%", cut_after="2%"))

    drawn = Counter(draws.chance(f"2.25.{number}", 1) for number in range(10_000))

    assert 400 < drawn[Chance.PERMANENT] < 600
    assert 1_750 < drawn[Chance.TRANSIENT] < 2_050
    assert 140 < drawn[Chance.CUT_AFTER] < 240
    assert drawn[Chance.CUT_BEFORE] == drawn[Chance.WRONG] == 0


@pytest.mark.parametrize("asked", [True, False])
def test_what_a_correct_sender_comes_to_is_foretold(tmp_path: Path, asked: bool) -> None:
    given = settings(
        tmp_path, transient="30%", permanent="10%", cut_before="10%", cut_after="5%", wrong="5%", asked=asked
    )
    to = DummyDestination(given, "atlas")
    ids, retries = [f"2.25.{number}" for number in range(200)], 2
    ends: Counter[str] = Counter()

    for unique_id in ids:
        for _ in range(retries + 1):
            told = sent(to, built(unique_id))
            if told == "AnswerLost":
                answer = to.resolve(to.prepare(built(unique_id)))
                if answer is None:
                    told = "doubtful"
                elif answer.answer is Answer.ALREADY_THERE:
                    told = "delivered"
            if told in ("delivered", "refused", "doubtful"):
                break
        else:
            told = "gave_up"
        ends[told] += 1

    told_before = expected(given, ids, retries)
    assert ends == Counter(
        {name: getattr(told_before, name) for name in ("delivered", "refused", "gave_up", "doubtful")}
    )
    assert counts(tmp_path) == Counts(taken=told_before.taken, duplicates=0, sends=told_before.sends)
    assert (told_before.doubtful > 0) is not asked
    assert told_before.gave_up > 0


def test_a_store_that_cannot_be_used_is_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "dummy.sqlite").write_bytes(b"no database, and longer than the header of one" * 10)
    to = dummy(tmp_path)

    with pytest.raises(FileUnusable) as caught:
        to.send(to.prepare(built()))

    assert caught.value.message("fr").endswith("le magasin de la destination factice est inutilisable")


def test_it_plays_the_channel_that_the_site_says_and_touches_nothing_before_it_is_used(tmp_path: Path) -> None:
    given = settings(tmp_path, plays="dmp")

    open_destination(given, "atlas")

    assert channel_of(given) is Channel.DMP
    assert list(tmp_path.iterdir()) == []
