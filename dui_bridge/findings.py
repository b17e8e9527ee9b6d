"""Findings: what a check found, where, and what to do about it.

A `Rule` is one row of a table of checks (each room keeps its own table); a `Finding` is one hit of a rule, with the
place of the fault. Texts exist in English and French and are formatted only when a person reads them, so that no value
of a dossier enters a log by accident: log `finding.rule.id` and `finding.at`, never `finding.message(...)`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

Language = Literal["fr", "en"]


class Severity(StrEnum):
    """How bad it is. An error stops what its scope says; a warning is shown; information is only counted."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Scope(StrEnum):
    """What a finding of severity error stops."""

    RUN = "run"
    DOSSIER = "dossier"
    DOCUMENT = "document"
    VALUE = "value"


class Who(StrEnum):
    """Who must act."""

    DUI = "dui"  # a professional corrects the dossier in the DUI
    IDENTITO = "identito"  # the identitovigilance referent
    MAPPING = "mapping"  # whoever writes the mapping or the site file
    IT = "it"  # the site's IT officer
    VENDOR = "vendor"  # the DUI's vendor
    NOBODY = "nobody"  # it will pass, or is only worth knowing


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a YAML file that a person wrote: 1-based line and column."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value came from: export file, 1-based physical row (header = 1), column, and the mapping line."""

    file: str
    row: int
    column: str | None = None
    mapping: Place | None = None
    conversions: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.file}:{self.row}" + (f":{self.column}" if self.column else "")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table of checks.

    Args:
        id: stable, `AREA-NNN`.
        severity: the default one; a finding may carry another where the use differs (sent or received).
        scope: what an error stops.
        en, fr: the message, with `{name}` placeholders filled from the finding's values.
        remedy_en, remedy_fr: what to do, same placeholders.
        who: who acts.
        source: the clause or document that the rule comes from; empty for our own.
    """

    id: str
    severity: Severity
    scope: Scope
    en: str
    fr: str
    remedy_en: str = ""
    remedy_fr: str = ""
    who: Who = Who.DUI
    source: str = ""


@dataclass(frozen=True)
class Finding:
    """One hit of a rule.

    Args:
        rule: the row of the table.
        at: the place in a YAML file, or the origin in an export; None when the fault has no place.
        values: what fills the placeholders. May hold a rejected value: never logged.
        path: the model path (`usager.date_naissance`, `projets_personnalises[0].titre`) or an XPath; may be empty.
        dossier: the dossier number that the DUI shows, when known.
        severity, scope: override the rule's.
    """

    rule: Rule
    at: Place | Origin | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    path: str = ""
    dossier: str | None = None
    severity_override: Severity | None = None
    scope_override: Scope | None = None

    @property
    def severity(self) -> Severity:
        return self.severity_override or self.rule.severity

    @property
    def scope(self) -> Scope:
        return self.scope_override or self.rule.scope

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def message(self, language: Language = "en") -> str:
        """The message for a person; may show the rejected value."""
        return fill(self.rule.fr if language == "fr" else self.rule.en, self.values)

    def remedy(self, language: Language = "en") -> str:
        """What to do, for a person; empty when the message says it all."""
        return fill(self.rule.remedy_fr if language == "fr" else self.rule.remedy_en, self.values)

    def line(self, language: Language = "en") -> str:
        """The finding on one line: place, message, remedy."""
        parts = [f"{self.at}  " if self.at is not None else "", self.message(language)]
        if remedy := self.remedy(language):
            parts.append(f" {remedy}")
        return "".join(parts)


def fill(text: str, values: Mapping[str, str]) -> str:
    return text.format_map({name: shown(value) for name, value in values.items()}) if values else text


def shown(value: str, limit: int = 120) -> str:
    """A value as a person may read it on one line: no control characters, bounded."""
    text = "".join(c if c.isprintable() else "�" for c in value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def suggest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, or None."""
    folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.7)
    return folded[close[0]] if close else None


def did_you_mean(name: str, known: Iterable[str], language: Language = "en") -> str:
    """`": did you mean X?"`, or an empty string when nothing is near."""
    near = suggest(name, known)
    if near is None:
        return ""
    return f" : vouliez-vous dire {near} ?" if language == "fr" else f": did you mean {near}?"
