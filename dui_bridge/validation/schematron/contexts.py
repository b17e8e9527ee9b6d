"""Which nodes of a document a rule can match at all: so that only those are tried, not every node by every rule.

The context of a rule is an XSLT pattern. Without its conditions, it is a path whose nodes include all that the pattern
matches; the pattern itself is still tried on each of them, so that no hit hangs on this module's cleverness. Rules
whose bare paths can never lead to one node need not compete for it: they form separate `Group`s.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from dui_bridge.validation.schematron.schema import Pattern, Rule
from dui_bridge.validation.schematron.xpath import closing, is_string, meaningful, quoted, split, tokens, unquoted

TEMPLATE_KEY: Final = "sch:template"
"""The name of the XSLT key: elements by the root of one of their templateIds."""

HL7: Final = "urn:hl7-org:v3"
_NODE_TEST: Final = re.compile(r"@?(?:\*|[\w.-]+(?::(?:[\w.-]+|\*))?)\Z")
_KIND_TEST: Final = frozenset({"text()", "node()"})


@dataclass(frozen=True, slots=True)
class _Step:
    """One step of a context: what separates it from the step before, its node test as written and with the namespace
    in place of the prefix, the template that it asks for."""

    separator: str
    test: str
    expanded: str
    template: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that compete for the same nodes, and the XPath of those nodes; None: every node of the document.

    Args:
        rules: with their rank in the pattern, in its order.
        nodes: an XPath; it may use the key, and the variables that `starts` names.
    """

    rules: tuple[tuple[int, Rule], ...]
    nodes: str | None


def groups(pattern: Pattern, starts: dict[str, str], namespaces: Mapping[str, str]) -> list[Group]:
    """The groups of a pattern.

    Args:
        starts: first step → name of a global variable that holds all elements of that name; filled here.
        namespaces: prefix → namespace.
    """
    ranked = list(enumerate(pattern.rules))
    paths = [_paths(rule.context, namespaces) for rule in pattern.rules]
    if any(path is None for path in paths):
        return [Group(tuple(ranked), None)]
    found: list[_Competing] = []
    by_name: dict[str, list[_Competing]] = defaultdict(list)
    for item, own in zip(ranked, paths, strict=True):
        mine = _Competing(list(own or ()), [item])
        names = mine.names()
        near = found if names is None else [*by_name[""], *(g for name in names for g in by_name[name])]
        for other in [g for g in near if g.rules and any(_meet(a, b) for a in g.paths for b in mine.paths)]:
            if other.rules:  # not taken over a moment ago, through another of its names
                mine.paths += other.paths
                mine.rules += other.rules
                other.rules = []
        found.append(mine)
        merged = mine.names()
        for name in {""} if merged is None else merged:
            by_name[name].append(mine)
    return [
        Group(tuple(sorted(g.rules, key=lambda r: r[0])), " | ".join(dict.fromkeys(_nodes(p, starts) for p in g.paths)))
        for g in found
        if g.rules
    ]


@dataclass(eq=False)
class _Competing:
    """Paths that may meet, and their rules; without rules once another has taken them over."""

    paths: list[list[_Step]]
    rules: list[tuple[int, Rule]]

    def names(self) -> set[str] | None:
        """The names of the nodes; None when one of the paths does not tell."""
        last = {path[-1].expanded for path in self.paths}
        return None if any("*" in name or name == "node()" for name in last) else last


def _paths(context: str, namespaces: Mapping[str, str]) -> list[list[_Step]] | None:
    """The steps of each alternative of a context; None when there is something that this module does not know."""
    paths = []
    for _, alternative in split(meaningful(tokens(context)), frozenset({"|", "union"})):
        steps = _steps(alternative, namespaces)
        if steps is None:
            return None
        paths.append(steps)
    return paths


def _steps(parts: Sequence[str], namespaces: Mapping[str, str]) -> list[_Step] | None:
    if parts == ["/"]:
        return [_Step("/", "", "", None)]
    steps = []
    for index, (separator, step) in enumerate(split(parts, frozenset({"/", "//"}))):
        if index == 0 and not step:
            continue  # the leading / or //
        end = step.index("[") if "[" in step else len(step)
        test = "".join(step[:end])
        if not _NODE_TEST.match(test) and test not in _KIND_TEST:
            return None
        steps.append(_Step(separator or "//", test, _expanded(test, namespaces), _template(step[end:], namespaces)))
    return steps or None


def _expanded(test: str, namespaces: Mapping[str, str]) -> str:
    axis, name = ("@", test[1:]) if test.startswith("@") else ("", test)
    prefix, colon, local = name.rpartition(":")
    return f"{axis}{{{namespaces.get(prefix, prefix)}}}{local}" if colon else test


def _template(predicates: Sequence[str], namespaces: Mapping[str, str]) -> str | None:
    """The root in `[cda:templateId/@root='X']`, alone or with more conditions joined by `and`."""
    start = 0
    while start < len(predicates):
        end = closing(predicates, start)
        if predicates[start] != "[" or end < 0:
            return None
        inner = predicates[start + 1 : end]
        start = end + 1
        if any(separator == "or" for separator, _ in split(inner, frozenset({"or"}))):
            continue
        for _, condition in split(inner, frozenset({"and"})):
            match condition:
                case [name, "/", "@", "root", "=", root] | [name, "[", "@", "root", "=", root, "]"] if is_string(root):
                    prefix, _, local = name.rpartition(":")
                    if local == "templateId" and namespaces.get(prefix) == HL7:
                        return unquoted(root)
                case _:
                    continue
    return None


def _meet(one: Sequence[_Step], other: Sequence[_Step]) -> bool:
    """Whether two bare paths can lead to the same node: no name differs, read from the node upwards."""
    for a, b in zip(reversed(one), reversed(other), strict=False):
        if a.expanded != b.expanded and not ("*" in a.expanded + b.expanded or "node()" in {a.expanded, b.expanded}):
            return False
        if a.separator == "//" or b.separator == "//":
            return True
    return True


def _nodes(steps: Sequence[_Step], starts: dict[str, str]) -> str:
    """The XPath of the nodes that a bare path leads to."""
    last = max((index for index, step in enumerate(steps) if step.template is not None), default=None)
    if last is not None:
        step = steps[last]
        start = f"key('{TEMPLATE_KEY}', {quoted(step.template or '')}, /)"
        if step.test != "*":
            start += f"[self::{step.test}]"
        rest = steps[last + 1 :]
    elif steps[0].separator == "/":
        start, rest = f"/{steps[0].test}", steps[1:]
    else:
        start = "$" + starts.setdefault(steps[0].test, f"sch:start-{len(starts)}")
        rest = steps[1:]
    return start + "".join(step.separator + step.test for step in rest)
