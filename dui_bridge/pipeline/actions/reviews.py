"""`review`: what only a person can decide.

Whether a doubtful delivery arrived; whether a document that policy asks about may go; whether a dossier number that
changed person is right, which is decided with its run (`runs release`, `runs discard`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from dui_bridge.findings import Language, Who
from dui_bridge.journal.records import DeliveryCase, Finished, Json, KnownItem, Verdict
from dui_bridge.journal.selections import Selection
from dui_bridge.model.states import ARRIVED, DELIVERY, NOT_LEFT, DeliveryEvent, DeliveryState
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.actions.errors import NameMissing, NotPossible
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.rules import CANCELLED_BY_PERSON
from dui_bridge.pipeline.guard import PERSON_CHANGED
from dui_bridge.pipeline.policy import recipients
from dui_bridge.pipeline.policy.chain import CHAIN, Ruling
from dui_bridge.pipeline.policy.chain import Verdict as Policy
from dui_bridge.pipeline.policy.facts import DocumentFacts
from dui_bridge.pipeline.policy.rules import ASK_HIDDEN
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.sending import gate_of

_ASKING: Final = (*(link.rule.id for link in CHAIN if link.verdict is Policy.ASK), *recipients.ASKING)


class Choice(StrEnum):
    """What a person may decide."""

    ALLOW = "allow"
    REFUSE = "refuse"
    DELIVERED = "delivered"
    READY = "ready"
    CANCEL = "cancel"


ANSWERS: Final = {
    "ask": (Choice.ALLOW, Choice.REFUSE),
    "doubtful": (Choice.DELIVERED, Choice.READY, Choice.CANCEL),
    "person": (),
}
"""Kind of question → the answers to it; that of a changed person is given with `runs`."""


@dataclass(frozen=True)
class Question:
    """What waits for a person.

    Args:
        id: delivery-56, or usager-12 for a changed person.
        kind: ask, doubtful or person.
        document: document-34, as `trace` takes it; empty for a changed person.
        run: of a changed person: what is released or discarded.
        asked: the question in words.
    """

    id: str
    kind: str
    number: str = field(repr=False)
    document: str
    doc_type: str
    dated: str
    finess: str
    destination: str
    code: str
    since: datetime
    run: str
    asked: str

    def row(self) -> dict[str, Json]:
        """For a table, and for machines."""
        values: dict[str, Json] = {
            "id": self.id,
            "kind": self.kind,
            "dossier": self.number,
            "document": self.document,
            "type": self.doc_type,
            "date": self.dated,
            "establishment": self.finess,
            "destination": self.destination,
            "run": self.run,
            "code": self.code,
            "question": self.asked,
            "answers": " | ".join(ANSWERS[self.kind]),
            "since": self.since.isoformat(timespec="minutes"),
        }
        return {name: value for name, value in values.items() if value != ""}


def questions(desk: Desk, finess: str | None, language: Language, doc_type: str | None = None) -> list[Question]:
    """All that waits for a person: doubtful deliveries, then what policy asks about, then changed persons."""
    return list(_questions(desk, finess, language, doc_type))


def listed(found: Sequence[Question]) -> Done:
    """The questions as rows; exit code 1 when there is one."""
    return Done("review", {"number": len(found)}, tuple(one.row() for one in found), exit_code=int(bool(found)))


def shown(desk: Desk, deliveries: Sequence[int], language: Language) -> Done:
    """The questions about deliveries, each with what policy's rules say and what was decided before.

    Raises:
        NotPossible: nothing is asked about any of them.
    """
    gate, rows = gate_of(desk.site, desk.journal), []
    cases = [desk.case(one) for one in deliveries]
    for case in cases:
        ruling = gate.ruling(case, desk.now)
        asked = _of_delivery(case, ruling, language)
        if asked is None:
            continue
        delivery = case.delivery
        known = desk.journal.decisions.decision(delivery.version_id, delivery.destination)
        before = f"{known.verdict} ({known.by}: {known.reason})" if known is not None else ""
        steps: list[Json] = [f"{'✓' if step.passed else '✗'} {step.words(language)}" for step in ruling.steps]
        rows.append({**asked.row(), "decided": before, "rules": steps})
    if not rows:
        raise _impossible(cases[0], "review")
    return Done("review", {"number": len(rows)}, tuple(rows))


def decide_all(desk: Desk, deliveries: Sequence[int], choice: Choice, reason: str, *, single: bool) -> Done:
    """Decides of several deliveries at once.

    Args:
        single: one delivery was named; else, of all those of a document, those to which the decision is an answer.
    Raises:
        ReasonMissing, NotPossible: of none of them can this be decided.
    """
    decided = already = 0
    refusal: NotPossible | None = None
    if choice is Choice.ALLOW:
        for delivery_id in deliveries:
            _check_named(desk, desk.case(delivery_id), None)
    for delivery_id in deliveries:
        try:
            if not single and not _is_asked(desk, delivery_id, choice):
                continue
            if decide(desk, delivery_id, choice, reason):
                decided += 1
            else:
                already += 1
        except NotPossible as error:
            refusal = error
    if not decided and not already:
        raise refusal or _impossible(desk.case(deliveries[0]), choice)
    return Done(f"decided_{choice}", {"number": decided, "already": already})


def _is_asked(desk: Desk, delivery_id: int, choice: Choice) -> bool:
    """Whether a question about this delivery waits to which the choice is an answer."""
    case = desk.case(delivery_id)
    asked = _of_delivery(case, gate_of(desk.site, desk.journal).ruling(case, desk.now), "en")
    return asked is not None and choice in ANSWERS[asked.kind]


def decide(desk: Desk, delivery_id: int, choice: Choice, reason: str, by: str | None = None) -> bool:
    """Does what a person decided of one delivery; policy looks again at its dossier at once.

    Args:
        by: who decided, when that is not who acts here.
    Returns:
        False when it was decided so before: nothing is done then.
    Raises:
        ReasonMissing, SubjectUnknown, NameMissing, NotPossible: nothing was done.
    """
    reason, case = given(reason), desk.case(delivery_id)
    if _is_so(desk, case, choice):
        return False
    if choice is Choice.ALLOW:
        _check_named(desk, case, by)
    if choice in (Choice.ALLOW, Choice.REFUSE):
        _rule(desk, case, Verdict(choice.value), by or desk.actor.by, reason)
    else:
        _settle(desk, case, choice)
    desk.audit(f"review {choice}", f"delivery-{delivery_id}", reason=reason, decided_by=by)
    desk.ask_policy(destination=case.delivery.destination, dossier=case.delivery.dossier_id)
    return True


def check_decision(desk: Desk, delivery_id: int, choice: Choice) -> bool:
    """Whether a decision would do something, without doing it; as `decide` otherwise."""
    case = desk.case(delivery_id)
    if _is_so(desk, case, choice):
        return False
    if choice in (Choice.ALLOW, Choice.REFUSE):
        _check_rule(desk, case, Verdict(choice.value))
    else:
        _check_settle(desk, case, choice)
    return True


def _questions(desk: Desk, finess: str | None, language: Language, doc_type: str | None) -> Iterator[Question]:
    gate = gate_of(desk.site, desk.journal)
    doubtful = Selection(states=(DeliveryState.DOUBTFUL,), finess=finess, doc_type=doc_type)
    asking = Selection(states=(DeliveryState.BLOCKED,), causes=_ASKING, finess=finess, doc_type=doc_type)
    for selection in (doubtful, asking):
        for delivery_id in desk.journal.selections.ids(selection):
            case = desk.case(delivery_id)
            found = _of_delivery(case, gate.ruling(case, desk.now), language)
            if found is not None:
                document = desk.journal.overview.item_of(case.delivery.series_id)
                yield replace(found, document=f"document-{document}" if document is not None else "")
    if doc_type is not None:
        return
    for item_id in desk.journal.selections.changed_persons(PERSON_CHANGED.id):
        item = desk.journal.items.get(item_id)
        if item is not None and finess in (None, item.finess):
            yield _of_person(item, language)


def _of_delivery(case: DeliveryCase, ruling: Ruling, language: Language) -> Question | None:
    delivery = case.delivery
    if delivery.state is DeliveryState.DOUBTFUL:
        kind, code = "doubtful", delivery.cause
        asked = explain_cause(code, {"destination": delivery.destination}, language, state=delivery.state).message
    elif delivery.state in NOT_LEFT and ruling.verdict is Policy.ASK:
        kind, code, asked = "ask", ruling.cause, ruling.message(language)
    else:
        return None
    dated = DocumentFacts.from_json(case.document).dated
    return Question(
        id=f"delivery-{delivery.id}",
        kind=kind,
        number=case.number,
        document="",
        doc_type=delivery.kind.value,
        dated=dated.isoformat() if dated is not None else "",
        finess=delivery.finess,
        destination=delivery.destination,
        code=code,
        since=delivery.since,
        run="",
        asked=asked,
    )


def _of_person(item: KnownItem, language: Language) -> Question:
    return Question(
        id=f"usager-{item.id}",
        kind="person",
        number=item.number,
        document="",
        doc_type="",
        dated="",
        finess=item.finess or "",
        destination="",
        code=item.cause,
        since=item.since,
        run=item.run,
        asked=explain_cause(item.cause, None, language, state=item.state).message,
    )


def _is_so(desk: Desk, case: DeliveryCase, choice: Choice) -> bool:
    """Whether it stands already as the decision would have it."""
    delivery = case.delivery
    if choice in (Choice.ALLOW, Choice.REFUSE):
        known = desk.journal.decisions.decision(delivery.version_id, delivery.destination)
        return known is not None and known.verdict == choice.value
    if choice is Choice.DELIVERED:
        return delivery.state in ARRIVED
    return delivery.state is (DeliveryState.READY if choice is Choice.READY else DeliveryState.CANCELLED)


def _rule(desk: Desk, case: DeliveryCase, verdict: Verdict, by: str, reason: str) -> None:
    _check_rule(desk, case, verdict)
    delivery = case.delivery
    desk.journal.decisions.decide(delivery.version_id, delivery.destination, verdict, by, reason, desk.now)


def _check_rule(desk: Desk, case: DeliveryCase, verdict: Verdict) -> None:
    """A person may refuse whatever has not left; only what policy asks about can be allowed."""
    if case.delivery.state not in NOT_LEFT:
        raise _impossible(case, verdict)
    if verdict is Verdict.ALLOW and not _asks(gate_of(desk.site, desk.journal), case, desk.now):
        raise _impossible(case, verdict)


def _check_named(desk: Desk, case: DeliveryCase, by: str | None) -> None:
    """Raises NameMissing: it is hidden from the patient, and nobody is named who will make it visible."""
    if by or desk.actor.named:
        return
    steps = gate_of(desk.site, desk.journal).ruling(case, desk.now).steps
    if any(step.link.rule is ASK_HIDDEN and step.values is not None for step in steps):
        raise NameMissing(subject=f"delivery-{case.delivery.id}")


def _asks(gate: Gate, case: DeliveryCase, now: datetime) -> bool:
    ruling = gate.ruling(case, now)
    asked = (step.values is not None and step.link.verdict is Policy.ASK for step in ruling.steps)
    # What is asked about a recipient is no step of the chain.
    return ruling.verdict is Policy.ASK or any(asked)


def _settle(desk: Desk, case: DeliveryCase, choice: Choice) -> None:
    """Raises NotPossible, also when the delivery moved meanwhile."""
    _check_settle(desk, case, choice)
    number = case.delivery.id
    if choice is Choice.CANCEL:
        cancel = (number, DeliveryEvent.CANCEL, CANCELLED_BY_PERSON.id, Who.NOBODY.value)
        moved = desk.journal.deliveries.change([cancel], desk.now) == 1
    else:
        event = DeliveryEvent.DELIVER if choice is Choice.DELIVERED else DeliveryEvent.FAIL
        moved = desk.journal.deliveries.finish(Finished(number, event, desk.now)) is not None
    if not moved:
        raise _impossible(desk.case(number), choice)


def _check_settle(desk: Desk, case: DeliveryCase, choice: Choice) -> None:
    state, number = case.delivery.state, case.delivery.id
    match choice:
        case Choice.CANCEL:
            possible = (state, DeliveryEvent.CANCEL) in DELIVERY
        case Choice.READY:
            # What is not kept any more cannot be sent again.
            kept = desk.journal.deliveries.sendable(number) is not None
            possible = state is DeliveryState.DOUBTFUL and kept
        case _:
            possible = state is DeliveryState.DOUBTFUL
    if not possible:
        raise _impossible(case, choice)


def _impossible(case: DeliveryCase, decision: str) -> NotPossible:
    return NotPossible(subject=f"delivery-{case.delivery.id}", state=case.delivery.state, decision=decision)
