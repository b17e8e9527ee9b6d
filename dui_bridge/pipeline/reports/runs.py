"""`runs`: the readings of the sources, one by one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import tzinfo
from typing import Any

from dui_bridge.findings import Language
from dui_bridge.journal.records import AtStake, KnownRun
from dui_bridge.model.states import RunState
from dui_bridge.pipeline.reports.causes import explain_cause
from dui_bridge.pipeline.reports.moments import moment
from dui_bridge.pipeline.reports.texts import text


def as_dict(run: KnownRun, language: Language, stake: AtStake | None = None) -> dict[str, Any]:
    """One run for machines; of one that is held, what a decision concerns."""
    at_stake = None if stake is None or run.state is not RunState.HELD else asdict(stake)
    return {
        "run": run.id,
        "source": run.source,
        "export": run.export,
        "kind": run.kind,
        "state": str(run.state),
        "code": run.cause,
        "cause": explain_cause(run.cause, None, language, state=run.state).message if run.cause else "",
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at is not None else None,
        "counts": dict(run.counts),
        "versions": dict(run.versions),
        **({} if at_stake is None else {"at_stake": at_stake}),
    }


def as_lines(runs: Iterable[KnownRun], zone: tzinfo, language: Language) -> str:
    """One line a run."""
    lines = [
        f"{run.id}  {moment(run.started_at, zone, language)}  {run.source:<20}{text(f'ended_{run.state}', language)}"
        for run in runs
    ]
    return "\n".join(lines) if lines else text("runs_none", language)


def as_text(run: KnownRun, zone: tzinfo, language: Language, stake: AtStake | None = None) -> str:
    """All of one run; of one that is held, what a decision concerns."""
    return "\n".join(_lines(run, zone, language, stake))


def _lines(run: KnownRun, zone: tzinfo, language: Language, stake: AtStake | None) -> Iterator[str]:
    yield f"{run.id}  {run.source}  {text(f'run_kind_{run.kind}', language)}"
    if run.export:
        yield f"  {text('export', language)} {run.export}"
    ended = f" – {moment(run.ended_at, zone, language)}" if run.ended_at is not None else ""
    yield f"  {moment(run.started_at, zone, language)}{ended}"
    yield f"  {text(f'ended_{run.state}', language)}"
    if run.cause:
        cause = explain_cause(run.cause, None, language, state=run.state)
        yield f"  {text('label_why', language)} : {cause.message} [{run.cause}]"
        yield f"  {text('label_todo', language)} : {cause.action}"
        yield f"  {text('label_who', language)} : {text(f'who_{cause.who}', language)}"
    for name, number in run.counts.items():
        yield f"  {number:>8}  {text(name, language)}"
    yield "  " + ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items()))
    if run.state is RunState.HELD:
        if stake is not None:
            yield f"  {text('run_at_stake', language).format(number=stake.deliveries)}"
        if stake is not None and stake.runs:
            yield f"  {text('run_at_stake_cut_short', language).format(number=stake.cut_short, runs=stake.runs)}"
        yield f"  dui-bridge runs release {run.id}"
        yield f"  dui-bridge runs discard {run.id}"
