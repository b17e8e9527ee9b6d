"""Maps the rows that are documents: each ends as mapped, left out under a name, or quarantined with findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import ValidationError

from dui_bridge.findings import Finding, Scope
from dui_bridge.mappings import rules
from dui_bridge.mappings.fields import TARGETS
from dui_bridge.mappings.lists import Block, text_of
from dui_bridge.mappings.mapped import MappedItem
from dui_bridge.mappings.run import LeftOut, Run
from dui_bridge.mappings.scopes import needs_of
from dui_bridge.mappings.source_findings import add_findings, does_not_fit
from dui_bridge.model.accompagnement import DocumentPret, ProjetPersonnalise, TypeDocument
from dui_bridge.model.dossier import MAY_BE_BLANK
from dui_bridge.model.exchange import Row
from dui_bridge.model.identite import Usager
from dui_bridge.model.types import Modele


@dataclass
class _Lists:
    """What the lists made so far."""

    made: dict[str, list[Modele]] = field(default_factory=dict)
    items: list[MappedItem] = field(default_factory=list)
    files: dict[str, list[tuple[str, str]]] = field(default_factory=dict)


def map_documents(
    documents: Mapping[str, tuple[Block, ...]], usager: Usager | None, run: Run
) -> tuple[dict[str, list[Modele]], list[MappedItem]]:
    """The document lists of a dossier, and one item for each of their rows.

    Args:
        usager: whose identity the documents need; None when it is held anyway.
    """
    lists = _Lists()
    for name, blocks in documents.items():
        lists.made[name], lists.files[name] = [], []
        done: dict[int, MappedItem] = {}
        pending: dict[int, MappedItem] = {}
        for block in blocks:
            _map_block(name, block, usager, run, lists, done, pending)
        lists.items.extend(done.values())
        lists.items.extend(item for row, item in pending.items() if row not in done)
    run.document = ""
    return lists.made, lists.items


def _map_block(
    name: str,
    block: Block,
    usager: Usager | None,
    run: Run,
    lists: _Lists,
    done: dict[int, MappedItem],
    pending: dict[int, MappedItem],
) -> None:
    chosen = block.choose([row for row in block.candidates(run.record.root, run) if id(row) not in done], run)
    for row, rule, values in chosen.held:
        start = len(run.findings)
        run.document = item_key(row, block)
        run.report(rule, row, block.keep_leaf if block.keep_last_by else block.leaf, Scope.DOCUMENT, **values)
        found = tuple(run.findings[start:])
        done[id(row)] = MappedItem(name, run.document, row, findings=found)
    for row in chosen.taken:
        done[id(row)] = _map_row(name, block, row, usager, run, lists)
    # After those that count: a child without a row of its own stands below each version of its parent.
    for row, reason in chosen.left_out:
        start = len(run.findings)
        if id(row) not in pending:
            _collect(row, run, Scope.VALUE)
            found = tuple(run.findings[start:])
            pending[id(row)] = MappedItem(name, item_key(row, block), row, left_out=reason, findings=found)


def item_key(row: Row, block: Block) -> str:
    """The DUI's own key of a document row; its place when it has none."""
    identifier = block.rows.leaves.get("identifiant")
    column = identifier.column if identifier is not None else None
    return (text_of(row, column) if column else block.key_of(row)) or f"{row.file}:{row.number}"


def _collect(row: Row, run: Run, scope: Scope) -> None:
    if row.findings:
        add_findings(row, run, scope)
    for rows in row.children.values():
        for child in rows:
            if child.findings or child.children:
                _collect(child, run, scope)


def _map_row(name: str, block: Block, row: Row, usager: Usager | None, run: Run, lists: _Lists) -> MappedItem:
    key = item_key(row, block)
    run.document = key
    start = len(run.findings)
    rows_before, lookups_before, marks_before = run.rows, run.lookups, run.marks
    run.rows, run.lookups, run.marks = [], {}, {}
    index = len(lists.made[name])
    run.indexes.append(index)
    made: Modele | None = None
    reason = ""
    try:
        if row is not run.record.root:
            _collect(row, run, Scope.DOCUMENT)
        made = _make(name, block, row, run, start)
        if made is not None:
            _check_needs(made, usager, row, block, run)
            reason = _same_file(block.same_file_as, made, lists, run)
    except LeftOut as left:
        reason = left.name
    finally:
        run.indexes.pop()
    found = tuple(run.findings[start:])
    lookups = run.lookups
    rows, marks = run.rows, run.marks
    run.rows, run.lookups, run.marks = rows_before, lookups_before, marks_before
    if reason:
        return MappedItem(name, key, row, None, reason, found, lookups)
    if made is not None:
        _note_file(name, made, key, lists)
    if made is None or any(_stops(finding) for finding in found):
        return MappedItem(name, key, row, None, None, tuple(sorted(found, key=_holds_last)), lookups)
    run.rows += rows
    run.rows.append(((f"{name}[]",), (index,), row, block.rows))
    run.marks.update(marks)
    lists.made[name].append(made)
    return MappedItem(name, key, row, index, None, found, lookups)


def _stops(finding: Finding) -> bool:
    return finding.is_error and finding.scope in (Scope.DOCUMENT, Scope.DOSSIER)


def _holds_last(finding: Finding) -> bool:
    """Sorts what holds the document before the rest."""
    return not _stops(finding)


def _make(name: str, block: Block, row: Row, run: Run, start: int) -> Modele | None:
    raw = block.item(row, run)
    model = TARGETS[name].model
    if raw is None or model is None:
        if not any(_stops(finding) for finding in run.findings[start:]):
            leaf = block.rows.leaves.get("identifiant", block.leaf)
            run.report(rules.REQUIRED_BLANK, row, leaf, Scope.DOCUMENT, field="identifiant")
        return None
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        does_not_fit(error, row, block.leaf, run, Scope.DOCUMENT)
        return None


def _check_needs(made: Modele, usager: Usager | None, row: Row, block: Block, run: Run) -> None:
    """A document that needs a trait which is blank is not made. An anonymous dossier lacks them by right."""
    if usager is None or usager.anonyme is True:
        return
    kind = made.type.value if isinstance(made, DocumentPret) else TypeDocument.PROJET_PERSONNALISE.value
    for path in needs_of(kind):
        if path in MAY_BE_BLANK or getattr(usager, path.removeprefix("usager.")):
            continue
        if not any(finding.path == path and finding.is_error for finding in run.findings):
            run.report(rules.NEEDED_BLANK, row, block.leaf, Scope.DOCUMENT, document=kind, field=path)


def _file_of(made: Modele) -> str | None:
    return made.fichier if isinstance(made, ProjetPersonnalise | DocumentPret) else None


def _note_file(name: str, made: Modele, key: str, lists: _Lists) -> None:
    path = _file_of(made)
    if path:
        lists.files[name].append((path, key))


def _same_file(other: str | None, made: Modele, lists: _Lists, run: Run) -> str:
    """`same file as …` when a row of the other list already carries this file; empty otherwise."""
    path = _file_of(made)
    if other is None or path is None:
        return ""
    others = lists.files.get(other, [])
    for known, key in others:
        # The exports come from Windows: two spellings of a path name one file.
        if known.casefold() == path.casefold():
            return f"same file as {other} {key}"
    digest = run.context.file_digest
    own = digest(path) if digest is not None and others else None
    if digest is None or own is None:
        return ""
    for known, key in others:
        if digest(known) == own:
            return f"same file as {other} {key}"
    return ""
