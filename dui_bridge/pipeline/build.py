"""One document: its body, its CDA, its checks. Bytes come out, or findings; nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, BinaryIO

from dui_bridge.cda.content import DocumentDates, HeaderContent, Item, document_content, document_dates
from dui_bridge.cda.ips.content import ips_author, ips_content, ips_dates, ips_type
from dui_bridge.cda.ips.document import build_ips
from dui_bridge.cda.ips.needs import ips_needs
from dui_bridge.cda.ips.origins import body_paths
from dui_bridge.cda.level1 import build_level1
from dui_bridge.cda.needs import document_needs
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Severity
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import ProjetPersonnalise, TypeDocument
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.pipeline import rules
from dui_bridge.validation.cda_rules import validate_cda
from dui_bridge.validation.official import official_checker
from dui_bridge.validation.pdf import LARGEST, check_pdf
from dui_bridge.validation.pdf_rules import GLYPH_MISSING
from dui_bridge.validation.rules import Use
from dui_bridge.xmlsafe import parse_xml

if TYPE_CHECKING:
    from dui_bridge.pdf.fonts import MissingGlyph


@dataclass(frozen=True)
class Body:
    """The PDF of a level 1 document, and what was found while making or reading it."""

    pdf: bytes
    rendered: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What a document is made from.

    Args:
        kind: the type of document.
        key: the DUI's own key of it.
        dossier: whose.
        item: the project or ready-made document; None for a summary of the clinical part.
        path: model path of the item.
        establishment: under which it stands.
        ins: the INS that may leave, or None.
    """

    kind: TypeDocument
    key: str
    dossier: Dossier
    item: Item | None
    path: str
    establishment: Establishment
    ins: QualifiedIns | None

    @property
    def fichier(self) -> str | None:
        """The vendor's own file, when there is one."""
        return self.item.fichier if self.item is not None else None


def needs(subject: Subject) -> tuple[Finding, ...]:
    """What prevents the document (errors), or is left out of it (warnings)."""
    if subject.item is None:
        return ips_needs(subject.dossier, subject.kind, subject.establishment)
    return document_needs(subject.dossier, subject.item, subject.establishment, subject.path)


def make_body(subject: Subject, opener: Callable[[str], BinaryIO]) -> Body:
    """The vendor's own PDF, unchanged, when the item names one; else a rendering of the project or of the summary.

    Errors of the file (missing, empty, locked, not a PDF) are findings at the path of its name.
    """
    if subject.fichier is not None:
        return _vendor_body(subject.fichier, f"{subject.path}.fichier", opener)
    if subject.item is None:
        return _summary_body(subject)
    if isinstance(subject.item, ProjetPersonnalise):
        return _rendered_body(subject, subject.item)
    missing = Finding(rules.FILE_UNREADABLE, path=f"{subject.path}.fichier", values={"file": "—", "reason": "—"})
    return Body(b"", rendered=False, findings=(missing,))


def _vendor_body(ref: str, path: str, opener: Callable[[str], BinaryIO]) -> Body:
    try:
        with opener(ref) as stream:
            data = stream.read(LARGEST + 1)
    except DuiBridgeError as error:
        values = {"file": ref, "reason": error.values.get("reason", "")}
        return Body(b"", False, (Finding(rules.FILE_UNREADABLE, path=path, values=values),))
    if len(data) > LARGEST:
        values = {"file": ref, "limit": str(LARGEST // (1024 * 1024))}
        return Body(b"", False, (Finding(rules.FILE_TOO_LARGE, path=path, values=values),))
    report = check_pdf(data, ours=False)
    return Body(data, False, tuple(Finding(f.rule, path=path, values=f.values) for f in report.findings))


def _rendered_body(subject: Subject, projet: ProjetPersonnalise) -> Body:
    # Loading what draws takes most of a second: a run where nothing changed does without it.
    from dui_bridge.pdf.projet_personnalise import render_projet_personnalise

    dates = document_dates(projet)
    if dates is None:
        raise ValueError("the needs of this document are not met")
    created = _midnight(subject, dates)
    made = render_projet_personnalise(subject.dossier, projet, subject.establishment, ins=subject.ins, created=created)
    return Body(made.data, True, tuple(_missing(glyph) for glyph in made.missing))


def _summary_body(subject: Subject) -> Body:
    from dui_bridge.pdf.synthese import DrawnUp, render_synthese

    dates = ips_dates(subject.dossier)
    author = ips_author(subject.dossier, subject.establishment)
    declared = ips_type(subject.kind)
    if dates is None or author is None or declared is None:
        raise ValueError("the needs of this document are not met")
    drawn_up = DrawnUp(declared.coded.display, dates.effective, author)
    created = _midnight(subject, dates)
    made = render_synthese(subject.dossier, drawn_up, subject.establishment, ins=subject.ins, created=created)
    return Body(made.data, True, tuple(_missing(glyph) for glyph in made.missing))


def _midnight(subject: Subject, dates: DocumentDates) -> datetime:
    """The day of the document, never the clock: the same content gives the same bytes."""
    return datetime.combine(dates.effective, time(), subject.establishment.timezone)


def _missing(glyph: MissingGlyph) -> Finding:
    """A character that is replaced by a box: tolerable in a text, never in an identity."""
    values = {"character": glyph.character, "code_point": glyph.code_point, "where": glyph.where}
    severity = Severity.ERROR if glyph.where.startswith("usager.") else None
    return Finding(GLYPH_MISSING, path=glyph.where, values=values, severity_override=severity)


@dataclass(frozen=True)
class Made:
    """A CDA, what its header says, and which fact of the dossier stands where in its body (XPath → model path)."""

    data: bytes
    header: HeaderContent
    body_paths: Mapping[str, str]


def make_cda(subject: Subject, ids: DocumentIds, body: Body) -> Made:
    """The CDA around the body. Raises ValueError when the needs are not met."""
    if subject.item is None:
        summary = ips_content(subject.dossier, subject.kind, subject.establishment, ids, subject.ins)
        data = build_ips(summary, body.pdf)
        return Made(data, summary.header, body_paths(summary, parse_xml(data, huge=True)))
    content = document_content(subject.dossier, subject.item, subject.establishment, ids, subject.ins)
    return Made(build_level1(content, body.pdf), content, {})


def digests(data: bytes) -> tuple[str, str]:
    """SHA-1 (which XDS asks for) and SHA-256, in hexadecimal."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest(), hashlib.sha256(data).hexdigest()


def validate(data: bytes, *, rendered: bool) -> tuple[Finding, ...]:
    """What our own rules find in a document that is to leave, and the official suite when its pack is installed;
    `rendered` when its PDF is ours."""
    own = validate_cda(data, Use.SENT, ours=rendered)
    official = official_checker()
    return own if official.pack is None else (*own, *official.check(data, Use.SENT))
