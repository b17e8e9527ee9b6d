"""The end of a run: numbers that add up, as lines and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from dui_bridge.findings import Language, Severity
from dui_bridge.journal.identity_records import IdentityState
from dui_bridge.model.states import DocumentState
from dui_bridge.pipeline.delivery.deliver import Delivered
from dui_bridge.pipeline.reports.texts import cause, text
from dui_bridge.pipeline.results import CALLS, Counts, RunResult, SourceResult, SourceState

DOCUMENT_STATES = (DocumentState.UNCHANGED, DocumentState.WOULD_DIFFER, DocumentState.BUILT, DocumentState.INVALID)


def as_text(result: RunResult, language: Language) -> str:
    """The summary for a terminal."""
    lines: list[str] = []
    for source in result.sources:
        lines.append(f"{source.name}: {text('export', language)} {source.export}".rstrip())
        if source.again is not None:
            lines.append(f"  {source.again.message(language)} [{source.again.rule.id}]")
        if source.state is SourceState.WAITING:
            lines.append(f"  {text('waiting', language)}")
        else:
            lines += _block(source, "usagers", ("mapped",), result.dry_run, language)
            lines += _identities(source, language)
            lines += _block(source, "documents", DOCUMENT_STATES, result.dry_run, language)
        lines.append("  " + _findings_line(source, language))
        if source.state is SourceState.WAITING:
            lines += [f"  {group.finding.line(language)}" for group in source.groups.values()]
        if source.gone is not None and (source.gone.usagers or source.gone.documents):
            gone = text("gone", language).format(usagers=source.gone.usagers, documents=source.gone.documents)
            lines.append(f"  {gone}")
        if source.held is not None:
            lines.append(f"  {text('run_held', language)}: {source.run}")
            lines.append(f"    {source.held.line(language)}")
    if result.delivered is not None:
        lines += delivered_as_lines(result.delivered, language)
    if result.dry_run:
        lines.append(text("dry_run", language))
    return "\n".join(lines)


def delivered_as_lines(delivered: Delivered, language: Language) -> list[str]:
    """One line a destination, then what waits."""
    lines = [text("deliveries", language)]
    for name, worked in delivered.worked.items():
        counts = [
            f"{number} {text(f'delivery_{state}', language)}"
            for state, number in (
                ("delivered", worked.delivered),
                ("refused", worked.refused),
                ("doubtful", worked.doubtful),
                ("transient", worked.transient),
            )
            if number or state == "delivered"
        ]
        if worked.paused:
            counts.append(text("delivery_paused", language))
        if worked.busy:
            counts.append(text("delivery_busy", language))
        lines.append(f"  {name:<24}{', '.join(counts)}")
        if worked.error is not None:
            lines.append(f"    {worked.error.message(language)} [{worked.error.code}]")
            lines.append(f"    {worked.error.action(language)}")
        if worked.resting is not None:
            lines.append(f"    {worked.resting.message(language)} [{worked.resting.code}]")
        for finess, error in worked.refused_for.items():
            lines.append(f"    {finess}: {error.message(language)} [{error.code}]")
            lines.append(f"    {error.action(language)}")
    lines += [
        f"  {text('delivery_not_kept', language).format(count=number, name=name)}"
        for name, number in delivered.not_kept.items()
    ]
    lines += [
        f"  {text('delivery_added', language).format(count=number, name=name)}"
        for name, number in delivered.held.items()
    ]
    if waiting := delivered.planned.blocked + delivered.planned.unchanged:
        lines.append(f"  {text('delivery_blocked', language).format(count=waiting)}")
    return lines


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


def _identities(source: SourceResult, language: Language) -> list[str]:
    """Where the identities stand, of a site that asks INSi; and what kept it from being asked."""
    counts = source.identities
    if not counts:
        return []
    calls = f"{counts[CALLS]} {text('ins_calls', language)}"
    lines = [f"  {text('identities', language):<24}{sum(counts[state] for state in IdentityState):>8}  ({calls})"]
    for state in IdentityState:
        if counts[state]:
            lines.append(f"    {counts[state]:>6}  {text(f'identity_{state}', language)}")
    if (down := source.insi_down) is not None:
        lines += [f"    {down.message(language)} [{down.code}]", f"      {down.action(language)}"]
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
        "delivered": None if result.delivered is None else delivered_as_dict(result.delivered),
        "sources": [
            {
                "source": source.name,
                "run": source.run,
                "export": source.export,
                "state": str(source.state),
                "usagers": _counts(source.usagers, ("mapped",)),
                "identities": {state.value: source.identities[state] for state in IdentityState},
                "insi": {
                    "calls": source.identities[CALLS],
                    "error": source.insi_down.code if source.insi_down is not None else None,
                },
                "documents": _counts(source.documents, DOCUMENT_STATES),
                "findings": {str(severity): severities(source)[severity] for severity in Severity},
            }
            for source in result.sources
        ],
    }


def delivered_as_dict(delivered: Delivered) -> dict[str, Any]:
    """What a delivery did, for machines."""
    return {
        "blocked": delivered.planned.blocked + delivered.planned.unchanged,
        "not_kept": dict(delivered.not_kept),
        "held": dict(delivered.held),
        "destinations": {
            name: {
                "delivered": worked.delivered,
                "refused": worked.refused,
                "doubtful": worked.doubtful,
                "transient": worked.transient,
                "paused": worked.paused,
                "busy": worked.busy,
                "error": worked.error.code if worked.error is not None else None,
                "establishments": {finess: error.code for finess, error in worked.refused_for.items()},
                "resting": worked.resting.code if worked.resting is not None else None,
            }
            for name, worked in delivered.worked.items()
        },
    }


def _counts(counts: Counts, states: tuple[str, ...]) -> dict[str, Any]:
    return {
        "read": counts.read,
        **{str(state): counts.states[str(state)] for state in states},
        "left_out": dict(counts.left_out),
        "quarantined": dict(counts.quarantined),
    }
