"""What a run lists of what it found: bounded, and the worst is never crowded out."""

from __future__ import annotations

from dui_bridge.findings import Finding, Origin, Rule, Scope, Severity
from dui_bridge.pipeline import results
from dui_bridge.pipeline.results import SourceResult


def _findings(severity: Severity, count: int, rule: str = "") -> list[Finding]:
    made = Rule(rule or f"TST-{severity}", severity, Scope.VALUE, "x", "x")
    return [Finding(made, Origin("A.CSV", row), dossier=str(row)) for row in range(count)]


def _listed(source: SourceResult, severity: Severity) -> int:
    return sum(group.finding.severity is severity for group in source.groups.values())


def test_remarks_leave_the_room_of_errors_and_warnings() -> None:
    source = SourceResult("vendor")
    source.add_findings(_findings(Severity.INFO, results.MAX_GROUPS + 50))
    source.add_findings(_findings(Severity.WARNING, 30))
    source.add_findings(_findings(Severity.ERROR, 20))

    assert _listed(source, Severity.ERROR) == 20
    assert _listed(source, Severity.WARNING) == 30
    assert _listed(source, Severity.INFO) == results.MAX_REMARKS
    assert source.not_listed == results.MAX_GROUPS + 50 - results.MAX_REMARKS


def test_warnings_leave_the_room_of_errors() -> None:
    source = SourceResult("vendor")
    source.add_findings(_findings(Severity.WARNING, results.MAX_GROUPS + 3))
    source.add_findings(_findings(Severity.ERROR, 20))

    assert _listed(source, Severity.ERROR) == 20
    assert _listed(source, Severity.WARNING) == results.MAX_GROUPS
    assert source.not_listed == 3


def test_remarks_of_one_rule_leave_the_room_of_another() -> None:
    source = SourceResult("vendor")
    source.add_findings(_findings(Severity.INFO, results.MAX_REMARKS + 1, "TST-001"))
    source.add_findings(_findings(Severity.INFO, 2, "TST-002"))

    assert sum(group.finding.rule.id == "TST-002" for group in source.groups.values()) == 2


def test_a_problem_met_again_is_counted_where_it_is_listed_however_full_the_list() -> None:
    source = SourceResult("vendor")
    again = _findings(Severity.INFO, results.MAX_REMARKS + 1)
    source.add_findings(again)
    source.add_findings(again[:1])

    first = next(iter(source.groups.values()))
    assert (first.count, source.not_listed) == (2, 1)
