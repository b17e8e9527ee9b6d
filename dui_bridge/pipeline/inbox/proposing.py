"""Asks the Annuaire Santé for other mailboxes of those who gave mails back; what it answers is kept, and told later."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Final

from dui_bridge.connectors.annuaire.entries import Wanted
from dui_bridge.errors import DuiBridgeError, JournalUnusable
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.directory import open_directory
from dui_bridge.pipeline.proposals import kept_answers, recipients_with, wanted_of
from dui_bridge.site.settings import Site

_MOST: Final = 50
"""So many are asked for in one cycle; the next one goes on."""


def ask_for_others(site: Site, journal: Journal, now: datetime) -> DuiBridgeError | None:
    """Asks once for the owner of each address that a mail came back from, after it did.

    Returns:
        Why the directory could not be asked; the mails of the cycle are treated all the same, and the next one asks.
    Raises:
        JournalUnusable.
    """
    try:
        wanted = list(dict.fromkeys(_not_asked(site, journal, now)))[:_MOST]
        if wanted:
            with closing(open_directory(site)) as directory:
                for one in wanted:
                    directory.mailboxes(one, ask=True)
    except JournalUnusable:
        raise
    except DuiBridgeError as error:
        return error
    return None


def _not_asked(site: Site, journal: Journal, now: datetime) -> Iterator[Wanted]:
    answers = kept_answers(site)
    if answers is None:
        return
    for held in journal.receipts.suspect_list():
        case = journal.deliveries.case(held.delivery_id) if held.address else None
        for recipient in () if case is None else recipients_with(case.usager, held.address):
            wanted = wanted_of(recipient)
            known = None if wanted is None else answers.of(wanted, now)
            if wanted is not None and (known is None or known.asked_at < held.since):
                yield wanted
