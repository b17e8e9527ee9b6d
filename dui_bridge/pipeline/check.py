"""`mapping check` and `config check`: everything that can be known without a run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dui_bridge.cda.reader import NotCda, read_cda
from dui_bridge.connectors.ports import Waiting
from dui_bridge.declared import Problems
from dui_bridge.errors import DeclarationInvalid, DuiBridgeError, FileUnusable, os_reasons
from dui_bridge.findings import Finding, Language, Place
from dui_bridge.mappings.document import MappingFile
from dui_bridge.mappings.golden import GoldenResult, declared_tests, run_golden
from dui_bridge.model.exchange import Record
from dui_bridge.pipeline.assemble import AssembledMapping, Columns, assemble_mapping, read_mapping, read_source
from dui_bridge.pipeline.origins import Origins, located, read_origins
from dui_bridge.pipeline.policy.check import check_policy
from dui_bridge.site.checks import check_site
from dui_bridge.site.settings import Site, load_site, read
from dui_bridge.validation.cda_rules import MAX_BYTES, validate_cda
from dui_bridge.validation.official import official_checker
from dui_bridge.validation.rules import Use


@dataclass(frozen=True)
class CheckedMapping:
    """What `mapping check` found, and how the mapping's own tests ended."""

    file: Path
    findings: tuple[Finding, ...]
    tests: tuple[GoldenResult, ...]

    @property
    def has_errors(self) -> bool:
        return any(f.is_error for f in self.findings) or any(not test.passed for test in self.tests)

    def summary(self, language: Language) -> str:
        """The last lines: the tests, then the count."""
        errors = sum(finding.is_error for finding in self.findings)
        lines = [test.line(language) for test in self.tests]
        passed = sum(test.passed for test in self.tests)
        if language == "fr":
            end = f"{errors} erreur(s), {len(self.findings) - errors} remarque(s), {passed}/{len(self.tests)} test(s)"
        else:
            end = f"{errors} error(s), {len(self.findings) - errors} remark(s), {passed}/{len(self.tests)} test(s)"
        return "\n".join([*lines, f"{self.file}: {end}"])

    def as_dict(self, findings: list[dict[str, Any]]) -> dict[str, Any]:
        """For machines; `findings` as the command line writes them."""
        return {
            "file": str(self.file),
            "errors": sum(finding.is_error for finding in self.findings),
            "findings": findings,
            "tests": [
                {"name": test.name, "passed": test.passed, "details": [en for en, _ in test.details]}
                for test in self.tests
            ],
        }


def check_mapping(file: Path, *, export: Path | None = None) -> CheckedMapping:
    """Checks a mapping before any export is read, against the header lines of an export when there is one, and runs its
    own tests.

    Args:
        file: the mapping.
        export: a folder of exports, or one export; by default the first of the mapping's tests gives the header lines.
    Raises:
        FileUnusable: the file cannot be read at all, nor a file of the export.
    """
    problems = Problems(file.name)
    try:
        mapping = read_mapping(file, problems)
    except DeclarationInvalid as invalid:
        return CheckedMapping(file, invalid.findings, ())
    columns = _columns(mapping, file.parent, export)
    # The second reading replaces the first: its problems are the same, and those of the columns.
    problems = Problems(file.name)
    assembled = assemble_mapping(file, problems, columns)
    tests: tuple[GoldenResult, ...] = ()
    if assembled.plan is not None and not problems.has_errors:
        tests = tuple(_run_tests(assembled, file.parent))
    return CheckedMapping(file, tuple(sorted(problems.findings, key=_by_place)), tests)


def _by_place(finding: Finding) -> Place:
    return finding.at if isinstance(finding.at, Place) else Place("", 0)


def _columns(mapping: MappingFile, folder: Path, export: Path | None) -> Columns | None:
    """The header lines of an export at hand: the one given, else the mapping's first test that has one."""
    source = read_source(mapping, Problems(mapping.file))
    if source is None:
        return None
    if export is not None:
        opened = source.open(export, {})
        if isinstance(opened.prepare(datetime.now(UTC)), Waiting):
            opened = source.open(export, {}, as_is=True)
        return opened.headers()
    for test in declared_tests(mapping, Problems(mapping.file)):
        try:
            return source.open(folder / test.export, {}, as_is=True).headers()
        except DuiBridgeError:
            continue  # its own run tells what is wrong with it
    return None


def _run_tests(assembled: AssembledMapping, folder: Path) -> Iterator[GoldenResult]:
    """The mapping's own tests; each folder of theirs is a complete export by itself."""
    plan = assembled.plan
    if plan is None:
        return

    def read(export: str) -> Iterator[Record | Finding]:
        source = assembled.open_source(folder / export, as_is=True)
        with closing(source):
            source.prepare(datetime.now(UTC))
            yield from source.records()
            yield from source.findings()

    for test in declared_tests(assembled.file, Problems(assembled.file.file)):
        yield run_golden(test, assembled.file, plan, read, datetime.now(UTC).date())


def check_cda(file: Path, use: str, site: Site | None = None) -> tuple[Finding, ...]:
    """Checks one CDA document for `sent` or `received`: by the bridge's own rules, and by the official suite when its
    pack is installed.

    Args:
        site: whose runs may have built it: its findings then tell where the values came from.
    Raises:
        FileUnusable: it cannot be read.
    """
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileUnusable(file=str(file), **os_reasons(error)) from None
    findings = (*validate_cda(data, Use(use)), *official_checker().check(data, Use(use)))
    return findings if site is None else located(findings, _origins(data, site))


def _origins(data: bytes, site: Site) -> Origins:
    try:
        unique_id = read_cda(data, max_bytes=MAX_BYTES).unique_id
    except NotCda:
        return {}
    return read_origins(site.data, unique_id) if unique_id is not None else {}


def check_configuration(path: Path) -> list[Finding]:
    """Checks a site file, what it names, its policy, and the mappings of its sources.

    Raises:
        FileUnusable: the file cannot be read at all.
    """
    findings = check_site(path)
    if any(finding.is_error for finding in findings):
        return findings
    site = load_site(path)
    findings += check_policy(site, read(path).root)
    for source in site.sources.values():
        problems = Problems(source.mapping.name)
        try:
            assemble_mapping(source.mapping, problems)
        except DeclarationInvalid as error:
            findings += error.findings
        except FileUnusable:
            continue  # check_site has said so
        findings += problems.findings
    return findings
