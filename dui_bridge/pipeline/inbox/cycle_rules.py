"""Why a mail that brings no documents to judge waits for a person: INB-04n."""

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
    "Look in the mailbox which mail it is about, then close it: dui-bridge inbox refuse.",
    "Voyez dans la boîte de quel courriel il s'agit, puis clôturez-le : dui-bridge inbox refuse.",
)
NOT_BELIEVED: Final = _rule(
    45,
    "it tells of a mail of ours, and does not come from who can know what became of it",
    "il parle d'un de nos courriels, et ne vient pas de qui peut savoir ce qu'il est devenu",
    "Nothing was changed. Look in the mailbox who wrote it, then close it: dui-bridge inbox refuse.",
    "Rien n'a été changé. Voyez dans la boîte qui l'a écrit, puis clôturez-le : dui-bridge inbox refuse.",
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
