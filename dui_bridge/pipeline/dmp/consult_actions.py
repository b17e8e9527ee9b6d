"""What a professional does with the DMP of a person: search, open one document, mask, make visible, archive, delete."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from errno import EEXIST
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from dui_bridge.cda.reading_people import INS_ROOTS
from dui_bridge.cda.xml import HL7
from dui_bridge.connectors.dmp.contextual import Page, card_url
from dui_bridge.connectors.dmp.rights import Transaction
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.actions.desk import Desk, Done, given
from dui_bridge.pipeline.delivery.destinations import OpenDestination
from dui_bridge.pipeline.dmp.consult import Admitted, Request, Show, admitted, check
from dui_bridge.pipeline.dmp.consult_errors import NotComparable, NothingToChange, NotShown, OtherPerson
from dui_bridge.pipeline.dmp.consult_listing import Listing, listing
from dui_bridge.pipeline.dmp.consult_person import Asking, presumed
from dui_bridge.pipeline.dmp.errors import DmpNotDeclared
from dui_bridge.pipeline.dmp.opened import carried
from dui_bridge.pipeline.dmp.structure import entry_of, ours, settle_deleted
from dui_bridge.xds import queries
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.forms import dtm
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DEPRECATED
from dui_bridge.xmlsafe import XmlRefused, leading_children

_BLOCK: Final = 16_384
_HEADER: Final = 2_000_000
"""Bytes within which a document names its patient."""
_GOT: Final = {"sha1": "dmp_got", "size": "dmp_got_by_size"}
_CREATED: Final = "$XDSDocumentEntryCreationTime"


class Change(StrEnum):
    """What may be done to a document; the value is the name of the command."""

    MASK = "mask"
    UNMASK = "unmask"
    SHOW_PATIENT = "unhide patient"
    SHOW_REPRESENTATIVES = "unhide representatives"
    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    DELETE = "delete"


_MEANS: Final = {
    Change.MASK: (Transaction.MASK, "dmp_masked"),
    Change.UNMASK: (Transaction.MASK, "dmp_unmasked"),
    Change.SHOW_PATIENT: (Transaction.MAKE_VISIBLE, "dmp_shown_patient"),
    Change.SHOW_REPRESENTATIVES: (Transaction.MAKE_VISIBLE, "dmp_shown_representatives"),
    Change.ARCHIVE: (Transaction.ARCHIVE, "dmp_archived"),
    Change.UNARCHIVE: (Transaction.ARCHIVE, "dmp_unarchived"),
    Change.DELETE: (Transaction.DELETE, "dmp_deleted"),
}
"""Whose right it takes, and what it is called once it is done."""


def search(
    desk: Desk,
    destination: OpenDestination,
    asked: Asking,
    show: Show,
    *,
    since: date | None = None,
    until: date | None = None,
    every: bool = False,
    situation: int | None = None,
) -> Listing:
    """TD3.1a: the documents of a person.

    Args:
        since, until: first and last local day of their creation.
        every: also those that are archived or replaced.
    Raises:
        ConsultationRefused, FixConfiguration: the DMP was not asked.
        DuiBridgeError: nobody signed in, or as the DMP answers.
    """
    zone = asked.establishment.timezone
    bounds = ((f"{_CREATED}From", since), (f"{_CREATED}To", until and until + timedelta(days=1)))
    more = [queries.time(name, dtm(datetime.combine(day, time(), zone))) for name, day in bounds if day is not None]
    statuses = (APPROVED, ARCHIVED, DEPRECATED) if every else (APPROVED,)
    request = Request("dmp search", Transaction.SEARCH, situation=situation)
    with admitted(desk, destination, asked, request, show) as dmp:
        found = dmp.client.search(dmp.ins, dmp.acting, *more, statuses=statuses)
    return listing(asked.subject, found.contents.entries, zone, whole=found.whole)


def get(
    desk: Desk,
    destination: OpenDestination,
    asked: Asking,
    show: Show,
    unique_id: str,
    out: Path,
    *,
    situation: int | None = None,
) -> Done:
    """TD3.2: one document, written to a file of this user's only when it is what was registered, as far as that can be
    verified, and this person's.

    Raises:
        FileUnusable: the file is there already, or cannot be written.
        ConsultationRefused, FixConfiguration: the DMP was not asked.
        OtherPerson, NotComparable, DocumentAltered: what came is not kept.
        DuiBridgeError: nobody signed in, or as the DMP answers.
    """
    if out.exists():
        raise FileUnusable(file=str(out), reason="it is there already", reason_fr="il existe déjà")
    request = Request("dmp get", Transaction.READ, unique_id, situation)
    with _beside(out) as folder, admitted(desk, destination, asked, request, show) as dmp:
        entry = _found(dmp, unique_id)
        kept = dmp.client.retrieve(entry, dmp.ins, dmp.acting, Path(folder) / "document")
        _compare(kept.path, dmp.ins, unique_id, asked.subject)
        _move(kept.path, out)
    values: dict[str, Json] = {
        "unique_id": unique_id,
        "subject": asked.subject,
        "file": str(out),
        "size": kept.size,
        "sha1": kept.sha1,
        "verified": list(kept.verified),
    }
    return Done(next((_GOT[one] for one in kept.verified), "dmp_got_unverified"), values)


def change(
    desk: Desk,
    destination: OpenDestination,
    asked: Asking,
    show: Show,
    unique_id: str,
    what: Change,
    *,
    reason: str | None = None,
    situation: int | None = None,
) -> Done:
    """TD3.3: changes how a document stands in the DMP.

    Args:
        reason: needed for a deletion.
    Raises:
        ReasonMissing, ConsultationRefused, FixConfiguration: the DMP was not asked.
        NotShown: it does not have the document, or does not show it to this professional.
        NothingToChange: it stands so already.
        DuiBridgeError: nobody signed in, or as the DMP answers.
    """
    if what is Change.DELETE:
        reason = given(reason or "")
    transaction, done = _MEANS[what]
    request = Request(f"dmp {what.value}", transaction, unique_id, situation, reason)
    with admitted(desk, destination, asked, request, show) as dmp:
        entry = _to_delete(desk, destination, dmp, unique_id) if what is Change.DELETE else _found(dmp, unique_id)
        changes = entry is not None and _changes(entry, what)
        if entry is None:
            done = "dmp_gone"
        elif changes:
            _carry_out(dmp, entry, what)
        result = done.removeprefix("dmp_")
        if what is Change.DELETE:
            settle_deleted(desk, ours(desk, destination, unique_id))
            desk.audit(request.action, asked.subject, document=unique_id, result=result)
        else:
            # From whom it is hidden counts for the version that replaces it (`delivery.masks`), whoever made it so.
            desk.audit(request.action, unique_id, result=result, changed=changes)
            if not changes:
                raise NothingToChange(unique_id=unique_id)
    values = {"unique_id": unique_id, "subject": asked.subject, "destination": destination.name}
    return Done(done, values)


def web(desk: Desk, destination: OpenDestination, asked: Asking, page: Page) -> Done:
    """TD0.9: the address of the person's DMP on its site for professionals, who sign in there. Nothing is called.

    Raises:
        ConsultationRefused: the rules of access refuse.
        WebUnknown, AddressOfOtherProfile: the site is not configured, or may not be.
    """
    settings = destination.settings
    if not isinstance(settings, DmpSettings):
        raise DmpNotDeclared
    request = Request("dmp web", Transaction.SEARCH)
    ins = check(desk, asked, request, presumed(asked, desk.now))
    address = card_url(settings.web, desk.site.profile, page, ins)
    desk.audit(request.action, asked.subject, page=page.value)
    return Done("dmp_web", {"subject": asked.subject, "url": address.url})


def _to_delete(desk: Desk, destination: OpenDestination, dmp: Admitted, unique_id: str) -> DocumentEntry | None:
    """What is to be deleted; None: it came there from here, for this person, and is gone already. Raises NotShown."""
    located = dmp.client.locate(unique_id, dmp.ins, dmp.acting)
    if located is not None and located.entry is not None:
        return located.entry
    mine = ours(desk, destination, unique_id)
    of = carried(desk, destination, mine, unique_id) if mine else None
    if of is None or of.ins != dmp.ins:
        raise NotShown(unique_id=unique_id, destination=dmp.name)
    return None if located is None else entry_of(of, located.entry_uuid)


def _found(dmp: Admitted, unique_id: str) -> DocumentEntry:
    located = dmp.client.locate(unique_id, dmp.ins, dmp.acting)
    if located is None or located.entry is None:
        raise NotShown(unique_id=unique_id, destination=dmp.name)
    return located.entry


def _changes(entry: DocumentEntry, what: Change) -> bool:
    """Whether it would make a difference."""
    match what:
        case Change.MASK:
            return Mask.PROFESSIONALS not in entry.masks
        case Change.UNMASK:
            return Mask.PROFESSIONALS in entry.masks
        case Change.SHOW_PATIENT:
            return Mask.PATIENT in entry.masks
        case Change.SHOW_REPRESENTATIVES:
            return Mask.LEGAL_REPRESENTATIVES in entry.masks
        case Change.ARCHIVE:
            return entry.status != ARCHIVED
        case Change.UNARCHIVE:
            return entry.status == ARCHIVED
    return True


def _carry_out(dmp: Admitted, entry: DocumentEntry, what: Change) -> None:
    client, ins, acting = dmp.client, dmp.ins, dmp.acting
    match what:
        case Change.MASK:
            client.mask(entry, {Mask.PROFESSIONALS}, ins, acting)
        case Change.UNMASK:
            client.mask(entry, (), ins, acting)
        case Change.SHOW_PATIENT:
            client.make_visible(entry, Mask.PATIENT, ins, acting)
        case Change.SHOW_REPRESENTATIVES:
            client.make_visible(entry, Mask.LEGAL_REPRESENTATIVES, ins, acting)
        case Change.ARCHIVE:
            client.archive(entry, ins, acting)
        case Change.UNARCHIVE:
            client.unarchive(entry, ins, acting)
        case Change.DELETE:
            client.delete(entry, ins, acting)


def _beside(out: Path) -> AbstractContextManager[str]:
    """A folder of this user's on the same disk: what is in it when the block ends was not kept."""
    try:
        return TemporaryDirectory(prefix=".dmp-", dir=out.parent)
    except OSError as error:
        raise FileUnusable(file=str(out), **os_reasons(error)) from None


def _compare(path: Path, ins: QualifiedIns, unique_id: str, subject: str) -> None:
    """The INS of the document with that of the person, before anybody sees it."""
    try:
        with path.open("rb") as stream:
            blocks = iter(partial(stream.read, _BLOCK), b"")
            targets = leading_children(blocks, f"{{{HL7}}}recordTarget", max_bytes=_HEADER)
    except XmlRefused:
        raise NotComparable(unique_id=unique_id) from None
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None
    root = targets[0].getparent() if targets else None
    if root is None or root.tag != f"{{{HL7}}}ClinicalDocument":
        raise NotComparable(unique_id=unique_id)
    ids = [id for one in targets for id in one.iterfind(f"{{{HL7}}}patientRole/{{{HL7}}}id")]
    if {id.get("extension") for id in ids if id.get("root") in INS_ROOTS} != {ins.matricule}:
        raise OtherPerson(unique_id=unique_id, subject=subject)


def _move(path: Path, out: Path) -> None:
    """Under its name, unless something has taken it meanwhile."""
    try:
        if out.exists():
            raise FileExistsError(EEXIST, "exists")
        path.rename(out)
    except OSError as error:
        raise FileUnusable(file=str(out), **os_reasons(error)) from None
