"""What policy reads of a usager and of a document, as plain values that the journal keeps sealed.

None is "not recorded", never "no". Reading is tolerant, so that a journal written by another version can be read: a key
that is missing, or whose value has another form, is None; a flag that forbids and has another form counts as set.
"""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Final, Protocol

from dui_bridge.cda.content import Item, author_of, document_dates
from dui_bridge.cda.ips.content import ips_author, ips_dates
from dui_bridge.data.codes import rows
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.journal.records import Json
from dui_bridge.model.accompagnement import (
    DocumentPret,
    EtatProjet,
    Professionnel,
    ProjetPersonnalise,
    Sejour,
    Signataire,
    Signature,
    TypeDocument,
    Visibilite,
)
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Consentement

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ADULT_AT: Final = 18
_HEALTH_PROFESSIONS: Final = "1.2.250.1.213.1.1.4.5"  # of JDV_J01_XdsAuthorSpecialty_CISIS
_PROFESSIONS: Final = "1.2.250.1.71.1.2.7"  # TRE_G15-ProfessionSante
LAST_READ: Final = "last_read"
OF_BYTES: Final = frozenset(
    {
        "type", "title", "dated", "validated_on", "signed_on", "signed_by", "in_force", "author_rpps",
        "author_physician", "ins",
    }
)  # fmt: skip
"""What a document itself says or shows, in its header or in the state and signatures of a projet. Masks, addressees,
the secret connection and `valid` are what the DUI says about it: no bytes hold them."""
_SIGNATORIES: Final = frozenset({Signataire.DIRECTION, Signataire.PROFESSIONNEL})


