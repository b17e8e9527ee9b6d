"""Printing: findings on lines, or JSON for machines."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from dui_bridge.findings import Finding, Language, Origin, Place


def print_findings(findings: Iterable[Finding], language: Language, indent: str = "") -> None:
    """One line a finding: place, severity unless it is an error, message, remedy."""
    for finding in findings:
        mark = "" if finding.is_error else f" ({finding.severity})"
        sys.stdout.write(f"{indent}{finding.line(language)}{mark} [{finding.rule.id}]\n")


def findings_as_dicts(findings: Iterable[Finding], language: Language) -> list[dict[str, Any]]:
    """Findings for machines."""
    return [
        {
            "rule": finding.rule.id,
            "severity": str(finding.severity),
            "scope": str(finding.scope),
            "message": finding.message(language),
            "remedy": finding.remedy(language),
            "who": str(finding.rule.who),
            "path": finding.path,
            "dossier": finding.dossier,
            **_place(finding),
        }
        for finding in findings
    ]


def _place(finding: Finding) -> dict[str, Any]:
    if isinstance(finding.at, Place):
        return {"file": finding.at.file, "line": finding.at.line, "column": finding.at.column}
    if isinstance(finding.at, Origin):
        mapping = finding.at.mapping
        return {
            "file": finding.at.file,
            "row": finding.at.row,
            "column": finding.at.column,
            "mapping": str(mapping) if mapping else None,
        }
    return {}


def as_json(value: Any) -> None:
    """One JSON document on standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def size(number: int, language: Language) -> str:
    """Bytes as a person reads them: `1.2 MB`, `1,2 Mo`."""
    units = ("o", "ko", "Mo", "Go", "To") if language == "fr" else ("B", "kB", "MB", "GB", "TB")
    value, unit = float(number), 0
    while value >= 1000 and unit < len(units) - 1:
        value, unit = value / 1000, unit + 1
    text = f"{value:.0f}" if unit == 0 else f"{value:.1f}"
    return f"{text.replace('.', ',') if language == 'fr' else text} {units[unit]}"
