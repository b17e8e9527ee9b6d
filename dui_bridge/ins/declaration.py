"""What the DUI says of an identity, kept so that the next reading tells what changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dui_bridge.ins.controle import is_trusted
from dui_bridge.ins.traits import Traits, traits_of
from dui_bridge.model.identite import DocumentControle, StatutIdentite, Usager


@dataclass(frozen=True, slots=True)
class Declaration:
    """The DUI's own words, at one reading.

    Args:
        controle: the document check that the DUI states: none when it holds the identity for not checked.
    """

    statut: StatutIdentite | None
    matricule: str | None
    oid: str | None
    traits: Traits
    controle: DocumentControle | None
    homonyme: bool | None = None
    douteuse: bool | None = None
    fictive: bool | None = None

    @property
    def controle_le(self) -> date | None:
        """The day of the check, when the DUI gives it."""
        return self.controle.le if self.controle is not None else None


def declared(usager: Usager) -> Declaration:
    """The words of the DUI on a person's identity.

    A check counts where the status says that it was made (`validee`, `qualifiee`), or where the DUI has no status and
    gives the day of a check; never with a document of low trust. The day on which the identity was qualified stands for
    that of a check without its own.
    """
    ins = usager.ins
    checked = ins.statut in {StatutIdentite.VALIDEE, StatutIdentite.QUALIFIEE}
    document = ins.document
    if checked and document.le is None:
        document = document.model_copy(update={"le": ins.qualifie_le})
    stated = checked or (ins.statut is None and document.le is not None)
    return Declaration(
        ins.statut,
        ins.matricule or None,
        ins.oid or None,
        traits_of(usager),
        document if stated and is_trusted(document) else None,
        ins.homonyme,
        ins.douteuse,
        ins.fictive,
    )
