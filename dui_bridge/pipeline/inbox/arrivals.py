"""Opens a mail with documents: its archive, its CDA, checked as received; or the files of one without an archive."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final

from dui_bridge.cda.reader import CdaDocument, NotCda, read_cda
from dui_bridge.cda.reading_people import INS_ROOTS, Patient
from dui_bridge.cda.reading_values import Identifier
from dui_bridge.connectors.mssante.reading import Attached, ReadMail
from dui_bridge.connectors.mssante.wording import plain
from dui_bridge.findings import Finding
from dui_bridge.ins.traits import Traits
from dui_bridge.journal.inbox_records import KnownMail
from dui_bridge.pipeline.inbox.records import Arrival, ReceivedDocument, Subject
from dui_bridge.validation.cda_rules import validate_cda
from dui_bridge.validation.official import official_checker
from dui_bridge.validation.rules import Use
from dui_bridge.xds import forms
from dui_bridge.xds.xdm_reading import ArchivedDocument, read_xdm

Check = Callable[[bytes], Sequence[Finding]]

_CANCELS: Final = re.compile(r"\[\s*(?:annule|annulation|annuler)\s*\]")
_PDF: Final = "application/pdf"
_HEAD: Final = 1024
"""Bytes within which a PDF says that it is one."""


def check_received(data: bytes) -> Sequence[Finding]:
    """What is wrong with a document that came: our own rules, and the official suite when its pack is installed."""
    return (*validate_cda(data, Use.RECEIVED), *official_checker().check(data, Use.RECEIVED))


def arrival(mail: ReadMail, *, mailbox: str, at: datetime, check: Check = check_received) -> Arrival:
    """A mail of kind xdm, opened; never raises, whatever it holds.

    Args:
        mailbox: the address that it came to.
        at: when it was fetched, aware.
    """
    archive = read_xdm(mail.archive or b"")
    pdfs = [one for one in mail.attached if _is_pdf(one)]
    # With several documents nothing says which PDF is which: only what is certain is handed over.
    alone = pdfs[0].section.data() if len(pdfs) == 1 and len(archive.documents) == 1 else None
    documents = tuple(_documents(archive.documents, alone, check))
    said = dict(mail.headers).get("x-mss-ins", "").strip().upper()
    return Arrival(
        message_id=mail.message_id,
        sender=mail.sender,
        mailbox=mailbox,
        at=at,
        documents=documents,
        qualified={"O": True, "N": False}.get(said),
        cancels=_CANCELS.search(plain(mail.subject).lower()) is not None,
        others=len(mail.attached) - (1 if alone is not None else 0),
        findings=(*mail.findings, *archive.findings),
        return_path=mail.return_path,
    )


def pdfs_of(mail: ReadMail) -> tuple[tuple[str, bytes], ...]:
    """The attached files that are a PDF: name and content."""
    files = ((one.name, one.section.data()) for one in mail.attached if _is_pdf(one))
    return tuple((name, data) for name, data in files if b"%PDF-" in data[:_HEAD])


def enclosed(mail: ReadMail, *, mailbox: str, at: datetime) -> Arrival:
    """The PDFs of a mail without an archive, for a person to file: of none it is known whose it is, or what.

    Args:
        mailbox, at: as of `arrival`.
    """
    found = {hashlib.sha256(data).hexdigest(): (name, data) for name, data in pdfs_of(mail)}
    documents = tuple(
        ReceivedDocument(f"sha256:{digest}", Subject(), digest, b"", title=name, pdf=data, pdf_from="attachment")
        for digest, (name, data) in found.items()
    )
    others = len(mail.attached) - len(documents)
    return Arrival(mail.message_id, mail.sender, mailbox, at, documents, others=others, return_path=mail.return_path)


def _is_pdf(one: Attached) -> bool:
    return one.media == _PDF or one.name.lower().endswith(".pdf")


def _documents(listed: Sequence[ArchivedDocument], alone: bytes | None, check: Check) -> Iterator[ReceivedDocument]:
    for one in listed:
        if one.data is None:
            continue  # the archive has said so
        named = (forms.component(one.entry.patient_id, 1), forms.authority(one.entry.patient_id, 4))
        yield document(one.data, named if named[1] in INS_ROOTS else ("", ""), alone, check)


def document(data: bytes, named: tuple[str, str], pdf: bytes | None, check: Check) -> ReceivedDocument:
    """The terms of a document, and what is wrong with it.

    Args:
        named: number and OID of the INS that the metadata give; both empty without one.
        pdf: one that came beside the archive.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    findings = tuple(check(data))
    try:
        cda = read_cda(data)
    except NotCda:
        return ReceivedDocument("", Subject(named=named), sha256, data, findings=findings)
    code = cda.code
    own = cda.body.pdf
    return ReceivedDocument(
        unique_id=cda.unique_id or "",
        subject=_subject(cda, named),
        sha256=sha256,
        data=data,
        set_id=_written(cda.set_id),
        version=cda.version,
        replaces=tuple(written for one in cda.replaced if (written := _written(one))),
        type_code=(code.code if code is not None else None) or "",
        type_label=(code.display if code is not None else None) or "",
        title=cda.title or "",
        author=_author(cda),
        created=cda.effective.at if cda.effective is not None else None,
        pdf=own or pdf,
        pdf_from="archive" if own else "attachment" if pdf is not None else "",
        findings=findings,
    )


def _subject(cda: CdaDocument, named: tuple[str, str]) -> Subject:
    """The person; without the number in a document that has none, or several."""
    patient = cda.patient
    ids = () if patient is None else patient.ids
    carried = [one for one in ids if one.root in INS_ROOTS and one.extension]
    matricule, oid = (carried[0].extension or "", carried[0].root or "") if len(carried) == 1 else ("", "")
    return Subject(matricule, oid, _traits(patient), named)


def _traits(patient: Patient | None) -> Traits:
    if patient is None:
        return Traits("", "", "", "", "", "")
    name = patient.names[0] if patient.names else None
    birth = patient.birth.day if patient.birth is not None else None
    return Traits(
        nom_naissance=(name.birth_name or name.family or "") if name is not None else "",
        prenoms=(name.given_names or name.first_given_name or "") if name is not None else "",
        premier_prenom=(name.first_given_name or "") if name is not None else "",
        sexe=(patient.sex.code or "") if patient.sex is not None else "",
        date_naissance=birth or "",
        lieu_naissance=(patient.birthplace.county or "") if patient.birthplace is not None else "",
    )


def _written(id: Identifier | None) -> str:
    """`root`, or `root^extension`; empty without a root."""
    if id is None or id.root is None:
        return ""
    return f"{id.root}^{id.extension}" if id.extension else id.root


def _author(cda: CdaDocument) -> str:
    """Who wrote it, for a person: the first author and the structure."""
    if not cda.authors:
        return ""
    party = cda.authors[0].party
    name = party.name.text if party.name is not None else ""
    structure = party.organization.name if party.organization is not None else None
    return ", ".join(one for one in (name, structure or "") if one)


def came_at(mail: KnownMail, read: ReadMail) -> datetime:
    """When a mail came, as it says itself: what is laid of it is the same after a restore, when it is fetched again."""
    return read.at or mail.at
