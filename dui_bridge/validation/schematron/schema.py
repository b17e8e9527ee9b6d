"""A Schematron as data: includes read, abstract patterns filled in, the phase chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Let:
    """A variable: its name and its XPath."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Value:
    """A part of a message that is an XPath."""

    select: str


Message: TypeAlias = tuple[str | Value, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """An assertion. `test` is the XPath of the hit: that of a report, the negation of that of an assert."""

    test: str
    message: Message
    role: str


@dataclass(frozen=True, slots=True)
class Extends:
    """The place where an abstract rule is called."""

    rule: str


Step: TypeAlias = Let | Check | Extends


@dataclass(frozen=True, slots=True)
class Rule:
    """What is checked of the nodes that `context`, an XSLT pattern, matches; an abstract rule has an empty one."""

    context: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rules of which at most one, the first that matches, fires for a node."""

    id: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Schema:
    """A whole Schematron.

    Args:
        file: the Schematron; relative addresses of `doc()` and `document()` start from its folder.
        pack: the folder that no address may leave.
        namespaces: prefix → namespace.
        lets: the variables of the schema and of all its patterns. Official Schematrons use a pattern's variables from
            other patterns, so all are global.
        patterns: those of the phase in force, each with at least one rule.
        abstract_rules: id → rule, only those that some rule extends.
    """

    file: Path
    pack: Path
    namespaces: Mapping[str, str]
    lets: tuple[Let, ...]
    patterns: tuple[Pattern, ...]
    abstract_rules: Mapping[str, Rule] = field(default_factory=dict)
