"""What the official suite says of a document, set of rules by set of rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dui_bridge.findings import Finding, Language
from dui_bridge.journal.records import Json
from dui_bridge.validation import official_rules as rules
from dui_bridge.validation.cda_rules import MAX_FINDINGS
from dui_bridge.validation.cisis_pack import SCHEMA
from dui_bridge.validation.official import OfficialChecker

LACKS: Final = "dmp_evidence_"
"""What the keys of texts begin with that say what a homologation will miss."""
NO_SUITE: Final = f"{LACKS}no_suite"
SUITE_IN_PART: Final = f"{LACKS}suite_in_part"
"""Keys of texts: nothing of the suite was applied, or not all of it."""
_IN_PART: Final = (rules.NOT_AVAILABLE, rules.NO_MODEL, rules.UNREADABLE)


@dataclass(frozen=True)
class SuiteReport:
    """The report, as JSON takes it, and the key of the text that says what it lacks; None: nothing."""

    content: Mapping[str, Json]
    lacks: str | None


def suite_report(checker: OfficialChecker, document: bytes, language: Language) -> SuiteReport:
    """The pack with its fingerprint and what it lacks, and of the schema and of each Schematron that applies the name,
    the outcome and the findings.

    Args:
        document: that is to be checked.
    """
    found = checker.check(document)
    if checker.pack is None:
        return SuiteReport({"pack": None, "regles": [], "constats": [told(one, language) for one in found]}, NO_SUITE)
    names = checker.rule_sets(document)
    of_set = {name: [one for one in found if _set_of(one) == name] for name in names}
    content: dict[str, Json] = {
        "pack": checker.pack.name,
        "empreinte_sha256": checker.pack.fingerprint,
        "manques": [french for _, french in checker.pack.lacks],
        "regles": [
            {"nom": name, "resultat": _outcome(own), "constats": [told(one, language) for one in own]}
            for name, own in of_set.items()
        ],
        "constats": [told(one, language) for one in found if _set_of(one) not in of_set],
    }
    whole = len(found) < MAX_FINDINGS and not any(one.rule in _IN_PART for one in found)
    return SuiteReport(content, None if whole else SUITE_IN_PART)


def told(finding: Finding, language: Language) -> dict[str, Json]:
    """A finding as JSON takes it."""
    return {
        "regle": finding.rule.id,
        "gravite": finding.severity.value,
        "message": finding.message(language),
        "ou": str(finding.path or ""),
    }


def _set_of(finding: Finding) -> str:
    """The name of the set of rules that a finding is of."""
    if finding.rule is rules.SCHEMA:
        return Path(SCHEMA).name
    return str(finding.values.get("schematron") or finding.values.get("part") or "")


def _outcome(findings: Sequence[Finding]) -> str:
    if any(one.rule is rules.NOT_AVAILABLE for one in findings):
        return "non appliqué"
    return "non conforme" if any(one.is_error for one in findings) else "conforme"
