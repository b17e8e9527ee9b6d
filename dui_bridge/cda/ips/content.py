"""What an IPS-FR document says: a header, and the clinical summary of the dossier."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dui_bridge.cda.content import DocumentDates, HeaderContent, legal_authenticator_of, referring_doctor_of
from dui_bridge.data.codes import DocumentType, structured_types
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import MembreEquipe, Professionnel, Signataire, TypeDocument
from dui_bridge.model.clinique import Synthese
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.model.synthese import Summary, summary
from dui_bridge.model.types import full_date

_SIGNATORIES = frozenset({Signataire.DIRECTION, Signataire.PROFESSIONNEL})


@dataclass(frozen=True)
class IpsContent:
    """A structured document: its header, and the tables of its body."""

    header: HeaderContent
    summary: Summary


def ips_content(
    dossier: Dossier, kind: TypeDocument, establishment: Establishment, ids: DocumentIds, ins: QualifiedIns | None
) -> IpsContent:
    """The content of the DLU or of the synthèse médicale of a dossier.

    Raises:
        ValueError: a need of the document is not met (`ips_needs` returns findings for it first).
    """
    type_ = ips_type(kind)
    dates = ips_dates(dossier)
    author = ips_author(dossier, establishment)
    legal_authenticator = legal_authenticator_of(establishment)
    if type_ is None or dates is None or author is None or legal_authenticator is None:
        raise ValueError("the needs of this document are not met")
    doctor = next((d for d in dossier.medecins_traitants if d.professionnel.nom), None)
    header = HeaderContent(
        ids=ids,
        type=type_,
        title=type_.coded.display,
        dates=dates,
        usager=dossier.usager,
        ins=ins,
        establishment=establishment,
        author=author,
        legal_authenticator=legal_authenticator,
        sejour=dossier.sejour_on(dates.effective.isoformat()),
        referring_doctor=(
            MembreEquipe(professionnel=doctor.professionnel, debut=doctor.debut)
            if doctor
            else referring_doctor_of(dossier)
        ),
        referring_doctor_phones=doctor.telephones if doctor else (),
    )
    return IpsContent(header, summary(dossier))


def ips_type(kind: TypeDocument) -> DocumentType | None:
    """How a structured document is declared, or None when the bridge makes no such one."""
    return structured_types().get(kind.value)


def ips_dates(dossier: Dossier) -> DocumentDates | None:
    """The days of the summary: its last signature by a professional or the management, else when it was drawn up, else
    the latest dated fact. None when nothing in the clinical part is dated."""
    synthese = _synthese(dossier)
    signed = [s.le for s in synthese.signatures if s.qui in _SIGNATORIES and s.le is not None]
    written = synthese.date
    effective = max(signed, default=None) or written or max(_dated_facts(dossier), default=None)
    if effective is None:
        return None
    written = written or effective
    return DocumentDates(effective=effective, written=written, service_start=min(written, effective))


def ips_author(dossier: Dossier, establishment: Establishment) -> Professionnel | None:
    """Who drew up the summary, else the establishment's default author."""
    return _synthese(dossier).auteur or establishment.default_author


def _synthese(dossier: Dossier) -> Synthese:
    return dossier.syntheses[-1] if dossier.syntheses else Synthese()


def _dated_facts(dossier: Dossier) -> Iterator[date]:
    """What was observed, done or begun; an end that is only planned dates nothing."""
    partial = [
        *(day for problem in (*dossier.problemes, *dossier.antecedents) for day in (problem.debut, problem.fin)),
        *(allergy.debut for allergy in dossier.allergies),
        *(act.date for act in dossier.actes),
        *(device.pose for device in dossier.dispositifs),
        *(vaccination.date for vaccination in dossier.vaccinations if vaccination.realisee is not False),
        *(directive.date for directive in dossier.directives),
        *(alert.depuis for alert in dossier.alertes),
    ]
    yield from (day for text in partial if (day := full_date(text)) is not None)
    yield from (item.debut for item in dossier.traitements if item.debut is not None)
    days = (
        *(item.date for item in dossier.constantes),
        *(item.date for item in dossier.autonomie),
        *(item.date for item in dossier.pathos),
    )
    yield from (day for day in days if day is not None)
