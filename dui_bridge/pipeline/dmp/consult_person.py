"""What the site knows of a professional and of the person whose DMP they ask for: before anybody is called."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from typing import Final

from dui_bridge.connectors.wire.vihf import Caller, Mode, Role
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.journal.keys import blind, derive
from dui_bridge.journal.records import KnownDossier
from dui_bridge.journal.selections import Selection
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import Channel
from dui_bridge.pipeline.actions.desk import Desk
from dui_bridge.pipeline.consultation.decision import Acknowledgement, Consent
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.dmp.consult_errors import (
    ProfessionalUnreadable,
    SecretForMinors,
    WhichEstablishment,
    WhichPerson,
)
from dui_bridge.pipeline.dmp.errors import NotForTheDmp, NothingWithIns
from dui_bridge.pipeline.dmp.opened import meant
from dui_bridge.pipeline.identity.kept import kept_ins
from dui_bridge.pipeline.policy.facts import UsagerFacts
from dui_bridge.pipeline.policy.recipient_facts import RecipientKind, recipients_in
from dui_bridge.pipeline.reports.errors import SubjectUnknown, check_establishment

ACKNOWLEDGED: Final = "dmp acknowledge"
"""The action in the audit of a professional who confirmed the rules of access."""

_RPPS: Final = re.compile(r"\d{11}", re.ASCII)
_PROFESSIONS: Final = "1.2.250.1.71.1.2.7"


@dataclass(frozen=True)
class Asking:
    """Who asks, from where, about whom.

    Args:
        rpps: of the professional; None: nobody is named.
        establishment: from which they ask.
        subject: what names the person (`usager-12`).
        ins: what may leave now; None: nothing.
        secret_access: under the "connexion secrète" of a minor.
    """

    rpps: str | None = field(repr=False)
    establishment: Establishment
    dossier: KnownDossier
    subject: str
    usager: UsagerFacts
    ins: QualifiedIns | None = field(repr=False)
    secret_access: bool = False

    @property
    def national_id(self) -> str:
        """PS_IdNat of the professional; empty for nobody."""
        return "" if self.rpps is None else national_id(self.rpps)


def national_id(rpps: str) -> str:
    """PS_IdNat of an RPPS. Raises ProfessionalUnreadable."""
    if _RPPS.fullmatch(rpps) is None:
        raise ProfessionalUnreadable
    return f"8{rpps}"


def digest(desk: Desk, person: str) -> str:
    """What stands for a professional (PS_IdNat) in the audit, which is in clear."""
    return f"professional-{blind(derive(desk.site.key(), 'professionals'), person)[:32]}"


def asking(
    desk: Desk,
    destination: OpenDestination,
    dossier_id: int,
    subject: str,
    *,
    rpps: str | None,
    finess: str | None,
    secret: bool = False,
) -> Asking:
    """Who asks about whom.

    Args:
        subject: how it was named.
        finess: of the professional's establishment; by default that of the dossier.
        secret: under the "connexion secrète" of a minor.
    Raises:
        ProfessionalUnreadable, UnknownEstablishment, WhichEstablishment, SubjectUnknown.
        SecretForMinors: nothing tells that the person is one.
    """
    if rpps is not None:
        national_id(rpps)
    check_establishment(desk.site, finess)
    dossier = desk.journal.dossiers.get(dossier_id)
    if dossier is None or dossier.erased:
        raise SubjectUnknown(subject=subject)
    establishment = desk.site.establishment(finess or dossier.finess or "")
    if establishment is None:
        raise WhichEstablishment
    subject = _usager(desk, dossier) or subject
    ins = _ins(desk, destination, dossier, subject)
    usager = UsagerFacts.from_json(dossier.facts)
    # A site that does not ask INSi keeps the identity of a qualified person nowhere but in documents.
    qualified = ins is not None or (usager.ins_qualified is True and desk.site.declaration.insi is None)
    usager = replace(usager, ins_qualified=qualified)
    if secret and usager.minor_on(desk.now.astimezone(establishment.timezone).date()) is not True:
        raise SecretForMinors(subject=subject)
    return Asking(rpps, establishment, dossier, subject, usager, ins, secret)


def dossier_of(desk: Desk, kind: str, number: int, text: str) -> int:
    """The dossier of what a person named. Raises SubjectUnknown, SubjectUnsuited, WhichPerson."""
    if kind in {"usager", "document"}:
        item = desk.journal.items.get(number)
        if item is None or item.kind != kind:
            raise SubjectUnknown(subject=text)
        return item.dossier_id
    found = {desk.case(one).delivery.dossier_id for one in desk.deliveries(kind, number, text)}
    if len(found) != 1:
        raise WhichPerson
    return found.pop()


def presumed(asked: Asking, now: datetime) -> Caller | None:
    """The caller that the professional would be after a sign-in, as far as it is known before: any profession may turn
    out to be theirs. None: nobody is named."""
    if asked.rpps is None:
        return None
    structure, role = f"1{asked.establishment.finess}", Role("10", _PROFESSIONS, "")
    return Caller(Mode.RENFORCEE, asked.national_id, "", structure, "", (role,), "unspecified", now)


def acknowledgements_of(desk: Desk, person: str) -> list[Acknowledgement]:
    """Those that the audit holds of a professional (PS_IdNat), by their day; of one day, as they were recorded."""
    zone = desk.zone
    found = []
    for row in desk.journal.audit.about(digest(desk, person)):
        day, version = row.details.get("date"), row.details.get("version")
        if row.action == ACKNOWLEDGED and isinstance(day, str) and isinstance(version, str):
            at = datetime.combine(date.fromisoformat(day), time(), zone)
            found.append(Acknowledgement(person, at, version))
    return sorted(found, key=lambda one: one.at)


def consent_of(desk: Desk, asked: Asking) -> Consent:
    """What is recorded of the person's will, and whether the professional is of their team today."""
    today = desk.now.astimezone(asked.establishment.timezone).date()
    informed = asked.usager.information_dmp
    if informed is None and _declared(desk, asked, today):
        informed = True
    # A dossier that the DUI no longer gives has no team that is known today.
    in_team = asked.dossier.gone_at is None and any(
        one.kind is RecipientKind.EQUIPE
        and one.rpps == asked.rpps
        and (one.begins is None or one.begins <= today)
        and (one.ends is None or today <= one.ends)
        for one in recipients_in(asked.dossier.facts)
        if one.rpps is not None
    )
    return Consent(asked.usager.consultation_dmp, informed, in_team)


