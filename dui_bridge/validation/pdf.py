"""Checks of a PDF, ours or a vendor's, before it is carried: is it a PDF at all, whole, open, and what it declares.

What a file declares is not what it is: whether a document is valid PDF/A-1b is for a validator to say. Importing this
module sets qpdf's process-wide limits, so that a hostile file can use neither much memory nor much time.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

import pikepdf
from pikepdf import Pdf

from dui_bridge.findings import Finding, Rule, Severity
from dui_bridge.validation import pdf_rules as rules

LARGEST = 100 * 1024 * 1024
"""Bytes; what is larger is refused unread."""

_DECODED = 64 * 1024 * 1024
_LONGEST_XMP = 1024 * 1024
_MOST_PAGES = 5_000
_DEEPEST_FORM = 4
_TAIL = 2048

_PART = re.compile(rb"pdfaid:part\s*(?:=\s*[\"']|>)\s*(\d)")
_CONFORMANCE = re.compile(rb"pdfaid:conformance\s*(?:=\s*[\"']|>)\s*([A-Za-z])")

_MALFORMED = (
    pikepdf.PdfError,
    pikepdf.DataDecodingError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
"""What qpdf and pikepdf raise on malformed objects, met one by one by mutating files."""

pikepdf.settings.set_qpdf_limits(
    doc_max_warnings=100,
    flate_max_memory=_DECODED,
    png_max_memory=_DECODED,
    run_length_max_memory=_DECODED,
    tiff_max_memory=_DECODED,
)

logging.getLogger("pikepdf").addHandler(logging.NullHandler())  # what it says of a bad file is in our findings


@dataclass(frozen=True)
class PdfReport:
    """What was found.

    Args:
        findings: in the order of the table of rules; none of them has a place.
        pages: how many pages, None when it could not be read.
        declared: `PDF/A-1b`, `PDF/A-3a`…, empty when nothing is declared.
    """

    findings: tuple[Finding, ...]
    pages: int | None = None
    declared: str = ""

    @property
    def is_acceptable(self) -> bool:
        """Whether no finding is an error."""
        return not any(finding.is_error for finding in self.findings)


def check_pdf(data: bytes, *, ours: bool) -> PdfReport:
    """Checks a PDF; never raises, whatever the bytes.

    Args:
        data: the whole file.
        ours: whether we made it: fonts not embedded, or no PDF/A-1, are errors then and warnings otherwise.
    """
    if not data:
        return PdfReport((Finding(rules.EMPTY),))
    if len(data) > LARGEST:
        return PdfReport((Finding(rules.TOO_LARGE, values={"size": str(len(data)), "limit": str(LARGEST)}),))
    if not data.startswith(b"%PDF-"):
        return PdfReport((Finding(rules.NOT_A_PDF),))
    try:
        with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            return _check_open(pdf, data, Severity.ERROR if ours else None)
    except pikepdf.PasswordError:
        return PdfReport((Finding(rules.ENCRYPTED),))
    except _MALFORMED:
        return PdfReport((Finding(rules.UNREADABLE),))


def _check_open(pdf: Pdf, data: bytes, severity: Severity | None) -> PdfReport:
    if pdf.is_encrypted:
        return PdfReport((Finding(rules.ENCRYPTED),))
    pages = len(pdf.pages)
    if not pages or b"%%EOF" not in data[-_TAIL:]:
        return PdfReport((Finding(rules.UNREADABLE),))
    findings: list[Finding] = []
    loose = sum(not _is_embedded(font) for font in _fonts(pdf))
    declared = _declared(pdf)
    if pdf.get_warnings():
        findings.append(Finding(rules.REPAIRED))
    if loose:
        findings.append(_finding(rules.FONT_NOT_EMBEDDED, severity, count=str(loose)))
    if not declared.startswith("PDF/A-1"):
        findings.append(_finding(rules.NOT_PDF_A1, severity, declared=declared or "—"))
    return PdfReport(tuple(findings), pages, declared)


def _finding(rule: Rule, severity: Severity | None, **values: str) -> Finding:
    return Finding(rule, values=values, severity_override=severity)


def _declared(pdf: Pdf) -> str:
    """The PDF/A part and conformance of the XMP, read by pattern: PDF/A fixes the prefix, no XML is parsed."""
    metadata = pdf.Root.get("/Metadata")
    if not isinstance(metadata, pikepdf.Stream) or len(metadata.read_raw_bytes()) > _LONGEST_XMP:
        return ""
    packet = metadata.read_bytes()[:_LONGEST_XMP]
    part, conformance = _PART.search(packet), _CONFORMANCE.search(packet)
    if part is None:
        return ""
    return f"PDF/A-{part[1].decode()}{conformance[1].decode().lower() if conformance else ''}"


def _fonts(pdf: Pdf) -> Iterator[pikepdf.Object]:
    """The fonts that the pages and their forms name, each once."""
    seen: set[tuple[int, int]] = set()
    for page in islice(pdf.pages, _MOST_PAGES):
        yield from _fonts_of(page.resources, seen, _DEEPEST_FORM)


def _fonts_of(resources: pikepdf.Object, seen: set[tuple[int, int]], depth: int) -> Iterator[pikepdf.Object]:
    if not _is_new(resources, seen):
        return
    yield from _entries(resources.get("/Font"), seen)
    if depth:
        for form in _entries(resources.get("/XObject"), seen):
            if "/Resources" in form:
                yield from _fonts_of(form.Resources, seen, depth - 1)


def _entries(group: object, seen: set[tuple[int, int]]) -> Iterator[pikepdf.Object]:
    if isinstance(group, pikepdf.Dictionary) and _is_new(group, seen):
        for _, entry in group.items():
            if isinstance(entry, (pikepdf.Dictionary, pikepdf.Stream)) and _is_new(entry, seen):
                yield entry


def _is_new(value: pikepdf.Object, seen: set[tuple[int, int]]) -> bool:
    """False for an object of the file that was met before: what many pages share is walked once."""
    if not value.is_indirect:
        return True
    known = value.objgen in seen
    seen.add(value.objgen)
    return not known


def _is_embedded(font: pikepdf.Object) -> bool:
    if font.get("/Subtype") == pikepdf.Name.Type3:
        return True
    descendants = font.get("/DescendantFonts")
    if isinstance(descendants, pikepdf.Array) and len(descendants):
        font = descendants[0]
    descriptor = font.get("/FontDescriptor")
    return isinstance(descriptor, pikepdf.Dictionary) and any(
        isinstance(descriptor.get(key), pikepdf.Stream) for key in ("/FontFile", "/FontFile2", "/FontFile3")
    )
