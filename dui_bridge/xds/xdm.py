"""Writes an archive of MSSanté, `IHE_XDM.zip`: documents of one patient, their metadata, and what a person may read.

Sources: IHE ITI TF-2 §3.32 (layout of the media, ISO 9660 names) and TF-1 §16 (XDM); CI-SIS, volet Échange de documents
de santé. The metadata are those of a deposit to the DMP, with the name, hash and size of each file, and no signature.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from typing import Final

from lxml import etree
from lxml.builder import ElementMaker

from dui_bridge.cda.xml import clean
from dui_bridge.findings import Finding
from dui_bridge.xds.check import check
from dui_bridge.xds.entries import Contents, DocumentEntry, SubmissionSet
from dui_bridge.xds.messages import submit_objects
from dui_bridge.xds.purpose import Policy, Purpose
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.submission import Submitted, deposit

FILE_NAME: Final = "IHE_XDM.zip"
"""Name of the archive in a mail."""
METADATA: Final = "METADATA.XML"
INDEX: Final = "INDEX.HTM"
README: Final = "README.TXT"
ROOT: Final = "IHE_XDM"
MAX_DOCUMENTS: Final = 99
"""Most documents of one archive."""

_SUBSET: Final = f"{ROOT}/SUBSET01"
_DTM: Final = "%Y%m%d%H%M%S"
_FIRST_MOMENT: Final = "19800101000000"
_FIRST: Final = (1980, 1, 1, 0, 0, 0)
_LAST_YEAR: Final = 2107
"""What the dates of a zip can hold, from its first moment on."""
_DOS_FILE: Final = 0x20
"""Attributes of an ordinary file."""
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_DOCTYPE: Final = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd">'
)
_XML_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_E: Final = ElementMaker(namespace=_XHTML, nsmap={None: _XHTML})


@dataclass(frozen=True, slots=True)
class XdmDocument:
    """A CDA document of an archive.

    Args:
        data: exactly as it was validated.
        entry: of `metadata.document_entry`, of these bytes; its id and uri are set here.
    """

    data: bytes
    entry: DocumentEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class XdmSender:
    """Who sends and with what, for the person who opens the archive; what is blank is left out.

    Args:
        name: of the professional, or of the structure when it is what sends.
        address: postal, on one line. phone, mail: to reach the sender.
        software, version, editor: the application.
    """

    name: str
    organization: str = ""
    address: str = ""
    phone: str = ""
    mail: str = ""
    software: str = "dui-bridge"
    version: str = ""
    editor: str = ""


def write(documents: Sequence[XdmDocument], submission: SubmissionSet, sender: XdmSender) -> bytes:
    """The bytes of `IHE_XDM.zip`; the same arguments give the same bytes.

    It checks nothing that `archive_findings` does: with a finding of severity error the archive must not be sent.

    Args:
        documents: of one patient, at least one; `Document01` is the first, in DOC0001.XML.
        submission: the lot; its time (UTC) is that of the files.

    Raises:
        ValueError: no document, or more than an archive may hold.
    """
    contents = archive_contents(documents, submission)
    moment = _moment(submission.submission_time)
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in _files(documents, contents, sender):
            info = zipfile.ZipInfo(name, moment)
            # What made it is never told: the same bytes on every system.
            info.create_system, info.external_attr, info.compress_type = 0, _DOS_FILE, zipfile.ZIP_DEFLATED
            target.writestr(info, data)
    return archive.getvalue()


def archive_findings(
    documents: Sequence[XdmDocument], submission: SubmissionSet, policy: Policy | None = None
) -> tuple[Finding, ...]:
    """What is wrong with an archive before it is written; with a finding of severity error it must not be sent.

    Raises:
        ValueError: as `write`.
    """
    contents = archive_contents(documents, submission)
    data = {entry.id: one.data for entry, one in zip(contents.entries, documents, strict=True)}
    return check(to_objects(contents), Purpose.ARCHIVE, documents=data, policy=policy)


def archive_contents(documents: Sequence[XdmDocument], submission: SubmissionSet) -> Contents:
    """The metadata of an archive: each entry with its symbolic id, its file, its hash and its size.

    A replacement is not told here: its entryUUID is known to registries only. The document itself names what it
    replaces.

    Raises:
        ValueError: no document, or more than an archive may hold.
    """
    if not 0 < len(documents) <= MAX_DOCUMENTS:
        raise ValueError(f"an archive holds 1 to {MAX_DOCUMENTS} documents")
    return deposit(submission, [Submitted(_placed(one, number)) for number, one in enumerate(documents, 1)])


def _placed(one: XdmDocument, number: int) -> DocumentEntry:
    sha1 = hashlib.sha1(one.data, usedforsecurity=False).hexdigest()
    uri = f"DOC{number:04d}.XML"
    return replace(one.entry, id=f"Document{number:02d}", uri=uri, hash=sha1, size=len(one.data))


def _moment(submitted: str | None) -> tuple[int, int, int, int, int, int]:
    """A DTM as a zip dates its files; the first date that it can hold when the DTM cannot be one."""
    text = submitted or ""
    try:
        at = datetime.strptime(text + _FIRST_MOMENT[len(text) :], _DTM).replace(tzinfo=UTC)
    except ValueError:
        return _FIRST
    if not _FIRST[0] <= at.year <= _LAST_YEAR:
        return _FIRST
    return (at.year, at.month, at.day, at.hour, at.minute, at.second)


def _files(documents: Iterable[XdmDocument], contents: Contents, sender: XdmSender) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file; what a person opens comes first."""
    yield INDEX, _index(contents.entries, sender)
    yield README, _readme(contents.entries, sender)
    metadata = submit_objects(contents)
    yield f"{_SUBSET}/{METADATA}", etree.tostring(metadata, encoding="UTF-8", xml_declaration=True)
    for entry, one in zip(contents.entries, documents, strict=True):
        yield f"{_SUBSET}/{entry.uri}", one.data


