"""Why an action with the DMP is not possible."""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Who


class DmpNotDeclared(FixConfiguration):
    """The site has no destination of this kind."""

    code = "CFG-140"
    who = Who.MAPPING
    en = "the site file declares no DMP"
    fr = "le fichier de site ne déclare pas de DMP"
    action_en = "Add 'dmp:' to 'destinations' (docs/configuration.md)."
    action_fr = "Ajoutez 'dmp:' sous 'destinations' (docs/configuration.md)."


class WhichDmp(FixConfiguration):
    """It has several."""

    code = "CFG-141"
    en = "the site file declares several: {known}"
    fr = "le fichier de site en déclare plusieurs : {known}"
    action_en = "Name one with --destination."
    action_fr = "Indiquez-en un avec --destination."


class NothingWithIns(FixConfiguration):
    """Nothing that the bridge made for the person carries an INS that may leave now."""

    code = "CFG-142"
    who = Who.IDENTITO
    en = "{subject} has no document that carries a qualified INS"
    fr = "{subject} n'a aucun document qui porte une INS qualifiée"
    action_en = "`dui-bridge ins worklist` says what the identity waits for; the next run makes the document."
    action_fr = "`dui-bridge ins worklist` dit ce que l'identité attend ; la prochaine exécution fera le document."


class InsKeptBack(FixConfiguration):
    """Neither the identity of the person nor a document of theirs gives an INS that may leave now."""

    code = "CFG-148"
    who = Who.IDENTITO
    en = "no INS of {subject} may leave now: their DMP cannot be asked for"
    fr = "aucune INS de {subject} ne peut sortir maintenant : son DMP ne peut pas être demandé"
    action_en = "`dui-bridge ins history {subject}` says how the identity stands; `ins worklist` what it waits for."
    action_fr = "`dui-bridge ins history {subject}` dit où en est l'identité ; `ins worklist` ce qu'elle attend."


class NotForTheDmp(FixConfiguration):
    """What was named has no delivery there."""

    code = "CFG-143"
    en = "nothing of {subject} goes to {destination}"
    fr = "rien de {subject} ne va vers {destination}"
    action_en = "`dui-bridge status` and `dui-bridge trace` tell the numbers of documents."
    action_fr = "`dui-bridge status` et `dui-bridge trace` donnent les numéros des documents."


class NotThere(FixConfiguration):
    """It was not deposited, or was deleted."""

    code = "CFG-144"
    en = "{destination} does not have {subject}"
    fr = "{destination} n'a pas {subject}"
    action_en = "`dui-bridge trace {subject}` tells what became of it."
    action_fr = "`dui-bridge trace {subject}` dit ce qu'il est devenu."


class BytesGone(FixConfiguration):
    """What is meant is purged or erased, or does not open: whose it is cannot be read from it any more."""

    code = "CFG-146"
    en = "the bytes of {subject} are not kept any more: nothing was asked of the DMP"
    fr = "les octets de {subject} ne sont plus gardés : rien n'a été demandé au DMP"
    action_en = (
        "`dui-bridge trace {subject}` tells its tries. To delete it: "
        "dui-bridge dmp delete UNIQUE_ID --dossier NUMBER --professional RPPS"
    )
    action_fr = (
        "`dui-bridge trace {subject}` donne ses essais. Pour le supprimer : "
        "dui-bridge dmp delete IDENTIFIANT --dossier NUMÉRO --professional RPPS"
    )


class NothingGone(FixConfiguration):
    """Nothing was refused because the version that it replaces is gone."""

    code = "CFG-147"
    en = "nothing of {subject} was refused by {destination} because the version that it replaces is gone (DMP-021)"
    fr = "rien de {subject} n'a été refusé par {destination} parce que la version remplacée n'y est plus (DMP-021)"
    action_en = "`dui-bridge trace {subject}` tells what it waits for; without --as-new, what waits is deposited."
    action_fr = "`dui-bridge trace {subject}` dit ce qu'il attend ; sans --as-new, ce qui attend est déposé."


class NothingToReplace(FixConfiguration):
    """No earlier version is there."""

    code = "CFG-145"
    en = "{destination} has no earlier version of {subject} to replace"
    fr = "{destination} n'a aucune version antérieure de {subject} à remplacer"
    action_en = "Deposit it: dui-bridge dmp deposit {subject}"
    action_fr = "Déposez-le : dui-bridge dmp deposit {subject}"
