"""Why a professional does not get what they ask of the DMP: CON-020 and after."""

from __future__ import annotations

from collections.abc import Sequence

from dui_bridge.errors import AskService, FixConfiguration, FixData
from dui_bridge.findings import Finding, Language, Who


class ConsultationRefused(FixData):
    """The rules of access refuse; `refusals` are the reasons, in the order of the rules. Nothing was asked of the DMP.

    Its exit code is that of a check that found errors.
    """

    code = "CON-020"
    exit_code = 1
    en = "the DMP of {subject} is not opened: {reasons}"
    fr = "le DMP de {subject} n'est pas ouvert : {reasons_fr}"
    action_en = "Each reason says who can do something about it."
    action_fr = "Chaque motif dit qui peut y remédier."

    def __init__(self, subject: str, refusals: Sequence[Finding]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(subject=subject, reasons=self._reasons("en"), reasons_fr=self._reasons("fr"))

    def _reasons(self, language: Language) -> str:
        return " ".join(f"{one.message(language)} [{one.rule.id}]" for one in self.refusals)


class ProfessionalUnreadable(FixConfiguration):
    """What names the professional is no RPPS."""

    code = "CON-021"
    en = "what names the professional is not an RPPS number (11 digits)"
    fr = "ce qui désigne le professionnel n'est pas un numéro RPPS (11 chiffres)"
    action_en = "Give the 11 digits of their RPPS."
    action_fr = "Donnez les 11 chiffres de son RPPS."


class WhichPerson(FixConfiguration):
    """Nobody is named, or several dossiers have the number."""

    code = "CON-022"
    en = "whose DMP is meant is not told"
    fr = "il n'est pas dit de qui est le DMP demandé"
    action_en = "Name one person: usager-12, or --dossier with a number that only one dossier has."
    action_fr = "Désignez une personne : usager-12, ou --dossier avec un numéro porté par un seul dossier."


class WhichEstablishment(FixConfiguration):
    """The dossier tells no establishment."""

    code = "CON-023"
    en = "from which establishment the professional asks is not told, and the dossier has none"
    fr = "l'établissement du professionnel n'est pas indiqué, et le dossier n'en a pas"
    action_en = "Give it with --finess."
    action_fr = "Indiquez-le avec --finess."


class SecretForMinors(FixConfiguration):
    """A secret connection for somebody who is not known to be a minor."""

    code = "CON-030"
    en = "the secret connection is for minors, and nothing tells that {subject} is one: the DMP was not asked"
    fr = "la connexion secrète est celle d'un mineur, et rien ne dit que {subject} l'est : le DMP n'a pas été interrogé"
    action_en = "Leave --secret out, or correct the birth date in the DUI."
    action_fr = "Retirez --secret, ou corrigez la date de naissance dans le DUI."


class OtherPerson(AskService):
    """The document that the DMP gave is not that of the person; it was not kept."""

    code = "CON-024"
    who = Who.IDENTITO
    en = "the document {unique_id} that the DMP gave does not carry the INS of {subject}: it was not kept"
    fr = "le document {unique_id} remis par le DMP ne porte pas l'INS de {subject} : il n'a pas été gardé"
    action_en = (
        "It may be another person's, or carry an earlier INS. Tell the identitovigilance referent; read it on the site "
        "of the DMP meanwhile."
    )
    action_fr = (
        "Il peut être celui d'une autre personne, ou porter une INS antérieure. Prévenez le référent "
        "identitovigilance ; en attendant, lisez-le sur le site du DMP."
    )


class NotComparable(AskService):
    """The document names no person in a way that can be compared; it was not kept."""

    code = "CON-025"
    who = Who.DUI
    en = "the document {unique_id} is no CDA: whose it is cannot be compared, and it was not kept"
    fr = "le document {unique_id} n'est pas un CDA : son titulaire ne peut être comparé, et il n'a pas été gardé"
    action_en = "Read it on the site of the DMP (dui-bridge dmp web)."
    action_fr = "Lisez-le sur le site du DMP (dui-bridge dmp web)."


class NotShown(FixConfiguration):
    """It is not there, or masked to this professional."""

    code = "CON-029"
    en = "{destination} shows no {unique_id} to this professional"
    fr = "{destination} ne montre aucun {unique_id} à ce professionnel"
    action_en = "It may be deleted, masked to professionals, or another person's: `dui-bridge dmp search --all` lists."
    action_fr = "Il peut être supprimé, masqué ou d'une autre personne : `dui-bridge dmp search --all` fait la liste."


class NothingToChange(FixConfiguration):
    """The document already is as it is asked to be."""

    code = "CON-026"
    en = "{unique_id} is so already: nothing was changed"
    fr = "{unique_id} l'est déjà : rien n'a été modifié"
    action_en = "`dui-bridge dmp search` shows how each document stands."
    action_fr = "`dui-bridge dmp search` montre l'état de chaque document."


class VersionMissing(FixConfiguration):
    """An acknowledgement of what?"""

    code = "CON-027"
    en = "the version of the text that was confirmed is missing, or longer than 60 characters"
    fr = "la version du texte validé manque, ou dépasse 60 caractères"
    action_en = "Give it with --version, or in its column."
    action_fr = "Indiquez-la avec --version, ou dans sa colonne."


class DayUnreadable(FixConfiguration):
    """A cell that should hold a day."""

    code = "CON-028"
    en = "the date is not written as AAAA-MM-JJ or JJ/MM/AAAA"
    fr = "la date n'est pas écrite AAAA-MM-JJ ou JJ/MM/AAAA"
    action_en = "Correct it in the file."
    action_fr = "Corrigez-la dans le fichier."
