"""What can be wrong with a JSON export or its declaration: JSN-0nn the declaration, JSN-3nn what stops the reading.

Objects have their own table, `connectors.wire.object_rules`. No error text shows a value.
"""

from __future__ import annotations

from dui_bridge.errors import ExportUnreadable
from dui_bridge.findings import Rule, Scope, Severity, Who


def _declared(number: int, en: str, fr: str, remedy_en: str = "", remedy_fr: str = "") -> Rule:
    return Rule(f"JSN-{number:03}", Severity.ERROR, Scope.RUN, en, fr, remedy_en, remedy_fr, who=Who.MAPPING)


ON_OR_BRACES = _declared(
    2,
    "cannot tell how these objects belong to a usager",
    "impossible de dire comment ces objets appartiennent à un usager",
    "One file a usager: file: documents/{id}.json. One file for all: file and on. Inside his object: each alone.",
    "Un par usager : file: documents/{id}.json. Un pour tous : file et on. Dans son objet : each seul.",
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}


class JsonCut(ExportUnreadable):
    """A file ends too early: what follows is missing without a trace, so nothing of the export is used."""

    code = "JSN-301"
    en = "{file}: the file ends in the middle of its list, it was half written"
    fr = "{file} : le fichier s'arrête au milieu de sa liste, il a été écrit à moitié"
    action_en = "Wait for the end of the export, or make it again; nothing was read."
    action_fr = "Attendez la fin de l'export, ou refaites-le ; rien n'a été lu."


class JsonDamaged(ExportUnreadable):
    """A file is no JSON, or has no list where the mapping says."""

    code = "JSN-302"
    en = "{file}: {reason}"
    fr = "{file} : {reason_fr}"
    action_en = "Check the `each` and the encoding that the mapping declares, then the export; nothing was read."
    action_fr = "Vérifiez `each` et l'encodage déclarés dans le mapping, puis l'export ; rien n'a été lu."
