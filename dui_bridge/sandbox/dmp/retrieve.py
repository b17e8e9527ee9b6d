"""ITI-43: the documents that are asked for by uniqueId, beside the answer (IHE ITI TF-2 §3.43)."""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from lxml import etree

from dui_bridge.sandbox.dmp.forms import same_patient
from dui_bridge.sandbox.dmp.mime import Attachment
from dui_bridge.sandbox.dmp.objects import read_thing
from dui_bridge.sandbox.dmp.problems import Problem, made, registry_response
from dui_bridge.sandbox.dmp.queries import Ground
from dui_bridge.sandbox.dmp.rights import sees
from dui_bridge.sandbox.dmp.store import Document
from dui_bridge.sandbox.dmp.words import DELETED, PARTIAL_SUCCESS, REPOSITORY, XDSB, XOP

_MEDIA: Final = "text/xml"


def retrieve(
    request: etree._Element, ground: Ground, *, altered: bool = False
) -> tuple[etree._Element, list[Attachment]]:
    """The `RetrieveDocumentSetResponse`, and the documents in the order of the answer.

    Args:
        altered: one byte more than what was deposited, as a failing repository would give.
    """
    response = made(f"{{{XDSB}}}RetrieveDocumentSetResponse")
    attachments: list[Attachment] = []
    problems: list[Problem] = []
    for one in request.findall(f"{{{XDSB}}}DocumentRequest"):
        repository, unique_id = (
            (one.findtext(f"{{{XDSB}}}{name}") or "").strip() for name in ("RepositoryUniqueId", "DocumentUniqueId")
        )
        document = ground.store.document(unique_id)
        if repository != REPOSITORY:
            problems.append(Problem("XDSUnknownRepositoryId", "ce n'est pas cet entrepôt"))
        elif document is None or not _may_read(document, ground):
            problems.append(Problem("XDSDocumentUniqueIdError", "aucun document de cet uniqueId"))
        else:
            attachment = _attachment(document, ground, altered)
            attachments.append(attachment)
            response.append(_document(document, attachment))
    status = PARTIAL_SUCCESS if problems and attachments else None
    response.insert(0, registry_response(problems, status))
    return response, attachments


def _may_read(document: Document, ground: Ground) -> bool:
    if document.status == DELETED or not same_patient(document.patient, ground.caller.patient):
        return False
    return sees(ground.caller, ground.dossier, read_thing(document.element))


def _attachment(document: Document, ground: Ground, altered: bool) -> Attachment:
    path = ground.store.path(document.unique_id)
    content = path if document.signature is None else document.signature
    if altered:
        content = (content if isinstance(content, bytes) else content.read_bytes()) + b"\n"
    return Attachment(f"{uuid4()}@urn:ihe:iti:xds-b:2007", _MEDIA, content)


def _document(document: Document, attachment: Attachment) -> etree._Element:
    answered = etree.Element(f"{{{XDSB}}}DocumentResponse")
    values = (("RepositoryUniqueId", REPOSITORY), ("DocumentUniqueId", document.unique_id), ("mimeType", _MEDIA))
    for name, value in values:
        etree.SubElement(answered, f"{{{XDSB}}}{name}").text = value
    content = etree.SubElement(answered, f"{{{XDSB}}}Document")
    etree.SubElement(content, f"{{{XOP}}}Include", href=attachment.href, nsmap={"xop": XOP})
    return answered
