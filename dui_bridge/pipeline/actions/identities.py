"""`ins accept` and `ins refuse`: what a professional decides about an identity.

The bridge never decides it by itself: that the traits of INSi are the person's, and that a document was checked, are
acts of a professional, who is named in the history and in the audit. Documents follow with the next run.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from dui_bridge.data.codes import rows
from dui_bridge.findings import Language
from dui_bridge.ins.statut import Evenement, Identite
from dui_bridge.ins.transitions import EvenementRefuse, Raison, apply
from dui_bridge.journal.identity_records import IdentityEntry, IdentityEvent, IdentityState, KnownIdentity
from dui_bridge.journal.records import Json
from dui_bridge.model.identite import DocumentControle
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.errors import NotDeclared
from dui_bridge.pipeline.guard import PERSON_CHANGED
from dui_bridge.pipeline.identity.decide import Circumstances, decide
from dui_bridge.pipeline.identity.errors import (
    DocumentIncomplete,
    IdentityAmbiguous,
    IdentityChanged,
    IdentityRefuses,
    IdentityUnknown,
    NothingToAccept,
)
from dui_bridge.pipeline.identity.qualify import alone
from dui_bridge.pipeline.identity.record import IdentityRecord, from_json, to_json
from dui_bridge.pipeline.identity.rules import WITHHELD
from dui_bridge.pipeline.reports.texts import text

_USAGER: Final = re.compile(r"usager-([1-9][0-9]{0,17})", re.ASCII)
_YEAR: Final = timedelta(days=365)
REFUSED: Final = "insi_refuse"
"""The event of an answer that a person refused."""
_REASONS: Final = {
    Raison.TRANSITION: ("its status has no such step", "son statut ne connaît pas cette étape"),
    Raison.ATTRIBUT: ("it is marked doubtful or fictitious", "il est marqué identité douteuse ou fictive"),
    Raison.TRAITS_PERIMES: (
        "the DUI changed its traits since INSi was asked",
        "le DUI a modifié ses traits depuis l'appel à INSi",
    ),
}
_ANOTHER: Final = (
    "the dossier {other} has the same matricule",
    "le dossier {other} a le même matricule",
)

_CHANGED: Final = (
    "at the last reading its number was another person's (PIP-020)",
    "à la dernière lecture, son numéro était celui d'une autre personne (PIP-020)",
)


@dataclass(frozen=True, slots=True)
class _Decided:
    """What an act made of an identity, and what is told of it."""

    record: IdentityRecord
    events: tuple[IdentityEvent, ...]
    recovered: bool = False


def find(desk: Desk, subject: str, source: str | None = None) -> KnownIdentity:
    """The identity of a dossier.

    Args:
        subject: `usager-12`, or the number that the DUI shows.
        source: of the number, where several sources have it.
    Raises:
        IdentityUnknown, IdentityAmbiguous.
    """
    identities = desk.journal.identities
    if match := _USAGER.fullmatch(subject):
        item = desk.journal.items.get(int(match[1]))
        known = [identities.get(item.dossier_id)] if item is not None and item.kind == "usager" else []
    else:
        # By the number, not by an item: `ins qualify` may have seen a person whom no run has read yet.
        known = [identities.of(name, subject) for name in desk.site.sources if source in (None, name)]
    found = [one for one in known if one is not None and one.record]
    if not found:
        raise IdentityUnknown(subject=subject)
    if len(found) > 1:
        raise IdentityAmbiguous(number=subject, sources=", ".join(sorted(one.source for one in found)))
    return found[0]


def document_check(desk: Desk, kind: str, on: date, by: str) -> DocumentControle:
    """The check of a document as it was given. Raises DocumentIncomplete."""
    trusted = [row["piece"] for row in rows("identity_documents") if row["haut"] == "oui"]
    if kind not in trusted or on > _today(desk) or not by.strip():
        raise DocumentIncomplete(known=", ".join(trusted))
    return DocumentControle.model_validate({"type": kind, "le": on, "par": by.strip()})


def seen_of(known: KnownIdentity) -> str:
    """Eight digits that change with what is known of the identity: what somebody saw who decides about it."""
    text_of = json.dumps(known.record, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text_of.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def accept(
    desk: Desk,
    dossier_id: int,
    reason: str = "",
    document: DocumentControle | None = None,
    by: str | None = None,
    seen: str | None = None,
) -> KnownIdentity:
    """Accepts the traits of INSi where they wait for it, and notes the check of a document where one is given.

    Args:
        by: who decided, when that is not who acts here.
        seen: `seen_of` what the decision is about, when it was made earlier.
    Returns:
        The identity as it stands now.
    Raises:
        NothingToAccept, IdentityRefuses, IdentityChanged, RunUnderWay: nothing was done.
    """
    known = _known(desk, dossier_id)
    with alone(desk.journal, known.source):
        known = _known(desk, dossier_id, seen)
        _check_same_person(desk, known)
        record = from_json(known.record)
        decided = _accepted(desk, known, record, document, reason.strip(), by or desk.actor.by)
        _store(desk, known, decided)
    details: dict[str, Json] = {"reason": reason.strip() or None, "decided_by": by}
    if document is not None and document.type is not None and document.le is not None:
        details |= {"document": document.type.value, "on": document.le.isoformat()}
    desk.audit("ins accept", _subject(known), **details)
    desk.ask_policy(dossier=dossier_id)
    return _known(desk, dossier_id)


def refuse(desk: Desk, dossier_id: int, reason: str, by: str | None = None, seen: str | None = None) -> KnownIdentity:
    """Refuses the answer of INSi: the same traits are not searched again.

    Args:
        by, seen: as of `accept`.
    Raises:
        ReasonMissing, NothingToAccept, IdentityChanged, RunUnderWay: nothing was done.
    """
    reason, known = given(reason), _known(desk, dossier_id)
    with alone(desk.journal, known.source):
        known = _known(desk, dossier_id, seen)
        record = from_json(known.record)
        _check_same_person(desk, known)
        search = record.search
        if search is None or search.pending(known.local) is None:
            raise NothingToAccept(number=known.number)
        after = replace(record, search=replace(search, refused=True), twin=None)
        about: dict[str, Json] = {"seen": seen_of(known)}
        event = _event(desk, REFUSED, record.identite, record.identite, reason, by or desk.actor.by, about)
        _store(desk, known, _Decided(after, (event,)))
    desk.audit("ins refuse", _subject(known), reason=reason, decided_by=by)
    desk.ask_policy(dossier=dossier_id)
    return _known(desk, dossier_id)


def told(what: str, known: KnownIdentity, language: Language) -> Done:
    """What was done, and where the identity stands now."""
    values: dict[str, Json] = {
        "dossier": known.number,
        "source": known.source,
        "statut": known.statut,
        "state": known.state.value,
        "code": known.cause,
        "words": text(f"statut_{known.statut}", language),
    }
    return Done(what, values)


def _accepted(
    desk: Desk, known: KnownIdentity, record: IdentityRecord, document: DocumentControle | None, reason: str, by: str
) -> _Decided:
    search = record.search
    pending = search.pending(known.local) if search is not None else None
    if pending is None and document is None:
        raise NothingToAccept(number=known.number)
    events: list[IdentityEvent] = []
    identite, about = record.identite, {"seen": seen_of(known)}
    try:
        if pending is not None and search is not None:
            _check_no_twin(desk, known, pending.actif.matricule15)
            after = apply(identite, Evenement.INSI_OK, local=record.locaux, individu=pending, accepte=True)
            events.append(_event(desk, Evenement.INSI_OK, identite, after, reason, by, {**about}))
            identite, search = after, replace(search, individu=None)
        if document is not None:
            after = apply(identite, Evenement.DOCUMENT_OK, document=document)
            checked: dict[str, Json] = {**about, "document": document.model_dump(mode="json")}
            events.append(_event(desk, Evenement.DOCUMENT_OK, identite, after, reason, by, checked))
            identite = after
    except EvenementRefuse as refused:
        english, french = _REASONS.get(refused.raison, _REASONS[Raison.TRANSITION])
        raise IdentityRefuses(number=known.number, reason=english, reason_fr=french) from None
    twin = None if pending is not None else record.twin
    return _Decided(replace(record, identite=identite, search=search, twin=twin), tuple(events), pending is not None)


def _store(desk: Desk, known: KnownIdentity, decided: _Decided) -> None:
    """Stores what a person decided, with where the identity stands now."""
    settings = desk.site.declaration.insi
    if settings is None:
        raise NotDeclared(service="INSi", key="insi")
    record = replace(decided.record, error="")
    confirmed = _today(desk) if decided.recovered else known.verified_at.date() if known.verified_at else None
    circumstances = Circumstances(_today(desk), known.local, known.local, known.state, confirmed=confirmed)
    recent, reverify = timedelta(days=settings.recent_days), settings.reverify_years * _YEAR
    situation = decide(record, circumstances, settings.call_on, recent, reverify)
    state, cause, who, values = situation.state, situation.rule, str(situation.who), dict(situation.values)
    # What stands in the way of a call, or makes one due, is known only when the export is read.
    as_before = situation.call is not None and known.state is not IdentityState.TO_DECIDE
    as_before = as_before or (known.cause == WITHHELD.id and state is IdentityState.QUALIFIED)
    entry = IdentityEntry(
        statut=record.counting.statut.value,
        state=known.state if as_before else state,
        cause=known.cause if as_before else cause.id if cause is not None else "",
        who=known.who if as_before else who,
        local=known.local,
        record=to_json(record if as_before else replace(record, values=tuple(sorted(values.items())))),
        matricule=record.identite.matricule,
        verified_at=desk.now if decided.recovered else None,
        events=decided.events,
    )
    desk.journal.identities.change(known.dossier_id, entry, desk.now)


def _check_same_person(desk: Desk, known: KnownIdentity) -> None:
    """Nothing is decided about a dossier whose number the last reading found to be another person's."""
    for item_id in desk.journal.selections.changed_persons(PERSON_CHANGED.id):
        item = desk.journal.items.get(item_id)
        if item is not None and item.dossier_id == known.dossier_id:
            english, french = _CHANGED
            raise IdentityRefuses(number=known.number, reason=english, reason_fr=french)


