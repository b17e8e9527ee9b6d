"""Writes the XSLT 3 of a Schematron.

The plain one evaluates group after group (`contexts.Group`), and names a group that raised. The careful one is of those
groups only, and evaluates each assertion by itself, so that the one that raises is told and loses no other.
Result: `<sch:hits>` of `<sch:hit at="path()" role="…" pattern="…">message</sch:hit>`, `<sch:failed group="number"/>`
and `<sch:raised at="…" pattern="…" code="…"/>`.
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
        documents: parameter (prefixed name) → file.
        only: parameter → the one element name (prefixed) that is looked up in it, None when all of it is needed.
        namespaces: of those names.
        missing: addresses of files that the Schematron reads and the pack lacks.
    """

    text: str
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


class _Writer:
    def __init__(self, schema: Schema, careful_of: frozenset[int] | None) -> None:
        self._schema = schema
        self._careful_of = careful_of
        self._called: list[str] = []
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
            self._body(template, self._flat(schema.abstract_rules[name].steps), "{$sch:pattern}")
        for declaration in etree.fromstring(_FUNCTIONS):
            root.append(declaration)
        self._handed_in()
        documents = self._documents
        return Stylesheet(
            etree.tostring(root, encoding="unicode"),
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
        self._body(template, self._flat(rule.steps), pattern.replace("{", "{{").replace("}", "}}"))
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
        lets: list[Let] = []
        for step in steps:
            match step:
                case Let():
                    if self._careful_of is None:
                        self._variable(parent, step, lets)
                    lets.append(step)
                case Extends(rule):
                    if rule not in self._called:
                        self._called.append(rule)
                    call = self._add(parent, "call-template", name=f"sch:{rule}")
                    plain = pattern.replace("{{", "{").replace("}}", "}")
                    select = "$sch:pattern" if pattern == "{$sch:pattern}" else quoted(plain)
                    self._add(call, "with-param", name="sch:pattern", select=select)
                case Check() if self._careful_of is not None:
                    self._alone(parent, step, lets, pattern)
                case Check():
                    self._check(parent, step, lets, pattern)

    def _variable(self, parent: etree._Element, let: Let, before: Sequence[Let]) -> None:
        select = self._documents.rewritten(let.value, locals_of(before))
        self._add(parent, "variable", name=let.name, select=select)

    def _check(self, parent: etree._Element, check: Check, lets: Sequence[Let], pattern: str) -> None:
        known = locals_of(lets)
        condition = self._add(parent, "if", test=self._documents.rewritten(check.test, known))
        hit = etree.SubElement(
            condition,
            f"{{{NAMESPACE}}}hit",
            at="{path(.)}",
            role=check.role.replace("{", "{{").replace("}", "}}"),
            pattern=pattern,
        )
        for part in check.message:
            if isinstance(part, Value):
                self._add(hit, "value-of", select=self._documents.rewritten(part.select, known))
            else:
                self._add(hit, "text").text = part

    def _alone(self, parent: etree._Element, check: Check, lets: Sequence[Let], pattern: str) -> None:
        """One assertion in its own try, with the variables that stand before it."""
        attempt = self._add(parent, "try")
        for index, let in enumerate(lets):
            self._variable(attempt, let, lets[:index])
        self._check(attempt, check, lets, pattern)
        caught = self._add(attempt, "catch", errors="*")
        code = "{local-name-from-QName($err:code)}"
        etree.SubElement(caught, f"{{{NAMESPACE}}}raised", at="{path(.)}", pattern=pattern, code=code)

    def _handed_in(self) -> None:
        documents = self._documents
        for (name, use), key in documents.keys.items():
            self._add(self._root, "key", name=key, match=name).set("use", use)
        for variable in documents.files:
            parameter = self._add(self._root, "param", name=variable)
            parameter.set("as", "document-node()")
            parameter.set("required", "yes")
        self._add(self._root, "variable", name="sch:documents", select=address_map(documents))
