"""What keeps an identity from being qualified, and what a change of one means: INS-3nn."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

TO_CALL: Final = Rule(
    "INS-301",
    Severity.INFO,
    Scope.VALUE,
    "the INS is not known: INSi may be asked at the next visit.",
    "l'INS n'est pas connue : INSi pourra être interrogé à la prochaine venue.",
    "When the person is here: dui-bridge ins qualify --source {source} --dossier {dossier}",
    "Quand la personne est là : dui-bridge ins qualify --source {source} --dossier {dossier}",
    Who.DUI,
    "INSi: recovery is made for a person who is taken care of, never in bulk",
)
TO_CHECK: Final = Rule(
    "INS-302",
    Severity.INFO,
    Scope.VALUE,
    "INSi knows this person: the identity has to be checked against a document.",
    "INSi connaît cette personne : reste à contrôler l'identité avec une pièce.",
    "See the document, then write it in the DUI, or: "
    "dui-bridge ins accept {dossier} --source {source} --document TYPE --on AAAA-MM-JJ --by NAME",
    "Voir la pièce, puis la saisir dans le DUI, ou : "
    "dui-bridge ins accept {dossier} --source {source} --document TYPE --on AAAA-MM-JJ --by NOM",
    Who.DUI,
    "RNIV 1, EXI SI 07",
)
TRAITS_DIFFER: Final = Rule(
    "INS-303",
    Severity.WARNING,
    Scope.VALUE,
    "the traits of INSi are not those of the DUI: {traits}.",
    "les traits d'INSi ne sont pas ceux du DUI : {traits_fr}.",
    "Compare both (dui-bridge ins worklist), then: dui-bridge ins accept {dossier} --source {source} "
    "or dui-bridge ins refuse {dossier} --source {source}",
    "Comparer (dui-bridge ins worklist), puis : dui-bridge ins accept {dossier} --source {source} "
    "ou dui-bridge ins refuse {dossier} --source {source}",
    Who.IDENTITO,
    "RNIV 1, EXI ID 10",
)
SAME_INS: Final = Rule(
    "INS-304",
    Severity.WARNING,
    Scope.VALUE,
    "the matricule is that of another dossier of the establishment as well: {other}. No INS leaves for this one.",
    "le matricule est aussi celui d'un autre dossier de l'établissement : {other}. Aucune INS ne sort pour celui-ci.",
    "Find out in the DUI whether it is one person: merge there, or correct. The bridge never merges.",
    "Vérifier dans le DUI s'il s'agit d'une seule personne : fusionner, ou corriger. Le pont ne fusionne jamais.",
    Who.IDENTITO,
    "RNIV 1",
)
WITHHELD: Final = Rule(
    "INS-312",
    Severity.ERROR,
    Scope.VALUE,
    "the identity is qualified, yet its INS may not leave: {reasons}.",
    "l'identité est qualifiée, mais son INS ne peut pas sortir : {reasons_fr}.",
    "Correct it in the DUI; the next reading goes on.",
    "À corriger dans le DUI ; la lecture suivante reprendra.",
    Who.DUI,
    "Référentiel INS; RNIV 1: the five strict traits go with an INS",
)
NOT_FOUND: Final = Rule(
    "INS-305",
    Severity.WARNING,
    Scope.VALUE,
    "INSi found nobody with these traits ({codes}).",
    "INSi n'a trouvé personne avec ces traits ({codes_fr}).",
    "Compare birth name, given names, sex and birth date with a document, and correct them in the DUI.",
    "Vérifier nom de naissance, prénoms, sexe et date de naissance sur une pièce, et les corriger dans le DUI.",
    Who.DUI,
    "INSi, CodeCR 01",
)
SEVERAL: Final = Rule(
    "INS-306",
    Severity.WARNING,
    Scope.VALUE,
    "INSi found several persons with these traits ({codes}).",
    "INSi a trouvé plusieurs personnes avec ces traits ({codes_fr}).",
    "Complete all given names and the INSEE code of the place of birth in the DUI.",
    "Compléter tous les prénoms et le code INSEE du lieu de naissance dans le DUI.",
    Who.DUI,
    "INSi, CodeCR 02",
)
REFUSED: Final = Rule(
    "INS-307",
    Severity.WARNING,
    Scope.VALUE,
    "somebody refused the identity that INSi gave: these traits are not searched again.",
    "l'identité rendue par INSi a été refusée : ces traits ne seront plus recherchés.",
    "Correct the traits in the DUI; at a visit: dui-bridge ins qualify --source {source} --dossier {dossier}",
    "Corriger les traits dans le DUI ; à la venue : dui-bridge ins qualify --source {source} --dossier {dossier}",
    Who.IDENTITO,
)
MARKED: Final = Rule(
    "INS-308",
    Severity.WARNING,
    Scope.VALUE,
    "the identity is doubtful or fictitious: INSi may not be asked, and no INS leaves.",
    "l'identité est douteuse ou fictive : INSi ne peut pas être interrogé, et aucune INS ne sort.",
    "Settle the doubt with the identitovigilance referent, and lift the mark in the DUI.",
    "Lever le doute avec le référent identitovigilance, puis retirer l'attribut dans le DUI.",
    Who.IDENTITO,
    "RNIV 1, EXI ID 24 and 26",
)
TO_VERIFY: Final = Rule(
    "INS-309",
    Severity.INFO,
    Scope.VALUE,
    "the INS was last confirmed on {day}: it is due to be verified again, by a search with its traits. "
    "It leaves meanwhile.",
    "l'INS a été confirmée le {day} : elle est à vérifier de nouveau, par une recherche sur ses traits. "
    "Elle reste transmise en attendant.",
    "At the next visit: dui-bridge ins qualify --source {source} --dossier {dossier}",
    "À la prochaine venue : dui-bridge ins qualify --source {source} --dossier {dossier}",
    Who.DUI,
    "Référentiel INS, periodic verification",
)
NOT_CONFIRMED: Final = Rule(
    "INS-313",
    Severity.WARNING,
    Scope.VALUE,
    "INSi does not confirm the INS, last confirmed on {day}: the search with its traits found no one person ({codes}). "
    "It leaves meanwhile.",
    "INSi ne confirme pas l'INS, confirmée le {day} : la recherche sur ses traits ne donne pas une personne "
    "({codes_fr}). Elle reste transmise en attendant.",
    "Compare the traits with a document. If in doubt, mark the identity doubtful in the DUI: the INS no longer leaves.",
    "Comparer les traits avec une pièce. En cas de doute, marquer l'identité douteuse dans le DUI : "
    "l'INS ne sortira plus.",
    Who.IDENTITO,
    "Référentiel INS, periodic verification",
)
WAITS: Final = Rule(
    "INS-310",
    Severity.INFO,
    Scope.VALUE,
    "the calls of today are used up ({cap}): INSi is asked tomorrow.",
    "le nombre d'appels du jour est atteint ({cap}) : INSi sera interrogé demain.",
    "Nothing: the next reading goes on. `insi.daily_cap` of the site file sets the number.",
    "Rien : la lecture suivante continue. `insi.daily_cap` du fichier de site fixe le nombre.",
    Who.NOBODY,
)
NO_ANSWER: Final = Rule(
    "INS-311",
    Severity.WARNING,
    Scope.VALUE,
    "INSi could not be asked: {message}",
    "INSi n'a pas pu être interrogé : {message}",
    "{action}",
    "{action}",
    Who.IT,
)
LOST: Final = Rule(
    "INS-320",
    Severity.WARNING,
    Scope.VALUE,
    "the identity is no longer qualified ({event}); with the INS of before were handed over: {documents}.",
    "l'identité n'est plus qualifiée ({event}) ; ont été remis avec l'INS d'avant : {documents}.",
    "Tell the identitovigilance referent: receivers may have to delete or correct. dui-bridge ins history {dossier}",
    "Prévenir l'identitovigilance : à faire supprimer ou corriger chez les destinataires. "
    "dui-bridge ins history {dossier}",
    Who.IDENTITO,
    "PAM FR 2.11.2 §4.4.4",
)
STEPS: Final = {
    "first": ("first given name", "premier prénom"),
    "others": ("another given name", "un autre prénom"),
    "joined": ("all given names", "tous les prénoms"),
    "several_joined": ("all given names", "tous les prénoms"),
    "several_place": ("with the place of birth", "avec le lieu de naissance"),
}
"""Step of the ladder → how it is named to a person (English, French)."""
TRAITS: Final = {
    "nom_naissance": ("birth name", "nom de naissance"),
    "prenoms": ("given names", "prénoms"),
    "premier_prenom": ("first given name", "premier prénom"),
    "sexe": ("sex", "sexe"),
    "date_naissance": ("birth date", "date de naissance"),
    "lieu_naissance": ("place of birth", "lieu de naissance"),
}
"""Strict trait → how it is named to a person (English, French)."""
NOTHING_DEPOSITED: Final = ("nothing", "rien")
