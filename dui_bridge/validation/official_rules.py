"""The rules of the official suite and of packs, as a table: what stands for a hit of the schema or of a Schematron."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

_TABLE: Final[list[Rule]] = []


def _row(
    number: int, severity: Severity, en: str, fr: str, remedy: tuple[str, str] = ("", ""), who: Who = Who.VENDOR
) -> Rule:
    rule = Rule(f"OFF-{number}", severity, Scope.DOCUMENT, en, fr, remedy[0], remedy[1], who, _SUITE)
    _TABLE.append(rule)
    return rule


_SUITE: Final = "ANS, TestContenuCDA"
_ADD: Final = (
    "Add one with `dui-bridge pack add PATH`.",
    "Ajoutez-en un avec `dui-bridge pack add CHEMIN`.",
)

NO_PACK = _row(
    101,
    Severity.INFO,
    "There is no official pack: only the bridge's own rules were applied.",
    "Aucun pack officiel : seules les règles propres au pont ont été appliquées.",
    _ADD,
    Who.IT,
)
NO_MODEL = _row(
    102,
    Severity.WARNING,
    "The pack {pack} has no Schematron for the model {model}: only the common profiles were applied.",
    "Le pack {pack} n'a pas de Schematron pour le modèle {model} : seuls les profils communs ont été appliqués.",
    who=Who.IT,
)
NOT_AVAILABLE = _row(
    103,
    Severity.WARNING,
    "The pack {pack} has no usable {part}: it was not applied.",
    "Le pack {pack} n'a pas de {part} utilisable : il n'a pas été appliqué.",
    who=Who.IT,
)
UNREADABLE = _row(
    104,
    Severity.ERROR,
    "The document could not be read by the official suite.",
    "Le document n'a pas pu être lu par la suite officielle.",
)
SCHEMA = _row(110, Severity.ERROR, "Official schema: {message}", "Schéma officiel : {message}")
HIT = _row(120, Severity.ERROR, "{schematron}: {message}", "{schematron} : {message}")
RAISED = _row(
    121,
    Severity.ERROR,
    "{schematron}: a rule of {pattern} could not be evaluated here ({code}).",
    "{schematron} : une règle de {pattern} n'a pas pu être évaluée ici ({code}).",
)

OFFICIAL_RULES: Final = tuple(_TABLE)
"""Every rule, by number."""
