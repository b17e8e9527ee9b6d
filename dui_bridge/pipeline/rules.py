"""What the pipeline itself finds: between the mapping, the files, the journal and the checks of documents."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

FILE_UNREADABLE: Final = Rule(
    "PIP-001",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the file {file} cannot be read: {reason}.",
    "le fichier {file} est illisible : {reason}.",
    "Put the file back in the export, or correct its name in the DUI.",
    "Remettez le fichier dans l'export, ou corrigez son nom dans le DUI.",
    Who.DUI,
)
FILE_TOO_LARGE: Final = Rule(
    "PIP-002",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the file {file} is larger than {limit} MB.",
    "le fichier {file} dépasse {limit} Mo.",
    "Reduce it (a scan at 150 dpi is enough) and export again.",
    "Réduisez-le (un scan à 150 points par pouce suffit) et exportez de nouveau.",
    Who.DUI,
)
SAME_PERSON: Final = Rule(
    "PIP-010",
    Severity.WARNING,
    Scope.VALUE,
    "the same birth name, given names, birth date and sex as dossier {other}: probably one person.",
    "mêmes nom de naissance, prénoms, date de naissance et sexe que le dossier {other} : sans doute la même personne.",
    "Decide in the DUI whether to merge; the bridge never merges.",
    "Décidez dans le DUI s'il faut fusionner ; le pont ne fusionne jamais.",
    Who.IDENTITO,
    "RNIV",
)
OTHER_USAGER: Final = Rule(
    "PIP-011",
    Severity.ERROR,
    Scope.DOCUMENT,
    "document {key} was first built for another dossier: it is not a new version, and nothing is built.",
    "le document {key} a d'abord été produit pour un autre dossier : pas de nouvelle version, rien n'est produit.",
    "Find out in the DUI whose document it is. If it left under the wrong person, tell the identitovigilance referent.",
    "Vérifiez dans le DUI à qui est ce document. S'il est parti sous une autre identité, prévenez l'identitovigilance.",
    Who.IDENTITO,
)
INS_KEPT: Final = Rule(
    "PIP-012",
    Severity.INFO,
    Scope.VALUE,
    "the DUI says that the INS is qualified, but it does not leave: {reasons}.",
    "le DUI dit l'INS qualifiée, mais elle ne sort pas : {reasons}.",
    "Complete or correct the identity in the DUI.",
    "Complétez ou corrigez l'identité dans le DUI.",
    Who.IDENTITO,
    "RNIV",
)
LEFT_OUT: Final = Rule(
    "PIP-014",
    Severity.INFO,
    Scope.VALUE,
    "left out: {name}.",
    "laissé de côté : {name}.",
    "Nothing, if this is what the mapping means.",
    "Rien, si c'est bien ce que veut le mapping.",
    Who.NOBODY,
)
READ_AGAIN: Final = Rule(
    "PIP-015",
    Severity.INFO,
    Scope.RUN,
    "{what} since the last reading: everything is read again, this once.",
    "{what_fr} depuis la dernière lecture : tout est relu, cette fois.",
    "Nothing: what left is not sent again. `replay --rebuild` makes anew what would differ.",
    "Rien : ce qui est parti ne repart pas. `replay --rebuild` refait ce qui serait différent.",
    Who.NOBODY,
)
