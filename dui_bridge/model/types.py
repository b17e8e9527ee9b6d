"""The scalar types of the dossier. Each says which named conversion reads it when a mapping names none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, StringConstraints


@dataclass(frozen=True, slots=True)
class As:
    """Annotation of a field: the conversion (a name in the mapping language) that reads it by default.

    `kind` narrows a conversion that serves several fields.
    """

    conversion: str
    kind: str = ""


class Modele(BaseModel):
    """Base of every class of the dossier: frozen, closed.

    `SHORTHAND` names the field that a mapping may give alone: `dmp: {from: OPPO_DMP}` for `dmp: {exprimee: …}`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    SHORTHAND: ClassVar[str | None] = None


PartialDate = Annotated[str, StringConstraints(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$"), As("date")]
"""`AAAA`, `AAAA-MM` or `AAAA-MM-JJ`: what is known of a date, never more."""

Jour = Annotated[date, As("date")]
OuiNon = Annotated[bool, As("oui_non")]
Telephone = Annotated[str, As("telephone")]
Courriel = Annotated[str, As("courriel")]
Finess = Annotated[str, StringConstraints(pattern=r"^(\d{2}|2[AB])\d{7}$"), As("finess")]
Rpps = Annotated[str, StringConstraints(pattern=r"^\d{11}$"), As("rpps")]
Adeli = Annotated[str, As("adeli")]
Matricule = Annotated[str, As("matricule_ins")]
Nir = Annotated[str, As("nir")]
Cog = Annotated[str, As("cog")]
Prenoms = Annotated[str, As("given_names")]
CheminRelatif = Annotated[str, As("relative_path")]


class Code(Modele):
    """A coded value. `systeme` is an OID; without one the code is the vendor's, with its label only."""

    SHORTHAND = "code"

    code: str
    libelle: str | None = None
    systeme: str | None = None


SerafinBesoin = Annotated[Code, As("serafin", "besoin")]
SerafinPrestation = Annotated[Code, As("serafin", "prestation")]


def full_date(value: str | None) -> date | None:
    """The calendar day of a PartialDate, or None when it is absent or partial."""
    return date.fromisoformat(value) if value is not None and len(value) == 10 else None
