"""What a person names on the command line: `usager-12`, `document-34`, `delivery-56`, a run, a document's unique id."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from dui_bridge.pipeline.reports.errors import SubjectUnknown, SubjectUnreadable, SubjectUnsuited

if TYPE_CHECKING:
    from dui_bridge.journal.store import Journal
    from dui_bridge.pipeline.actions.desk import Desk

_NUMBERED: Final = re.compile(r"(usager|document|delivery)-([1-9][0-9]{0,17})", re.ASCII)
_RUN: Final = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8,}", re.ASCII)
_OID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+", re.ASCII)

SubjectKind = Literal["usager", "document", "delivery", "run", "version"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What was named. `number`: of an usager, a document or a delivery, 0 otherwise; `text`: as it was given."""

    kind: SubjectKind
    number: int
    text: str


def parse_subject(text: str) -> Subject:
    """Raises SubjectUnreadable."""
    if match := _NUMBERED.fullmatch(text):
        kind: SubjectKind = "usager" if match[1] == "usager" else "document" if match[1] == "document" else "delivery"
        return Subject(kind, int(match[2]), text)
    if _RUN.fullmatch(text):
        return Subject("run", 0, text)
    if _OID.fullmatch(text):
        return Subject("version", 0, text)
    raise SubjectUnreadable(subject=text)


def document_number(text: str | None) -> int | None:
    """The number of `document-34`; None: none was named. Raises SubjectUnreadable, SubjectUnsuited."""
    if text is None:
        return None
    subject = parse_subject(text)
    if subject.kind != "document":
        raise SubjectUnsuited(subject=text, takes="document-34")
    return subject.number


def subjects(journal: Journal, text: str | None, dossier: str | None) -> list[Subject]:
    """What was named by an id or by a dossier number: one subject, or the usagers of this number.

    Raises:
        SubjectUnreadable: neither was given, or the id has no known form.
        SubjectUnknown: no usager has this number.
    """
    if dossier is None:
        return [parse_subject(text or "")]
    found = journal.overview.usager_items(dossier)
    if not found:
        raise SubjectUnknown(subject=f"--dossier {dossier}")
    return [Subject("usager", number, f"usager-{number}") for number in found]


def named_deliveries(desk: Desk, text: str | None, dossier: str | None) -> tuple[list[int], str]:
    """The deliveries of what was named as for `subjects`, and how it was named. Raises as `subjects`."""
    named = subjects(desk.journal, text, dossier)
    found = [one for each in named for one in desk.deliveries(each.kind, each.number, each.text)]
    return found, ", ".join(each.text for each in named)
