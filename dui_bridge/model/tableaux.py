"""Tables of French text: a section of a summary, and how its values are said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar

from dui_bridge.data.ips import absence_words
from dui_bridge.model.clinique import Constante, EtatRubrique, Traitement

T_co = TypeVar("T_co", covariant=True)

COMMENT: Final = "commentaire"
"""The field that holds the remark of every kind of line."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, its share of the width, the texts that its cells hold one below the other."""

    title: str
    share: float
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line(Generic[T_co]):
    """One thing that the summary says.

    Args:
        key: unique in the document, an XML name: `probleme-1`.
        path: model path of the object, `problemes[0]`.
        item: the object.
        texts: field → what is said of it, blank ones left out.
    """

    key: str
    path: str
    item: T_co
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table(Generic[T_co]):
    """One section. Without lines, `state` says what is known of it."""

    name: str
    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line[T_co], ...]
    state: EtatRubrique = EtatRubrique.RENSEIGNEE

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns that have something to show; their shares add up to 1."""
        kept = [c for c in self.columns if any(name in line.texts for line in self.lines for name in c.fields)]
        total = sum(column.share for column in kept)
        return tuple(Column(column.title, column.share / total, column.fields) for column in kept)

    @property
    def absence(self) -> str:
        """What is said when there is no line; empty for a section that is then left out."""
        return absence_words().get((self.name, self.state), "")

    @property
    def is_said(self) -> bool:
        """Whether a document has this section."""
        return bool(self.lines or self.absence)


def said_day(value: date | str | None) -> str:
    """A day, or a PartialDate with what is known of it: `31/12/2026`, `12/2026`, `2026`; empty for none."""
    return "/".join(reversed(str(value).split("-"))) if value else ""


_UCUM_IN_WORDS = {"Cel": "°C", "mm[Hg]": "mmHg", "kg/m2": "kg/m²"}


def said_measure(item: Constante) -> str:
    """A measure as a person reads it: `72,5 kg`, `36,3 °C` (the DUI may have recorded the UCUM unit `Cel`)."""
    unit = _UCUM_IN_WORDS.get(item.unite or "", item.unite)
    return " ".join(part for part in (said_number(item.valeur), unit) if part)


def said_number(value: str | None) -> str:
    """A number with a decimal comma."""
    return (value or "").replace(".", ",")


def dose_text(item: Traitement) -> str:
    """`2 comprimés` by intake; empty when the dose is not recorded."""
    return " ".join(part for part in (said_number(item.dose), item.unite_dose) if part) if item.dose else ""


def frequency_text(item: Traitement) -> str:
    """`3 fois par jour`, `toutes les 8 heures`; empty when neither is recorded."""
    if item.prises_par_jour:
        return f"{item.prises_par_jour} fois par jour"
    return f"toutes les {item.intervalle_heures} heures" if item.intervalle_heures else ""
