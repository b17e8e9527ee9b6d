"""What an IPS-FR document cannot do without, and what it can only tell in words: findings, not exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from dui_bridge.cda.ips.content import ips_author, ips_dates, ips_type
from dui_bridge.cda.needs import header_needs
from dui_bridge.data.ips import measure
from dui_bridge.data.terminologies import normal_form, terminologies
from dui_bridge.findings import Finding, Rule, Scope, Severity, Who
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.clinique import EtatRubrique
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment

_SOURCE: Final = "CI-SIS volet IPS-FR 2024.01"

NO_DATE: Final = Rule(
    "IPS-001",
    Severity.ERROR,
    Scope.DOCUMENT,
    "The summary has no day: it was neither signed nor drawn up on a known day, and no fact in it is dated.",
    "La synthèse n'a pas de date : ni signature, ni rédaction datée, et aucun fait daté.",
    "Enter the day on which the summary was drawn up.",
    "Saisissez la date de rédaction de la synthèse.",
    Who.DUI,
    "CI-SIS STRUCMIN: effectiveTime",
)
NOT_IPS: Final = Rule(
    "IPS-002",
    Severity.ERROR,
    Scope.DOCUMENT,
    "{type} is not a document that the bridge makes from the clinical part of a dossier.",
    "{type} n'est pas un document que le pont produit à partir de la partie clinique d'un dossier.",
    "Ask for dlu or synthese_medicale.",
    "Demandez dlu ou synthese_medicale.",
    Who.MAPPING,
    _SOURCE,
)
CODE_LEFT_OUT: Final = Rule(
    "IPS-003",
    Severity.WARNING,
    Scope.VALUE,
    "{code} has not the form of a {terminology} code: the document tells the words without a code.",
    "{code} n'a pas la forme d'un code {terminology} : le document porte le libellé sans code.",
    "Correct the code in the DUI, or the column that the mapping takes it from.",
    "Corrigez le code dans le DUI, ou la colonne que le mapping lit.",
    Who.DUI,
    _SOURCE,
)
MEASURE_LEFT_OUT: Final = Rule(
    "IPS-004",
    Severity.WARNING,
    Scope.VALUE,
    "{value} {unit} is not a sure {type}: the document tells it in words only.",
    "{value} {unit} n'est pas une mesure sûre de {type} : le document ne la porte qu'en texte.",
    "Give the unit of the measure (kg, cm, °C, /min, mmHg, %), or correct the value.",
    "Indiquez l'unité de la mesure (kg, cm, °C, /min, mmHg, %), ou corrigez la valeur.",
    Who.DUI,
    "CI-SIS modèles de contenus CDA: FR-Signe-vital-observe",
)
CONTRADICTION: Final = Rule(
    "IPS-005",
    Severity.WARNING,
    Scope.VALUE,
    "The section {section} is said to be {state}, but it holds {count}: the document tells what it holds.",
    "La rubrique {section} est dite {state}, mais elle contient {count} : le document porte ce qu'elle contient.",
    "Correct the section in the DUI, or its state in the mapping.",
    "Corrigez la rubrique dans le DUI, ou son état dans le mapping.",
    Who.DUI,
    _SOURCE,
)

RULES: Final = (NO_DATE, NOT_IPS, CODE_LEFT_OUT, MEASURE_LEFT_OUT, CONTRADICTION)

_CODES: Final = {
    "problemes": ("cim10",),
    "antecedents": ("cim10",),
    "allergies": ("atc",),
    "traitements": ("cis", "cip13", "ucd", "atc"),
    "actes": ("ccam",),
    "dispositifs": ("emdn",),
    "vaccinations": ("cis", "cip13", "atc"),
}
"""List of the dossier → the fields of its items that hold codes."""


def ips_needs(dossier: Dossier, kind: TypeDocument, establishment: Establishment) -> tuple[Finding, ...]:
    """What prevents this document (errors), or is told in words only (warnings)."""
    where = f"syntheses[{len(dossier.syntheses) - 1}]" if dossier.syntheses else "syntheses"
    named = bool(dossier.syntheses) and dossier.syntheses[-1].auteur is not None
    findings = header_needs(
        dossier, ips_author(dossier, establishment), f"{where}.auteur" if named else "", establishment
    )
    if ips_type(kind) is None:
        findings.append(Finding(NOT_IPS, values={"type": kind.value}))
    if ips_dates(dossier) is None:
        findings.append(Finding(NO_DATE, path=f"{where}.date"))
    return (*findings, *_contradictions(dossier), *_codes(dossier), *_measures(dossier))


def _contradictions(dossier: Dossier) -> Iterator[Finding]:
    for index, said in enumerate(dossier.rubriques):
        count = len(getattr(dossier, said.nom.value))
        if (said.etat is EtatRubrique.RENSEIGNEE) != bool(count):
            values = {"section": said.nom.value, "state": said.etat.value, "count": str(count)}
            yield Finding(CONTRADICTION, path=f"rubriques[{index}].etat", values=values)


def _codes(dossier: Dossier) -> Iterator[Finding]:
    for name, fields in _CODES.items():
        for index, item in enumerate(getattr(dossier, name)):
            for field in fields:
                code = getattr(item, field)
                if code and normal_form(field, code) is None:
                    values = {"code": code, "terminology": terminologies()[field].display}
                    yield Finding(CODE_LEFT_OUT, path=f"{name}[{index}].{field}", values=values)


def _measures(dossier: Dossier) -> Iterator[Finding]:
    for index, item in enumerate(dossier.constantes):
        if measure(item.type.value, item.valeur, item.unite) is None:
            values = {"value": item.valeur, "unit": item.unite or "", "type": item.type.value}
            yield Finding(MEASURE_LEFT_OUT, path=f"constantes[{index}].valeur", values=values)
