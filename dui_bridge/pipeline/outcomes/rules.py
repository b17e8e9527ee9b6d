"""What can be said of the outcome rows: one row per case."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

NOT_WRITTEN: Final = Rule(
    "OUT-001",
    Severity.WARNING,
    Scope.VALUE,
    "{count} outcome(s) could not be given to the DUI of {source} ({code}): {reason}; tried again after {until}",
    "{count} résultat(s) n'ont pas pu être rendus au DUI de {source} ({code}) : {reason_fr} ; nouvel essai après "
    "{until}",
    "Nothing is lost and deliveries go on. {action}",
    "Rien n'est perdu et les envois continuent. {action_fr}",
    Who.IT,
)
REPLACED: Final = Rule(
    "OUT-002",
    Severity.WARNING,
    Scope.VALUE,
    "{count} character(s) of the outcomes of {source} cannot be written in {encoding}: they became ?",
    "{count} caractère(s) des résultats de {source} ne s'écrivent pas en {encoding} : remplacés par ?",
    "Choose utf-8 in the mapping if the DUI can read it.",
    "Choisissez utf-8 dans le mapping si le DUI sait le lire.",
    Who.MAPPING,
)
NEUTRALISED: Final = Rule(
    "OUT-003",
    Severity.INFO,
    Scope.VALUE,
    "{count} cell(s) of the outcomes of {source} began like a formula: an apostrophe was put before them",
    "{count} cellule(s) des résultats de {source} commençaient comme une formule : précédées d'une apostrophe",
    who=Who.NOBODY,
)
UNMAPPED: Final = Rule(
    "OUT-004",
    Severity.WARNING,
    Scope.VALUE,
    "{count} value(s) of {column} are not in its table: left blank in the outcomes of {source}",
    "{count} valeur(s) de {column} ne sont pas dans sa table : laissées vides dans les résultats de {source}",
    "Add them to the table of the mapping.",
    "Ajoutez-les à la table du mapping.",
    Who.MAPPING,
)
