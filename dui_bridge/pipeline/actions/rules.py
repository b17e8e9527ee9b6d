"""What may be wrong with a line of a list of decisions."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who


def _rule(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str) -> Rule:
    return Rule(f"RVW-{number:03}", Severity.ERROR, Scope.DOCUMENT, en, fr, remedy_en, remedy_fr, Who.DUI)


UNKNOWN_ITEM: Final = _rule(
    1,
    "'{item}' is no item of the list that was exported",
    "« {item} » n'est pas un numéro de la liste exportée",
    "Leave the first column as it was exported.",
    "Laissez la première colonne telle qu'exportée.",
)
UNKNOWN_DECISION: Final = _rule(
    2,
    "'{decision}' is no answer here: {answers}",
    "« {decision} » n'est pas une réponse possible : {answers}",
    "Write one of them, or leave the cell empty to decide later.",
    "Écrivez l'une d'elles, ou laissez la case vide pour décider plus tard.",
)
INCOMPLETE: Final = _rule(
    3,
    "a decision needs who decided, and why",
    "une décision demande qui a décidé, et pourquoi",
    "Fill in the last two columns.",
    "Remplissez les deux dernières colonnes.",
)
OTHER_DOSSIER: Final = _rule(
    4,
    "{item} is not of this dossier: the cells of the line do not belong together",
    "{item} n'est pas de ce dossier : les cases de la ligne ne vont pas ensemble",
    "Export again; sort whole lines only.",
    "Exportez de nouveau ; ne triez que des lignes entières.",
)
NOT_WAITING: Final = _rule(
    5,
    "{item} does not wait for this decision any more (state: {state})",
    "{item} n'attend plus cette décision (état : {state_fr})",
    "Nothing was done for this line. Export again to see what still waits.",
    "Rien n'a été fait pour cette ligne. Exportez de nouveau pour voir ce qui attend encore.",
)
TRIED_SINCE: Final = _rule(
    6,
    "{item} was sent again since the export: the decision was about an earlier try",
    "{item} a été renvoyé depuis l'export : la décision portait sur un essai antérieur",
    "Export again, find out whether it arrived this time, then decide.",
    "Exportez de nouveau, vérifiez s'il est arrivé cette fois, puis décidez.",
)
TWO_DECISIONS: Final = _rule(
    7,
    "{item} has two different decisions in this file",
    "{item} a deux décisions différentes dans ce fichier",
    "Keep one of the lines.",
    "Ne gardez qu'une des lignes.",
)
CHANGED_SINCE: Final = _rule(
    8,
    "{item} changed since the export: the decision was about what was known then",
    "{item} a changé depuis l'export : la décision portait sur ce qui était connu alors",
    "Nothing was done for this line. Export again, compare, then decide.",
    "Rien n'a été fait pour cette ligne. Exportez de nouveau, comparez, puis décidez.",
)
DOCUMENT_CHECK: Final = _rule(
    9,
    "{item}: the document check needs a document of high trust and a day that is not ahead",
    "{item} : le contrôle demande une pièce à haut niveau de confiance et une date non future",
    "Write the document as `ins accept --help` lists them, and the day as AAAA-MM-JJ; or leave both empty.",
    "Écrivez la pièce comme `ins accept --help` les liste et la date AAAA-MM-JJ ; ou laissez les deux cases vides.",
)
NOT_ADMITTED: Final = _rule(
    10,
    "{item}: {reason}",
    "{item} : {reason_fr}",
    "Nothing was done for this line. Export again to see what still waits.",
    "Rien n'a été fait pour cette ligne. Exportez de nouveau pour voir ce qui attend encore.",
)
NOT_RECORDED: Final = _rule(
    11,
    "{reason}",
    "{reason_fr}",
    "Nothing was recorded of this line. Correct it; the file may be handed over again whole.",
    "Rien n'a été enregistré de cette ligne. Corrigez-la ; le fichier peut être redonné en entier.",
)
