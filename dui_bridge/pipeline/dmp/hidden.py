"""What lies in the DMP and the patient does not see yet: who undertook to make it visible, and by when.

A document that is hidden from the patient leaves only when a person undertook, by name, to release it (`ASK_HIDDEN`).
It waits here until that was done (`dmp unhide`), here or there: a release that was made elsewhere is not known, and
`dmp unhide` of it says that it stands so already. Source: JDV_J08, INVISIBLE_PATIENT: for a time, and never again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final

from dui_bridge.findings import Language
from dui_bridge.journal.records import DeliveryCase, Json
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.delivery.masks import changes_of
from dui_bridge.pipeline.delivery.rules import HIDDEN_THERE
from dui_bridge.pipeline.policy.facts import DocumentFacts
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.site.settings import Site
from dui_bridge.xds.entries import Mask

_LABEL: Final = 12
_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Hidden:
    """One document that the patient does not see yet.

    Args:
        document: `document-12`, as `trace` takes it; the delivery when the journal knows no item.
        number: of the dossier.
        since: when it was deposited so; aware.
        until: the last day on which it is to be made visible, local.
        by: who undertook it.
        late: that day has passed.
    """

    document: str
    unique_id: str
    number: str = field(repr=False)
    finess: str
    destination: str
    since: datetime
    until: date
    by: str
    late: bool

    @property
    def command(self) -> str:
        """What makes it visible."""
        return f"dui-bridge dmp unhide {self.unique_id} --professional RPPS"

    def row(self, language: Language) -> dict[str, Json]:
        """For machines."""
        return {
            "document": self.document,
            "unique_id": self.unique_id,
            "dossier": self.number,
            "establishment": self.finess,
            "destination": self.destination,
            "code": HIDDEN_THERE.id,
            "cause": HIDDEN_THERE.fr if language == "fr" else HIDDEN_THERE.en,
            "action": self.command,
            "who": HIDDEN_THERE.who.value,
            "by": self.by,
            "since": self.since.isoformat(timespec="minutes"),
            "until": self.until.isoformat(),
            "late": self.late,
        }


def hidden_there(site: Site, journal: Journal, now: datetime, finess: str | None = None) -> list[Hidden]:
    """What the patients do not see yet in the DMP, what is due first first; `now` is aware."""
    names = {one.name for one in open_destinations(site).values() if one.channel is Channel.DMP}
    if not names:
        return []
    found, ids = [], journal.decisions.let_go(names, finess)
    for start in range(0, len(ids), _PAGE):
        for case in journal.deliveries.several(ids[start : start + _PAGE]):
            if _is_hidden(case, journal):
                found.append(_hidden(site, journal, case, now))
    return sorted(found, key=lambda one: (one.until, one.since, one.unique_id))


def lines(found: Sequence[Hidden], zone: tzinfo, language: Language) -> Iterator[str]:
    """A block for each, for a terminal; `zone`: in which times are shown."""
    for one in found:
        yield f"  {one.document}  {text('dossier', language)} {one.number}  {one.finess} → {one.destination}"
        yield _labelled("label_since", moment(one.since, zone, language), language)
        late = f"  ! {text('hidden_late', language)}" if one.late else ""
        until = moment(datetime.combine(one.until, time(), zone), zone, language).split()[0]
        yield _labelled("label_until", f"{until}{late}", language)
        yield _labelled("label_todo", one.command, language)
        yield _labelled("label_who", one.by, language)


def _labelled(key: str, words: str, language: Language) -> str:
    return f"    {text(key, language):<{_LABEL}}{words}"


def _is_hidden(case: DeliveryCase, journal: Journal) -> bool:
    if DocumentFacts.from_json(case.document).hidden_from_usager is not True:
        return False
    return (Mask.PATIENT, False) not in changes_of(journal, case.delivery.unique_id)


def _hidden(site: Site, journal: Journal, case: DeliveryCase, now: datetime) -> Hidden:
    delivery = case.delivery
    since = delivery.sent_at or delivery.since
    establishment = site.establishment(delivery.finess) or site.establishments[0]
    days = site.declaration.consultation.visible_within_days
    until = since.astimezone(establishment.timezone).date() + timedelta(days=days)
    item = journal.overview.item_of(delivery.series_id)
    return Hidden(
        f"delivery-{delivery.id}" if item is None else f"document-{item}",
        delivery.unique_id,
        case.number,
        delivery.finess,
        delivery.destination,
        since,
        until,
        "" if case.decided is None else case.decided.by,
        now.astimezone(establishment.timezone).date() > until,
    )
