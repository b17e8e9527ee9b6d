"""Which mailbox is written to: the only one that the directory and the site leave, or none, and why."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

from dui_bridge.connectors.annuaire import errors as rules
from dui_bridge.connectors.annuaire.entries import Found, Mailbox
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings
from dui_bridge.findings import Finding


@dataclass(frozen=True, slots=True)
class Choice:
    """The mailbox that is chosen, or None when a person must say; those that could be; what is to be known of it."""

    mailbox: Mailbox | None
    candidates: tuple[Mailbox, ...]
    findings: tuple[Finding, ...]


def choose(found: Found, settings: AnnuaireSettings | None = None, suspect: Container[str] = ()) -> Choice:
    """One mailbox, or that it is ambiguous: nothing is guessed between two persons, even when only one of them has a
    mailbox, nor between two equal mailboxes; a name that only begins as the one given is nobody's.

    Of one owner, the best kind by `prefer` of the settings wins; among its mailboxes, the only one that the owner
    prefers, else the only one. Where a person practises is given: the mailboxes for that practice come first.

    Args:
        suspect: addresses that a mail came back from, lower case: never chosen.
    """
    prefer = (settings or AnnuaireSettings()).prefer
    usable = [
        one
        for one in found.mailboxes
        if one.active and not one.red_list and one.address not in suspect and (one.kind is None or one.kind in prefer)
    ]
    findings = [Finding(rules.STALE, values={"date": found.asked_at.date().isoformat()})] if found.stale else []
    if left := len(found.mailboxes) - len(usable):
        findings.append(Finding(rules.LEFT_OUT, values={"count": str(left)}))
    named = [one for one in usable if one.is_named(found.wanted)]
    if found.wanted.finess:
        named = [one for one in named if one.bound] or named
    refused = _refused(found, usable, named)
    if refused is not None:
        return Choice(None, tuple(named or usable), (refused, *findings))
    kinds = [*prefer, None]
    best = min((kinds.index(one.kind) for one in named), default=0)
    candidates = _preferred([one for one in named if kinds.index(one.kind) == best])
    if len(candidates) > 1:
        several = Finding(rules.SEVERAL_MAILBOXES, values={"count": str(len(candidates))})
        return Choice(None, tuple(candidates), (several, *findings))
    if candidates[0].digitization is False:
        findings.append(Finding(rules.PAPER))
    return Choice(candidates[0], tuple(candidates), tuple(findings))


def _refused(found: Found, usable: Sequence[Mailbox], named: Sequence[Mailbox]) -> Finding | None:
    """Why none can be chosen, however good."""
    if not found.complete:
        return Finding(rules.INCOMPLETE)
    if found.owners > 1:
        return Finding(rules.SEVERAL_OWNERS, values={"count": str(found.owners)})
    if not usable:
        return Finding(rules.NO_MAILBOX if found.owners else rules.UNKNOWN)
    return None if named else Finding(rules.OTHER_NAME)


def _preferred(mailboxes: Sequence[Mailbox]) -> list[Mailbox]:
    """Those of the best rank that the owner gave; all when no rank is told."""
    best = min((one.rank for one in mailboxes if one.rank is not None), default=None)
    return [one for one in mailboxes if one.rank == best] if best is not None else list(mailboxes)
