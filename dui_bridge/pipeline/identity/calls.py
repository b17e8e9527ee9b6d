"""Asks INSi for one person: within the daily cap, each call in the journal before it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from dui_bridge.connectors.insi.errors import AnswerToAnother
from dui_bridge.connectors.insi.parcours import Parcours, climb
from dui_bridge.connectors.insi.settings import InsiSettings
from dui_bridge.connectors.ports import IdentityService
from dui_bridge.ins.preflight import Envoi
from dui_bridge.journal.identity_records import EndedCall
from dui_bridge.journal.records import DossierEntry
from dui_bridge.journal.store import Journal
from dui_bridge.model.insi import Appel, Demande, MatriculeIns, Reponse, Verification

_DEMANDE: Final = TypeAdapter(Demande)
_REPONSE: Final = TypeAdapter(Reponse)


@dataclass(frozen=True)
class Caller:
    """Whoever calls.

    Args:
        midnight: since when calls count against the cap, aware.
        by: who asked: a run, or a person.
        run: the id of the run; empty when a person asked.
    """

    service: IdentityService
    journal: Journal
    settings: InsiSettings
    now: Callable[[], datetime]
    midnight: datetime
    by: str
    run: str = ""

    def search(self, dossier: DossierEntry, envoi: Envoi) -> Parcours:
        """Climbs the ladder for one person; it ends as `HELD` when the cap is reached.

        Raises:
            DuiBridgeError: of the service; the call stands in the journal with the code of the error.
            AnswerToAnother: the person found has not the sex and birth date searched for; nothing of them is kept.
            JournalUnusable: a call could not be noted; it was not made.
        """
        begun: list[int] = []

        def may_call() -> bool:
            if self.journal.identities.calls_since(self.midnight) >= self.settings.daily_cap:
                return False
            begun.append(self.journal.identities.begin_call(dossier, by=self.by, run=self.run, at=self.now()))
            return True

        def traced(call: Appel) -> None:
            answer = call.reponse
            ended = EndedCall(
                step=call.etape,
                code=answer.code.value if answer is not None else call.erreur or "",
                request=_DEMANDE.dump_json(call.demande),
                answer=None if answer is None else _REPONSE.dump_json(answer),
                message_id=(answer.message_id or "") if answer is not None else "",
            )
            self.journal.identities.end_call(dossier, begun.pop(), ended, self.now())

        return climb(
            _Answering(self.service),
            envoi,
            now=self.now,
            traced=traced,
            may_call=may_call,
            ladder=self.settings.ladder,
            max_calls=self.settings.max_calls,
        )


@dataclass(frozen=True)
class _Answering:
    """The service, whose answers are about whom it was asked for: it never searches with another sex or birth date."""

    service: IdentityService

    def search(self, demande: Demande) -> Reponse:
        answer = self.service.search(demande)
        found = answer.individu
        asked = (demande.sexe, demande.date_naissance)
        if found is not None and (found.sexe, found.date_naissance) != asked:
            raise AnswerToAnother
        return answer

    def verify(self, demande: Demande, number: MatriculeIns) -> Verification:
        return self.service.verify(demande, number)
