"""Tells what a mail of MSSanté is, for a person or a machine: `mssante decode`."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.connectors.mssante.mime import in_clear
from dui_bridge.connectors.mssante.notices import Notice
from dui_bridge.connectors.mssante.reading import Original, ReadMail, read_mail
from dui_bridge.findings import Finding
from dui_bridge.xds.xdm_reading import Archive, read_xdm

MAX_BYTES: Final = 100_000_000
"""Largest mail that is decoded."""

Json = dict[str, Any]


def decode(data: bytes) -> tuple[Json, tuple[Finding, ...]]:
    """What a mail holds, as JSON takes it, and what is wrong with the mail itself; never raises.

    Returns:
        `kind` (xdm, dsn, mdn, integration_error, bounce, other); `code` (of an integration error, a reply code of a
        delivery, the word of a disposition; empty without any); `delivery`, the mail that it is about (None when it is
        about none): `message_id`, `envelope_id`, `recipients`, `subject`; `notices`, one a recipient; `message`, its
        own headers; `documents` of an archive.
        No finding tells that a delivery failed: a report that says so is a right report.
    """
    mail = read_mail(data)
    archive = None if mail.archive is None else read_xdm(mail.archive)
    findings = mail.findings if archive is None else (*mail.findings, *archive.findings)
    return {
        "kind": mail.kind.value,
        "code": mail.code,
        "delivery": None if mail.original is None else _original(mail.original),
        "notices": [_notice(one) for one in mail.notices],
        "message": _message(mail),
        "documents": [] if archive is None else _documents(archive),
    }, findings


def _original(original: Original) -> Json:
    return {
        "message_id": original.message_id,
        "envelope_id": original.envelope_id,
        "recipients": list(original.recipients),
        "subject": original.subject,
    }


def _notice(notice: Notice) -> Json:
    finding = notice.finding
    told = {"en": "", "fr": ""} if finding is None else {"en": finding.message("en"), "fr": finding.message("fr")}
    return {
        "told": notice.told.value,
        "recipient": notice.recipient,
        "final_recipient": notice.final,
        "code": notice.code,
        "status": notice.status,
        "words": notice.words,
        "cause": "" if notice.cause is None else notice.cause.id,
        "message": told,
        "suspect": notice.suspect,
    }


def _message(mail: ReadMail) -> Json:
    return {
        "message_id": mail.message_id,
        "from": mail.sender,
        "to": mail.to,
        "date": None if mail.at is None else mail.at.isoformat(),
        "subject": mail.subject,
        "receipt_to": mail.answer_to,
        "headers": {name: in_clear(value) for name, value in mail.headers},
        "attachments": [one.name for one in mail.attached],
    }


def _documents(archive: Archive) -> list[Json]:
    """The documents of an archive; no trait of the patient."""
    return [
        {
            "file": one.name,
            "taken": one.data is not None,
            "unique_id": one.entry.unique_id,
            "title": one.entry.title,
            "type": None if one.entry.type_code is None else one.entry.type_code.code,
            "patient_id": one.entry.patient_id,
            "created": one.entry.creation_time,
        }
        for one in archive.documents
    ]
