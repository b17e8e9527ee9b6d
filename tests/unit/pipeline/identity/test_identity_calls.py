"""A search in the journal: each call is there before it is made, and the day's calls are bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dui_bridge.connectors.insi.echelle import End
from dui_bridge.connectors.insi.errors import AnswerToAnother, Unavailable
from dui_bridge.connectors.insi.settings import InsiSettings
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.preflight import Envoi
from dui_bridge.journal.identity_records import KnownCall
from dui_bridge.journal.records import DossierEntry
from dui_bridge.journal.store import Journal
from dui_bridge.model.insi import CodeReponse, Demande, Individu, MatriculeIns, Reponse
from dui_bridge.pipeline.identity.calls import Caller

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
NOW = MIDNIGHT + timedelta(hours=9)
DOSSIER = DossierEntry("atlas", "12", "12", "010000024", {}, {})
ENVOI = Envoi("VASSEUR", ("JEAN", "MARC"), "M", "1950-05-05", None)
JEAN = Individu(MatriculeIns("1500563220001", "1.2.250.1.213.1.4.8", "12"), "VASSEUR", "JEAN", "M", "1950-05-05", "")
NOBODY = Reponse(CodeReponse.AUCUNE, "Aucune identite trouvee")
FOUND = Reponse(CodeReponse.TROUVEE, "OK", JEAN, "uuid:1")


class Service:
    """Answers what it was told to, and keeps how many calls the journal knew of at each."""

    def __init__(self, journal: Journal, *answers: Reponse | DuiBridgeError) -> None:
        self._journal, self._answers = journal, list(answers)
        self.known: list[int] = []

    def search(self, demande: Demande) -> Reponse:
        self.known.append(self._journal.identities.calls_since(MIDNIGHT))
        answer = self._answers.pop(0)
        if isinstance(answer, DuiBridgeError):
            raise answer
        return answer


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal.open(tmp_path / "data", bytes(range(32))) as opened:
        yield opened


def caller(journal: Journal, service: Service, cap: int = 200) -> Caller:
    return Caller(service, journal, InsiSettings(daily_cap=cap), lambda: NOW, MIDNIGHT, "run r1", "r1")  # type: ignore[arg-type]


def calls(journal: Journal) -> list[KnownCall]:
    return journal.identities.calls(1)


def test_each_call_is_in_the_journal_before_it_is_made_and_ends_there(journal: Journal) -> None:
    service = Service(journal, NOBODY, FOUND)

    found = caller(journal, service).search(DOSSIER, ENVOI)

    assert found.individu == JEAN
    assert service.known == [1, 2]
    assert [(one.step, one.code, one.message_id, one.by) for one in calls(journal)] == [
        ("first", "01", "", "run r1"),
        ("others", "00", "uuid:1", "run r1"),
    ]


def test_a_call_that_failed_keeps_the_code_of_its_error(journal: Journal) -> None:
    service = Service(journal, Unavailable(fault="siram_40"))

    with pytest.raises(Unavailable):
        caller(journal, service).search(DOSSIER, ENVOI)

    assert [(one.code, one.ended_at) for one in calls(journal)] == [(Unavailable.code, NOW)]


def test_the_calls_of_a_day_are_bounded_over_all_dossiers_and_processes(journal: Journal) -> None:
    journal.identities.begin_call(DOSSIER, by="another process", run="r0", at=MIDNIGHT)
    service = Service(journal, NOBODY, FOUND)

    held = caller(journal, service, cap=2).search(DOSSIER, ENVOI)

    assert (held.end, len(held.calls)) == (End.HELD, 1)


def test_the_calls_of_yesterday_do_not_count(journal: Journal) -> None:
    journal.identities.begin_call(DOSSIER, by="run", run="r0", at=MIDNIGHT - timedelta(seconds=1))

    assert caller(journal, Service(journal, FOUND), cap=1).search(DOSSIER, ENVOI).end is End.FOUND


@pytest.mark.parametrize("other", [{"sexe": "F"}, {"date_naissance": "1950-05-06"}])
def test_the_answer_about_another_person_is_not_kept(journal: Journal, other: dict[str, str]) -> None:
    service = Service(journal, replace(FOUND, individu=replace(JEAN, **other)))

    with pytest.raises(AnswerToAnother):
        caller(journal, service).search(DOSSIER, ENVOI)

    assert [(one.code, one.message_id) for one in calls(journal)] == [(AnswerToAnother.code, "")]
