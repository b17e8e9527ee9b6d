"""The tests that a mapping carries: a small export, and what must come of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from dui_bridge import declared
from dui_bridge.declared import Mapping, Node, Problems, Scalar, Sequence
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Language, Place
from dui_bridge.mappings.document import MappingFile
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.mappings.plan import Plan
from dui_bridge.mappings.run import Context
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import Record
from dui_bridge.model.types import Code

_KEYS: Final = ("name", "export", "expect", "finding", "establishments")
_STEP: Final = re.compile(r"([A-Za-z_]\w*)((?:\[\d{1,6}\])*)", re.ASCII)

_BOOLEANS: Final = {"oui": "true", "non": "false"}

ReadExport = Callable[[str], Iterable["Record | Finding"]]
"""Folder, as the test writes it → its records, and the findings that belong to none. Raises DuiBridgeError."""


@dataclass(frozen=True)
class GoldenTest:
    """One test: `expect` is a file of expected values, `finding` the field that must have a finding; one of them."""

    name: str
    place: Place
    export: str
    expect: str | None = None
    finding: str | None = None
    establishments: tuple[str, ...] = ()


@dataclass(frozen=True)
class GoldenResult:
    """What a test gave; without details it passed. Details are sentences: English, French."""

    test: GoldenTest
    details: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        return self.test.name

    @property
    def passed(self) -> bool:
        return not self.details

    def line(self, language: Language = "en") -> str:
        """The result on one line, with every detail below it."""
        words = ("réussi", "échoué") if language == "fr" else ("passed", "failed")
        head = f"{self.test.place}  test '{self.name}': {words[0] if self.passed else words[1]}"
        return "\n".join([head, *(f"    {detail[language == 'fr']}" for detail in self.details)])


def declared_tests(mapping: MappingFile, problems: Problems) -> tuple[GoldenTest, ...]:
    """The tests that stand in a mapping."""
    node = mapping.node.get("tests")
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        problems.expected("a list of tests", "une liste de tests", node.place)
        return ()
    return tuple(test for item in node.items if (test := _declared(item, problems)) is not None)


def _declared(node: Node, problems: Problems) -> GoldenTest | None:
    if not isinstance(node, Mapping):
        problems.expected("{name, export, expect or finding}", "{name, export, expect ou finding}", node.place)
        return None
    for key, place, _ in node.items():
        if key not in _KEYS:
            problems.unknown_key(key, place, _KEYS)
    texts = {key: value.text for key, _, value in node.items() if isinstance(value, Scalar) and value.text}
    for key in ("name", "export"):
        if key not in texts:
            problems.missing_key(key, node.place)
    if ("expect" in texts) == ("finding" in texts):
        problems.expected("either expect or finding", "soit expect, soit finding", node.place)
        return None
    establishments = _establishments(node.get("establishments"), problems)
    if "name" not in texts or "export" not in texts:
        return None
    return GoldenTest(
        texts["name"],
        node.place,
        texts["export"],
        texts.get("expect"),
        texts.get("finding"),
        establishments,
    )


def _establishments(node: Node | None, problems: Problems) -> tuple[str, ...]:
    if node is None:
        return ()
    if not isinstance(node, Sequence):
        problems.expected("a list of FINESS", "une liste de FINESS", node.place)
        return ()
    found = []
    for item in node.items:
        if isinstance(item, Scalar) and item.text:
            found.append(item.text)
        else:
            problems.expected("a FINESS", "un FINESS", item.place)
    return tuple(found)


def run_golden(test: GoldenTest, mapping: MappingFile, plan: Plan, read: ReadExport, today: date) -> GoldenResult:
    """Runs one test of a mapping that has no error."""
    context = Context(today, tuple(Establishment(code, code, "") for code in test.establishments))
    mapped: dict[str, Mapped] = {}
    findings: list[Finding] = []
    try:
        for found in read(test.export):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                mapped[found.key] = plan.apply(found, context)
                findings.extend(mapped[found.key].findings)
        if test.finding is not None:
            return GoldenResult(test, _lacks(test.finding, findings))
        expected = declared.loads(mapping.open(test.expect or ""), test.expect or "")
    except DuiBridgeError as error:
        return GoldenResult(test, ((error.message("en"), error.message("fr")),))
    return GoldenResult(test, tuple(_differences(expected, mapped)))


def _lacks(field: str, findings: list[Finding]) -> tuple[tuple[str, str], ...]:
    for finding in findings:
        path = re.sub(r"\[\d+\]", "", finding.path)
        if path == field or path.endswith(f".{field}") or finding.rule.id == field:
            return ()
    return ((f"no finding at {field}", f"aucun constat sur {field}"),)


def _differences(expected: Node, mapped: dict[str, Mapped]) -> Iterator[tuple[str, str]]:
    if not isinstance(expected, Mapping):
        yield "expected values are written {key: {path: value}}", "valeurs attendues : {clé: {chemin: valeur}}"
        return
    for key, place, values in expected.items():
        result = mapped.get(key)
        if result is None:
            yield f"{place}: no dossier {key} in the export", f"{place} : pas de dossier {key} dans l'export"
        elif result.dossier is None:
            why = result.left_out or ", ".join(sorted({finding.rule.id for finding in result.held}))
            yield (
                f"{place}: dossier {key} is held or left out: {why}",
                f"{place} : dossier {key} retenu ou exclu : {why}",
            )
        else:
            yield from _unequal(values, result.dossier)


def _unequal(values: Node, dossier: Dossier) -> Iterator[tuple[str, str]]:
    if not isinstance(values, Mapping):
        yield f"{values.place}: expected {{path: value}}", f"{values.place} : attendu {{chemin: valeur}}"
        return
    for path, place, value in values.items():
        wanted = (value.text or "") if isinstance(value, Scalar) else ""
        got = value_at(dossier, path)
        if got != wanted and _BOOLEANS.get(got) != wanted:
            yield (
                f"{place}: {path} is '{got}', expected '{wanted}'",
                f"{place} : {path} vaut '{got}', attendu '{wanted}'",
            )


def value_at(root: object, path: str) -> str:
    """The value at a model path as text: days in ISO, oui or non, codes without label, empty when absent."""
    current = root
    for part in path.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            return ""
        current = getattr(current, match[1], None)
        for index in re.findall(r"\d+", match[2]):
            current = current[int(index)] if isinstance(current, tuple) and int(index) < len(current) else None
    if current is None:
        return ""
    if isinstance(current, bool):
        return "oui" if current else "non"
    if isinstance(current, Enum):
        return str(current.value)
    return current.code if isinstance(current, Code) else str(current)
