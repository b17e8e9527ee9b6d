"""The searches that find the mailboxes of somebody: one type of resource each, the service takes no other.

Source: ANS, documentation of the FHIR API v2. Everything that comes back is compared with what was asked once more: a
service that passes over a parameter answers too much.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from dui_bridge.connectors.annuaire.client import AnnuaireClient, Parameters, escaped
from dui_bridge.connectors.annuaire.entries import Found, Mailbox, Wanted
from dui_bridge.connectors.annuaire.reading import FINESS, Gathered, mailboxes_of, owners_of

_IDS: Final = 20
"""Ids that one search names."""


def search(client: AnnuaireClient, wanted: Wanted, now: datetime) -> Found:
    """Asks the directory. Raises as `AnnuaireClient.search`."""
    gathered = Gathered()
    if wanted.address:
        _by_address(client, wanted, gathered)
    elif wanted.rpps or wanted.family:
        _persons(client, wanted, gathered)
    else:
        _structures(client, wanted, gathered)
    mailboxes = sorted(
        (one for one in _each_once(mailboxes_of(gathered)) if one.fits(wanted)),
        key=lambda one: (not one.is_named(wanted), one.name, one.rank or 1_000_000, one.address),
    )
    owners = mailboxes if wanted.address else [one for one in owners_of(gathered) if one.fits(wanted)]
    return Found(wanted, now, tuple(mailboxes), _number(owners, wanted), gathered.complete)


def _persons(client: AnnuaireClient, wanted: Wanted, gathered: Gathered) -> None:
    asked = [
        ("identifier", wanted.rpps),
        ("family", escaped(wanted.family)),
        ("given", escaped(wanted.given)),
        # Given twice, both must fit (FHIR R4, search).
        ("qualification-code", wanted.profession),
        ("qualification-code", wanted.specialty),
    ]
    ids = _asked(client, gathered, "Practitioner", [one for one in asked if one[1]])
    for some in _batches(ids):
        linked = [("practitioner", some), ("_include", "PractitionerRole:organization")]
        _asked(client, gathered, "PractitionerRole", linked)


def _structures(client: AnnuaireClient, wanted: Wanted, gathered: Gathered) -> None:
    asked = [
        ("identifier", f"{FINESS}|{wanted.finess}" if wanted.finess else ""),
        ("name", escaped(wanted.name)),
        ("address-postalcode", wanted.postal_code),
    ]
    ids = _asked(client, gathered, "Organization", [one for one in asked if one[1]])
    if wanted.of_person:
        for some in _batches(ids):
            linked = [("organization", some), ("_include", "PractitionerRole:practitioner")]
            _asked(client, gathered, "PractitionerRole", linked)


def _by_address(client: AnnuaireClient, wanted: Wanted, gathered: Gathered) -> None:
    # `:contains` passes over the case of letters, `:exact` does not.
    asked = ("mailbox-mss:contains", escaped(wanted.address))
    _asked(client, gathered, "Practitioner", [asked])
    _asked(client, gathered, "PractitionerRole", [asked, ("_include", "*")])
    _asked(client, gathered, "Organization", [asked])


def _asked(client: AnnuaireClient, gathered: Gathered, kind: str, parameters: Parameters) -> list[str]:
    """The ids of what fits."""
    answered = client.search(kind, parameters)
    gathered.complete &= answered.complete
    gathered.add(answered.included)
    return gathered.add(answered.matches)


def _batches(ids: Sequence[str]) -> Iterator[str]:
    return (",".join(map(escaped, ids[start : start + _IDS])) for start in range(0, len(ids), _IDS))


def _each_once(mailboxes: Iterable[Mailbox]) -> Iterator[Mailbox]:
    """A mailbox that the directory tells at the person and at a practice, or at several, counts for all of them."""
    found: dict[tuple[str, tuple[str, ...]], Mailbox] = {}
    for one in mailboxes:
        key = (one.address, one.holder)
        found[key] = one if key not in found else found[key].merged(one)
    return iter(found.values())


def _number(owners: Sequence[Mailbox], wanted: Wanted) -> int:
    """How many different ones: a person stands in the directory once for each profession, with the same RPPS."""
    named = [one for one in owners if one.is_named(wanted)] or owners
    return len({one.holder if one.rpps or one.finess else (str(rank),) for rank, one in enumerate(named)})
