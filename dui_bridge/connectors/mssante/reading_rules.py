"""What is wrong with a mail that came: MSS-150 to MSS-156. What it tells of another mail stands in `failures`."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Rule, Scope, Severity, Who

_MAIL: Final = "RFC 5322, RFC 2045"


def _row(
    number: int, severity: Severity, en: str, fr: str, remedy: tuple[str, str] = ("", ""), source: str = ""
) -> Rule:
    return Rule(f"MSS-{number}", severity, Scope.DOCUMENT, en, fr, *remedy, Who.VENDOR, source)


_RESEND: Final = ("Ask the sender for it again.", "Redemandez-le à l'émetteur.")

EMPTY: Final = _row(150, Severity.ERROR, "This is no mail.", "Ce n'est pas un courriel.", source=_MAIL)
FORM: Final = _row(
    151,
    Severity.WARNING,
    "The form of the mail is not right ({defect}): it was read as far as it goes.",
    "La forme du courriel n'est pas correcte ({defect_fr}) : il a été lu autant que possible.",
    source=_MAIL,
)
NO_ARCHIVE: Final = _row(
    152,
    Severity.ERROR,
    "The subject announces documents, and the mail has no IHE_XDM.zip.",
    "L'objet annonce des documents, et le courriel n'a pas d'IHE_XDM.zip.",
    _RESEND,
)
SEVERAL_ARCHIVES: Final = _row(
    153,
    Severity.ERROR,
    "The mail has {count} archives of documents, where one mail is about one person: nothing tells which counts.",
    "Le courriel a {count} archives de documents, alors qu'il concerne une seule personne : laquelle compte ?",
    _RESEND,
)
NOT_TIED: Final = _row(
    154,
    Severity.WARNING,
    "Nothing in the mail says which of the mails sent it is about.",
    "Rien dans le courriel ne dit de quel courriel envoyé il parle.",
    ("A person must look.", "Une personne doit regarder."),
)
NO_CODE: Final = _row(
    155,
    Severity.WARNING,
    "The integration error gives no code.",
    "L'erreur d'intégration ne donne pas de code.",
)
REPORT_EMPTY: Final = _row(
    156,
    Severity.ERROR,
    "This is a report that reports nothing.",
    "C'est un rapport qui ne rapporte rien.",
    source="RFC 3464, RFC 8098",
)

DEFECTS: Final = {
    "no_blank_line": ("no blank line after headers", "pas de ligne vide après les en-têtes"),
    "long_head": ("endless headers", "des en-têtes sans fin"),
    "no_boundary": ("several parts without a boundary", "plusieurs parties sans délimiteur"),
    "not_closed": ("it is cut", "il est coupé"),
    "too_many": ("too many parts", "trop de parties"),
    "too_deep": ("parts within parts without end", "des parties imbriquées sans fin"),
}
"""Defect of the form → English, French."""
