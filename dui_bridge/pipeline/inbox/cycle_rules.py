"""Why a mail that brings no documents to judge waits for a person, or is not answered: INB-04n."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who


def _rule(number: int, en: str, fr: str, remedy_en: str, remedy_fr: str, who: Who = Who.DUI) -> Rule:
    return Rule(f"INB-{number:03d}", Severity.WARNING, Scope.DOCUMENT, en, fr, remedy_en, remedy_fr, who)


LETTER: Final = _rule(
    40,
    "somebody wrote without sending documents",
    "quelqu'un a écrit sans envoyer de document",
    "Read it in the mailbox, then close it: dui-bridge inbox refuse.",
    "Lisez-le dans la boîte, puis clôturez-le : dui-bridge inbox refuse.",
)
TOO_LARGE: Final = _rule(
    41,
    "the mail is larger than the settings allow, and was not fetched",
    "le courriel dépasse la taille permise et n'a pas été relevé",
    "Open it in the mailbox, then close it: dui-bridge inbox refuse; `imap.max_megabytes` says more.",
    "Ouvrez-le dans la boîte, puis clôturez-le : dui-bridge inbox refuse ; `imap.max_megabytes` fixe la limite.",
)
UNTIED: Final = _rule(
    42,
    "it says that a mail did not arrive, and no delivery of that mail is known here",
    "il annonce un courriel non remis, et aucun envoi de ce courriel n'est connu ici",
    "Look which mail it is about: dui-bridge inbox believe {mail} --delivery …, or close it: inbox refuse {mail}.",
    "Voyez de quel courriel il s'agit : dui-bridge inbox believe {mail} --delivery …, ou inbox refuse {mail}.",
)
NOT_BELIEVED: Final = _rule(
    45,
    "it tells of a mail of ours, and does not come from who can know what became of it",
    "il parle d'un de nos courriels, et ne vient pas de qui peut savoir ce qu'il est devenu",
    "Nothing was changed. Look who wrote it; if it is true: dui-bridge inbox believe {mail}, else inbox refuse {mail}.",
    "Rien n'a changé. Voyez qui l'écrit ; s'il dit vrai : dui-bridge inbox believe {mail}, sinon inbox refuse {mail}.",
)
NO_IDENTITIES: Final = _rule(
    43,
    "no dossier could be looked for: this site does not ask INSi, so no identity is known here",
    "aucun dossier n'a pu être cherché : ce site n'interroge pas INSi, donc aucune identité n'est connue ici",
    "File it by its dossier number (dui-bridge inbox file), or declare `insi` in the site file.",
    "Classez-le par numéro de dossier (dui-bridge inbox file), ou déclarez `insi` dans le fichier du site.",
)
NOT_READABLE: Final = _rule(
    44,
    "what is kept of the mail does not open",
    "ce qui est conservé du courriel ne s'ouvre plus",
    "It is still in the mailbox: look there, then close it: dui-bridge inbox refuse.",
    "Il est toujours dans la boîte : voyez-le, puis clôturez-le : dui-bridge inbox refuse.",
    Who.IT,
)
NOT_TAKEN: Final = _rule(
    46,
    "the DUI does not take the documents (status {status})",
    "le DUI n'accepte pas les documents (statut {status})",
    "Ask the vendor why, then hand them over again: dui-bridge inbox file; or refuse them: dui-bridge inbox refuse.",
    "Demandez la raison à l'éditeur, puis remettez-les : dui-bridge inbox file ; ou refusez : dui-bridge inbox refuse.",
    Who.VENDOR,
)
FILES_ONLY: Final = _rule(
    47,
    "documents came without their archive (IHE_XDM.zip): {files}",
    "des documents sont venus sans leur archive (IHE_XDM.zip) : {files}",
    "Look whose they are (dui-bridge inbox show {mail} --out FOLDER), then dui-bridge inbox file {mail} --dossier …",
    "Voyez de qui ils sont (dui-bridge inbox show {mail} --out DOSSIER), puis dui-bridge inbox file {mail} --dossier …",
)
ANSWERED_BEFORE: Final = _rule(
    48,
    "the mail is older than the first reading of its mailbox here, or than a restore: it may have been answered",
    "il date d'avant la première relève de sa boîte ici, ou d'avant une restauration : une réponse a pu partir",
    "If its sender knows nothing: dui-bridge inbox answer-again; else dui-bridge inbox answered.",
    "Si l'émetteur ne sait rien : dui-bridge inbox answer-again ; sinon dui-bridge inbox answered.",
)
NOT_ANSWERABLE: Final = _rule(
    49,
    "its sender may not be told by mail: a machine, a list, out of the trusted space, or a receipt to another address",
    "pas de réponse possible : automate, liste, hors espace de confiance, ou accusé demandé à une autre adresse",
    "Tell the sender by other means, then note it: dui-bridge inbox answered.",
    "Prévenez l'émetteur autrement, puis notez-le : dui-bridge inbox answered.",
)
