"""What a mail of the mailbox is: documents, a report on a mail that was sent, or something for a person.

Nothing is raised, whatever the bytes; the archive is not opened here (see `xds.xdm_reading`).
Source: ANS, volet "Transmission au LPS d'un document CDA par courriel MSS"; référentiel socle MSSanté #2 (headers).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final

from dui_bridge.connectors.mssante import reading_rules as rules
from dui_bridge.connectors.mssante.mime import Section, read_section
from dui_bridge.connectors.mssante.notices import (
    Notice,
    Told,
    address_in,
    addresses_in,
    is_automatic,
    is_bulk,
    ko_code,
    not_integrated,
    of_bounce,
    of_delivery,
    of_disposition,
    text_of,
)
from dui_bridge.findings import Finding

ARCHIVE: Final = "ihe_xdm.zip"
_SUBJECT: Final = re.compile(r"XDM/\d\.\d/DDM\b", re.IGNORECASE)
_ZIPS: Final = frozenset({"application/zip", "application/x-zip-compressed", "application/x-zip"})
_METADATA: Final = b"metadata.xml"
_DIRECTORY: Final = 65_536
"""Bytes at the end of a zip where its names are looked for."""
_ID: Final = re.compile(r"<([^<>]{1,900})>")
_MOST_HEADERS: Final = 65_536
_QUOTED_ID: Final = re.compile(r"^[ \t>]*Message-ID:[ \t]*(<[^<>\n]{1,900}>)", re.IGNORECASE | re.MULTILINE)
_MARKS: Final = re.compile(r"\A\s*(?:\[[^\[\]]{0,80}\]\s*){0,3}")
"""What stands before the subject of the original in that of a report: `[KO Intégration système !][902]`."""
_WORST: Final = (Told.NOT_INTEGRATED, Told.FAILED, Told.DELAYED, Told.DELETED, Told.UNTOLD, Told.READ, Told.DELIVERED)


class Kind(StrEnum):
    """What a mail is."""

    XDM = "xdm"
    DSN = "dsn"
    MDN = "mdn"
    INTEGRATION_ERROR = "integration_error"
    BOUNCE = "bounce"  # not delivered, told in words only
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Original:
    """The mail that another one is about, as far as that one says: how the delivery is found.

    Args:
        message_id: without its brackets.
        envelope_id: ENVID of its submission.
        recipients: the addresses that it was sent to.
        subject: in clear.
    """

    message_id: str = ""
    envelope_id: str = ""
    recipients: tuple[str, ...] = ()
    subject: str = ""

    @property
    def references(self) -> tuple[str, ...]:
        """What may name the delivery, the surest first."""
        return tuple(dict.fromkeys(one for one in (self.message_id, self.envelope_id) if one))


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a mail: its name in clear, and where its bytes are."""

    name: str
    media: str
    section: Section = field(repr=False)


@dataclass(frozen=True)
class ReadMail:
    """A mail, read.

    Args:
        code: of what it tells, see `Notice`; of the worst notice when it is about several recipients.
        message_id: without its brackets; empty without one.
        sender, to, reply_to: addresses. return_path: `<>` of a machine; empty when the server did not keep it.
        answer_to: where a receipt is asked for (Disposition-Notification-To).
        subject: in clear, with its prefix. at: when it was sent (aware); None when it does not say.
        headers: the `X-MSS-*`, by their names in lower case.
        original: of a report, the mail that it is about; of another mail, what it answers.
        archive: of kind xdm, the `IHE_XDM.zip`.
        attached: the other files.
        automatic: a machine wrote it. bulk: it came to many, by a list.
    """

    kind: Kind
    code: str = ""
    message_id: str = ""
    sender: str = ""
    to: str = ""
    reply_to: str = ""
    return_path: str = ""
    answer_to: str = ""
    subject: str = ""
    at: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    original: Original | None = None
    notices: tuple[Notice, ...] = ()
    archive: bytes | None = field(default=None, repr=False)
    attached: tuple[Attached, ...] = ()
    text: str = field(default="", repr=False)
    automatic: bool = False
    bulk: bool = False
    findings: tuple[Finding, ...] = ()


def read_mail(data: bytes) -> ReadMail:
    """What a mail is and what it says, from its bytes; never raises."""
    mail = read_section(data)
    if not mail.headers:
        return ReadMail(Kind.OTHER, findings=(Finding(rules.EMPTY),))
    sender = address_in(mail.value("from"))
    subject = mail.text("subject")
    read = ReadMail(
        Kind.OTHER,
        message_id=_message_id(mail.value("message-id")),
        sender=sender,
        to=address_in(mail.value("to")),
        reply_to=address_in(mail.value("reply-to")),
        return_path=mail.value("return-path").strip(),
        answer_to=address_in(mail.value("disposition-notification-to")),
        subject=subject,
        at=_moment(mail.value("date")),
        text=text_of(mail),
        headers=tuple((name, values[0]) for name, values in mail.headers.items() if name.startswith("x-mss-")),
        automatic=is_automatic(mail, sender),
        bulk=is_bulk(mail),
    )
    found = _report(mail, read) or _documents(mail, read) or _bounce(mail, read) or _letter(mail, read)
    return replace(found, findings=(*_form(mail), *found.findings))


