"""Collects the findings of one declared file, and the rules that every declared file shares."""

from __future__ import annotations

from collections.abc import Iterable

from dui_bridge.errors import DeclarationInvalid
from dui_bridge.findings import Finding, Place, Rule, Scope, Severity, Who, suggest


def _rule(number: int, en: str, fr: str) -> Rule:
    return Rule(f"YML-{number:03}", Severity.ERROR, Scope.RUN, en, fr, who=Who.MAPPING)


SYNTAX = _rule(1, "not valid YAML: {reason}", "YAML invalide : {reason}")
TOO_LARGE = _rule(2, "the file is larger than {limit}", "le fichier dépasse {limit}")
NOT_TEXT = _rule(3, "the file is not UTF-8 text: {reason}", "le fichier n'est pas du texte UTF-8 : {reason}")
TWICE = _rule(4, "key '{key}' stands twice", "la clé '{key}' figure deux fois")
ALIAS = _rule(
    5,
    "anchors, aliases and tags are not used here: write the value out",
    "ancres, alias et étiquettes ne sont pas admis ici : écrivez la valeur",
)
UNKNOWN_KEY = _rule(10, "unknown key '{key}'{near}", "clé inconnue '{key}'{near_fr}")
MISSING_KEY = _rule(11, "key '{key}' is missing here", "la clé '{key}' manque ici")
EXPECTED = _rule(12, "expected {what}", "attendu : {what_fr}")


class Problems:
    """Findings in the order they are met. `check()` raises them all at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.findings: list[Finding] = []

    def add(self, rule: Rule, at: Place, *, severity: Severity | None = None, **values: str) -> None:
        """One finding at a place."""
        self.findings.append(Finding(rule, at, values, severity_override=severity))

    def unknown_key(self, key: str, at: Place, known: Iterable[str]) -> None:
        """`unknown key 'fromats': did you mean 'formats'?`"""
        near = suggest(key, known)
        self.add(
            UNKNOWN_KEY,
            at,
            key=key,
            near=f": did you mean '{near}'?" if near else "",
            near_fr=f" : vouliez-vous dire '{near}' ?" if near else "",
        )

    def missing_key(self, key: str, at: Place) -> None:
        """A key that must be there is not."""
        self.add(MISSING_KEY, at, key=key)

    def expected(self, what: str, what_fr: str, at: Place) -> None:
        """The value has the wrong shape."""
        self.add(EXPECTED, at, what=what, what_fr=what_fr)

    @property
    def has_errors(self) -> bool:
        return any(finding.is_error for finding in self.findings)

    def check(self) -> None:
        """Raises DeclarationInvalid when there is any error."""
        if self.has_errors:
            raise DeclarationInvalid(self.file, self.findings)
