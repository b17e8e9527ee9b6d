"""`review export` and `review import`: the questions as a spreadsheet, and the decisions that come back.

A spreadsheet changes what looks like a number or a date, drops leading zeros, and saves in an encoding of its own. So
the first column alone says what is decided: `delivery-56/2`, the delivery and how often it had been sent. The rest is
for whoever decides; of it only the dossier is compared, to see lines whose cells were sorted apart.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Finding, Language, Place, Rule
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions import rules
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.actions.errors import NotPossible, SheetExists, SheetUnreadable
from dui_bridge.pipeline.actions.reviews import ANSWERS, Choice, Question, check_decision, decide, questions
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
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_MAX_BYTES: Final = 20_000_000
_SEPARATORS: Final = ";\t,"
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
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([titles[place] for titles in COLUMNS.values()])
    for one in asked:
        writer.writerow([_harmless(cell) for cell in _cells(desk, one, place)])
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            # With a mark: without it spreadsheets take UTF-8 for something else.
            stream.write(text.getvalue().encode("utf-8-sig"))
    except FileExistsError:
        raise SheetExists(file=str(path)) from None
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
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
            findings.append(_finding(rules.NOT_WAITING, path, line.row, item=line.item, state=error.values["state"]))
    findings.sort(key=lambda one: one.at.line if isinstance(one.at, Place) else 0)
    values: dict[str, Json] = {"number": decided, "already": already, "wrong": len(findings)}
    desk.audit("review import", path.name, **values)
    return Imported(Done("imported", values, exit_code=int(bool(findings))), tuple(findings))


def _cells(desk: Desk, one: Question, place: int) -> list[str]:
    tries = len(desk.journal.deliveries.attempts(int(one.id.removeprefix("delivery-"))))
    answers = " / ".join(WORDS[choice][place] for choice in ANSWERS[one.kind])
    known = [f"{one.id}/{tries}", one.number, one.doc_type, one.dated, one.finess, one.destination, one.asked, answers]
    return [*known, "", "", ""]


def _harmless(cell: str) -> str:
    """A text of the DUI is never a formula to whoever opens the file."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _lines(desk: Desk, path: Path, findings: list[Finding]) -> Iterator[Line]:
    """The lines that decide something and can be carried out; the others are findings."""
    chosen: dict[int, Choice] = {}
    for row, cells in _rows(path):
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
    if _plain(cells["dossier"]) != _plain(_harmless(case.number)):
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
    except NotPossible:
        return _finding(rules.NOT_WAITING, path, row, item=item, state=case.delivery.state.value)
    if to_do and choice in ANSWERS["doubtful"] and len(desk.journal.deliveries.attempts(number)) != tries:
        return _finding(rules.TRIED_SINCE, path, row, item=item)
    return line


def _plain(number: str) -> str:
    """A dossier number without what a spreadsheet takes away."""
    return number.strip().removeprefix("'").lstrip("0").casefold()


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number and cells by column. Raises FileUnusable, SheetUnreadable."""
    text = _read(path)
    separator = max(_SEPARATORS, key=text.partition("\n")[0].count)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        titles = _titles(next(rows, []), path)
        for cells in rows:
            named = {name: cells[place].strip() if place < len(cells) else "" for name, place in titles.items()}
            if any(named.values()):
                yield rows.line_num, named
    except csv.Error:
        raise SheetUnreadable(
            file=str(path), reason=f"line {rows.line_num}", reason_fr=f"ligne {rows.line_num}"
        ) from None


def _titles(cells: Sequence[str], path: Path) -> dict[str, int]:
    given = [cell.strip().casefold() for cell in cells]
    found = {name: place for name, titles in COLUMNS.items() for place, cell in enumerate(given) if cell in titles}
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        english, french = (", ".join(COLUMNS[name][language] for name in missing) for language in (0, 1))
        raise SheetUnreadable(
            file=str(path), reason=f"without the columns {english}", reason_fr=f"sans les colonnes {french}"
        )
    return found


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
    if len(data) > _MAX_BYTES or b"\0" in data:
        raise SheetUnreadable(file=str(path), reason="not a CSV file", reason_fr="ce n'est pas un fichier CSV")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What a French spreadsheet saves as "CSV".
        return data.decode("cp1252", "replace")


def _finding(rule: Rule, path: Path, row: int, **values: str) -> Finding:
    return Finding(rule, Place(path.name, row), values)
