"""One document: its body, its CDA, its checks. Bytes come out, or findings; nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time
from typing import BinaryIO

from dui_bridge.cda.content import Item, document_content, document_dates
from dui_bridge.cda.level1 import build_level1
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Severity
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.accompagnement import ProjetPersonnalise
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.pdf.fonts import MissingGlyph
from dui_bridge.pdf.projet_personnalise import render_projet_personnalise
from dui_bridge.pipeline import rules
from dui_bridge.validation.cda_rules import validate_cda
from dui_bridge.validation.pdf import LARGEST, check_pdf
from dui_bridge.validation.pdf_rules import GLYPH_MISSING
from dui_bridge.validation.rules import Use


@dataclass(frozen=True)
class Body:
    """The PDF of a level 1 document, and what was found while making or reading it."""

    pdf: bytes
    rendered: bool
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Subject:
    """What a document is made from: the item of the dossier, whose, where, and the INS that may leave."""

    dossier: Dossier
    item: Item
    path: str
    establishment: Establishment
    ins: QualifiedIns | None


def make_body(subject: Subject, opener: Callable[[str], BinaryIO]) -> Body:
    """The vendor's own PDF, unchanged, when the item names one; else a rendering of a projet personnalisé.

    Errors of the file (missing, empty, locked, not a PDF) are findings at the path of its name.
    """
    if subject.item.fichier is not None:
        return _vendor_body(subject.item.fichier, f"{subject.path}.fichier", opener)
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
    dates = document_dates(projet)
    if dates is None:
        raise ValueError("the needs of this document are not met")
    zone = subject.establishment.timezone
    created = datetime.combine(dates.effective, time(), zone)
    made = render_projet_personnalise(subject.dossier, projet, subject.establishment, ins=subject.ins, created=created)
    return Body(made.data, True, tuple(_missing(glyph) for glyph in made.missing))


def _missing(glyph: MissingGlyph) -> Finding:
    """A character that is replaced by a box: tolerable in a text, never in an identity."""
    values = {"character": glyph.character, "code_point": glyph.code_point, "where": glyph.where}
    severity = Severity.ERROR if glyph.where.startswith("usager.") else None
    return Finding(GLYPH_MISSING, path=glyph.where, values=values, severity_override=severity)


def make_cda(subject: Subject, ids: DocumentIds, body: Body) -> bytes:
    """The CDA around the body. Raises ValueError when the needs of the document are not met."""
    content = document_content(subject.dossier, subject.item, subject.establishment, ids, subject.ins)
    return build_level1(content, body.pdf)


def digests(data: bytes) -> tuple[str, str]:
    """SHA-1 (which XDS asks for) and SHA-256, in hexadecimal."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest(), hashlib.sha256(data).hexdigest()


def validate(data: bytes, *, rendered: bool) -> tuple[Finding, ...]:
    """What our own rules find in a document that is to leave; `rendered` when its PDF is ours."""
    return validate_cda(data, Use.SENT, ours=rendered)