def _check_no_twin(desk: Desk, known: KnownIdentity, matricule: str) -> None:
    """Two dossiers of one establishment never have the same matricule: whether they are one person is for the DUI."""
    for one in desk.journal.identities.with_matricule(matricule):
        other = desk.journal.identities.get(one) if one != known.dossier_id else None
        if other is not None and other.finess == known.finess and other.number != known.number:
            english, french = (words.format(other=other.number) for words in _ANOTHER)
            raise IdentityRefuses(number=known.number, reason=english, reason_fr=french)


def _event(
    desk: Desk,
    event: str,
    before: Identite,
    after: Identite,
    reason: str,
    by: str,
    detail: dict[str, Json] | None = None,
) -> IdentityEvent:
    statuts = before.statut.value, after.statut.value
    return IdentityEvent(str(event), *statuts, by, desk.actor.origin, reason, detail or {}, desk.now)


def _known(desk: Desk, dossier_id: int, seen: str | None = None) -> KnownIdentity:
    known = desk.journal.identities.get(dossier_id)
    if known is None or not known.record:
        raise IdentityUnknown(subject=f"dossier {dossier_id}")
    if seen not in (None, seen_of(known)):
        raise IdentityChanged(number=known.number)
    return known


def _subject(known: KnownIdentity) -> str:
    return f"dossier {known.dossier_id} ({known.source})"


def _today(desk: Desk) -> date:
    return desk.now.astimezone(desk.zone).date()
