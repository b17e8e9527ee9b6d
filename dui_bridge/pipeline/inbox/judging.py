"""What becomes of a mail with documents: pure, so that the same mail against the same dossiers is judged the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from dui_bridge.findings import Finding, Rule
from dui_bridge.ins.carriers import CITIZEN_MAIL
from dui_bridge.pipeline.inbox import rules
from dui_bridge.pipeline.inbox.matching import match, one_subject
from dui_bridge.pipeline.inbox.records import (
    Arrival,
    Decision,
    Effect,
    Judged,
    Judgement,
    Kept,
    KeptState,
    Known,
    Person,
    ReceivedDocument,
)

_STANDS = frozenset({KeptState.FILED, KeptState.REVIEW, KeptState.REPLACED, KeptState.CANCELLED})
"""States of a document that is here: one that was refused is judged again."""


def judge(arrival: Arrival, known: Known, *, trusted: Callable[[str], bool], finess: str) -> Judgement:
    """What becomes of a mail.

    It is filed whole or not at all. What a citizen sends always waits for a person, unanswered: a refusal would tell
    them who is known here. Refused: it cannot be read, is not valid, comes from elsewhere, is about nobody here. A
    person must look: whatever is near a dossier without being certainly its own. A document that is here already is
    ignored.

    Args:
        trusted: whether an address is of the trusted space.
        finess: of the establishment of the mailbox; empty when it is that of several.
    """
    found = _judge(arrival, known, trusted, finess)
    if not any(_is_citizen(one) for one in (arrival.sender, arrival.return_path)):
        return found
    candidates = found.candidates if found.person is None else (found.person,)
    waits = replace(found, decision=Decision.REVIEW, cause=Finding(rules.CITIZEN), code="")
    return replace(waits, person=None, candidates=candidates)


def _judge(arrival: Arrival, known: Known, trusted: Callable[[str], bool], finess: str) -> Judgement:
    refusal = _refusal(arrival, trusted)
    if refusal is not None:
        return _refused(refusal)
    documents = arrival.documents
    # Of a document that the mail brings twice, the second is nothing.
    judged: list[Judged] = []
    for number, one in enumerate(documents):
        twice = any(one.unique_id == other.unique_id and one.sha256 == other.sha256 for other in documents[:number])
        found = Judged(one, Effect.DUPLICATE) if twice else _effect(one, known.kept(one), cancels=arrival.cancels)
        if isinstance(found, Rule):
            return _refused(Finding(found)) if found.id in rules.ANSWERS else _waits(found, arrival, known, finess)
        judged.append(found)
    told = tuple(judged)
    if all(one.effect is Effect.DUPLICATE for one in told):
        waits = any(one.target is not None and one.target.state is KeptState.REVIEW for one in told)
        if waits:
            return Judgement(Decision.REVIEW, Finding(rules.WAITING), documents=told)
        return Judgement(Decision.FILED, documents=told)
    found_person = match(documents[0].subject, known, qualified=arrival.qualified, finess=finess)
    if found_person.person is None:
        cause = Finding(found_person.cause or rules.UNKNOWN)
        if not found_person.candidates:
            return _refused(cause)
        return Judgement(Decision.REVIEW, cause, candidates=found_person.candidates, documents=told)
    person = found_person.person
    doubt = next((rule for one in told for rule in _doubts(one, person, arrival)), None)
    if doubt is not None:
        return Judgement(Decision.REVIEW, Finding(doubt), candidates=(person,), documents=told)
    return Judgement(Decision.FILED, person=person, documents=told)


def filed_by_person(judgement: Judgement, person: Person) -> Judgement:
    """A mail that waited, filed by somebody in the dossier that they chose."""
    return replace(judgement, decision=Decision.FILED, cause=None, code="", person=person, candidates=())


def refused_by_person(judgement: Judgement, reason: str) -> Judgement:
    """A mail that waited, refused by somebody, who says why."""
    refused = _refused(Finding(rules.BY_PERSON, values={"reason": reason}))
    return replace(refused, documents=judgement.documents)


def _refusal(arrival: Arrival, trusted: Callable[[str], bool]) -> Finding | None:
    """Why nothing of a mail is taken, before any dossier is looked at."""
    wrong = next((one for one in arrival.findings if one.is_error), None)
    if wrong is not None:
        return Finding(rules.UNREADABLE, values={"reason": wrong.message("en"), "reason_fr": wrong.message("fr")})
    if not arrival.documents:
        return Finding(rules.UNREADABLE, values={"reason": "there is none", "reason_fr": "il n'y en a pas"})
    if not trusted(arrival.sender):
        return Finding(rules.SENDER)
    invalid = next((one for document in arrival.documents for one in document.findings if one.is_error), None)
    if invalid is not None:
        return Finding(rules.INVALID, values={"message": invalid.rule.id})
    persons = one_subject(one.subject for one in arrival.documents)
    return None if persons is None else Finding(persons)


def _effect(document: ReceivedDocument, kept: Sequence[Kept], *, cancels: bool) -> Judged | Rule:
    """What a document does to those that are here; or why it is refused, or waits."""
    here = [one for one in kept if one.state in _STANDS]
    same = [one for one in here if one.unique_id == document.unique_id]
    named = [one for one in here if one.unique_id in document.replaces]
    if cancels:
        target = next((one for one in (*same, *named) if one.state is not KeptState.CANCELLED), None)
        if target is None and same:
            return Judged(document, Effect.DUPLICATE, same[0])
        return rules.NOTHING_TO_CANCEL if target is None else Judged(document, Effect.CANCELS, target)
    if same:
        repeated = next((one for one in same if one.sha256 == document.sha256), None)
        return rules.CONFLICT if repeated is None else Judged(document, Effect.DUPLICATE, repeated)
    series = [one for one in here if document.set_id and one.set_id == document.set_id]
    numbered = [(one, one.version) for one in series if one.version is not None]
    if document.version is not None and any(version > document.version for _, version in numbered):
        return rules.OLDER
    if any(document.unique_id in one.replaces for one in here):
        return rules.OLDER
    if document.version is not None and any(version == document.version for _, version in numbered):
        return rules.CONFLICT
    standing = [one for one in (*named, *series) if one.state is not KeptState.CANCELLED]
    return Judged(document, Effect.REPLACES, standing[-1]) if standing else Judged(document, Effect.NEW)


def _doubts(judged: Judged, person: Person, arrival: Arrival) -> Iterator[Rule]:
    """What only a person may decide, of a document whose dossier is certain."""
    target = judged.target
    if target is None or judged.effect is Effect.DUPLICATE:
        return
    if target.state is KeptState.REVIEW:
        yield rules.WAITING
    elif target.dossier_id != person.dossier_id:
        yield rules.OTHER_DOSSIER
    # Many of those who do not know each other have mailboxes at one domain.
    if target.sender.strip().casefold() != arrival.sender.strip().casefold():
        yield rules.OTHER_SENDER


def _is_citizen(address: str) -> bool:
    """Whether an address, bare or in brackets, is of the citizens' domain."""
    domain = address.strip("<> ").rpartition("@")[2].lower().rstrip(".")
    return f".{domain}".endswith(CITIZEN_MAIL.replace("@", "."))


def _refused(cause: Finding) -> Judgement:
    return Judgement(Decision.REFUSED, cause, code=rules.ANSWERS[cause.rule.id])


def _waits(cause: Rule, arrival: Arrival, known: Known, finess: str) -> Judgement:
    found = match(arrival.documents[0].subject, known, qualified=arrival.qualified, finess=finess)
    if found.person is None and not found.candidates:
        return _refused(Finding(found.cause or rules.UNKNOWN))
    candidates = found.candidates if found.person is None else (found.person,)
    documents = tuple(Judged(one, Effect.NEW) for one in arrival.documents)
    return Judgement(Decision.REVIEW, Finding(cause), candidates=candidates, documents=documents)