def _index(entries: Iterable[DocumentEntry], sender: XdmSender) -> bytes:
    """The page with a link to each file. It names no patient."""
    documents = (_E.li(_E.a(clean(one.title or one.uri or ""), href=f"{_SUBSET}/{one.uri}")) for one in entries)
    page = _E.html(
        {"lang": "fr", _XML_LANG: "fr"},
        _E.head(
            _E.meta({"http-equiv": "Content-Type", "content": "text/html; charset=UTF-8"}),
            _E.title("Documents de santé"),
        ),
        _E.body(
            _E.h1("Documents de santé"),
            _E.p(clean(" – ".join(text for _, text in _told(sender)))),
            _E.ul(*documents),
            _E.p(_E.a(README, href=README)),
        ),
    )
    return etree.tostring(page, encoding="UTF-8", xml_declaration=True, doctype=_DOCTYPE)


def _readme(entries: Iterable[DocumentEntry], sender: XdmSender) -> bytes:
    """The same in text, with the files and how to read them. It names no patient."""
    lines = [
        "Émetteur",
        *(f"  {label} : {text}" for label, text in _told(sender)),
        "",
        "Application",
        *(f"  {label} : {text}" for label, text in _application(sender)),
        "",
        "Mode d'emploi",
        "  Ouvrez INDEX.HTM dans un navigateur, ou intégrez l'archive dans votre logiciel.",
        "",
        "Fichiers",
        f"  {INDEX} : page d'accueil",
        f"  {README} : ce texte",
        f"  {_SUBSET}/{METADATA} : métadonnées",
        *(f"  {_SUBSET}/{one.uri} : {clean(one.title or '')}" for one in entries),
        "",
    ]
    return "\r\n".join(lines).encode("utf-8")


def _told(sender: XdmSender) -> list[tuple[str, str]]:
    return _known(
        ("Nom", sender.name),
        ("Structure", sender.organization),
        ("Adresse", sender.address),
        ("Téléphone", sender.phone),
        ("Messagerie", sender.mail),
    )


def _application(sender: XdmSender) -> list[tuple[str, str]]:
    return _known(("Nom", sender.software), ("Version", sender.version), ("Éditeur", sender.editor))


def _known(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    return [(label, clean(text)) for label, text in pairs if text.strip()]