def _report(mail: Section, read: ReadMail) -> ReadMail | None:
    """A DSN, an MDN, or an integration error in either of its forms."""
    parts = list(mail.leaves())
    disposition = _first(parts, "message/disposition-notification", "message/global-disposition-notification")
    status = _first(parts, "message/delivery-status", "message/global-delivery-status")
    if disposition is not None:
        named, notices = of_disposition(disposition, read.subject, read.text)
        known = Original(message_id=_message_id(named))
        kind = Kind.INTEGRATION_ERROR if any(one.told is Told.NOT_INTEGRATED for one in notices) else Kind.MDN
    elif status is not None:
        envelope, notices = of_delivery(status, read.text)
        known, kind = Original(envelope_id=envelope), Kind.DSN
    elif ko_code(read.subject) is not None:
        # Without a demand for a receipt an integration error comes as a common mail.
        notices = (not_integrated("", read.subject, read.text),)
        known, kind = Original(), Kind.INTEGRATION_ERROR
    else:
        return None
    wrong = () if notices else (Finding(rules.REPORT_EMPTY),)
    return _about(replace(read, kind=kind, notices=notices, findings=wrong), mail, known)


def _bounce(mail: Section, read: ReadMail) -> ReadMail | None:
    back = _returned(mail)
    to = () if back is None else addresses_in(back.value("to"))
    notices = of_bounce(mail, read.sender, read.subject, read.text, (read.sender.lower(), read.to.lower()), to)
    if not notices:
        return None
    return _about(replace(read, kind=Kind.BOUNCE, notices=notices), mail, Original())


def _about(read: ReadMail, mail: Section, known: Original) -> ReadMail:
    """The report with the mail that it is about, from every place that tells of it."""
    returned = _returned(mail)
    quoted = _QUOTED_ID.search(read.text)
    candidates = (
        known.message_id,
        _message_id(returned.value("message-id")) if returned is not None else "",
        # The bridge submits a mail under its Message-ID.
        known.envelope_id.strip("<>") if "@" in known.envelope_id else "",
        _message_id(quoted[1]) if quoted is not None else "",
        _message_id(mail.value("in-reply-to")),
        _last_id(mail.value("references")),
    )
    told = tuple(one.recipient for one in read.notices if one.recipient)
    to = address_in(returned.value("to")) if returned is not None else ""
    recipients = told or ((to,) if to else (read.sender,) if read.kind is not Kind.BOUNCE and read.sender else ())
    subject = (returned.text("subject") if returned is not None else "") or _MARKS.sub("", read.subject).strip()
    original = Original(next((one for one in candidates if one), ""), known.envelope_id, recipients, subject)
    findings = [*read.findings]
    if not original.references:
        findings.append(Finding(rules.NOT_TIED))
    worst = min(read.notices, key=lambda one: _WORST.index(one.told), default=None)
    code = worst.code if worst is not None else ""
    if read.kind is Kind.INTEGRATION_ERROR and not code:
        findings.append(Finding(rules.NO_CODE))
    return replace(read, original=original, code=code, findings=tuple(findings))


def _documents(mail: Section, read: ReadMail) -> ReadMail | None:
    """A mail that brings an archive; one that only announces it is told as such."""
    files = _files(mail)
    zips = [one for one in files if one.media in _ZIPS or one.name.lower().endswith(".zip")]
    archives = [one for one in zips if one.name.replace("\\", "/").rpartition("/")[2].lower() == ARCHIVE]
    if not archives:
        announced = _SUBJECT.search(read.subject) is not None
        archives = [one for one in zips if announced or _METADATA in one.section.data()[-_DIRECTORY:].lower()]
    if not archives:
        return None
    findings = (Finding(rules.SEVERAL_ARCHIVES, values={"count": str(len(archives))}),) if len(archives) > 1 else ()
    others = tuple(one for one in files if one not in archives)
    archive = archives[0].section.data()
    found = replace(read, kind=Kind.XDM, archive=archive, attached=others, findings=findings)
    return replace(found, original=_answered(mail))


def _letter(mail: Section, read: ReadMail) -> ReadMail:
    """Any other mail: the answer of a person, a text."""
    announced = _SUBJECT.match(read.subject) is not None
    findings = (Finding(rules.NO_ARCHIVE),) if announced else ()
    return replace(read, attached=_files(mail), original=_answered(mail), findings=findings)


def _files(mail: Section) -> tuple[Attached, ...]:
    parts = (one for one in mail.leaves() if one.name or one.media.name in _ZIPS)
    return tuple(Attached(one.name, one.media.name, one) for one in parts)


def _answered(mail: Section) -> Original | None:
    named = _message_id(mail.value("in-reply-to")) or _last_id(mail.value("references"))
    return Original(message_id=named) if named else None


def _returned(mail: Section) -> Section | None:
    """The mail that a report brings back, or its headers."""
    returned = _first(
        mail.leaves(), "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"
    )
    if returned is None:
        return None
    return read_section(returned.start(_MOST_HEADERS))


def _first(parts: Iterable[Section], *names: str) -> Section | None:
    return next((one for one in parts if one.media.name in names), None)


def _form(mail: Section) -> Iterator[Finding]:
    for defect in dict.fromkeys(mail.all_defects()):
        en, fr = rules.DEFECTS[defect]
        yield Finding(rules.FORM, values={"defect": en, "defect_fr": fr})


def _message_id(value: str) -> str:
    """The first id of a header, without its brackets and the blanks that some write into it."""
    found = _ID.search(value)
    return "".join((found[1] if found is not None else value[:900]).split())


def _last_id(value: str) -> str:
    found = _ID.findall(value)
    return _message_id(found[-1]) if found else ""


def _moment(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value[:200])
        return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
