"""What can be wrong with a database or its declaration: SQL-0nn the declaration, SQL-1nn rows, SQL-3nn what stops the
reading.

Objects have their own table, `connectors.wire.object_rules`. No text shows a value, nor the address of the database.
"""

from __future__ import annotations

from dui_bridge.errors import ExportUnreadable, FixConfiguration, ServiceUnreachable
from dui_bridge.findings import Rule, Scope, Severity, Who


def _declared(number: int, en: str, fr: str, remedy_en: str = "", remedy_fr: str = "") -> Rule:
    return Rule(f"SQL-{number:03}", Severity.ERROR, Scope.RUN, en, fr, remedy_en, remedy_fr, who=Who.MAPPING)


NOT_ONE_SELECT = _declared(
    1,
    "not one SELECT: {reason}",
    "ce n'est pas un seul SELECT : {reason_fr}",
    "Write one SELECT, or WITH … SELECT, that changes nothing.",
    "Écrivez un seul SELECT, ou WITH … SELECT, qui ne modifie rien.",
)
URL = _declared(
    2,
    "the address of the database is not written in a mapping",
    "l'adresse de la base ne s'écrit pas dans un mapping",
    "Write url: {{file: PATH}} or url: {{env: NAME}}.",
    "Écrivez url: {{file: CHEMIN}} ou url: {{env: NOM}}.",
)
PARENT = _declared(
    4,
    "'{alias}' above has no `key`, or is below this one",
    "'{alias}', au-dessus, n'a pas de `key`, ou est sous celle-ci",
)
NO_ROOT = _declared(
    5,
    "cannot tell which query has one row per usager{choice}",
    "impossible de dire quelle requête a une ligne par usager{choice_fr}",
    "It is the one that `each` names under `usager`; it has no `of`.",
    "C'est celle que nomme `each` sous `usager` ; elle n'a pas de `of`.",
)
NO_KEY_DECLARED = _declared(6, "this query needs a `key`: {why}", "cette requête demande une clé (`key`) : {why_fr}")
BINARY = Rule(
    "SQL-101",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the value is binary, not text",
    "la valeur est binaire, pas du texte",
    "Leave the column out of the query, or convert it there.",
    "Retirez la colonne de la requête, ou convertissez-la dans la requête.",
    who=Who.MAPPING,
)

RULES: dict[str, Rule] = {rule.id: rule for rule in list(globals().values()) if isinstance(rule, Rule)}


class DatabaseUnreachable(ServiceUnreachable):
    """The database does not answer, refuses the connection, or breaks it off; nothing of it was used."""

    code = "SQL-301"
    en = "the database could not be reached: {reason}"
    fr = "la base de données est injoignable : {reason_fr}"
    action_en = "Nothing was read: it is tried again. If it lasts, check the address, the account and the network."
    action_fr = "Rien n'a été lu : un nouvel essai suivra. Si cela dure, vérifiez l'adresse, le compte et le réseau."


class UrlUnusable(FixConfiguration):
    """The address of the database is missing, or is none that can be used."""

    code = "SQL-302"
    en = "the address of the database ({where}) cannot be used: {reason}"
    fr = "l'adresse de la base de données ({where}) est inutilisable : {reason_fr}"
    action_en = "Write for instance postgresql://user:password@host/base or sqlite:///path there."
    action_fr = "Écrivez-y par exemple postgresql://compte:mot-de-passe@hôte/base ou sqlite:///chemin."


class ScriptRefused(FixConfiguration):
    """The script of a golden case cannot be run."""

    code = "SQL-306"
    who = Who.MAPPING
    en = "{file}: {reason}"
    fr = "{file} : {reason}"
    action_en = "Correct the script; it is for SQLite."
    action_fr = "Corrigez le script ; il est pour SQLite."


class QueryRefused(FixConfiguration):
    """The database refuses a query."""

    code = "SQL-303"
    who = Who.MAPPING
    en = "{alias}: the database refuses the query: {reason}"
    fr = "{alias} : la base de données refuse la requête : {reason}"
    action_en = "Correct the query in the mapping, or the rights of the account; nothing was read."
    action_fr = "Corrigez la requête dans le mapping, ou les droits du compte ; rien n'a été lu."


class NotReadOnly(FixConfiguration):
    """The session could not be made read-only, so nothing was asked."""

    code = "SQL-304"
    en = "the session could not be made read-only"
    fr = "la session n'a pas pu être mise en lecture seule"
    action_en = "Ask for an account that may only read; nothing was read."
    action_fr = "Demandez un compte qui ne peut que lire ; rien n'a été lu."


class ColumnsWrong(ExportUnreadable):
    """A query does not give the columns that the mapping needs, or gives one twice."""

    code = "SQL-305"
    who = Who.MAPPING
    en = "{alias}: {reason}: {columns}{near}"
    fr = "{alias} : {reason_fr} : {columns}{near_fr}"
    action_en = "Correct the query (`select … as NAME`), or the mapping; nothing was read."
    action_fr = "Corrigez la requête (`select … as NOM`), ou le mapping ; rien n'a été lu."
