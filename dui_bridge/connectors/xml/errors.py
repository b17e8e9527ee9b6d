"""What can be wrong with an XML export or its declaration: XML-0nn the declaration, XML-1nn what is read, XML-3nn what
stops the reading.

Objects have their own table, `connectors.wire.object_rules`. No error text shows a value.
"""

from __future__ import annotations

from dui_bridge.errors import ExportUnreadable
from dui_bridge.findings import Rule, Scope, Severity, Who


def _declared(number: int, en: str, fr: str, remedy_en: str = "", remedy_fr: str = "") -> Rule:
    return Rule(f"XML-{number:03}", Severity.ERROR, Scope.RUN, en, fr, remedy_en, remedy_fr, who=Who.MAPPING)


NAME = _declared(
    2,
    "'{name}' is not the name of an element, without prefix nor path",
    "'{name}' n'est pas le nom d'un élément, sans préfixe ni chemin",
)
REPAIR = _declared(3, "'{name}' is not a repair{near}", "'{name}' n'est pas une réparation{near_fr}")


def _row(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str, who: Who) -> Rule:
    return Rule(f"XML-{number:03}", Severity.ERROR, Scope.DOCUMENT, en, fr, remedy_en, remedy_fr, who=who)


REPEATED = _row(
    101,
    "the element {name} stands {count} times here and is not declared as a list: none of them can be believed",
    "l'élément {name} figure {count} fois ici et n'est pas déclaré comme liste : aucun n'est sûr",
    "Add it to lists if there may be several.",
    "Ajoutez-le à lists s'il peut y en avoir plusieurs.",
    Who.MAPPING,
)
TWO_MEANINGS = _row(
    102,
    "{name} names an attribute, a child or an element around this one at the same time: none can be believed",
    "{name} désigne à la fois un attribut, un enfant ou un élément englobant : aucun n'est sûr",
    "Declare attributes: at, which writes @{name} for the attribute.",
    "Déclarez attributes: at, qui écrit @{name} pour l'attribut.",
    Who.MAPPING,
)
NAMESPACES = _row(
    103,
    "{name} stands in two namespaces: the names cannot be told apart without them",
    "{name} figure dans deux espaces de noms : les noms ne se distinguent plus sans eux",
    "Have the vendor name them differently.",
    "Faites-leur donner des noms différents par l'éditeur.",
    Who.VENDOR,
)
WRONG_CHARACTERS = _row(
    104,
    "the text holds control characters where letters are expected: the file was written in another encoding than"
    " {encoding}, probably cp1252",
    "le texte contient des caractères de commande au lieu de lettres : le fichier a été écrit dans un autre encodage"
    " que {encoding}, sans doute cp1252",
    "Declare encoding: cp1252 if it is so.",
    "Déclarez encoding: cp1252 si c'est le cas.",
    Who.MAPPING,
)
REPAIRED = Rule(
    "XML-120",
    Severity.INFO,
    Scope.VALUE,
    "{count} repair(s) {repair} made, as the mapping asks; the first in column {column} of this line",
    "{count} réparation(s) {repair} faite(s), comme le mapping le demande ; la première en colonne {column} de cette"
    " ligne",
    "Have the vendor correct the export.",
    "Faites corriger l'export par l'éditeur.",
    who=Who.VENDOR,
)
OTHER_ENCODING = Rule(
    "XML-121",
    Severity.INFO,
    Scope.VALUE,
    "the file says {said} of itself; it was read as {encoding}, as the mapping asks",
    "le fichier se dit en {said} ; il a été lu en {encoding}, comme le mapping le demande",
    who=Who.VENDOR,
)
NONE = Rule(
    "XML-122",
    Severity.WARNING,
    Scope.RUN,
    "no element {name} in this file{near}",
    "aucun élément {name} dans ce fichier{near_fr}",
    "Check `each`, and whether the export is empty on purpose.",
    "Vérifiez `each`, et si l'export est vide à dessein.",
    who=Who.MAPPING,
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}


class XmlCut(ExportUnreadable):
    """A file ends too early: what follows is missing without a trace, so nothing of the export is used."""

    code = "XML-301"
    en = "{file}:{line}: the element {name} opened here is never closed, the file was half written"
    fr = "{file}:{line} : l'élément {name} ouvert ici n'est jamais fermé, le fichier a été écrit à moitié"
    action_en = "Wait for the end of the export, or make it again; nothing was read."
    action_fr = "Attendez la fin de l'export, ou refaites-le ; rien n'a été lu."


class XmlDamaged(ExportUnreadable):
    """A file is not well-formed XML, or beyond what is read."""

    code = "XML-302"
    en = "{file}:{line}: {reason}"
    fr = "{file}:{line} : {reason_fr}"
    action_en = "Have the vendor correct the export; nothing was read."
    action_fr = "Faites corriger l'export par l'éditeur ; rien n'a été lu."


class XmlNeedsRepair(ExportUnreadable):
    """A file is not well-formed in a way that a repair would mend, and the mapping does not declare it."""

    code = "XML-303"
    en = "{file}:{line}:{column}: {reason}"
    fr = "{file}:{line}:{column} : {reason_fr}"
    action_en = "Have the vendor correct the export, or declare in the mapping: repair: [{repair}]. Nothing was read."
    action_fr = (
        "Faites corriger l'export par l'éditeur, ou déclarez dans le mapping : repair: [{repair}]. Rien n'a été lu."
    )


class XmlDoctype(ExportUnreadable):
    """A file declares entities or a grammar of its own."""

    code = "XML-304"
    en = "{file}:{line}:{column}: a DOCTYPE with declarations of its own is not read"
    fr = "{file}:{line}:{column} : un DOCTYPE avec ses propres déclarations n'est pas lu"
    action_en = "Have the vendor export without DTD nor entities; nothing was read."
    action_fr = "Faites exporter sans DTD ni entités par l'éditeur ; rien n'a été lu."


class XmlEncoding(ExportUnreadable):
    """The bytes of a file are not of the encoding that is declared."""

    code = "XML-305"
    en = "{file}:{line}: not {encoding} text{byte}"
    fr = "{file}:{line} : ce n'est pas du texte {encoding}{byte}"
    action_en = "Declare the encoding in the mapping (`encoding`: cp1252, most often); nothing was read."
    action_fr = "Déclarez l'encodage dans le mapping (`encoding` : cp1252, le plus souvent) ; rien n'a été lu."
