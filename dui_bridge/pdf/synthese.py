"""The DLU or the synthèse médicale for reading: the same tables as the narrative of the structured document."""

from dataclasses import dataclass
from datetime import date, datetime

from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import Professionnel
from dui_bridge.model.clinique import MedecinTraitant
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.identite import Contact
from dui_bridge.model.synthese import summary
from dui_bridge.model.tableaux import Line, Table
from dui_bridge.pdf import wording
from dui_bridge.pdf.assembly import Composition, assemble
from dui_bridge.pdf.cover import identity, letterhead
from dui_bridge.pdf.layout import NOTE, Column, Flow, Text, labelled
from dui_bridge.pdf.projet_personnalise import RenderedPdf
from dui_bridge.pdf.xmp import DocumentInformation

_HEADED_TABLE = 90
"""Points that a heading and the first rows of its table take."""
_TEXT = 26
"""Points that two lines of a cell take."""


@dataclass(frozen=True, slots=True)
class DrawnUp:
    """Title of the document, the day that it tells (its effective day), and who drew it up."""

    title: str
    day: date
    author: Professionnel


def render_synthese(
    dossier: Dossier,
    drawn_up: DrawnUp,
    establishment: Establishment,
    *,
    ins: QualifiedIns | None,
    created: datetime,
) -> RenderedPdf:
    """Draws the clinical summary of a dossier.

    Args:
        ins: the INS, given only when the identity is qualified and the INS may be shown.
        created: aware; comes from the record, so that the same content gives the same bytes.

    Raises:
        ValueError: `created` has no time zone.
    """
    flow = Flow()
    letterhead(flow, establishment)
    flow.heading(1, Text(drawn_up.title))
    identity(flow, dossier.usager, ins)
    _document(flow, drawn_up)
    _doctors(flow, dossier.medecins_traitants)
    _contacts(flow, dossier.usager.entourage)
    for table in summary(dossier).sections:
        _section(flow, table)
    born = wording.partial_day(dossier.usager.date_naissance)
    footer = (drawn_up.title, wording.usual_name(dossier.usager), born and f"date de naissance\u00a0: {born}")
    flow.number_pages(Text(" · ".join(part for part in footer if part)))
    information = DocumentInformation(
        title=drawn_up.title,
        author=flow.prepare(Text(establishment.name)).replace("\n", " "),
        subject="Synthèse clinique d’un usager d’un établissement ou service social ou médico-social",
        created=created,
    )
    data = assemble(Composition(flow.pages, flow.root, flow.bookmarks), information)
    return RenderedPdf(data, len(flow.pages), flow.missing)


def _document(flow: Flow, drawn_up: DrawnUp) -> None:
    flow.heading(2, Text("Le document"))
    flow.fields(
        labelled(
            "syntheses",
            ("Date", wording.day(drawn_up.day), "date"),
            ("Rédigé par", wording.professional(drawn_up.author), "auteur"),
        )
    )


def _doctors(flow: Flow, doctors: tuple[MedecinTraitant, ...]) -> None:
    rows = [
        (
            Text(wording.professional(doctor.professionnel), f"medecins_traitants[{index}].professionnel"),
            Text(_phones(doctor.telephones), f"medecins_traitants[{index}].telephones"),
        )
        for index, doctor in enumerate(doctors)
        if wording.professional(doctor.professionnel)
    ]
    if rows:
        flow.heading(2, Text("Médecin traitant"), keep=_HEADED_TABLE)
        flow.table((Column("Médecin", 0.6), Column("Téléphone", 0.4)), rows)


def _contacts(flow: Flow, contacts: tuple[Contact, ...]) -> None:
    rows = [
        (
            Text(wording.contact(contact), f"usager.entourage[{index}].nom"),
            Text(wording.LIENS[contact.lien] if contact.lien else wording.ABSENT),
            Text(wording.contact_roles(contact) or wording.ABSENT),
            Text(_phones(contact.telephones), f"usager.entourage[{index}].telephones"),
        )
        for index, contact in enumerate(contacts)
        if wording.contact(contact)
    ]
    if rows:
        flow.heading(2, Text("Contacts"), keep=_HEADED_TABLE)
        columns = (Column("Personne", 0.32), Column("Lien", 0.16), Column("Rôle", 0.3), Column("Téléphone", 0.22))
        flow.table(columns, rows)


def _section(flow: Flow, table: Table[object]) -> None:
    flow.heading(2, Text(table.title), keep=_first_row(table))
    if not table.lines:
        flow.paragraph(Text(table.absence), NOTE)
        return
    columns = table.shown
    flow.table(
        tuple(Column(column.title, column.share) for column in columns),
        [[_cell(line, column.fields) for column in columns] for line in table.lines],
    )


def _first_row(table: Table[object]) -> float:
    """About the height of a heading's table down to its first row, each text taking two lines."""
    texts = [sum(name in line.texts for name in column.fields) for line in table.lines[:1] for column in table.shown]
    return _HEADED_TABLE / 2 + _TEXT * max(texts, default=0)


def _cell(line: Line[object], fields: tuple[str, ...]) -> Text:
    said = [field for field in fields if field in line.texts]
    return Text("\n".join(line.texts[field] for field in said), f"{line.path}.{said[0]}" if said else "")


def _phones(numbers: tuple[str, ...]) -> str:
    return "\n".join(wording.telephone(number) for number in numbers) or wording.ABSENT
