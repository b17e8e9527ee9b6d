"""The check of a CDA document by the official suite of a pack: its schema, then its Schematrons.

Each part is compiled when it is first needed, once per process. One processor per process: give each worker its own
process (spawned, not forked), threads gain nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Final

from lxml import etree

from dui_bridge.cda.xml import HL7
from dui_bridge.findings import Finding, Severity
from dui_bridge.validation import official_rules as rules
from dui_bridge.validation.cda_document import each, place
from dui_bridge.validation.cda_rules import MAX_BYTES, MAX_FINDINGS
from dui_bridge.validation.cisis_pack import COMMON, MODEL_TEMPLATES, MODELS, SCHEMA, load_schema
from dui_bridge.validation.packs import Kind, Pack, find_pack
from dui_bridge.validation.rules import Use
from dui_bridge.validation.schematron.engine import Hit, Outcome, Raised, Schematron, Unparsable, parse
from dui_bridge.validation.schematron.errors import SchematronUnusable
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_ROLES: Final = {
    **dict.fromkeys(("warning", "warn"), Severity.WARNING),
    **dict.fromkeys(("info", "information"), Severity.INFO),
}
"""What is not an error in the words of a Schematron."""

_STEP: Final = re.compile(r"/(?:Q\{([^}]*)\})?(@?[^/\[]+)(?:\[(\d+)\])?")


class OfficialChecker:
    """The official suite, or the absence of one."""

    def __init__(self, pack: Pack | None) -> None:
        """Reads nothing yet.

        Args:
            pack: of the kind CI-SIS; without one every check says so and nothing more.
        """
        self.pack: Final = pack
        self._schematrons: dict[str, Schematron | None] = {}

    def check(self, data: bytes, use: Use = Use.SENT) -> tuple[Finding, ...]:
        """What the suite finds in a document; empty when nothing. Never raises, whatever the bytes.

        What a Schematron refuses is an error in a document that we send and a warning in one that we receive (the
        suite is at times older than a document's model); what the schema refuses is an error in both. A finding's
        `path` is an XPath without prefixes: `/ClinicalDocument/author/time`.
        """
        if self.pack is None:
            return (Finding(rules.NO_PACK),)
        try:
            root = parse_xml(data, max_bytes=MAX_BYTES, huge=True)
        except XmlRefused:
            return (Finding(rules.UNREADABLE),)
        if root.tag != f"{{{HL7}}}ClinicalDocument":
            return (Finding(rules.UNREADABLE, path=place(root)),)
        return tuple(islice(self._findings(self.pack, data, root, use), MAX_FINDINGS))

    def rule_sets(self, data: bytes) -> tuple[str, ...]:
        """The names of what applies to a document that can be read, in the order of `check`: its schema, then its
        Schematrons, as findings name them. What is absent or does not work is among them."""
        if self.pack is None:
            return ()
        try:
            root = parse_xml(data, max_bytes=MAX_BYTES, huge=True)
        except XmlRefused:
            return ()
        return tuple(_name(one) for one in (SCHEMA, *COMMON, *self._models(root)))

    def _findings(self, pack: Pack, data: bytes, root: etree._Element, use: Use) -> Iterator[Finding]:
        yield from self._by_schema(pack, root)
        for model in self._unknown_models(root):
            yield Finding(rules.NO_MODEL, values={"pack": pack.name, "model": model})
        try:
            document = parse(data, root)
        except Unparsable:
            yield Finding(rules.UNREADABLE)
            return
        for name in (*COMMON, *self._models(root)):
            schematron = self._schematron(pack, name)
            if schematron is None:
                yield Finding(rules.NOT_AVAILABLE, values={"pack": pack.name, "part": _name(name)})
            else:
                yield from _told(schematron.name, schematron.run(document), root, use)

    def _by_schema(self, pack: Pack, root: etree._Element) -> Iterator[Finding]:
        if self._schema is None:
            yield Finding(rules.NOT_AVAILABLE, values={"pack": pack.name, "part": _name(SCHEMA)})
        elif not self._schema.validate(root):
            for error in self._schema.error_log:
                found = root.getroottree().xpath(error.path) if error.path else []
                at = found[0] if isinstance(found, list) and found else root
                path = place(at) if isinstance(at, etree._Element) else ""
                yield Finding(rules.SCHEMA, values={"message": error.message}, path=path)

    @cached_property
    def _schema(self) -> etree.XMLSchema | None:
        try:
            return load_schema(self.pack.folder) if self.pack else None
        except SchematronUnusable:
            return None

    def _schematron(self, pack: Pack, name: str) -> Schematron | None:
        """A Schematron of the pack, compiled once; None when it is absent or does not work."""
        if name not in self._schematrons:
            try:
                self._schematrons[name] = Schematron(pack.folder / name, pack.folder)
            except SchematronUnusable:
                self._schematrons[name] = None
        return self._schematrons[name]

    def _models(self, root: etree._Element) -> list[str]:
        return list(dict.fromkeys(MODELS[t] for t in _templates(root) if t in MODELS))

    def _unknown_models(self, root: etree._Element) -> list[str]:
        common = MODEL_TEMPLATES + "1"
        return [t for t in _templates(root) if t.startswith(MODEL_TEMPLATES) and t != common and t not in MODELS]


@cache
def official_checker(folder: Path | None = None) -> OfficialChecker:
    """The checker of this process, with the CI-SIS pack of the bridge's folder when there is one."""
    return OfficialChecker(find_pack(Kind.CISIS, folder))


def _name(part: str) -> str:
    """How findings name a part of a pack."""
    return Path(part).name if part == SCHEMA else Path(part).stem


def _templates(root: etree._Element) -> list[str]:
    return [template.get("root", "") for template in each(root, "templateId")]


def _told(name: str, outcome: Outcome, root: etree._Element, use: Use) -> Iterator[Finding]:
    for hit in outcome.hits:
        severity = _ROLES.get(hit.role.lower(), Severity.ERROR)
        values = {"schematron": name, "message": hit.message}
        yield Finding(rules.HIT, values=values, path=_place(hit, root), severity_override=_received(severity, use))
    for raised in outcome.raised:
        values = {"schematron": name, "pattern": raised.pattern or "?", "code": raised.code or "?"}
        severity = _received(rules.RAISED.severity, use)
        yield Finding(rules.RAISED, values=values, path=_place(raised, root), severity_override=severity)


def _received(severity: Severity, use: Use) -> Severity:
    return Severity.WARNING if use is Use.RECEIVED and severity is Severity.ERROR else severity


def _place(found: Hit | Raised, root: etree._Element) -> str:
    """The path that a Schematron gives, as the bridge's own rules write it."""
    steps = _STEP.findall(found.at)
    current: etree._Element | None = root
    for namespace, name, position in steps[1:]:
        if name.startswith("@"):
            return f"{place(root if current is None else current)}/{name}"
        tag = f"{{{namespace}}}{name}" if namespace else name
        current = None if current is None else current.find(f"{tag}[{position or 1}]")
    return found.at if current is None else place(current)
