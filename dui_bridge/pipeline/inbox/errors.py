"""Why an action with what came by mail is not possible."""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Who


class MailNotDeclared(FixConfiguration):
    """The site has no destination of this kind."""

    code = "CFG-150"
    who = Who.MAPPING
    en = "the site file declares no MSSanté"
    fr = "le fichier de site ne déclare pas de MSSanté"
    action_en = "Add 'mssante:' to 'destinations', and a 'mailbox' to establishments (docs/configuration.md)."
    action_fr = "Ajoutez 'mssante:' sous 'destinations', et 'mailbox' aux établissements (docs/configuration.md)."


class MailUnknown(FixConfiguration):
    """No mail has this number."""

    code = "CFG-151"
    en = "{subject} is not a mail that came"
    fr = "{subject} n'est pas un courriel reçu"
    action_en = "`dui-bridge inbox list --all` shows the numbers, as mail-12."
    action_fr = "`dui-bridge inbox list --all` donne les numéros, comme mail-12."


class NotWaiting(FixConfiguration):
    """Nobody has to decide about it."""

    code = "CFG-152"
    en = "{subject} does not wait for a person: it is {state}"
    fr = "{subject} n'attend personne : son état est {state_fr}"
    action_en = "`dui-bridge inbox show {subject}` tells what became of it."
    action_fr = "`dui-bridge inbox show {subject}` dit ce qu'il est devenu."


class NothingToFile(FixConfiguration):
    """It brings no document that could be filed."""

    code = "CFG-153"
    who = Who.DUI
    en = "{subject} brings no document that can be filed"
    fr = "{subject} n'apporte aucun document qui puisse être classé"
    action_en = "Read it in the mailbox, then close it: dui-bridge inbox refuse {subject}"
    action_fr = "Lisez-le dans la boîte, puis clôturez-le : dui-bridge inbox refuse {subject}"


class WhichDossier(FixConfiguration):
    """Several dossiers have this number, or none was named and several may be meant."""

    code = "CFG-154"
    who = Who.DUI
    en = "the dossier of {subject} is not certain: {known}"
    fr = "le dossier de {subject} n'est pas certain : {known}"
    action_en = "Name it with --dossier, and its --source when several sources have that number."
    action_fr = "Indiquez-le avec --dossier, et --source si plusieurs sources ont ce numéro."


class NoAnswerToDecide(FixConfiguration):
    """The answer to a mail left, or waits for its turn, or none is due."""

    code = "CFG-157"
    en = "nothing is to be decided about the answer to {subject}"
    fr = "rien n'est à décider sur la réponse à {subject}"
    action_en = "`dui-bridge inbox answers` lists the answers that wait for a person."
    action_fr = "`dui-bridge inbox answers` donne les réponses qui attendent une personne."


class NotAReport(FixConfiguration):
    """It does not tell what became of a mail that was sent."""

    code = "CFG-158"
    who = Who.DUI
    en = "{subject} reports nothing about a mail that was sent"
    fr = "{subject} ne dit rien d'un courriel envoyé"
    action_en = "Read it in the mailbox, then close it: dui-bridge inbox refuse {subject}"
    action_fr = "Lisez-le dans la boîte, puis clôturez-le : dui-bridge inbox refuse {subject}"


class WhichDelivery(FixConfiguration):
    """The mail that a report is about is none that is known here."""

    code = "CFG-159"
    who = Who.DUI
    en = "the delivery that {subject} is about is not known"
    fr = "l'envoi dont parle {subject} n'est pas connu"
    action_en = "Name it with --delivery, as `dui-bridge status` and `dui-bridge trace` tell it (delivery-56)."
    action_fr = "Indiquez-le avec --delivery, comme `dui-bridge status` et `dui-bridge trace` le donnent (delivery-56)."


class NotByMail(FixConfiguration):
    """What was named has no delivery there."""

    code = "CFG-155"
    en = "nothing of {subject} goes by MSSanté"
    fr = "rien de {subject} ne part par MSSanté"
    action_en = "`dui-bridge status` and `dui-bridge trace` tell the numbers of documents."
    action_fr = "`dui-bridge status` et `dui-bridge trace` donnent les numéros des documents."


class NotSuspect(FixConfiguration):
    """No mail came back from this address."""

    code = "CFG-156"
    en = "this address is not held: no mail to it came back"
    fr = "cette adresse n'est pas retenue : aucun courriel n'en est revenu"
    action_en = "`dui-bridge mssante suspects` shows those that are."
    action_fr = "`dui-bridge mssante suspects` donne celles qui le sont."
