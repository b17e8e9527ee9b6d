"""Findings that are not made by a leaf: those that the source attached to a row, and those of the model itself."""

from __future__ import annotations

from dataclasses import replace

from pydantic import ValidationError

from dui_bridge.findings import Finding, Scope, Severity
from dui_bridge.mappings import rules
from dui_bridge.mappings.run import Leaf, Run
from dui_bridge.model.exchange import Row


def add_findings(row: Row, run: Run, scope: Scope) -> None:
    """The findings of one row, with what they stop here."""
    for finding in row.findings:
        if scope is Scope.VALUE and any(finding.rule is f.rule and finding.at == f.at for f in run.findings):
            continue  # a child stands below each version of its parent: said once
        run.findings.append(rescoped(finding, scope, run.record.key))


def rescoped(finding: Finding, scope: Scope, dossier: str) -> Finding:
    """A finding of the source as it counts at its place: an error that only drops a value is a warning."""
    if not finding.is_error:
        return replace(finding, dossier=dossier)
    severity = Severity.WARNING if scope is Scope.VALUE else Severity.ERROR
    return replace(finding, dossier=dossier, severity_override=severity, scope_override=scope)


def does_not_fit(error: ValidationError, row: Row, leaf: Leaf, run: Run, scope: Scope | None = None) -> None:
    """Findings for what the model refuses although every value converted."""
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        name = ".".join(str(part) for part in problem["loc"])
        run.report(rules.DOES_NOT_FIT, row, leaf, scope, field=name, reason=problem["msg"])
