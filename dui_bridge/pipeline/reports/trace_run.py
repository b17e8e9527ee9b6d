"""`trace` of a run: what it read, where that stands now, why the run is held, and what a person decided of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from dui_bridge.findings import Language
from dui_bridge.journal.control_records import AuditEntry
from dui_bridge.journal.records import KnownRun
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.reports import runs
from dui_bridge.pipeline.reports.errors import SubjectUnknown
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text


@dataclass(frozen=True)
class TracedRun:
    """One run.

    Args:
        items: of those that no later run read: kind → state → how many.
        deliveries: of the versions it made: state → how many.
        decisions: what a person did with it, the first one first.
    """

    run: KnownRun
    items: Mapping[str, Mapping[str, int]]
    deliveries: Mapping[str, int]
    decisions: tuple[AuditEntry, ...]

    def as_dict(self, language: Language) -> dict[str, Any]:
        """For machines."""
        return {
            "id": self.run.id,
            "kind": "run",
            "read": runs.as_dict(self.run, language),
            "items": {kind: dict(states) for kind, states in self.items.items()},
            "deliveries": dict(self.deliveries),
            "decisions": [
                {"action": one.action, "by": one.who, "at": one.at.isoformat(), "details": dict(one.details)}
                for one in self.decisions
            ],
        }

    def as_text(self, zone: tzinfo, language: Language) -> str:
        """As lines for a terminal."""
        return "\n".join(self._lines(zone, language))

    def _lines(self, zone: tzinfo, language: Language) -> Iterator[str]:
        yield runs.as_text(self.run, zone, language)
        for name, states in [
            *((f"{kind}s", states) for kind, states in self.items.items()),
            ("deliveries", self.deliveries),
        ]:
            if states:
                told = ", ".join(f"{number} {text(state, language)}" for state, number in states.items())
                yield f"  {text(f'trace_{name}', language)} : {told}"
        for one in self.decisions:
            reason = one.details.get("reason")
            yield f"  {moment(one.at, zone, language)}  {one.action}  {one.who}" + (f" : {reason}" if reason else "")


def trace_run(journal: Journal, run_id: str) -> TracedRun:
    """Raises SubjectUnknown: there is no such run."""
    run = journal.run(run_id)
    if run is None:
        raise SubjectUnknown(subject=run_id)
    return TracedRun(
        run,
        journal.overview.items_of_run(run.source, run_id),
        journal.overview.deliveries_of_run(run_id),
        tuple(journal.audit.about(run_id)),
    )
