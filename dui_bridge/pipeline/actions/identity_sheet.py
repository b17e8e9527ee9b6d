"""`ins worklist --export` and `ins import`: the identities as a spreadsheet, and the decisions that come back.

The first column alone says what is decided: `identity-12/1a2b3c4d`, the dossier and what was known of it when it was
exported. The rest is for the professional who compares; of it only the dossier is read back, to see lines whose cells
were sorted apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from dui_bridge.errors import FixConfiguration
from dui_bridge.findings import Finding, Language, Place, Rule
from dui_bridge.ins.statut import Evenement
from dui_bridge.ins.traits import Traits
from dui_bridge.journal.identity_records import IdentityEvent, KnownIdentity
from dui_bridge.journal.records import Json
from dui_bridge.model.identite import DocumentControle
from dui_bridge.pipeline.actions import rules
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.actions.identities import REFUSED, accept, document_check, refuse, seen_of
from dui_bridge.pipeline.actions.sheet import Imported
from dui_bridge.pipeline.actions.spreadsheet import read_rows, same_number, write_rows
from dui_bridge.pipeline.identity.errors import DocumentIncomplete, IdentityChanged
from dui_bridge.pipeline.reports.identities import MARKS, Waiting, shown_traits
from dui_bridge.pipeline.reports.texts import text

_TRAITS: Final = tuple(Traits.__dataclass_fields__)
COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "item": ("item", "numéro"),
    "dossier": ("dossier", "dossier"),
    "source": ("source", "source"),
    "establishment": ("establishment", "établissement"),
    "state": ("state", "état"),
    "why": ("why", "pourquoi"),
    "todo": ("what to do", "que faire"),
    **{
        f"{trait}_{side}": (f"{text(f'trait_{trait}', 'en')} {name}", f"{text(f'trait_{trait}', 'fr')} {name}")
        for trait in _TRAITS
        for side, name in (("dui", "DUI"), ("insi", "INSi"))
    },
    "differences": ("differences", "différences"),
    "matricule": ("matricule", "matricule"),
    "proposals": ("proposals", "propositions"),
    "decision": ("decision", "décision"),
    "document": ("document", "pièce"),
    "on": ("on", "le"),
    "by": ("by", "par"),
    "reason": ("reason", "motif"),
}
"""Column → its English and French titles."""

WORDS: Final = {"accept": ("accept", "accepter"), "refuse": ("refuse", "refuser")}
"""Decision → how it is written in English and French; both are read, whatever the language of the site."""

_ITEM: Final = re.compile(r"identity-([1-9][0-9]{0,17})/([0-9a-f]{8})", re.ASCII)
_NEEDED: Final = ("item", "dossier", "decision", "document", "on", "by", "reason")
_FRENCH_DAY: Final = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


@dataclass(frozen=True)
class Line:
    """One line that decides something. `row` counts from 1, the titles being the first."""

    row: int
    item: str
    known: KnownIdentity
    seen: str
    decision: str
    document: DocumentControle | None
    by: str
    reason: str = field(repr=False)

    @property
    def what(self) -> tuple[str, DocumentControle | None]:
        """What is decided."""
        return self.decision, self.document


def export_identities(desk: Desk, path: Path, found: Sequence[Waiting], language: Language) -> Done:
    """Writes identities that wait, readable by this user only.

    Raises:
        SheetExists, FileUnusable: as `spreadsheet.write_rows`.
    """
    write_rows(path, COLUMNS, [_cells(one, language) for one in found], language)
    desk.audit("ins worklist export", path.name, number=len(found))
    return Done("ins_exported", {"file": str(path), "number": len(found)})


def import_identities(desk: Desk, path: Path) -> Imported:
    """Carries out the decisions of a file, line by line; each line wholly or not at all.

    What was decided so before, about the very same answer, is left as it is, so that a file may be imported twice.

    Raises:
        FileUnusable, SheetUnreadable: nothing was done.
        RunUnderWay: a source is being read; the lines before were carried out.
    """
    findings: list[Finding] = []
    lines = list(_lines(desk, path, findings))
    decided = already = 0
    for line in lines:
        try:
            if _stands(desk, line):
                already += 1
            else:
                _carry_out(desk, line)
                decided += 1
        except IdentityChanged:
            findings.append(_finding(rules.CHANGED_SINCE, path, line.row, item=line.item))
        except FixConfiguration as error:
            words = {"reason": error.message("en"), "reason_fr": error.message("fr")}
            findings.append(_finding(rules.NOT_ADMITTED, path, line.row, item=line.item, **words))
    findings.sort(key=lambda one: one.at.line if isinstance(one.at, Place) else 0)
    values: dict[str, Json] = {"number": decided, "already": already, "wrong": len(findings)}
    desk.audit("ins import", path.name, **values)
    return Imported(Done("ins_imported", values, exit_code=int(bool(findings))), tuple(findings))


def _cells(one: Waiting, language: Language) -> list[str]:
    known, cause = one.known, one.cause(language)
    local = dict(shown_traits(one.record.locaux))
    insi = dict(shown_traits(one.insi)) if one.insi is not None else {}
    both = [cell for trait in _TRAITS for cell in (local[trait], insi.get(trait, ""))]
    differences = [f"{MARKS[diff.kind]} {text(f'trait_{diff.trait}', language)}" for diff in one.differences]
    proposals = [f"{text(f'trait_{prop.trait}', language)} : {prop.value}" for prop in one.record.proposals]
    return [
        f"identity-{known.dossier_id}/{seen_of(known)}",
        known.number,
        known.source,
        known.finess or "",
        text(f"identity_{known.state}", language),
        f"{cause.message} [{known.cause}]",
        cause.action,
        *both,
        ", ".join(differences),
        one.matricule,
        ", ".join(proposals),
        *("" for _ in ("decision", "document", "on", "by", "reason")),
    ]


def _lines(desk: Desk, path: Path, findings: list[Finding]) -> Iterator[Line]:
    """The lines that decide something and can be carried out; the others are findings."""
    chosen: dict[int, tuple[str, DocumentControle | None]] = {}
    for row, cells in read_rows(path, COLUMNS, _NEEDED):
        if not cells["decision"]:
            continue
        found = _line(desk, path, row, cells)
        if isinstance(found, Finding):
            findings.append(found)
        elif chosen.setdefault(found.known.dossier_id, found.what) != found.what:
            findings.append(_finding(rules.TWO_DECISIONS, path, row, item=found.item))
        else:
            yield found


def _line(desk: Desk, path: Path, row: int, cells: Mapping[str, str]) -> Line | Finding:
    match = _ITEM.fullmatch(cells["item"])
    known = desk.journal.identities.get(int(match[1])) if match is not None else None
    if match is None or known is None or not known.record:
        return _finding(rules.UNKNOWN_ITEM, path, row, item=cells["item"])
    item = f"identity-{match[1]}"
    if not same_number(cells["dossier"], known.number):
        return _finding(rules.OTHER_DOSSIER, path, row, item=item)
    decision = next((one for one, words in WORDS.items() if cells["decision"].casefold() in words), None)
    if decision is None:
        answers = " / ".join(word for words in WORDS.values() for word in words)
        return _finding(rules.UNKNOWN_DECISION, path, row, decision=cells["decision"], answers=answers)
    if not cells["by"] or not cells["reason"]:
        return _finding(rules.INCOMPLETE, path, row)
    document = None
    if decision == "accept" and (cells["document"] or cells["on"]):
        try:
            day = _day(cells["on"])
            document = document_check(desk, cells["document"].casefold(), day, cells["by"])
        except (ValueError, DocumentIncomplete):
            return _finding(rules.DOCUMENT_CHECK, path, row, item=item)
    return Line(row, item, known, match[2], decision, document, cells["by"], cells["reason"])


def _stands(desk: Desk, line: Line) -> bool:
    """Whether a person decided this already of what the line is about, and not only something like it.

    Where the identity looks as it did in the file, nothing but the latest event says so: it may have come back to it.
    """
    events = desk.journal.identities.events(line.known.dossier_id)
    if line.seen == seen_of(line.known):
        events = events[-1:]
    return any(_says(one, line) for one in events)


def _says(event: IdentityEvent, line: Line) -> bool:
    if event.detail.get("seen") != line.seen:
        return False
    if line.decision == "refuse":
        return event.event == REFUSED
    if line.document is not None:
        return event.detail.get("document") == line.document.model_dump(mode="json")
    return event.event == Evenement.INSI_OK


def _carry_out(desk: Desk, line: Line) -> None:
    if line.decision == "refuse":
        refuse(desk, line.known.dossier_id, line.reason, line.by, line.seen)
    else:
        accept(desk, line.known.dossier_id, line.reason, line.document, line.by, line.seen)


def _day(cell: str) -> date:
    """A day as people and spreadsheets write it. Raises ValueError."""
    french = _FRENCH_DAY.fullmatch(cell)
    return date.fromisoformat(cell if french is None else f"{french[3]}-{french[2]}-{french[1]}")


def _finding(rule: Rule, path: Path, row: int, **values: str) -> Finding:
    return Finding(rule, Place(path.name, row), values)
