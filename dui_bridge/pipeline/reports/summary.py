"""The end of a run: numbers that add up, as lines and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dui_bridge.findings import Language, Severity
from dui_bridge.model.exchange import DocumentState
from dui_bridge.pipeline.reports.texts import cause, text
from dui_bridge.pipeline.results import Counts, RunResult, SourceResult, SourceState

DOCUMENT_STATES = (DocumentState.UNCHANGED, DocumentState.WOULD_DIFFER, DocumentState.BUILT, DocumentState.INVALID)


def as_text(result: RunResult, language: Language) -> str:
    """The summary for a terminal."""
    lines: list[str] = []
    for source in result.sources:
        lines.append(f"{source.name}: {text('export', language)} {source.export}".rstrip())
        if source.state is SourceState.WAITING:
            lines.append(f"  {text('waiting', language)}")
        else:
            lines += _block(source, "usagers", ("mapped",), result.dry_run, language)
            lines += _block(source, "documents", DOCUMENT_STATES, result.dry_run, language)
        lines.append("  " + _findings_line(source, language))
        if source.state is SourceState.WAITING:
            lines += [f"  {group.finding.line(language)}" for group in source.groups.values()]
    if result.dry_run:
        lines.append(text("dry_run", language))
    return "\n".join(lines)


def _block(source: SourceResult, name: str, states: tuple[str, ...], dry_run: bool, language: Language) -> list[str]:
    counts: Counts = getattr(source, name)
    lines = [f"  {text(name, language):<24}{counts.read:>8} {text('read', language)}"]
    for state in states:
        shown = "would_build" if dry_run and state == DocumentState.BUILT else str(state)
        lines.append(f"    {text(shown, language):<22}{counts.states[str(state)]:>8}")
    for title, counter in (("left_out", counts.left_out), ("quarantined", counts.quarantined)):
        lines.append(f"    {text(title, language):<22}{counter.total():>8}")
        lines += [f"      {number:>6}  {cause(key, source.rules, language)}" for key, number in counter.most_common()]
    return lines


def severities(source: SourceResult) -> Counter[Severity]:
    """How many different problems of each severity."""
    return Counter(group.finding.severity for group in source.groups.values())


def _findings_line(source: SourceResult, language: Language) -> str:
    found = severities(source)
    return ", ".join(
        f"{found[severity]} {text(key, language)}"
        for severity, key in ((Severity.ERROR, "errors"), (Severity.WARNING, "warnings"), (Severity.INFO, "remarks"))
    )


def as_dict(result: RunResult) -> dict[str, Any]:
    """The summary for machines. For each source, `documents.read` is the sum of the numbers beside it."""
    return {
        "site": result.site,
        "dry_run": result.dry_run,
        "sources": [
            {
                "source": source.name,
                "export": source.export,
                "state": str(source.state),
                "usagers": _counts(source.usagers, ("mapped",)),
                "documents": _counts(source.documents, DOCUMENT_STATES),
                "findings": {str(severity): severities(source)[severity] for severity in Severity},
            }
            for source in result.sources
        ],
    }


def _counts(counts: Counts, states: tuple[str, ...]) -> dict[str, Any]:
    return {
        "read": counts.read,
        **{str(state): counts.states[str(state)] for state in states},
        "left_out": dict(counts.left_out),
        "quarantined": dict(counts.quarantined),
    }
