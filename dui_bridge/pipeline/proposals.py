"""Another mailbox for a recipient whose own gave mails back: of those that the DUI holds, and of what the Annuaire
Santé was last asked. A person records it in the DUI; nothing is written to it before.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from dui_bridge.connectors.annuaire.cache import Answers
from dui_bridge.connectors.annuaire.choose import choose
from dui_bridge.connectors.annuaire.entries import Wanted
from dui_bridge.connectors.annuaire.errors import SearchMalformed
from dui_bridge.errors import FileUnusable
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.policy.recipient_facts import Recipient, recipients_in
from dui_bridge.site.settings import Site

FROM_DUI: Final = "dui"
FROM_ANNUAIRE: Final = "annuaire"
_KEPT: Final = "annuaire"
_MOST: Final = 5
"""Of several mailboxes among which a person chooses, so many are told."""


def recipients_with(facts: Mapping[str, Json], address: str) -> list[Recipient]:
    """Whom the DUI gives an address for; nobody for one that is the usager's own."""
    return [one for one in recipients_in(facts) if one.mailbox and one.mailbox.lower() == address.lower()]


def wanted_of(recipient: Recipient) -> Wanted | None:
    """How the directory is asked for a recipient; None for one who is known by name only: a homonym would be found."""
    if not recipient.rpps and not recipient.finess:
        return None
    try:
        return Wanted(rpps=recipient.rpps or "", finess=recipient.finess or "")
    except SearchMalformed:
        return None


def answers_folder(site: Site) -> Path:
    """Where the answers of the Annuaire Santé are kept."""
    return site.data / _KEPT


def kept_answers(site: Site) -> Answers | None:
    """What the Annuaire Santé answered; None at a site that does not ask it."""
    settings = site.declaration.annuaire
    return None if settings is None else Answers(answers_folder(site), timedelta(days=settings.keep_days))


def proposals(
    site: Site, facts: Mapping[str, Json], address: str, suspect: Container[str], now: datetime
) -> dict[str, str]:
    """Other mailboxes than one that a mail came back from → where each is known from (`FROM_DUI`, `FROM_ANNUAIRE`).

    The directory itself is not asked: a cycle of receiving does that.

    Args:
        facts: of the usager whose document came back.
        suspect: addresses that are not proposed.
    """
    answers, found = kept_answers(site), dict[str, str]()
    for recipient in recipients_with(facts, address):
        for other in _of_the_dui(recipient, recipients_in(facts), now.date()):
            found.setdefault(other.lower(), FROM_DUI)
        for other in _of_the_directory(site, answers, recipient, suspect, now):
            found.setdefault(other, FROM_ANNUAIRE)
    return {one: source for one, source in found.items() if one not in suspect}


def for_those_without(site: Site, facts: Mapping[str, Json], suspect: Container[str], now: datetime) -> list[str]:
    """What the Annuaire Santé was last known to have for recipients of whom the DUI gives no mailbox; each once."""
    answers = kept_answers(site)
    without = [one for one in recipients_in(facts) if not one.mailbox]
    return list(dict.fromkeys(to for one in without for to in _of_the_directory(site, answers, one, suspect, now)))


def _of_the_dui(wrong: Recipient, known: Sequence[Recipient], today: date) -> Iterator[str]:
    """Mailboxes that the DUI holds for the same recipient: the same RPPS or FINESS; or the same kind and name."""
    for one in known:
        same_number = (one.rpps and one.rpps == wrong.rpps) or (one.finess and one.finess == wrong.finess)
        same_name = wrong.name and (one.kind, one.name) == (wrong.kind, wrong.name)
        if one.mailbox and (one.ends is None or one.ends >= today) and (same_number or same_name):
            yield one.mailbox


def _of_the_directory(
    site: Site, answers: Answers | None, recipient: Recipient, suspect: Container[str], now: datetime
) -> Iterator[str]:
    wanted = wanted_of(recipient)
    try:
        found = None if answers is None or wanted is None else answers.of(wanted, now)
    except FileUnusable:
        return  # whoever asks the directory is told
    if found is None:
        return
    choice = choose(found, site.declaration.annuaire, suspect)
    chosen = choice.candidates if choice.mailbox is None else (choice.mailbox,)
    yield from (one.address for one in chosen[:_MOST])
