"""Writes the XSLT 3 of a Schematron.

The plain one evaluates group after group (`contexts.Group`), and names a group that raised. The careful one is of those
groups only, and evaluates each assertion by itself, so that the one that raises is told and loses no other.
Result: `<sch:hits>` of `<sch:hit at="path()" check="number" pattern="…"><sch:value is="…"/>…</sch:hit>` (the
values of the message, in order), `<sch:failed group="number"/>` and `<sch:raised at="…" pattern="…" code="…"/>`.

What is compiled stays in memory as long as the process, so it is kept small: messages stay out of it, and a body is one
XPath. There is no local `xsl:variable`, `xsl:value-of` or required parameter: measured with SaxonC-HE 13.1, a compiled
stylesheet that has one keeps its whole source.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.validation.schematron.contexts import HL7, TEMPLATE_KEY, Group, groups
from dui_bridge.validation.schematron.documents import Documents, address_map, locals_of
from dui_bridge.validation.schematron.reading import rules_to_copy
from dui_bridge.validation.schematron.schema import Check, Extends, Let, Pattern, Rule, Schema, Step, Value
from dui_bridge.validation.schematron.xpath import quoted

NAMESPACE: Final = "urn:dui-bridge:schematron"
_XSL: Final = "http://www.w3.org/1999/XSL/Transform"
_XS: Final = "http://www.w3.org/2001/XMLSchema"
_FUNCTIONS: Final = f"""<xsl:stylesheet version="3.0" xmlns:xsl="{_XSL}" xmlns:xs="{_XS}" xmlns:sch="{NAMESPACE}"
    xmlns:map="http://www.w3.org/2005/xpath-functions/map" xmlns:err="http://www.w3.org/2005/xqt-errors">
  <xsl:function name="sch:doc">
    <xsl:param name="address" as="xs:string?"/>
    <xsl:sequence select="if (empty($address) or map:contains($sch:documents, $address))
                          then $address ! $sch:documents(.)
                          else error(QName('http://www.w3.org/2005/xqt-errors', 'err:FODC0002'))"/>
  </xsl:function>
  <xsl:function name="sch:hit">
    <xsl:param name="node" as="node()"/>
    <xsl:param name="check" as="xs:integer"/>
    <xsl:param name="pattern" as="xs:string"/>
    <xsl:param name="values" as="xs:string*"/>
    <sch:hit at="{{path($node)}}" check="{{$check}}" pattern="{{$pattern}}">
      <xsl:for-each select="$values"><sch:value is="{{.}}"/></xsl:for-each>
    </sch:hit>
  </xsl:function>
  <xsl:function name="sch:document">
    <xsl:param name="addresses" as="item()*"/>
    <xsl:sequence select="($addresses ! sch:doc(string(.))) | ()"/>
  </xsl:function>
  <xsl:function name="sch:doc-available" as="xs:boolean">
    <xsl:param name="address" as="xs:string?"/>
    <xsl:sequence select="exists($address) and map:contains($sch:documents, $address)"/>
  </xsl:function>
