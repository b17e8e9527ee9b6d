"""The check of a CDA document by our own rules: bytes in, findings out; strong without any official pack."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from itertools import chain, islice
from typing import Final

from dui_bridge.cda.xml import HL7, Element
from dui_bridge.findings import Finding
from dui_bridge.validation import cda_envelope, cda_identity, cda_people, rules
from dui_bridge.validation.cda_document import Hit, each, first, place
from dui_bridge.validation.pdf import LARGEST, check_pdf
from dui_bridge.validation.rules import CdaRule, Use
from dui_bridge.xmlsafe import XmlRefused, parse_xml

MAX_BYTES: Final = LARGEST * 4 // 3 + 4 * 1024 * 1024
"""The largest PDF that is accepted, in base64, and a header."""

MAX_FINDINGS: Final = 200
"""What is told of one header; a hostile document could hold millions of faults."""

_REFUSED: Final[dict[str, CdaRule]] = {
    "not_xml": rules.NOT_XML,
    "doctype": rules.DOCTYPE,
    "too_large": rules.TOO_LARGE,
}
_CHECKS: Final = (*cda_envelope.CHECKS, *cda_identity.CHECKS, *cda_people.CHECKS)


def validate_cda(data: bytes, use: Use, *, ours: bool = False) -> tuple[Finding, ...]:
    """What our own rules find in a document; empty when nothing. Never raises, whatever the bytes.

    Args:
        data: the whole document.
        use: sent is stricter than received.
        ours: whether the bridge rendered the PDF of a level 1 body: anything but PDF/A-1 is an error then, a warning
            otherwise.

    A finding's `path` is an XPath without prefixes: `/ClinicalDocument/author/time`.
    """
    try:
        root = parse_xml(data, max_bytes=MAX_BYTES, huge=True)
    except XmlRefused as refused:
        row = _REFUSED[refused.reason]
        values = {"line": str(refused.line), "size": str(len(data))}
        return (Finding(row.rule, values=values, severity_override=row.severity(use)),)
    if root.tag != f"{{{HL7}}}ClinicalDocument":
        return (Finding(rules.NOT_CDA.rule, path=place(root), severity_override=rules.NOT_CDA.severity(use)),)
    hits = islice(chain.from_iterable(check(root) for check in _CHECKS), MAX_FINDINGS)
    return tuple(chain((_finding(hit, use) for hit in hits), _body(root, use, ours=ours)))


def _finding(hit: Hit, use: Use) -> Finding:
    return Finding(hit.row.rule, values=hit.values, path=place(hit.at), severity_override=hit.row.severity(use))


def _body(root: Element, use: Use, *, ours: bool) -> Iterator[Finding]:
    """The body: one, and for level 1 a PDF in base64."""
    unstructured, structured = each(root, "component/nonXMLBody"), each(root, "component/structuredBody")
    if len(unstructured) + len(structured) != 1:
        yield _finding(Hit(rules.BODY, root), use)
        return
    if not unstructured:
        return
    text = first(unstructured[0], "text")
    if text is None:
        yield _finding(Hit(rules.BODY, unstructured[0]), use)
        return
    if text.get("mediaType") != "application/pdf" or text.get("representation") != "B64":
        yield _finding(Hit(rules.BODY_TYPE, text), use)
        return
    try:
        pdf = binascii.a2b_base64("".join((text.text or "").split()), strict_mode=True)
    except (binascii.Error, ValueError):
        yield _finding(Hit(rules.BODY_BASE64, text), use)
        return
    for finding in check_pdf(pdf, ours=ours).findings:
        yield Finding(
            finding.rule, values=finding.values, path=place(text), severity_override=finding.severity_override
        )
