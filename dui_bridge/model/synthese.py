"""The clinical summary of a dossier as tables of French text: what the narrative of the CDA and the PDF both show.

One function a section. A line keeps the object that it says, so that an entry is made from the same values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, TypeVar

from dui_bridge.data.codes import rows
from dui_bridge.data.terminologies import normal_form, terminologies
from dui_bridge.model.accompagnement import Professionnel
from dui_bridge.model.clinique import (
    Acte,
    Alerte,
    Allergie,
    Constante,
    Directive,
    Dispositif,
    EtatRubrique,
    NomRubrique,
    Probleme,
    Traitement,
    TypeConstante,
    Vaccination,
)
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.tableaux import (
    COMMENT,
    Column,
    Line,
    Table,
    dose_text,
    frequency_text,
    said_day,
    said_measure,
)


@dataclass(frozen=True, slots=True)
class Score:
    """One value of an evaluation of autonomy: the GIR (`gir` 1 to 6), a variable of AGGIR, a value of PATHOS.

    Scores of the same evaluation share their `group`.
    """

    group: str
    label: str
    value: str
    day: date | None = None
    gir: str | None = None
    comment: str | None = None


@dataclass(frozen=True)
class Summary:
    """Every section of the summary, in the order of a document."""

    problems: Table[Probleme]
    history: Table[Probleme]
    procedures: Table[Acte]
    allergies: Table[Allergie]
    treatments: Table[Traitement]
    devices: Table[Dispositif]
    alerts: Table[Alerte]
    autonomy: Table[Score]
    vital_signs: Table[Constante]
    immunizations: Table[Vaccination]
    directives: Table[Directive]
    sections: tuple[Table[object], ...] = field(init=False)

    def __post_init__(self) -> None:
        ordered = (
            self.problems, self.history, self.procedures, self.allergies, self.treatments, self.devices,
            self.alerts, self.autonomy, self.vital_signs, self.immunizations, self.directives,
        )  # fmt: skip
        object.__setattr__(self, "sections", tuple(table for table in ordered if table.is_said))


def summary(dossier: Dossier) -> Summary:
    """The summary of a dossier; an optional section without a line is left out, a mandatory one tells why."""
    every = [
        *((f"problemes[{index}]", item) for index, item in enumerate(dossier.problemes)),
        *((f"antecedents[{index}]", item) for index, item in enumerate(dossier.antecedents)),
    ]
    past = [(path, item) for path, item in every if path.startswith("a") or item.statut == "resolu"]
    active = [pair for pair in every if pair not in past]
    return Summary(
        problems=_problems(dossier, NomRubrique.PROBLEMES, "Problèmes actifs", "probleme", active),
        history=_problems(dossier, NomRubrique.ANTECEDENTS, "Antécédents", "antecedent", past),
        procedures=_table(
            dossier, NomRubrique.ACTES, "Historique des actes", "acte", _PROCEDURE, _numbered("actes", dossier.actes),
            lambda item: {"libelle": item.libelle, **_codes(item, "ccam"), "date": said_day(item.date)},
        ),
        allergies=_table(
            dossier, NomRubrique.ALLERGIES, "Allergies et intolérances", "allergie", _ALLERGY,
            _numbered("allergies", dossier.allergies), _allergy,
        ),
        treatments=_table(
            dossier, NomRubrique.TRAITEMENTS, "Traitements", "traitement", _TREATMENT,
            _numbered("traitements", dossier.traitements), _treatment,
        ),
        devices=_table(
            dossier, NomRubrique.DISPOSITIFS, "Dispositifs médicaux", "dispositif", _DEVICE,
            _numbered("dispositifs", dossier.dispositifs),
            lambda item: {
                "libelle": item.libelle, **_codes(item, "emdn"),
                "pose": said_day(item.pose), "retrait": said_day(item.retrait),
            },
        ),
        alerts=_table(
            dossier, "alertes", "Points de vigilance", "alerte", _ALERT, _numbered("alertes", dossier.alertes),
            lambda item: {"libelle": item.libelle, "depuis": said_day(item.depuis)},
        ),
        autonomy=_autonomy(dossier),
        vital_signs=_table(
            dossier, "constantes", "Constantes", "constante", _VITAL_SIGN, _by_day(dossier),
            lambda item: {
                "type": VITAL_SIGNS[item.type], "valeur": said_measure(item), "date": said_day(item.date),
            },
        ),
        immunizations=_table(
            dossier, NomRubrique.VACCINATIONS, "Vaccinations", "vaccination", _IMMUNIZATION,
            _numbered("vaccinations", dossier.vaccinations), _immunization,
        ),
        directives=_table(
            dossier, NomRubrique.DIRECTIVES, "Directives anticipées", "directive", _DIRECTIVE,
            _numbered("directives", dossier.directives), _directive,
        ),
    )  # fmt: skip


_NAME: Final = ("libelle", "code")
_REMARK: Final = Column("Commentaire", 0.2, (COMMENT,))
_PROBLEM: Final = (
    Column("Problème", 0.4, _NAME),
    Column("Début", 0.13, ("debut",)),
    Column("Fin", 0.13, ("fin",)),
    Column("Statut", 0.14, ("statut",)),
    _REMARK,
)
_PROCEDURE: Final = (Column("Acte", 0.6, _NAME), Column("Date", 0.15, ("date",)), _REMARK)
_ALLERGY: Final = (
    Column("Agent", 0.24, _NAME),
    Column("Type", 0.18, ("type",)),
    Column("Réaction", 0.2, ("reaction", "gravite")),
    Column("Depuis", 0.12, ("debut",)),
    Column("Statut", 0.11, ("statut",)),
    _REMARK,
)
_TREATMENT: Final = (
    Column("Médicament", 0.25, ("libelle", "dci", "forme", "code")),
    Column("Posologie", 0.22, ("posologie", "dose", "frequence", "si_besoin", "voie")),
    Column("Début", 0.13, ("debut",)),
    Column("Fin", 0.13, ("fin",)),
    Column("Motif", 0.12, ("motif",)),
    Column("Commentaire", 0.15, (COMMENT, "prescripteur")),
)
_DEVICE: Final = (
    Column("Dispositif", 0.45, _NAME),
    Column("Posé le", 0.15, ("pose",)),
    Column("Retiré le", 0.15, ("retrait",)),
    _REMARK,
)
_ALERT: Final = (Column("Point de vigilance", 0.6, ("libelle",)), Column("Depuis", 0.15, ("depuis",)), _REMARK)
_AUTONOMY: Final = (
    Column("Date", 0.15, ("date",)),
    Column("Évaluation", 0.4, ("libelle",)),
    Column("Résultat", 0.2, ("valeur",)),
    _REMARK,
)
_VITAL_SIGN: Final = (
    Column("Date", 0.2, ("date",)),
    Column("Constante", 0.5, ("type",)),
    Column("Valeur", 0.3, ("valeur",)),
)
_IMMUNIZATION: Final = (
    Column("Vaccin", 0.36, _NAME),
    Column("Date", 0.13, ("date",)),
    Column("Rang", 0.08, ("rang",)),
    Column("Lot", 0.12, ("lot",)),
    Column("Réalisation", 0.13, ("realisee",)),
    _REMARK,
)
_DIRECTIVE: Final = (
    Column("Directives anticipées", 0.35, ("existe",)),
    Column("Date", 0.15, ("date",)),
    Column("Lieu de conservation", 0.25, ("lieu",)),
    Column("Contenu", 0.25, ("libelle",)),
)

VITAL_SIGNS: Final[Mapping[TypeConstante, str]] = {
    TypeConstante(row["type"]): row["libelle"] for row in rows("ips_vital_signs")
}
_STATUS: Final = {
    "actif": "actif", "active": "active", "inactif": "inactif", "inactive": "inactive",
    "resolu": "résolu", "resolue": "résolue",
}  # fmt: skip
_SEVERITY: Final = {"legere": "gravité légère", "moderee": "gravité modérée", "severe": "gravité sévère"}
_KINDS: Final = {"allergie": "allergie", "intolerance": "intolérance"}
_CATEGORIES: Final = {
    "medicament": "médicament", "aliment": "aliment", "environnement": "environnement", "autre": "autre",
}  # fmt: skip


def _problems(
    dossier: Dossier, name: NomRubrique, title: str, key: str, items: Iterable[tuple[str, Probleme]]
) -> Table[Probleme]:
    return _table(
        dossier, name, title, key, _PROBLEM, items,
        lambda item: {
            "libelle": item.libelle, **_codes(item, "cim10"), "debut": said_day(item.debut), "fin": said_day(item.fin),
            "statut": _STATUS[item.statut] if item.statut else "",
        },
    )  # fmt: skip


def _allergy(item: Allergie) -> dict[str, str]:
    kind = (_KINDS[item.type] if item.type else "", f"({_CATEGORIES[item.categorie]})" if item.categorie else "")
    return {
        "libelle": item.libelle,
        **_codes(item, "atc"),
        "type": " ".join(part for part in kind if part),
        "reaction": item.reaction or "",
        "gravite": _SEVERITY[item.gravite] if item.gravite else "",
        "debut": said_day(item.debut),
        "statut": _STATUS[item.statut] if item.statut else "",
    }


def _treatment(item: Traitement) -> dict[str, str]:
    return {
        "libelle": item.libelle,
        "dci": item.dci or "",
        "forme": item.forme or "",
        **_codes(item, "cis", "cip13", "ucd", "atc"),
        "posologie": item.posologie or "",
        "dose": dose_text(item),
        "frequence": frequency_text(item),
        "si_besoin": "si besoin" if item.si_besoin else "",
        "voie": item.voie or "",
        "debut": said_day(item.debut),
        "fin": said_day(item.fin),
        "motif": item.motif or "",
        "prescripteur": f"prescrit par {_name(item.prescripteur)}" if _name(item.prescripteur) else "",
    }


def _immunization(item: Vaccination) -> dict[str, str]:
    done = {True: "réalisée", False: "non réalisée", None: ""}
    return {
        "libelle": item.libelle,
        **_codes(item, "cis", "cip13", "atc"),
        "date": said_day(item.date),
        "rang": str(item.rang or ""),
        "lot": item.lot or "",
        "realisee": done[item.realisee],
    }


def _directive(item: Directive) -> dict[str, str]:
    said = {True: "rédigées", False: "non rédigées", None: "existence non précisée"}
    return {
        "existe": said[item.existe],
        "date": said_day(item.date),
        "lieu": item.lieu or "",
        "libelle": item.libelle or "",
    }


def _autonomy(dossier: Dossier) -> Table[Score]:
    scores: list[tuple[str, Score]] = []
    for index, grid in enumerate(dossier.autonomie):
        path = f"autonomie[{index}]"
        if grid.gir:
            found = Score(
                path, "Groupe iso-ressources (AGGIR)", f"GIR {grid.gir}", grid.date, grid.gir, grid.commentaire
            )
            scores.append((f"{path}.gir", found))
        for rank, variable in enumerate(grid.variables):
            if variable.valeur:
                scored = Score(path, f"AGGIR, {variable.nom}", variable.valeur, grid.date)
                scores.append((f"{path}.variables[{rank}]", scored))
    for index, cut in enumerate(dossier.pathos):
        path = f"pathos[{index}]"
        named = [("coupe", cut.coupe), ("smti", cut.smti)]
        carried = [(f"valeurs[{rank}]", value.nom, value.valeur) for rank, value in enumerate(cut.valeurs)]
        for where, label, text in (
            *((name, name.upper() if name == "smti" else name, v) for name, v in named),
            *carried,
        ):
            if text:
                scores.append((f"{path}.{where}", Score(path, f"PATHOS, {label}", text, cut.date)))
    return _table(
        dossier, "autonomie", "Statut fonctionnel", "autonomie", _AUTONOMY, scores,
        lambda item: {
            "date": said_day(item.day), "libelle": item.label, "valeur": item.value, COMMENT: item.comment or "",
        },
    )  # fmt: skip


_T = TypeVar("_T")
_STATED: Final = frozenset(name.value for name in NomRubrique)


def _table(
    dossier: Dossier,
    name: str,
    title: str,
    key: str,
    columns: tuple[Column, ...],
    items: Iterable[tuple[str, _T]],
    said: Callable[[_T], Mapping[str, str]],
) -> Table[_T]:
    lines = []
    for number, (path, item) in enumerate(items, start=1):
        comment = getattr(item, COMMENT, None) or ""
        texts = {field: text for field, text in {COMMENT: comment, **said(item)}.items() if text}
        lines.append(Line(f"{key}-{number}", path, item, texts))
    state = dossier.etat(NomRubrique(name)) if name in _STATED else EtatRubrique.NON_RENSEIGNEE
    if not lines and state is EtatRubrique.RENSEIGNEE:
        state = EtatRubrique.NON_RENSEIGNEE
    return Table(str(name), title, columns, tuple(lines), EtatRubrique.RENSEIGNEE if lines else state)


def _numbered(name: str, items: Iterable[_T]) -> list[tuple[str, _T]]:
    return [(f"{name}[{index}]", item) for index, item in enumerate(items)]


def _by_day(dossier: Dossier) -> list[tuple[str, Constante]]:
    """The latest day first, undated measures last; those of a day in the order of the record."""
    numbered = _numbered("constantes", dossier.constantes)
    return sorted(numbered, key=lambda pair: -(pair[1].date.toordinal() if pair[1].date else 0))


def _codes(item: object, *names: str) -> dict[str, str]:
    """The usable codes of an object, as a reader finds them: `CIM-10 E11.9`."""
    said = [
        f"{terminologies()[name].display} {code}" for name in names if (code := normal_form(name, getattr(item, name)))
    ]
    return {"code": ", ".join(said)}


def _name(person: Professionnel | None) -> str:
    return " ".join(part for part in (person.prenom, person.nom) if part) if person else ""
