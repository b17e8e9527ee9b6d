"""Why a delivery does not leave, apart from what policy says: one row per cause."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who
from dui_bridge.journal import records


def _rule(id_: str, en: str, fr: str, remedy_en: str, remedy_fr: str, who: Who = Who.IT) -> Rule:
    return Rule(id_, Severity.ERROR, Scope.DOCUMENT, en, fr, remedy_en, remedy_fr, who)


NOT_CONFIGURED: Final = _rule(
    "DLV-001",
    "the site file names no such destination any more",
    "le fichier du site ne nomme plus cette destination",
    "Put it back in the site file, or cancel what was to go there.",
    "Remettez-la dans le fichier du site, ou annulez ce qui devait y aller.",
)
NOT_INSTALLED: Final = _rule(
    "DLV-002",
    "nothing installed here can speak to this kind of destination",
    "rien de ce qui est installé ici ne sait parler à ce genre de destination",
    "Install the package that brings it, or take the destination out of the site file.",
    "Installez le paquet qui l'apporte, ou retirez la destination du fichier du site.",
)
SANDBOX_ONLY: Final = _rule(
    "DLV-003",
    "this destination is a stand-in: it is used in the sandbox profile only",
    "cette destination est un bouchon : elle ne sert que dans le profil sandbox",
    "Take the destination out of the site file, or set the profile to sandbox.",
    "Retirez la destination du fichier du site, ou passez au profil sandbox.",
    Who.MAPPING,
)
GAVE_UP: Final = _rule(
    "DLV-004",
    "every try failed for a reason that should have passed: it is not tried any more",
    "tous les essais ont échoué pour une raison qui devait passer : il n'y aura plus d'essai",
    "Look at its last attempts (trace), correct what they say, then send it again with replay.",
    "Regardez les derniers essais (trace), corrigez, puis renvoyez avec replay.",
)
LOST: Final = _rule(
    "DLV-005",
    "it was sent, no usable answer came, and this destination cannot be asked whether it has it",
    "le document a été envoyé, aucune réponse exploitable n'est venue, et cette destination ne peut être interrogée",
    "Find out whether it arrived, then decide with review: delivered, send again, or cancel.",
    "Vérifiez s'il est arrivé, puis décidez avec review : remis, à renvoyer, ou annulé.",
)
SUPERSEDED: Final = _rule(
    "DLV-006",
    "a newer version of the document was made before this one left",
    "une version plus récente du document a été produite avant que celle-ci ne parte",
    "Nothing: the newer one leaves instead.",
    "Rien : la plus récente part à sa place.",
    Who.NOBODY,
)
DISCARDED: Final = _rule(
    "DLV-007",
    "the run that made it was held, and a person discarded it",
    "la lecture qui l'a produit a été retenue, puis écartée par une personne",
    "Correct the export, then run again.",
    "Corrigez l'export, puis relancez.",
    Who.NOBODY,
)
INTERRUPTED: Final = _rule(
    "DLV-008",
    "the bridge was stopped while it was sent, and this destination cannot be asked whether it has it",
    "le pont s'est arrêté pendant l'envoi, et cette destination ne peut être interrogée",
    "Find out whether it arrived, then decide with review: delivered, send again, or cancel.",
    "Vérifiez s'il est arrivé, puis décidez avec review : remis, à renvoyer, ou annulé.",
)
NOT_THERE: Final = _rule(
    "DLV-009",
    "the destination was asked and does not have it: it is asked once more, then sent again",
    "la destination, interrogée, ne l'a pas : elle le sera encore une fois, puis il sera renvoyé",
    "Nothing: it is done by itself.",
    "Rien : cela se fait tout seul.",
    Who.NOBODY,
)
REFUSED: Final = _rule(
    "DLV-010",
    "the destination refused it and gave no reason that the bridge knows",
    "la destination l'a refusé sans raison connue du pont",
    "Look at its answer (trace) and ask whoever runs the destination.",
    "Regardez sa réponse (trace) et interrogez le responsable de la destination.",
)
UNREADABLE: Final = _rule(
    "DLV-011",
    "its bytes are not kept any more: it cannot be compared with what the destination has",
    "son contenu n'est plus conservé : il ne peut être comparé à ce que la destination détient",
    "Find out whether it arrived, then decide with review: delivered or cancel.",
    "Vérifiez s'il est arrivé, puis décidez avec review : remis, ou annulé.",
)
CANCELLED_WITH_TASK: Final = _rule(
    "DLV-012",
    "a person cancelled the replay or the backfill that it belonged to",
    "une personne a annulé le renvoi ou la reprise dont il faisait partie",
    "Nothing, if it is to stay so; else send it again with replay.",
    "Rien, si c'est voulu ; sinon, renvoyez-le avec replay.",
    Who.NOBODY,
)
RESTORED: Final = _rule(
    "DLV-014",
    "the journal was put back from a backup: it may have left since, and this destination cannot be asked",
    "le journal a été restauré d'une sauvegarde : le document a pu partir depuis, et la destination ne peut le dire",
    "Find out whether it arrived, then decide with review: delivered, send again, or cancel.",
    "Vérifiez s'il est arrivé, puis décidez avec review : remis, à renvoyer, ou annulé.",
)
ERASED: Final = _rule(
    "DLV-013",
    "the dossier was erased before it left",
    "le dossier a été effacé avant l'envoi",
    "Nothing: what the journal held of this person is gone.",
    "Rien : ce que le journal détenait de cette personne n'existe plus.",
    Who.NOBODY,
)
CANCELLED_BY_PERSON: Final = _rule(
    "DLV-015",
    "a person cancelled it",
    "une personne l'a annulé",
    "Nothing, if it is to stay so; else send it again with replay.",
    "Rien, si c'est voulu ; sinon, renvoyez-le avec replay.",
    Who.NOBODY,
)
DAMAGED: Final = _rule(
    "DLV-016",
    "what the journal keeps of it does not open: it is damaged, or its file is not in the data folder any more",
    "ce que le journal en conserve ne s'ouvre pas : c'est endommagé, ou son fichier n'est plus dans le dossier de "
    "données",
    "Put the data folder back from a backup, or have the document made again with replay --rebuild.",
    "Rétablissez le dossier de données depuis une sauvegarde, ou faites refaire le document avec replay --rebuild.",
)
DELETED_THERE: Final = _rule(
    records.DELETED_THERE,
    "a person had it deleted at its destination",
    "une personne l'a fait supprimer chez son destinataire",
    "Nothing, if it is to stay so; a corrected version goes there as a new document.",
    "Rien, si c'est voulu ; une version corrigée y ira comme nouveau document.",
    Who.NOBODY,
)
HIDDEN_THERE: Final = _rule(
    "DLV-018",
    "it is in the DMP and the patient does not see it yet: somebody undertook to make it visible",
    "il est dans le DMP et le patient ne le voit pas encore : une personne s'est engagée à le rendre visible",
    "Once the person has been told: dui-bridge dmp unhide; `dui-bridge dmp hidden` says who undertook it, and by when.",
    "Une fois l'annonce faite : dui-bridge dmp unhide ; `dui-bridge dmp hidden` dit qui s'y est engagé, et pour quand.",
    Who.DUI,
)

RULES: Final = (
    NOT_CONFIGURED, NOT_INSTALLED, SANDBOX_ONLY, GAVE_UP, LOST, SUPERSEDED, DISCARDED, INTERRUPTED, NOT_THERE, REFUSED,
    UNREADABLE, CANCELLED_WITH_TASK, RESTORED, ERASED, CANCELLED_BY_PERSON, DAMAGED, DELETED_THERE,
    HIDDEN_THERE,
)  # fmt: skip