</xsl:stylesheet>"""


@dataclass(frozen=True)
class Stylesheet:
    """An XSLT and what it must be handed.

    Args:
        text: the XSLT.
        checks: what its hits name by number.
        documents: parameter (prefixed name) → file.
        only: parameter → the one element name (prefixed) that is looked up in it, None when all of it is needed.
        namespaces: of those names.
        missing: addresses of files that the Schematron reads and the pack lacks.
    """

    text: str
    checks: tuple[Check, ...]
    documents: Mapping[str, Path]
    only: Mapping[str, str | None]
    namespaces: Mapping[str, str]
    missing: tuple[str, ...]


def stylesheet(schema: Schema, careful_of: frozenset[int] | None = None) -> Stylesheet:
    """The XSLT of a Schematron.

    Args:
        careful_of: write the careful one of these groups.
    """
    return _Writer(schema, careful_of).write()


def _xsl(name: str) -> str:
    return f"{{{_XSL}}}{name}"


def _lets(steps: Sequence[Step]) -> list[Let]:
    return [step for step in steps if isinstance(step, Let)]


class _Writer:
    def __init__(self, schema: Schema, careful_of: frozenset[int] | None) -> None:
        self._schema = schema
        self._careful_of = careful_of
        self._called: list[str] = []
        self._checks: list[Check] = []
        self._documents = Documents(schema)
        self._copied = rules_to_copy(schema)
        names = {"map": "http://www.w3.org/2005/xpath-functions/map", "err": "http://www.w3.org/2005/xqt-errors"}
        self._root = etree.Element(
            _xsl("stylesheet"),
            nsmap={"xsl": _XSL, "xs": _XS, **names, **schema.namespaces, "sch": NAMESPACE},
            version="3.0",
        )
        self._root.set("expand-text", "no")

    def write(self) -> Stylesheet:
        schema, root = self._schema, self._root
        for let in schema.lets:
            self._add(root, "variable", name=let.name, select=self._documents.rewritten(let.value, {}))
        self._patterns()
        for name in self._called:  # grows while it is gone through
            template = self._add(root, "template", name=f"sch:{name}")
            self._add(template, "param", name="sch:pattern")
            self._body(template, self._flat(schema.abstract_rules[name].steps), "$sch:pattern")
        for declaration in etree.fromstring(_FUNCTIONS):
            root.append(declaration)
        self._handed_in()
        documents = self._documents
        return Stylesheet(
            etree.tostring(root, encoding="unicode"),
            tuple(self._checks),
            documents.files,
            documents.whole(),
            schema.namespaces,
            tuple(documents.missing),
        )

    def _add(self, parent: etree._Element, element: str, /, **attributes: str) -> etree._Element:
        return etree.SubElement(parent, _xsl(element), {key.replace("_", "-"): v for key, v in attributes.items()})

    def _patterns(self) -> None:
        starts: dict[str, str] = {}
        main = self._add(self._root, "template", match="/")
        hits = etree.SubElement(main, f"{{{NAMESPACE}}}hits")
        number = -1
        for pattern in self._schema.patterns:
            for group in groups(pattern, starts, self._schema.namespaces):
                number += 1
                if self._careful_of is None or number in self._careful_of:
                    self._group(hits, group, number, pattern)
        for test, variable in starts.items():
            self._add(self._root, "variable", name=variable, select=f"//{test}")
        hl7 = next((p for p, uri in self._schema.namespaces.items() if uri == HL7), None)
        if hl7 is not None:
            key = self._add(self._root, "key", name=TEMPLATE_KEY, match=f"*[{hl7}:templateId]")
            key.set("use", f"{hl7}:templateId/@root")

    def _group(self, hits: etree._Element, group: Group, number: int, pattern: Pattern) -> None:
        mode = f"sch:m{number}"
        everywhere = group.nodes is None
        self._add(self._root, "mode", name=mode, on_no_match="shallow-skip" if everywhere else "deep-skip")
        attempt = self._add(hits, "try")
        self._add(attempt, "apply-templates", select=group.nodes or "/", mode=mode)
        caught = self._add(attempt, "catch", errors="*")
        etree.SubElement(caught, f"{{{NAMESPACE}}}failed", group=str(number))
        for rank, rule in group.rules:
            self._template(rule, mode, len(pattern.rules) - rank, pattern.id, everywhere)

    def _template(self, rule: Rule, mode: str, priority: int, pattern: str, everywhere: bool) -> None:
        match = self._documents.rewritten(rule.context, {})
        template = self._add(self._root, "template", match=match, mode=mode, priority=str(priority))
        self._body(template, self._flat(rule.steps), quoted(pattern))
        if everywhere:
            self._add(template, "apply-templates", select="@* | node()", mode=mode)

    def _flat(self, steps: Sequence[Step]) -> list[Step]:
        """The steps, with the abstract rules that must be copied in their places."""
        flat: list[Step] = []
        for step in steps:
            if isinstance(step, Extends) and step.rule in self._copied:
                flat += self._flat(self._schema.abstract_rules[step.rule].steps)
            else:
                flat.append(step)
        return flat

    def _body(self, parent: etree._Element, steps: Sequence[Step], pattern: str) -> None:
        """Assertions and calls of abstract rules, in their order; `pattern` is the XPath of the pattern's id."""
        start = 0
        for index, step in enumerate(steps):
            if isinstance(step, Extends):
                self._run(parent, steps, start, index, pattern)
                start = index + 1
                if step.rule not in self._called:
                    self._called.append(step.rule)
                call = self._add(parent, "call-template", name=f"sch:{step.rule}")
                self._add(call, "with-param", name="sch:pattern", select=pattern)
        self._run(parent, steps, start, len(steps), pattern)

    def _run(self, parent: etree._Element, steps: Sequence[Step], start: int, end: int, pattern: str) -> None:
        """The assertions of the steps from `start` to before `end`, among which is no call."""
        checks = [index for index in range(start, end) if isinstance(steps[index], Check)]
        if self._careful_of is not None:
            for index in checks:
                self._alone(parent, self._expression([*_lets(steps[:index]), steps[index]], pattern), pattern)
        elif checks:
            hits = self._expression([*_lets(steps[:start]), *steps[start:end]], pattern)
            self._add(parent, "sequence", select=hits)

    def _expression(self, steps: Sequence[Step], pattern: str) -> str:
        """The XPath of the hits of assertions, with the variables that stand before each."""
        lets: list[Let] = []
        written: list[tuple[bool, str]] = []
        for step in steps:
            match step:
                case Let(name, value):
                    value = self._documents.rewritten(value, locals_of(lets))
                    written.append((True, f"let ${name} := ({value}) return"))
                    lets.append(step)
                case Check():
                    written.append((False, self._check(step, locals_of(lets), pattern)))
        items: list[str] = []
        for is_let, text in reversed(written):
            items = [f"{text} ({', '.join(items)})"] if is_let else [text, *items]
        return ", ".join(items)

    def _check(self, check: Check, known: Mapping[str, str], pattern: str) -> str:
        """The XPath of the hit of an assertion, empty when it holds."""
        values = [
            f"string-join(({self._documents.rewritten(part.select, known)}), ' ')"
            for part in check.message
            if isinstance(part, Value)
        ]
        test = self._documents.rewritten(check.test, known)
        self._checks.append(check)
        return f"if ({test}) then sch:hit(., {len(self._checks) - 1}, {pattern}, ({', '.join(values)})) else ()"

    def _alone(self, parent: etree._Element, hit: str, pattern: str) -> None:
        """One assertion in its own try."""
        attempt = self._add(parent, "try")
        self._add(attempt, "sequence", select=hit)
        caught = self._add(attempt, "catch", errors="*")
        code = "{local-name-from-QName($err:code)}"
        etree.SubElement(caught, f"{{{NAMESPACE}}}raised", at="{path(.)}", pattern=f"{{{pattern}}}", code=code)

    def _handed_in(self) -> None:
        documents = self._documents
        for (name, use), key in documents.keys.items():
            self._add(self._root, "key", name=key, match=name).set("use", use)
        for variable in documents.files:
            parameter = self._add(self._root, "param", name=variable)
            parameter.set("as", "document-node()?")
            parameter.set("select", "()")
        self._add(self._root, "variable", name="sch:documents", select=address_map(documents))
