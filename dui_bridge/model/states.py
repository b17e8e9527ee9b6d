"""The lives of a document, a delivery and a run, as tables. Pure: the pipeline and the journal only apply them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class ForbiddenTransition(ValueError):
    """An event that the state does not know: a mistake of ours, never of data."""


class DeliveryState(StrEnum):
    """Where one operation towards one destination stands."""

    PLANNED = "planned"  # recorded; nobody has asked policy yet
    BLOCKED = "blocked"  # policy, INS, consent, hold, start date…: with the cause and who must act
    READY = "ready"  # may leave, now or at its next time
    SENDING = "sending"  # committed before the first byte leaves
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RETURNED = "returned"  # came back after it was delivered: a person or a new address
    REFUSED = "refused"  # for good: data or configuration must change
    DOUBTFUL = "doubtful"  # the answer never came, and the destination cannot say
    CANCELLED = "cancelled"  # superseded, withdrawn, or discarded by a person


class DeliveryEvent(StrEnum):
    """What happens to a delivery."""

    ALLOW = "allow"  # policy says yes
    BLOCK = "block"  # policy says no, not yet, or ask
    SEND = "send"
    DELIVER = "deliver"  # the destination has it (told, or found there when asked)
    FAIL = "fail"  # transient, or certainly not there when asked
    REFUSE = "refuse"
    LOSE = "lose"  # no answer, or one that says nothing
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    CANCEL = "cancel"
    REPLAY = "replay"  # a person sends it again after what was wrong has changed


_S, _E = DeliveryState, DeliveryEvent

DELIVERY: Final[Mapping[tuple[DeliveryState, DeliveryEvent], DeliveryState]] = {
    (_S.PLANNED, _E.ALLOW): _S.READY,
    (_S.PLANNED, _E.BLOCK): _S.BLOCKED,
    (_S.PLANNED, _E.CANCEL): _S.CANCELLED,
    (_S.BLOCKED, _E.ALLOW): _S.READY,
    (_S.BLOCKED, _E.BLOCK): _S.BLOCKED,  # for another reason
    (_S.BLOCKED, _E.CANCEL): _S.CANCELLED,
    (_S.READY, _E.SEND): _S.SENDING,
    (_S.READY, _E.BLOCK): _S.BLOCKED,  # policy is asked again at the last moment
    (_S.READY, _E.CANCEL): _S.CANCELLED,
    (_S.SENDING, _E.DELIVER): _S.DELIVERED,
    (_S.SENDING, _E.FAIL): _S.READY,
    (_S.SENDING, _E.REFUSE): _S.REFUSED,
    (_S.SENDING, _E.LOSE): _S.DOUBTFUL,
    (_S.DOUBTFUL, _E.DELIVER): _S.DELIVERED,  # it answered later, or a person knows
    (_S.DOUBTFUL, _E.FAIL): _S.READY,
    (_S.DOUBTFUL, _E.CANCEL): _S.CANCELLED,
    (_S.DELIVERED, _E.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.DELIVERED, _E.RETURN): _S.RETURNED,
    (_S.ACKNOWLEDGED, _E.RETURN): _S.RETURNED,
    (_S.DELIVERED, _E.LOSE): _S.DOUBTFUL,  # a restored journal no longer knows what happened after its backup
    (_S.READY, _E.LOSE): _S.DOUBTFUL,
    (_S.REFUSED, _E.REPLAY): _S.PLANNED,
    (_S.REFUSED, _E.CANCEL): _S.CANCELLED,
    (_S.RETURNED, _E.REPLAY): _S.PLANNED,
    (_S.RETURNED, _E.CANCEL): _S.CANCELLED,
    (_S.CANCELLED, _E.REPLAY): _S.PLANNED,
}

ARRIVED: Final = (_S.DELIVERED, _S.ACKNOWLEDGED)
"""Its destination has it."""

SETTLED: Final = frozenset({_S.DELIVERED, _S.ACKNOWLEDGED, _S.CANCELLED})
"""Nothing is waited for any more."""

NOT_LEFT: Final = frozenset({_S.PLANNED, _S.BLOCKED, _S.READY})
"""Certainly nothing has left in the present life of the delivery: it may be cancelled without asking anybody."""

FIRST_TOLD: Final = (
    _S.DOUBTFUL, _S.RETURNED, _S.REFUSED, _S.SENDING, _S.BLOCKED, _S.READY, _S.PLANNED, _S.DELIVERED, _S.ACKNOWLEDGED,
    _S.CANCELLED,
)  # fmt: skip
"""The one state of a document that goes to several destinations: the first of these that one of its deliveries has."""


def after(state: DeliveryState, event: DeliveryEvent) -> DeliveryState:
    """The state that follows. Raises ForbiddenTransition."""
    following = DELIVERY.get((state, event))
    if following is None:
        raise ForbiddenTransition(f"{event} in state {state}")
    return following


class RunState(StrEnum):
    """How a run stands. `interrupted` is written by the next run of the source, when the process was killed."""

    RUNNING = "running"
    DONE = "done"
    WAITING = "waiting"  # for a complete export
    HELD = "held"  # a guard wants a person
    RELEASED = "released"  # a person let what it held leave
    DISCARDED = "discarded"  # a person cancelled what it held
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class RunKind(StrEnum):
    """What a run read."""

    FULL = "full"  # all that the source holds
    CHANGES = "changes"  # what changed since the last reading, of a source that can tell
    PART = "part"  # one establishment
    URGENT = "urgent"  # one export laid into the watched folder


REGULAR: Final = frozenset({RunKind.FULL, RunKind.CHANGES})
"""Readings of all that the source had to tell: the guards look at these."""


class RunEvent(StrEnum):
    """What happens to a run."""

    END = "end"
    WAIT = "wait"
    HOLD = "hold"
    RELEASE = "release"
    DISCARD = "discard"
    FAIL = "fail"
    INTERRUPT = "interrupt"


RUN: Final[Mapping[tuple[RunState, RunEvent], RunState]] = {
    (RunState.RUNNING, RunEvent.END): RunState.DONE,
    (RunState.RUNNING, RunEvent.WAIT): RunState.WAITING,
    (RunState.RUNNING, RunEvent.HOLD): RunState.HELD,
    (RunState.RUNNING, RunEvent.FAIL): RunState.FAILED,
    (RunState.RUNNING, RunEvent.INTERRUPT): RunState.INTERRUPTED,
    (RunState.HELD, RunEvent.RELEASE): RunState.RELEASED,
    (RunState.HELD, RunEvent.DISCARD): RunState.DISCARDED,
}


JUDGED: Final = frozenset({RunState.DONE, RunState.RELEASED})
"""The guards, or a person, let what such a run recorded go."""

CUT_SHORT: Final = frozenset({RunState.INTERRUPTED, RunState.FAILED})
"""The run did not come to its guards."""

UNGUARDED: Final = CUT_SHORT | {RunState.RUNNING}
"""No guard has looked at what such a run recorded: it lasts, or is dead."""


def run_after(state: RunState, event: RunEvent) -> RunState:
    """The state of a run that follows. Raises ForbiddenTransition."""
    following = RUN.get((state, event))
    if following is None:
        raise ForbiddenTransition(f"{event} in state {state}")
    return following


class DocumentState(StrEnum):
    """Where a document stands before any delivery."""

    PLANNED = "planned"
    LEFT_OUT = "left_out"
    UNCHANGED = "unchanged"
    WOULD_DIFFER = "would_differ"
    QUARANTINED = "quarantined"
    INVALID = "invalid"
    BUILT = "built"


DOCUMENT: Final[Mapping[DocumentState, frozenset[DocumentState]]] = {
    DocumentState.PLANNED: frozenset(DocumentState) - {DocumentState.PLANNED},
    **{state: frozenset() for state in DocumentState if state is not DocumentState.PLANNED},
}
"""A document is planned, then in exactly one of the others until the next reading plans it again."""
