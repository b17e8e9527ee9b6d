"""Destinations that come, go and come back: what stands is to go to each one that the site names, once.

When that is far more than usual, it waits for a person's word: a name that is mistyped is a new destination, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from dui_bridge.journal.records import DeliveryCase, KeptBack, KnownRun
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import JUDGED, REGULAR, DeliveryState
from dui_bridge.pipeline.delivery.backfill import KEPT_BACK
from dui_bridge.pipeline.delivery.plan import Judged, change_of, plan
from dui_bridge.pipeline.delivery.worker import Gatekeeper
from dui_bridge.pipeline.guard import LOOKED_AT, SMALLEST_SURGE, surges
from dui_bridge.pipeline.policy.rules import ADDED
from dui_bridge.site.declaration import Guard
from dui_bridge.site.settings import Site

_MANY: Final = KeptBack(ADDED.id, ADDED.who.value, SMALLEST_SURGE)
_PAGE: Final = 200
_RUNS: Final = 1_000
"""Runs that are looked through: urgent files may come by the dozen."""


@dataclass(frozen=True)
class Aligned:
    """What one look changed.

    Args:
        added: deliveries recorded of documents that were recorded while the site did not name their destination.
        cancelled: deliveries of versions that were overtaken meanwhile.
        left: deliveries kept back because the site does not name their destination any more.
        held: destination → how many of the added wait for a person's word.
        not_kept: destination → documents that were never to go there, and whose bytes are not kept any more.
    """

    added: int = 0
    cancelled: int = 0
    left: int = 0
    held: Mapping[str, int] = field(default_factory=dict)
    not_kept: Mapping[str, int] = field(default_factory=dict)


def align(journal: Journal, site: Site, gate: Gatekeeper, now: datetime, *, only: str | None = None) -> Aligned:
    """Makes deliveries and destinations agree, before policy is asked about what is planned.

    Quick when nothing is to be done: a walk of an index for each destination.

    Args:
        only: the one destination to look at.
    Raises:
        JournalUnusable: the next call goes on.
    """
    added, cancelled, left, held, not_kept = 0, 0, 0, {}, {}
    for name in journal.deliveries.destinations(DeliveryState.READY):
        # What waits there for its turn has no worker to find that it cannot leave.
        if name not in site.destinations and only in (None, name):
            left += plan(journal, gate, now, destination=name, states=(DeliveryState.READY,)).blocked
    for name in site.destinations:
        if only in (None, name):
            cancelled += journal.deliveries.cancel_overtaken(name, now)
            recorded, gone = journal.deliveries.add_missing(name, site.declaration.urgent_types, now, _MANY)
            added += recorded
            if recorded > _MANY.above and (kept_back := _hold(journal, site, gate, name, now)):
                held[name] = kept_back
            if gone:
                not_kept[name] = gone
    return Aligned(added, cancelled, left, held, not_kept)


def _hold(journal: Journal, site: Site, gate: Gatekeeper, destination: str, now: datetime) -> int:
    """Lets go what is no surge of its source; how many wait for a person.

    What policy keeps back in any case does not count: documents from before the start of a destination surprise nobody.
    """
    leaving: Counter[str] = Counter()
    staying: Counter[str] = Counter()
    for page in _kept_back(journal, destination):
        for case in page:
            ruling = gate.ruling(case, now)
            leaving[case.delivery.source] += ruling.allows
            staying[case.delivery.source] += ruling.cause not in KEPT_BACK
    judged, held = Judged(journal), 0
    for source, number in staying.items():
        guard = site.sources[source].guard if source in site.sources else Guard()
        if surges(guard, _judged_before(journal, source), leaving[source]):
            held += number
            continue
        for page in _kept_back(journal, destination, source):
            changes = (change_of(journal, case, gate, now) for case in page if judged(case))
            journal.deliveries.change([change for change in changes if change is not None], now)
    return held


def _kept_back(journal: Journal, destination: str, source: str | None = None) -> Iterator[list[DeliveryCase]]:
    """What waits for a person's word, page by page, as if nothing but policy kept it back."""
    selection = Selection(states=(DeliveryState.BLOCKED,), causes=(ADDED.id,), destination=destination, source=source)
    chosen = journal.selections.ids(selection)
    for begin in range(0, len(chosen), _PAGE):
        cases = journal.deliveries.several(chosen[begin : begin + _PAGE])
        yield [replace(case, delivery=replace(case.delivery, cause="")) for case in cases]


def _judged_before(journal: Journal, source: str) -> list[KnownRun]:
    """The last runs of a source that say what is usual, the latest first, of the kind of the latest."""
    good = [run for state in JUDGED for run in journal.runs(source, state, _RUNS) if run.kind in REGULAR]
    good.sort(key=lambda run: run.started_at, reverse=True)
    return [run for run in good if run.kind == good[0].kind][:LOOKED_AT]
