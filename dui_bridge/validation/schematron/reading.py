"""Reads a Schematron: includes, abstract patterns, phases. Source: ISO/IEC 19757-3:2016, clauses 5 and 6."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.validation.schematron.errors import SchematronUnusable
from dui_bridge.validation.schematron.files import existing
from dui_bridge.validation.schematron.schema import Check, Extends, Let, Pattern, Rule, Schema, Step, Value
from dui_bridge.validation.schematron.xpath import variables
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_NAMESPACE: Final = "http://purl.oclc.org/dsdl/schematron"
_DEEPEST: Final = 20
"""Includes within includes; more is a loop."""


def _sch(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def read_schema(file: Path, pack: Path) -> Schema:
    """The Schematron of a file, in its default phase.

    Args:
        file: the `.sch`.
        pack: the folder that no include may leave.
    Raises:
        SchematronUnusable: a file is absent or is no Schematron.
    """
    root = _load(file, pack, 0)
    if root.tag != _sch("schema"):
        raise SchematronUnusable(file.name, "not a Schematron")
    _fill_abstract_patterns(root, file)
    patterns = tuple(_patterns(root))
    if not patterns:
        raise SchematronUnusable(file.name, "no rule is in force")
    return Schema(
        file=file,
        pack=pack,
        namespaces={
            ns.get("prefix", ""): ns.get("uri", "") for ns in root.iter(_sch("ns")) if ns.get("prefix") != "xml"
        },
        lets=_global_lets(root, file),
        patterns=patterns,
        abstract_rules=_extended_rules(root, patterns, file),
    )


def _load(file: Path, pack: Path, depth: int) -> etree._Element:
    """A file and, in their places, what it includes. Comments and processing instructions are dropped."""
    found = existing(file, pack)
    if found is None:
        raise SchematronUnusable(file.name, "the file is absent")
    if depth > _DEEPEST:
        raise SchematronUnusable(file.name, "it includes itself")
    try:
        root = parse_xml(found.read_bytes())
    except (XmlRefused, OSError):
        raise SchematronUnusable(file.name, "not readable XML") from None
    etree.strip_tags(root, etree.Comment, etree.ProcessingInstruction)
    for include in list(root.iter(_sch("include"))):
        href, _, fragment = include.get("href", "").partition("#")
        parent = include.getparent()
        if parent is None or not href:
            raise SchematronUnusable(file.name, "an include names no file")
        part = _load(found.parent / href, pack, depth + 1)
        if fragment:
            part = next((e for e in part.iter(f"{{{_NAMESPACE}}}*") if e.get("id") == fragment), part)
        part.tail = include.tail
        parent.replace(include, part)
    return root


def _fill_abstract_patterns(root: etree._Element, file: Path) -> None:
    """Replaces each `is-a` pattern by its abstract one with the parameters filled in, and drops the abstract ones."""
    abstract = {p.get("id"): p for p in root.iter(_sch("pattern")) if p.get("abstract") == "true"}
    for instance in [p for p in root.iter(_sch("pattern")) if p.get("is-a")]:
        model = abstract.get(instance.get("is-a"))
        parent = instance.getparent()
        if model is None or parent is None:
            raise SchematronUnusable(file.name, f"there is no abstract pattern {instance.get('is-a')}")
        values = {p.get("name", ""): p.get("value", "") for p in instance.iter(_sch("param"))}
        filled = deepcopy(model)
        _substitute(filled, values)
        del filled.attrib["abstract"]
        filled.set("id", instance.get("id", ""))
        parent.replace(instance, filled)
    for model in abstract.values():
        parent = model.getparent()
        if parent is not None:
            parent.remove(model)


def _substitute(pattern: etree._Element, values: Mapping[str, str]) -> None:
    if not values:
        return
    parameter = re.compile(r"\$(" + "|".join(re.escape(name) for name in values) + r")(?![\w.-])")
    for element in pattern.iter():
        for name, text in element.attrib.items():
            element.set(name, parameter.sub(lambda found: values[found[1]], text))


def _global_lets(root: etree._Element, file: Path) -> tuple[Let, ...]:
    lets: dict[str, Let] = {}
    for parent in (root, *root.iter(_sch("pattern"))):
        for element in parent.findall(_sch("let")):
            let = _let(element)
            if lets.setdefault(let.name, let) != let:
                raise SchematronUnusable(file.name, f"the variable {let.name} has two values")
    return tuple(lets.values())


def _patterns(root: etree._Element) -> Iterator[Pattern]:
    phase = root.get("defaultPhase")
    active: set[str | None] | None = None
    if phase and phase != "#ALL":
        declared = [p for p in root.iter(_sch("phase")) if p.get("id") == phase]
        active = {a.get("pattern") for p in declared for a in p.iter(_sch("active"))}
    for number, element in enumerate(root.iter(_sch("pattern"))):
        rules = tuple(_rule(r) for r in element.iter(_sch("rule")) if r.get("abstract") != "true")
        if rules and (active is None or element.get("id") in active):
            yield Pattern(element.get("id") or f"pattern-{number}", rules)


def _extended_rules(root: etree._Element, patterns: tuple[Pattern, ...], file: Path) -> dict[str, Rule]:
    """The abstract rules in use; the others may not even compile (undeclared prefixes)."""
    known = {r.get("id", ""): r for r in root.iter(_sch("rule")) if r.get("abstract") == "true"}
    used: dict[str, Rule] = {}
    waiting = [step.rule for p in patterns for r in p.rules for step in r.steps if isinstance(step, Extends)]
    while waiting:
        name = waiting.pop()
        if name in used:
            continue
        if name not in known:
            raise SchematronUnusable(file.name, f"there is no abstract rule {name}")
        used[name] = _rule(known[name])
        waiting += [step.rule for step in used[name].steps if isinstance(step, Extends)]
    return used


def _rule(element: etree._Element) -> Rule:
    return Rule(element.get("context", ""), tuple(_steps(element)))


def _steps(rule: etree._Element) -> Iterator[Step]:
    for child in rule:
        if child.tag == _sch("let"):
            yield _let(child)
        elif child.tag == _sch("extends"):
            yield Extends(child.get("rule", ""))
        elif child.tag in {_sch("assert"), _sch("report")}:
            test = child.get("test", "false()")
            role = child.get("role") or rule.get("role") or "error"
            yield Check(test if child.tag == _sch("report") else f"not({test})", tuple(_message(child)), role)


def _let(element: etree._Element) -> Let:
    return Let(element.get("name", ""), element.get("value") or "()")


def _message(check: etree._Element) -> Iterator[str | Value]:
    """The text, less the blanks between two values; `emph`, `dir` and `span` count as the text in them."""
    if check.text and not check.text.isspace():
        yield check.text
    for child in check:
        if child.tag == _sch("value-of"):
            yield Value(child.get("select") or "()")
        elif child.tag == _sch("name"):
            yield Value(f"name({child.get('path') or '.'})")
        else:
            yield from _message(child)
        if child.tail and not child.tail.isspace():
            yield child.tail


def rules_to_copy(schema: Schema) -> frozenset[str]:
    """The abstract rules that must be copied into the rules that extend them, because variables cross the border:
    the extending rule uses a variable of theirs, or they use one of the extending rule."""
    outside = {let.name for let in schema.lets}
    copied: set[str] = set()
    own = {
        name: {step.name for step in rule.steps if isinstance(step, Let)}
        for name, rule in schema.abstract_rules.items()
    }
    needed = {name: _used(rule) - own[name] - outside for name, rule in schema.abstract_rules.items()}
    copied |= {name for name, names in needed.items() if names}
    for pattern in schema.patterns:
        for rule in pattern.rules:
            used = _used(rule) - outside - {step.name for step in rule.steps if isinstance(step, Let)}
            copied |= {s.rule for s in rule.steps if isinstance(s, Extends) and used & own[s.rule]}
    return frozenset(copied)


def _used(rule: Rule) -> set[str]:
    used: set[str] = set()
    for step in rule.steps:
        if isinstance(step, Let):
            used |= variables(step.value)
        elif isinstance(step, Check):
            used |= variables(step.test).union(*(variables(p.select) for p in step.message if isinstance(p, Value)))
    return used
