"""What becomes of a delivery, from what its destination answered or raised. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Final

from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Rule, Who
from dui_bridge.model.exchange import Answer, Outcome, Untaken
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.delivery.retries import Family, family_of
from dui_bridge.pipeline.delivery.rules import GAVE_UP, NOT_THERE, REFUSED

INTERRUPTED_TRY: Final = "interrupted"
DOWN_TRY: Final = "down"
UNCOUNTED: Final = frozenset({INTERRUPTED_TRY, DOWN_TRY, Family.CONFIGURATION.value, Family.ESTABLISHMENT.value})
"""Results of attempts that use up no try: the document is not to blame. The process died, the destination was known to
be down, or cannot be used at all, or not for the establishment."""

_VALUES: Final = "values"
_LONGEST_CODE: Final = 40
_LONGEST_REFERENCE: Final = 400


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a delivery that was being sent.

    Args:
        event: DELIVER, FAIL (it will be tried again), REFUSE or LOSE.
        result: of the attempt: an `Answer`, a `Family`, or one of `UNCOUNTED`.
        cause, who: of the delivery; empty when it is delivered.
        code, reference, answer: what the destination said; or the code of what it raised, and the values of its words.
        family: of the failure, for the delay before the next try; None: no delay.
        untaken: of what is delivered: the recipients who did not get it.
    """

    event: DeliveryEvent
    result: str
    cause: str = ""
    who: str = ""
    code: str = ""
    reference: str = ""
    answer: bytes | None = None
    family: Family | None = None
    untaken: tuple[Untaken, ...] = ()


def told(outcome: Outcome) -> Verdict:
    """After an answer to a send, or when it was found there: it is delivered, or refused for good."""
    code, reference = outcome.code[:_LONGEST_CODE], outcome.reference[:_LONGEST_REFERENCE]
    if outcome.answer in (Answer.DELIVERED, Answer.ALREADY_THERE):
        event = DeliveryEvent.DELIVER
        return Verdict(
            event, outcome.answer, code=code, reference=reference, answer=outcome.received, untaken=outcome.untaken
        )
    # A destination that answers a send with `ABSENT` breaks the port: whatever it means, it has not taken it.
    rule = outcome.findings[0].rule if outcome.findings else REFUSED
    return Verdict(
        DeliveryEvent.REFUSE, Answer.REFUSED, rule.id, rule.who, code or rule.id, reference, outcome.received
    )


def absent(code: str, *, last: bool) -> Verdict:
    """After an answer was lost, and it was asked for and is not there.

    Args:
        code: of the failure that made it be asked for.
        last: no try is left.
    """
    if last:
        return _gave_up(Answer.ABSENT, code)
    return Verdict(DeliveryEvent.FAIL, Answer.ABSENT, NOT_THERE.id, NOT_THERE.who, code, family=Family.LOST)


def never_left() -> Verdict:
    """After the process died while it was sent, and it was asked for and is not there."""
    return Verdict(DeliveryEvent.FAIL, INTERRUPTED_TRY, NOT_THERE.id, NOT_THERE.who)


def failed(error: DuiBridgeError, *, last: bool, down: bool = False) -> Verdict:
    """After a failure that took nothing (every family but LOST).

    Args:
        last: no try is left.
        down: the destination was known not to answer before this try.
    """
    return with_words(_failed(error, last=last, down=down), error)


def with_words(verdict: Verdict, error: DuiBridgeError) -> Verdict:
    """A verdict that keeps the words of what was raised in the attempt, unless the destination answered otherwise."""
    if verdict.answer is not None or verdict.event is DeliveryEvent.DELIVER or not error.values:
        return verdict
    return replace(verdict, answer=json.dumps({_VALUES: error.values}, ensure_ascii=False).encode())


def values_of(answer: bytes | None) -> dict[str, str] | None:
    """The values of the message of what was raised, from the answer of an attempt; None: it is a true answer."""
    try:
        found = json.loads(answer or b"")
    except ValueError:
        return None
    values = found.get(_VALUES) if isinstance(found, dict) and len(found) == 1 else None
    return {str(name): str(value) for name, value in values.items()} if isinstance(values, dict) else None


def unfit(error: DuiBridgeError) -> Verdict:
    """After its document could not be made ready for the destination: it was not sent, and never will be as it is."""
    return with_words(Verdict(DeliveryEvent.REFUSE, Answer.REFUSED, error.code, error.who, error.code), error)


def lost(rule: Rule, result: str, code: str) -> Verdict:
    """When nobody but a person can say whether it is there."""
    return Verdict(DeliveryEvent.LOSE, result, rule.id, rule.who, code)


def _failed(error: DuiBridgeError, *, last: bool, down: bool) -> Verdict:
    family = family_of(error)
    if family in (Family.CONFIGURATION, Family.ESTABLISHMENT):
        return Verdict(DeliveryEvent.FAIL, family, error.code, error.who, error.code)
    if family is Family.UNREACHABLE and down:
        return Verdict(DeliveryEvent.FAIL, DOWN_TRY, error.code, Who.NOBODY, error.code, family=family)
    if last:
        return _gave_up(family, error.code)
    return Verdict(DeliveryEvent.FAIL, family, error.code, Who.NOBODY, error.code, family=family)


def _gave_up(result: str, code: str) -> Verdict:
    return Verdict(DeliveryEvent.REFUSE, result, GAVE_UP.id, GAVE_UP.who, code)
