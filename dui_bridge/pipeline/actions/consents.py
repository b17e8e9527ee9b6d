"""`consents`: the declaration that all usagers of an establishment were informed of a channel.

It stands in for what the DUI leaves blank, for those who were there on that day; never for an opposition.
"""

from __future__ import annotations

from datetime import date

from dui_bridge.journal.records import Json, KnownInformation
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.actions.desk import Desk, Done, Scope, given
from dui_bridge.pipeline.actions.errors import DayAhead, InformationUnknown
from dui_bridge.pipeline.delivery.destinations import open_destinations


def declare(desk: Desk, finess: str, channel: Channel, day: date, evidence: str) -> Done:
    """Records that all usagers of an establishment were informed on a day, and by what that is shown.

    Raises:
        ReasonMissing, UnknownEstablishment, DayAhead: nothing was done.
    """
    desk.check(Scope(finess=finess))
    evidence = given(evidence)
    _check_day(desk, finess, day)
    number = desk.journal.decisions.inform(finess, channel, day, desk.actor.by, evidence, desk.now)
    desk.audit(
        "consents declare",
        f"information-{number}",
        establishment=finess,
        channel=channel.value,
        day=day.isoformat(),
        evidence=evidence,
    )
    ready, other = _look_again(desk, channel)
    values: dict[str, Json] = {"id": number, "finess": finess, "channel": channel.value}
    return Done("declared", {**values, "number": ready, "other": other})


def withdraw(desk: Desk, number: int) -> Done:
    """Takes a declaration back: what has not left is asked about again. Raises InformationUnknown."""
    found = next((one for one in desk.journal.decisions.informations() if one.id == number), None)
    if found is None or not desk.journal.decisions.withdraw(number, desk.now):
        raise InformationUnknown(id=str(number))
    desk.audit("consents withdraw", f"information-{number}", establishment=found.finess, channel=found.channel.value)
    _, blocked = _look_again(desk, found.channel)
    return Done("withdrawn", {"id": number, "number": blocked})


def declarations(desk: Desk) -> Done:
    """Every declaration, those that were withdrawn too."""
    found = desk.journal.decisions.informations(withdrawn=True)
    return Done("informations", {"number": len(found)}, tuple(_row(one) for one in found))


def _look_again(desk: Desk, channel: Channel) -> tuple[int, int]:
    """How many deliveries may leave now, and how many are kept back for another cause than before."""
    names = [one.name for one in open_destinations(desk.site).values() if one.channel is channel]
    planned = [desk.ask_policy(destination=name) for name in names]
    return sum(one.ready for one in planned), sum(one.blocked for one in planned)


def _check_day(desk: Desk, finess: str, day: date) -> None:
    establishment = desk.site.establishment(finess) or desk.site.establishments[0]
    if day > desk.now.astimezone(establishment.timezone).date():
        raise DayAhead(day=day.isoformat())


def _row(one: KnownInformation) -> dict[str, Json]:
    values: dict[str, Json] = {
        "id": one.id,
        "establishment": one.finess,
        "channel": one.channel.value,
        "day": one.day.isoformat(),
        "evidence": one.evidence,
        "by": one.by,
        "declared_at": one.declared_at.isoformat(timespec="minutes"),
    }
    if one.withdrawn_at is not None:
        values["withdrawn_at"] = one.withdrawn_at.isoformat(timespec="minutes")
    return values
