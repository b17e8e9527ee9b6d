"""What keeps the identity step from calling INSi at all."""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Who


class NothingToRead(FixConfiguration):
    """The source has no complete export."""

    code = "CFG-122"
    who = Who.IT
    en = "the source {source} has no complete export to read: {reason}"
    fr = "la source {source} n'a pas d'export complet à lire : {reason_fr}"
    action_en = "Wait for the next export."
    action_fr = "Attendez le prochain export."


class VisitUnknown(FixConfiguration):
    """Somebody is said to be here who is not in the export."""

    code = "CFG-123"
    en = "the export of the source {source} has no dossier {number}"
    fr = "l'export de la source {source} ne contient pas le dossier {number}"
    action_en = "Give the number that the DUI shows, once the dossier is in the export."
    action_fr = "Indiquez le numéro affiché par le DUI, une fois le dossier dans l'export."


class IdentityUnknown(FixConfiguration):
    """Nothing is known of the identity of a dossier."""

    code = "CFG-124"
    en = "nothing is known of the identity of {subject}"
    fr = "rien n'est connu de l'identité de {subject}"
    action_en = "`dui-bridge ins worklist` shows the dossiers; a dossier is known once it was read."
    action_fr = "`dui-bridge ins worklist` montre les dossiers ; un dossier est connu une fois lu."


class IdentityAmbiguous(FixConfiguration):
    """Several sources have a dossier with this number."""

    code = "CFG-130"
    en = "the dossier {number} exists in several sources: {sources}"
    fr = "le dossier {number} existe dans plusieurs sources : {sources}"
    action_en = "Name one with --source."
    action_fr = "Indiquez-en une avec --source."


class NothingToAccept(FixConfiguration):
    """INSi gave no answer about which a person has to decide, and no document check was given."""

    code = "CFG-131"
    en = "no answer of INSi waits for a decision about the dossier {number}"
    fr = "aucune réponse d'INSi n'attend de décision pour le dossier {number}"
    action_en = "To note that a document was checked: --document TYPE --on AAAA-MM-JJ --by NAME."
    action_fr = "Pour noter le contrôle d'une pièce : --document TYPE --on AAAA-MM-JJ --by NOM."


class DocumentIncomplete(FixConfiguration):
    """A document check is a document of high trust, a day that has come, and whoever saw it."""

    code = "CFG-132"
    en = "the document check needs a document of high trust ({known}), a day that is not ahead, and who saw it"
    fr = "le contrôle demande une pièce à haut niveau de confiance ({known}), une date non future, et son auteur"
    action_en = "Give --document, --on and --by."
    action_fr = "Indiquez --document, --on et --by."


class IdentityRefuses(FixConfiguration):
    """The identity, as it stands now, does not admit what was asked."""

    code = "CFG-133"
    who = Who.IDENTITO
    en = "the dossier {number} does not admit this: {reason}"
    fr = "le dossier {number} ne le permet pas : {reason_fr}"
    action_en = "`dui-bridge ins worklist` shows what waits, and what to do."
    action_fr = "`dui-bridge ins worklist` montre ce qui attend, et que faire."


class IdentityChanged(FixConfiguration):
    """What was decided was about an earlier state of the identity."""

    code = "CFG-134"
    who = Who.IDENTITO
    en = "the identity of the dossier {number} is not any more what was decided about"
    fr = "l'identité du dossier {number} n'est plus celle sur laquelle portait la décision"
    action_en = "Nothing was done. `dui-bridge ins worklist` shows how it stands: compare, then decide."
    action_fr = "Rien n'a été fait. `dui-bridge ins worklist` montre où elle en est : comparez, puis décidez."
