"""`review export` and `review import`: the questions as a spreadsheet, and the decisions that come back.

The first column alone says what is decided: `delivery-56/2`, the delivery and how often it had been sent. The rest is
for whoever decides; of it only the dossier is compared, to see lines whose cells were sorted apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dui_bridge.findings import Finding, Language, Place, Rule
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions import rules
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.actions.errors import NotPossible
from dui_bridge.pipeline.actions.reviews import ANSWERS, Choice, Question, check_decision, decide, questions
from dui_bridge.pipeline.actions.spreadsheet import read_rows, same_number, write_rows
from dui_bridge.pipeline.reports.errors import SubjectUnknown

COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "item": ("item", "numéro"),
    "dossier": ("dossier", "dossier"),
    "type": ("type", "type"),
    "date": ("date", "date"),
    "establishment": ("establishment", "établissement"),
    "destination": ("destination", "destination"),
    "question": ("question", "question"),
    "answers": ("possible answers", "réponses possibles"),
    "decision": ("decision", "décision"),
    "by": ("by", "par"),
    "reason": ("reason", "motif"),
}
"""Column → its English and French titles."""
WORDS: Final[Mapping[Choice, tuple[str, str]]] = {
    Choice.ALLOW: ("allow", "autoriser"),
    Choice.REFUSE: ("refuse", "refuser"),
    Choice.DELIVERED: ("delivered", "arrivé"),
    Choice.READY: ("ready", "renvoyer"),
    Choice.CANCEL: ("cancel", "annuler"),
}
"""Answer → how it is written in English and French; both are read, whatever the language of the site."""

_ITEM: Final = re.compile(r"(delivery-([1-9][0-9]{0,17}))/([0-9]{1,6})", re.ASCII)
_NEEDED: Final = ("item", "dossier", "decision", "by", "reason")


@dataclass(frozen=True)
class Line:
    """One line that decides something. `row` counts from 1, the titles being the first."""

    row: int
    item: str
    delivery_id: int
    tries: int
    choice: Choice
    by: str
    reason: str = field(repr=False)


@dataclass(frozen=True)
class Imported:
    """What an import did: one finding for each line that was not carried out."""

    done: Done
    findings: tuple[Finding, ...]


def export_sheet(desk: Desk, path: Path, finess: str | None, language: Language) -> Done:
    """Writes the questions that a spreadsheet can answer, readable by this user only.

    Raises:
        SheetExists: the file is there: it may hold decisions.
        FileUnusable: it cannot be written.
    """
    asked = [one for one in questions(desk, finess, language) if ANSWERS[one.kind]]
    place = 1 if language == "fr" else 0
    write_rows(path, COLUMNS, [_cells(desk, one, place) for one in asked], language)
    desk.audit("review export", path.name, questions=len(asked))
    return Done("exported", {"file": str(path), "number": len(asked)})


def import_sheet(desk: Desk, path: Path) -> Imported:
    """Carries out the decisions of a file, line by line; each line wholly or not at all.

    What was decided so before is left as it is, so that a file may be imported twice.

    Raises:
        FileUnusable: it cannot be read.
        SheetUnreadable: it is not such a file; nothing was done.
    """
    findings: list[Finding] = []
    lines = list(_lines(desk, path, findings))
    decided = already = 0
    for line in lines:
        try:
            if decide(desk, line.delivery_id, line.choice, line.reason, by=line.by):
                decided += 1
            else:
                already += 1
        except NotPossible as error:
            findings.append(_not_waiting(path, line.row, line.item, error))
    findings.sort(key=lambda one: one.at.line if isinstance(one.at, Place) else 0)
    values: dict[str, Json] = {"number": decided, "already": already, "wrong": len(findings)}
    desk.audit("review import", path.name, **values)
    return Imported(Done("imported", values, exit_code=int(bool(findings))), tuple(findings))


def _cells(desk: Desk, one: Question, place: int) -> list[str]:
    tries = len(desk.journal.deliveries.attempts(int(one.id.removeprefix("delivery-"))))
    answers = " / ".join(WORDS[choice][place] for choice in ANSWERS[one.kind])
    known = [f"{one.id}/{tries}", one.number, one.doc_type, one.dated, one.finess, one.destination, one.asked, answers]
    return [*known, "", "", ""]


def _lines(desk: Desk, path: Path, findings: list[Finding]) -> Iterator[Line]:
    """The lines that decide something and can be carried out; the others are findings."""
    chosen: dict[int, Choice] = {}
    for row, cells in read_rows(path, COLUMNS, _NEEDED):
        if not cells["decision"]:
            continue
        found = _line(desk, path, row, cells)
        if isinstance(found, Finding):
            findings.append(found)
        elif chosen.setdefault(found.delivery_id, found.choice) is not found.choice:
            findings.append(_finding(rules.TWO_DECISIONS, path, row, item=found.item))
        else:
            yield found


def _line(desk: Desk, path: Path, row: int, cells: Mapping[str, str]) -> Line | Finding:
    match = _ITEM.fullmatch(cells["item"])
    if match is None:
        return _finding(rules.UNKNOWN_ITEM, path, row, item=cells["item"])
    item, number, tries = match[1], int(match[2]), int(match[3])
    try:
        case = desk.case(number)
    except SubjectUnknown:
        return _finding(rules.UNKNOWN_ITEM, path, row, item=cells["item"])
    if not same_number(cells["dossier"], case.number):
        return _finding(rules.OTHER_DOSSIER, path, row, item=item)
    choice = next((one for one, words in WORDS.items() if cells["decision"].casefold() in words), None)
    if choice is None:
        answers = " / ".join(word for words in WORDS.values() for word in words)
        return _finding(rules.UNKNOWN_DECISION, path, row, decision=cells["decision"], answers=answers)
    if not cells["by"] or not cells["reason"]:
        return _finding(rules.INCOMPLETE, path, row)
    line = Line(row, item, number, tries, choice, cells["by"], cells["reason"])
    try:
        # Before the number of tries: what was decided so before has often been sent since.
        to_do = check_decision(desk, number, choice)
    except NotPossible as error:
        return _not_waiting(path, row, item, error)
    if to_do and choice in ANSWERS["doubtful"] and len(desk.journal.deliveries.attempts(number)) != tries:
        return _finding(rules.TRIED_SINCE, path, row, item=item)
    return line


def _not_waiting(path: Path, row: int, item: str, error: NotPossible) -> Finding:
    state = {name: error.values[name] for name in ("state", "state_fr")}
    return _finding(rules.NOT_WAITING, path, row, item=item, **state)


def _finding(rule: Rule, path: Path, row: int, **values: str) -> Finding:
    return Finding(rule, Place(path.name, row), values)
