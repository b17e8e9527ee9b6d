"""A document that policy lets go to a channel of mail leaves only when somebody is there to be written to.

Each delivery is written to those who can be. Those who are left out for now, or whom the operator did not take, are the
recipients of a delivery of their own (`Operation.SEND`), which waits like any other for what it lacks; when nobody of
them is to get it any more, it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from dui_bridge.pipeline.policy.chain import Ruling, Verdict
from dui_bridge.pipeline.policy.recipient_facts import Recipient
from dui_bridge.pipeline.policy.recipient_rules import HAS_IT, NO_SENDER, NOBODY_KNOWN, NOBODY_LEFT
from dui_bridge.pipeline.policy.recipients import Addressed


def remaining(
    chosen: Sequence[Addressed], has_it: Callable[[Recipient], bool], is_meant: Callable[[Recipient], bool]
) -> tuple[Addressed, ...]:
    """Those whom a delivery is for; nobody is written to who has the document."""
    return tuple(
        replace(one, verdict=Verdict.NEVER, rule=HAS_IT, values={}) if has_it(one.recipient) else one
        for one in chosen
        if is_meant(one.recipient)
    )


def addressed(
    ruling: Ruling, chosen: Sequence[Addressed], without_mailbox: str = "", *, is_rest: bool = False
) -> Ruling:
    """The ruling, unless nobody gets it: then that of the recipient who comes nearest, the first of equals.

    Args:
        without_mailbox: the FINESS of an establishment that has no mailbox to write from.
        is_rest: the delivery is for those only who did not get it with another.
    """
    ruling = replace(ruling, recipients=tuple(chosen))
    if ruling.allows and without_mailbox:
        return replace(ruling, verdict=Verdict.HOLD, rule=NO_SENDER, values={"finess": without_mailbox})
    if not ruling.allows or any(one.sends for one in chosen):
        return ruling
    if is_rest and all(one.verdict is Verdict.NEVER for one in chosen):
        return replace(ruling, verdict=Verdict.NEVER, rule=NOBODY_LEFT, values={})
    if not chosen:
        return replace(ruling, verdict=Verdict.HOLD, rule=NOBODY_KNOWN, values={})
    nearest = min(chosen, key=lambda one: one.verdict.rank)
    return replace(ruling, verdict=nearest.verdict, rule=nearest.rule, values=nearest.values)
