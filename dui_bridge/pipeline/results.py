"""What a run did, in numbers that add up, and what it found, each problem once.

Every usager read is in exactly one of mapped, left out, quarantined; every document read is in exactly one of left out,
quarantined, unchanged, would differ, built, invalid. Memory is bounded: beyond `MAX_GROUPS` different errors, as many
warnings, `MAX_REMARKS` different remarks of one rule and `MAX_LISTED` built documents, only the counts go on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Origin, Rule, Severity
from dui_bridge.journal.records import Disappeared
from dui_bridge.model.exchange import BuiltDocument
from dui_bridge.model.states import DocumentState
from dui_bridge.pipeline.delivery.deliver import Delivered

MAX_GROUPS = 10_000
MAX_REMARKS = 1_000
MAX_LISTED = 5_000
MAX_DOSSIERS = 10


@dataclass
class Counts:
    """Counts of one kind of thing read: usagers or documents.

    `left_out` goes by the name that the mapping gives, `quarantined` by the id of the rule that decided.
    """

    read: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)

    def leave_out(self, name: str) -> None:
        self.read += 1
        self.left_out[name] += 1

    def quarantine(self, cause: str) -> None:
        self.read += 1
        self.quarantined[cause] += 1

    def count(self, state: DocumentState | str) -> None:
        self.read += 1
        self.states[str(state)] += 1

    @property
    def adds_up(self) -> bool:
        return self.read == self.left_out.total() + self.quarantined.total() + self.states.total()


@dataclass
class FindingGroup:
    """The same problem at the same place, met once or more."""

    finding: Finding
    count: int = 0
    dossiers: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listed:
    """A document that was built, for the report."""

    dossier: str
    finess: str
    type: str
    key: str
    unique_id: str
    version: int
    replaces: str | None
    rendered: bool
    with_ins: bool


class SourceState(StrEnum):
    """How the reading of a source ended."""

    DONE = "done"
    WAITING = "waiting"
    HELD = "held"
    FAILED = "failed"


CALLS: Final = "calls"
DUE: Final = "due"
"""Counted beside the states of identities: calls of INSi, and, in a dry run, persons whom it would be asked for."""


@dataclass
class SourceResult:
    """One source of a run."""

    name: str
    export: str = ""
    run: str = ""
    state: SourceState = SourceState.DONE
    held: Finding | None = None
    again: Finding | None = None
    """Why all was read of a source that could have told what changed."""
    gone: Disappeared | None = None
    usagers: Counts = field(default_factory=Counts)
    identities: Counter[str] = field(default_factory=Counter)
    """`journal.identity_records.IdentityState` → how many; beside them `CALLS` and `DUE`."""
    insi_down: DuiBridgeError | None = None
    """What kept the téléservice INSi from being asked."""
    documents: Counts = field(default_factory=Counts)
    groups: dict[tuple[str, str, str], FindingGroup] = field(default_factory=dict)
    rules: dict[str, Rule] = field(default_factory=dict)
    not_listed: int = 0
    rooms: Counter[Severity | str] = field(default_factory=Counter)
    """Groups by the room that they take: errors and warnings one each, remarks one for each rule."""
    built: list[Listed] = field(default_factory=list)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Groups each finding with those of the same rule and place."""
        for finding in findings:
            self.rules[finding.rule.id] = finding.rule
            place = str(finding.at) if finding.at is not None else f"{finding.dossier}:{finding.path}"
            value = finding.values.get("value", "") if isinstance(finding.at, Origin) else str(sorted(finding.values))
            key = (finding.rule.id, place, value)
            group = self.groups.get(key)
            if group is None:
                remark = finding.severity is Severity.INFO
                room = finding.rule.id if remark else finding.severity
                if self.rooms[room] >= (MAX_REMARKS if remark else MAX_GROUPS):
                    self.not_listed += 1
                    continue
                self.rooms[room] += 1
                group = self.groups[key] = FindingGroup(finding)
            group.count += 1
            known = group.dossiers
            if finding.dossier and finding.dossier not in known and len(known) < MAX_DOSSIERS:
                known.append(finding.dossier)

    def add_built(self, built: BuiltDocument, *, rendered: bool, with_ins: bool) -> None:
        """Lists a built document."""
        if len(self.built) < MAX_LISTED:
            document, ids = built.document, built.ids
            self.built.append(
                Listed(
                    document.dossier,
                    document.finess,
                    str(document.type),
                    document.key,
                    ids.unique_id,
                    ids.version,
                    ids.replaces,
                    rendered,
                    with_ins,
                )
            )


@dataclass
class RunResult:
    """The whole run."""

    site: str
    dry_run: bool
    sources: list[SourceResult] = field(default_factory=list)
    delivered: Delivered | None = None

    def exit_code(self, *, strict: bool = False) -> int:
        """0, or 1 when a document is invalid, a run is held, an export is incomplete, or (strict) anything was
        quarantined. A destination or INSi that cannot be used or reached gives the code of its error (2, 3)."""
        if self.delivered is not None and (code := self.delivered.exit_code()):
            return code
        for source in self.sources:
            if source.insi_down is not None:
                return source.insi_down.exit_code
        for source in self.sources:
            if source.state is not SourceState.DONE or source.documents.states[DocumentState.INVALID]:
                return 1
            if strict and (source.usagers.quarantined or source.documents.quarantined):
                return 1
        return 0
