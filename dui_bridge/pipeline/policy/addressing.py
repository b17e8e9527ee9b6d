"""A document that policy lets go to a channel of mail leaves only when somebody is there to be written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dui_bridge.pipeline.policy.chain import Ruling, Verdict
from dui_bridge.pipeline.policy.recipient_rules import NO_SENDER, NOBODY_KNOWN
from dui_bridge.pipeline.policy.recipients import Addressed


def addressed(ruling: Ruling, chosen: Sequence[Addressed], without_mailbox: str = "") -> Ruling:
    """The ruling, unless nobody gets it: then that of the recipient who comes nearest, the first of equals.

    Args:
        without_mailbox: the FINESS of an establishment that has no mailbox to write from.
    """
    ruling = replace(ruling, recipients=tuple(chosen))
    if ruling.allows and without_mailbox:
        return replace(ruling, verdict=Verdict.HOLD, rule=NO_SENDER, values={"finess": without_mailbox})
    if not ruling.allows or any(one.sends for one in chosen):
        return ruling
    if not chosen:
        return replace(ruling, verdict=Verdict.HOLD, rule=NOBODY_KNOWN, values={})
    nearest = min(chosen, key=lambda one: one.verdict.rank)
    return replace(ruling, verdict=nearest.verdict, rule=nearest.rule, values=nearest.values)