@dataclass(frozen=True, slots=True)
class UsagerFacts:
    """What policy reads of a usager.

    Args:
        anonymous: the person asked for anonymity (CSP L3414-1).
        birth_date: `AAAA`, `AAAA-MM` or `AAAA-MM-JJ`.
        opposition_dmp, opposition_mssante_usager, opposition_mssante_pro: False: recorded as not opposed.
        information_dmp: the information given before the DMP is fed.
        consultation_dmp: the consent to consult the DMP; False is an opposition to it; a yes without its day is none.
        consent_out_of_team: sharing beyond the team that accompanies the person.
        consent_treating_doctor, consent_pharmacy, consent_hospital, consent_structure: sharing with one kind of
            recipient; a yes without its day is none.
        ins_qualified: whether the gate lets the INS leave; else `ins_refusals` says why (`ins.gate.Refusal` values).
        death_date: None also when the death is known without its day.
        entry_date: of the first stay. exit_date: of the last stay, None while it lasts.
        legal_representative: someone represents the person in law.
    """

    anonymous: bool | None = None
    birth_date: str | None = None
    opposition_dmp: bool | None = None
    opposition_mssante_usager: bool | None = None
    opposition_mssante_pro: bool | None = None
    information_dmp: bool | None = None
    consultation_dmp: bool | None = None
    consent_out_of_team: bool | None = None
    consent_treating_doctor: bool | None = None
    consent_pharmacy: bool | None = None
    consent_hospital: bool | None = None
    consent_structure: bool | None = None
    ins_qualified: bool | None = None
    ins_refusals: tuple[str, ...] = ()
    deceased: bool | None = None
    death_date: date | None = None
    archived: bool | None = None
    entry_date: date | None = None
    exit_date: date | None = None
    legal_representative: bool | None = None

    def minor_on(self, day: date) -> bool | None:
        """Whether the person is under 18 on a day; None when what is known of the birth date does not tell."""
        youngest, oldest = _born(self.birth_date, latest=True), _born(self.birth_date, latest=False)
        if youngest is None or oldest is None:
            return None
        adult = (_age(youngest, day) >= ADULT_AT, _age(oldest, day) >= ADULT_AT)
        return not adult[0] if adult[0] == adult[1] else None

    def to_json(self) -> dict[str, Json]:
        return plain_json(self)

    @classmethod
    def from_json(cls, known: Mapping[str, object]) -> UsagerFacts:
        return cls(
            anonymous=_restriction(known, "anonymous"),
            birth_date=known_text(known, "birth_date"),
            opposition_dmp=_restriction(known, "opposition_dmp"),
            opposition_mssante_usager=_restriction(known, "opposition_mssante_usager"),
            opposition_mssante_pro=_restriction(known, "opposition_mssante_pro"),
            information_dmp=_flag(known, "information_dmp"),
            consultation_dmp=_flag(known, "consultation_dmp"),
            consent_out_of_team=_flag(known, "consent_out_of_team"),
            consent_treating_doctor=_flag(known, "consent_treating_doctor"),
            consent_pharmacy=_flag(known, "consent_pharmacy"),
            consent_hospital=_flag(known, "consent_hospital"),
            consent_structure=_flag(known, "consent_structure"),
            ins_qualified=_flag(known, "ins_qualified"),
            ins_refusals=_texts(known, "ins_refusals"),
            deceased=_restriction(known, "deceased"),
            death_date=known_day(known, "death_date"),
            archived=_restriction(known, "archived"),
            entry_date=known_day(known, "entry_date"),
            exit_date=known_day(known, "exit_date"),
            legal_representative=_flag(known, "legal_representative"),
        )


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What policy reads of a document.

    Args:
        type: a value of `TypeDocument`.
        title: as the DUI gives it, to recognise what hides in a catch-all type.
        dated: the day of the document.
        validated_on: validation recorded in the DUI. valid: the DUI says so without a day.
        signed_on, signed_by: the earliest dated signature of a professional or of the management.
        in_force: False for a project in preparation or given up; None where the record has no such state.
        author_rpps: whether the author has an RPPS. author_physician: None when the profession is not coded.
        masked_from_professionals, hidden_from_usager, hidden_from_representatives: masking asked for this document.
        secret_connection: a minor had it made under a "connexion secrète".
        addressees: whom it is written to (`Destinataire.identifiant`); empty when the DUI does not say.
        with_ins: whether its bytes carry the INS. ins: `ins_digest` of its matricule, to see another one in its place.
    """

    type: str | None = None
    title: str | None = None
    dated: date | None = None
    validated_on: date | None = None
    valid: bool | None = None
    signed_on: date | None = None
    signed_by: str | None = None
    in_force: bool | None = None
    author_rpps: bool | None = None
    author_physician: bool | None = None
    masked_from_professionals: bool | None = None
    hidden_from_usager: bool | None = None
    hidden_from_representatives: bool | None = None
    secret_connection: bool | None = None
    addressees: tuple[str, ...] = ()
    with_ins: bool | None = None
    ins: str | None = None

    def to_json(self) -> dict[str, Json]:
        return plain_json(self)

    @classmethod
    def from_json(cls, known: Mapping[str, object]) -> DocumentFacts:
        return cls(
            type=known_text(known, "type"),
            title=known_text(known, "title"),
            dated=known_day(known, "dated"),
            validated_on=known_day(known, "validated_on"),
            valid=_flag(known, "valid"),
            signed_on=known_day(known, "signed_on"),
            signed_by=known_text(known, "signed_by"),
            in_force=_flag(known, "in_force"),
            author_rpps=_flag(known, "author_rpps"),
            author_physician=_flag(known, "author_physician"),
            masked_from_professionals=_restriction(known, "masked_from_professionals"),
            hidden_from_usager=_restriction(known, "hidden_from_usager"),
            hidden_from_representatives=_restriction(known, "hidden_from_representatives"),
            secret_connection=_restriction(known, "secret_connection"),
            addressees=_texts(known, "addressees"),
            with_ins=_flag(known, "with_ins"),
            ins=known_text(known, "ins"),
        )


class Subject(Protocol):
    """What a document is made from: `pipeline.build.Subject`, as far as policy reads it."""

    @property
    def kind(self) -> TypeDocument: ...
    @property
    def dossier(self) -> Dossier: ...
    @property
    def item(self) -> Item | None: ...
    @property
    def establishment(self) -> Establishment: ...
    @property
    def ins(self) -> QualifiedIns | None: ...


def usager_facts(dossier: Dossier, ins_refusals: Collection[str]) -> UsagerFacts:
    """The facts of a dossier's usager. `ins_refusals`: what `ins.gate.ins_refusals` says in the site's profile."""
    usager = dossier.usager
    oppositions, consents = usager.oppositions, usager.consentements
    return UsagerFacts(
        anonymous=usager.anonyme,
        birth_date=usager.date_naissance,
        opposition_dmp=oppositions.dmp.exprimee,
        opposition_mssante_usager=oppositions.mssante_usager.exprimee,
        opposition_mssante_pro=oppositions.mssante_pro.exprimee,
        information_dmp=consents.information_dmp.accorde,
        consultation_dmp=_dated(consents.consultation_dmp),
        consent_out_of_team=consents.partage_hors_equipe.accorde,
        consent_treating_doctor=_dated(consents.partage_medecin_traitant),
        consent_pharmacy=_dated(consents.partage_pharmacie),
        consent_hospital=_dated(consents.partage_hopital),
        consent_structure=_dated(consents.partage_structure),
        ins_qualified=not ins_refusals,
        ins_refusals=tuple(str(reason) for reason in ins_refusals),
        # A day of death is a death, whatever the flag says: the most restrictive statement wins.
        deceased=True if usager.date_deces is not None else usager.decede,
        death_date=usager.date_deces,
        archived=usager.archive,
        entry_date=min((stay.date_entree for stay in dossier.sejours if stay.date_entree is not None), default=None),
        exit_date=_exit(dossier.sejours),
        legal_representative=usager.representant_legal,
    )


def document_facts(subject: Subject) -> DocumentFacts:
    """The facts of a document that is about to be recorded."""
    item, dossier = subject.item, subject.dossier
    if item is None:
        drawn_up = dossier.syntheses[-1] if dossier.syntheses else None
        dates, author = ips_dates(dossier), ips_author(dossier, subject.establishment)
        signatures = drawn_up.signatures if drawn_up is not None else ()
        title, masking, secret = None, Visibilite(), None
    else:
        dates, author = document_dates(item), author_of(item, subject.establishment)
        signatures, title, masking = item.signatures, item.titre, item.visibilite
        secret = item.connexion_secrete
    signed = _signature(signatures)
    projet = item if isinstance(item, ProjetPersonnalise) else None
    return DocumentFacts(
        type=subject.kind.value,
        title=title,
        dated=dates.effective if dates is not None else None,
        validated_on=projet.date_validation if projet is not None else None,
        valid=item.valide if isinstance(item, DocumentPret) else None,
        signed_on=signed.le if signed is not None else None,
        signed_by=signed.qui.value if signed is not None else None,
        in_force=_in_force(projet),
        author_rpps=author.rpps is not None if author is not None else None,
        author_physician=_is_physician(author),
        masked_from_professionals=masking.masque_ps,
        hidden_from_usager=masking.invisible_patient,
        hidden_from_representatives=masking.invisible_representants_legaux,
        secret_connection=secret,
        addressees=item.destinataires if isinstance(item, DocumentPret) else (),
        with_ins=subject.ins is not None,
        ins=ins_digest(subject.ins.matricule) if subject.ins is not None else None,
    )


def refreshed(facts: Mapping[str, Json], *, same: bool) -> dict[str, Json]:
    """What a reading changes of the kept facts of a document of which it makes no version.

    Args:
        facts: as this reading gives them.
        same: the bytes would be made of the same content. Else what they say stays, and what would be said now stands
            beside it, under `LAST_READ`.
    """
    if same:
        return {**facts, LAST_READ: {}}
    about = {name: value for name, value in facts.items() if name not in OF_BYTES}
    return {**about, LAST_READ: {name: value for name, value in facts.items() if name in OF_BYTES}}


def as_read(known: Mapping[str, object]) -> DocumentFacts | None:
    """The facts of a document as its last reading gives them; None when that is what its bytes say."""
    read = known.get(LAST_READ)
    return DocumentFacts.from_json({**known, **read}) if isinstance(read, Mapping) and read else None


def seen_of(known: Mapping[str, object]) -> tuple[DocumentFacts, ...]:
    """The facts of a document as its bytes are, and as its last reading gives them where that differs."""
    made, read = DocumentFacts.from_json(known), as_read(known)
    return (made,) if read is None else (made, read)


def ins_digest(matricule: str) -> str:
    """What tells a matricule from another one, in facts that are sealed."""
    return hashlib.sha256(matricule.encode()).hexdigest()[:16]


def domain_of(category: str) -> str | None:
    """The domain (PA, PH, DOM, PDS, PDE, AHI, PJM) of a category of establishment, or None for an unknown one."""
    return _domains().get(category)


@cache
def _domains() -> Mapping[str, str]:
    return {row["category"]: row["domain"] for row in rows("categories")}


def _dated(consent: Consentement) -> bool | None:
    """A consent holds with its day; a refusal, always."""
    return None if consent.accorde is True and consent.le is None else consent.accorde


def _exit(stays: Iterable[Sejour]) -> date | None:
    """The exit of the stay that began last; an earlier one without an exit was forgotten, not resumed."""
    begun = [((stay.date_entree or stay.date_sortie), stay.date_sortie) for stay in stays]
    dated = [(start, end) for start, end in begun if start is not None]
    if not dated:
        return None
    last = max(start for start, _ in dated)
    ends = [end for start, end in dated if start == last]
    return None if None in ends else max(end for end in ends if end is not None)


def _signature(signatures: Iterable[Signature]) -> Signature | None:
    dated = [one for one in signatures if one.qui in _SIGNATORIES and one.le is not None]
    return min(dated, key=lambda one: str(one.le), default=None)


def _in_force(projet: ProjetPersonnalise | None) -> bool | None:
    if projet is None or projet.etat is None:
        return None
    return projet.etat not in (EtatProjet.ENPREPARATION, EtatProjet.ABANDONNE)


def _is_physician(author: Professionnel | None) -> bool | None:
    """By the author's coded profession (sources: JDV_J01 `G15_10`, TRE_G15 `10`); None without a code of either."""
    profession = author.profession if author is not None else None
    if profession is None or profession.systeme not in (_HEALTH_PROFESSIONS, _PROFESSIONS):
        return None
    return profession.code in ("10", "G15_10") or profession.code.startswith("G15_10/")


