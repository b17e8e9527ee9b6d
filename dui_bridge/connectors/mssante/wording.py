"""What a person reads of a mail: its subject, the names of its files, its text. All in French.

Sources: ANS, référentiel socle MSSanté #2, ECO.2.1.3 (subject), ECO.2.1.6 (names of the PDF), ECO.2.2.4 (text), as
quoted in public; ANS, volet "Transmission au LPS" (form of the subject).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from dui_bridge.cda.xml import clean
from dui_bridge.connectors.mssante.enclosed import Enclosed
from dui_bridge.connectors.mssante.mailboxes import Sender
from dui_bridge.connectors.mssante.settings import MessageSettings

PREFIX: Final = "XDM/1.0/DDM+"
REPLACED: Final = "[Annule et remplace]"
LONGEST_LABEL: Final = 40
"""Characters of the label in a subject."""

_LONGEST_PART: Final = 60
"""Characters of a part of a file name."""
_SIGNS: Final = str.maketrans(
    {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D"}
    | {"’": "'", "‘": "'", "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " "}
)
_IN_ERROR: Final = "Si ce message ne vous est pas destiné, merci de le supprimer et de prévenir l'établissement."
_UNSAFE: Final = re.compile(r'[\\/:*?"<>|_\s]+')


def plain(text: str) -> str:
    """A text on one line in ASCII: accents are taken off, what has no plain form is left out."""
    decomposed = unicodedata.normalize("NFD", clean(text).translate(_SIGNS))
    return " ".join(decomposed.encode("ascii", "ignore").decode("ascii").split())


def subject(documents: Sequence[Enclosed], form: MessageSettings, *, replaces: bool = False) -> str:
    """`XDM/1.0/DDM+<label> <NOM> <prénom> <JJ/MM/AAAA>`.

    Args:
        documents: of one person. The label is that of the type of the only one, cut, or tells how many there are.
        replaces: the mail cancels and replaces an earlier one.
    """
    first = documents[0]
    label = clean(first.label) if len(documents) == 1 else f"{len(documents)} documents"
    label = (label if form.accents else plain(label))[:LONGEST_LABEL].rstrip()
    born = day_in_french(first.birth_day) if form.birth_date and len(first.birth_day) == len("AAAA-MM-JJ") else ""
    told = " ".join(filter(None, (label, plain(first.birth_name).upper(), plain(first.given_name), born)))
    if not replaces:
        return f"{PREFIX}{told}"
    return f"{PREFIX}{REPLACED} {told}" if form.replaced == "after_prefix" else f"{REPLACED} {PREFIX}{told}"


def pdf_names(documents: Sequence[Enclosed], form: MessageSettings) -> tuple[str, ...]:
    """`<AAAAMMJJ>_<type>_<NOM>_<prénom>_<dossier>.pdf`, one a document, no two the same."""
    found: list[str] = []
    for one in documents:
        parts = [
            one.day.replace("-", ""),
            clean(one.label),
            plain(one.birth_name).upper(),
            plain(one.given_name),
            one.built.document.dossier if form.file_number else "",
        ]
        name = "_".join(part for part in (_file_part(text) for text in parts) if part)
        again = sum(other == name or other.startswith(f"{name} (") for other in found)
        found.append(f"{name} ({again + 1})" if again else name)
    return tuple(f"{name}.pdf" for name in found)


def text(
    documents: Sequence[Enclosed],
    sender: Sender,
    form: MessageSettings,
    *,
    to_usager: bool = False,
    replaces: bool = False,
) -> str:
    """The text of a mail.

    Args:
        to_usager: it goes to the mailbox of the person that the documents are about, which somebody else may read (of
            a minor the parents).
        replaces: the mail cancels and replaces an earlier one.
    """
    own = form.citizen_text if to_usager else form.text
    lines = [own.strip()] if own else ["Bonjour,", "", *_told(documents, to_usager=to_usager), "", _IN_ERROR]
    if replaces:
        lines += ["", "Ce message annule et remplace un envoi précédent."]
    if form.final and to_usager:
        lines += ["", "Vous ne pouvez pas répondre à ce message."]
    lines += ["", clean(sender.name), *(f"Tél. {clean(one)}" for one in (sender.phone,) if one.strip())]
    return "\n".join(lines) + "\n"


def day_in_french(day: str) -> str:
    """`AAAA-MM-JJ`, or less of it, as `JJ/MM/AAAA`."""
    return "/".join(reversed(day.split("-")))


def _told(documents: Sequence[Enclosed], *, to_usager: bool) -> list[str]:
    first, several = documents[0], len(documents) > 1
    what = "les documents joints" if several else "le document joint"
    if to_usager:
        about = "la personne suivie"
    else:
        who = " ".join(filter(None, (clean(first.birth_name).upper(), clean(first.given_name))))
        born = f", date de naissance {day_in_french(first.birth_day)}" if first.birth_day else ""
        about = f"{who or 'une personne accompagnée'}{born}"
    head = f"{sentence(what)} {'concernent' if several else 'concerne'} {about} :"
    return [head, *(f"- {clean(one.label)}{_dated(one.day)}" for one in documents)]


def sentence(text: str) -> str:
    """With a capital letter."""
    return text[:1].upper() + text[1:]


def _dated(day: str) -> str:
    return f" ({day_in_french(day)})" if day else ""


def _file_part(text: str) -> str:
    kept = "".join(one for one in _UNSAFE.sub(" ", text) if one.isprintable())
    return kept[:_LONGEST_PART].strip(" .")