def _declared(desk: Desk, asked: Asking, today: date) -> bool:
    """Whether the establishment declared all of its usagers informed; it does not reach who came after that day."""
    entered = asked.usager.entry_date
    return entered is not None and any(entered <= day <= today for day in _days(desk, asked.dossier.finess))


def _days(desk: Desk, finess: str | None) -> Iterator[date]:
    for one in desk.journal.decisions.informations():
        if one.finess == finess and one.channel is Channel.DMP:
            yield one.day


def _usager(desk: Desk, dossier: KnownDossier) -> str:
    """`usager-12`, so that whatever names a person, the audit of a consultation names them so; empty when unknown."""
    for number in desk.journal.overview.usager_items(dossier.number):
        item = desk.journal.items.get(number)
        if item is not None and item.dossier_id == dossier.id:
            return f"usager-{number}"
    return ""


def _ins(desk: Desk, destination: OpenDestination, dossier: KnownDossier, subject: str) -> QualifiedIns | None:
    """The INS of the identity, else the one that our documents of the person carry, when it may leave now."""
    kept = kept_ins(desk.journal, dossier, desk.site.profile)
    if kept is not None:
        return kept
    try:
        return meant(desk, destination, desk.journal.selections.ids(Selection(dossier_id=dossier.id)), subject).ins
    except (NotForTheDmp, NothingWithIns):
        return None