def _born(known: str | None, *, latest: bool) -> date | None:
    """The latest or the earliest day that a partial date may mean."""
    if known is None:
        return None
    year, _, rest = known.partition("-")
    month, _, day = rest.partition("-")
    try:
        if day:
            return date.fromisoformat(known)
        of_year, of_month = int(year), int(month) if month else (12 if latest else 1)
        return date(of_year, of_month, monthrange(of_year, of_month)[1] if latest else 1)
    except ValueError:
        return None


def _age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def plain_json(known: DataclassInstance) -> dict[str, Json]:
    """The fields of facts, days as AAAA-MM-JJ."""
    made: dict[str, Json] = {}
    for one in fields(known):
        value = getattr(known, one.name)
        if isinstance(value, date):
            value = value.isoformat()
        made[one.name] = list(value) if isinstance(value, tuple) else value
    return made


def _flag(known: Mapping[str, object], name: str) -> bool | None:
    value = known.get(name)
    return value if isinstance(value, bool) else None


def _restriction(known: Mapping[str, object], name: str) -> bool | None:
    """A flag that forbids: a value of another form is no blank, and counts as set."""
    value = known.get(name)
    return value if value is None or isinstance(value, bool) else True


def known_text(known: Mapping[str, object], name: str) -> str | None:
    """A text of facts that were kept; None for anything else."""
    value = known.get(name)
    return value if isinstance(value, str) else None


def _texts(known: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = known.get(name)
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else ()


def known_day(known: Mapping[str, object], name: str) -> date | None:
    """A day of facts that were kept; None for anything else."""
    value = known.get(name)
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
