"""Puts into the outbox what the DUI was not told yet.

Rows are made by comparing the states of the journal with the rows that it holds, never while something is sent: a
process killed between a state and its row loses nothing, and sending waits for nothing. A state that came and went
between two looks (a retry, a block that was lifted) is not told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from dui_bridge.journal.records import Json, OutboxEntry
from dui_bridge.journal.store import Journal
from dui_bridge.journal.told import Told, ToldRow
from dui_bridge.mappings.outcomes import STATES, Fact
from dui_bridge.model.states import DeliveryState, DocumentState
from dui_bridge.pipeline.delivery.points import reached
from dui_bridge.pipeline.outcomes.rows import of_delivery, of_document
from dui_bridge.site.settings import Site

_AFTERWARDS: Final = (DeliveryState.CANCELLED,)
"""Told when the DUI was told something of the delivery before; else it never heard of it."""

_DELIVERIES: Final = tuple(one for one in STATES if isinstance(one, DeliveryState) and one not in _AFTERWARDS)
_DOCUMENTS: Final = tuple(one for one in STATES if isinstance(one, DocumentState))
_SAME: Final = ("state", "code")
_PAGE: Final = 500


def collect_outcomes(site: Site, journal: Journal, source: str, now: datetime) -> int:
    """How many rows were added for a source.

    One for each delivery that has settled or is stuck, and for each document that is in quarantine or invalid; none
    when the last row of the same delivery, or document, says the same state for the same cause.

    Raises:
        JournalUnusable: the next call goes on.
    """
    told = Told(journal)
    return sum(
        (
            _documents(site, journal, told, source, now),
            _deliveries(site, journal, told, source, now),
        )
    )


def _deliveries(site: Site, journal: Journal, told: Told, source: str, now: datetime) -> int:
    added = 0
    for page in _pages(told.deliveries(source, _DELIVERIES, _AFTERWARDS)):
        last = {row.delivery_id: row for row in told.rows({dossier for _, dossier in page})}
        entries = []
        for delivery_id, dossier in page:
            case = journal.deliveries.case(delivery_id)
            if case is None or case.delivery.state not in STATES:
                continue
            row = of_delivery(site.id, case, _zone(site, case.delivery.finess))
            before = last.get(delivery_id)
            if before is None or not _same(before, row):
                entries.append(OutboxEntry(source, dossier, delivery_id, _sealed(row)))
        reached("outbox.before")
        journal.outbox.add(entries, now)
        reached("outbox.after")
        added += len(entries)
    return added


def _documents(site: Site, journal: Journal, told: Told, source: str, now: datetime) -> int:
    added = 0
    for page in _pages(told.documents(source, _DOCUMENTS)):
        last = {_document(row.row, row.dossier_id): row for row in told.rows({dossier for _, dossier in page})}
        entries = []
        for item_id, dossier in page:
            item = journal.items.get(item_id)
            if item is None or item.state not in _DOCUMENTS:
                continue
            row = of_document(site.id, item, _zone(site, item.finess))
            before = last.get(_document(row, dossier))
            if before is None or before.delivery_id is not None or not _same(before, row):
                entries.append(OutboxEntry(source, dossier, None, _sealed(row)))
        reached("outbox.before")
        journal.outbox.add(entries, now)
        reached("outbox.after")
        added += len(entries)
    return added


def _pages(found: Sequence[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Pages in which what follows one another of one dossier stays together: its rows are one transaction."""
    page: list[tuple[int, int]] = []
    for _, of_dossier in groupby(found, key=lambda pair: pair[1]):
        page += of_dossier
        if len(page) >= _PAGE:
            yield page
            page = []
    if page:
        yield page


def _same(before: ToldRow, row: dict[str, Fact]) -> bool:
    return all(before.row.get(name) == row[name] for name in _SAME)


def _document(row: dict[str, Json] | dict[str, Fact], dossier: int) -> tuple[object, ...]:
    return dossier, row.get("document.type"), row.get("document.identifiant")


def _zone(site: Site, finess: str | None) -> ZoneInfo:
    found = site.establishment(finess) if finess is not None else None
    return (found or site.establishments[0]).timezone


def _sealed(row: dict[str, Fact]) -> dict[str, Json]:
    return dict(row)
