"""Documents of a repository (ITI-43): the question, and the answer with where the bytes of each document are.

Sources: IHE ITI TF-2 §3.43; schema XDS.b_DocumentRepository.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from lxml.builder import ElementMaker

from dui_bridge.cda.reading_values import text
from dui_bridge.cda.xml import Element, clean
from dui_bridge.xds.entries import DocumentEntry
from dui_bridge.xds.messages import (
    Attached,
    RegistryResponse,
    read_attached,
    read_registry_response,
    registry_response,
    unexpected,
)
from dui_bridge.xds.vocabulary import NSMAP, RS, XDSB, XOP

_XDSB: Final = ElementMaker(namespace=XDSB, nsmap=NSMAP)
_XOP: Final = ElementMaker(namespace=XOP, nsmap={"xop": XOP})


@dataclass(frozen=True, slots=True)
class DocumentRequest:
    """A document, by its uniqueId (never the entryUUID) in the repository of its entry."""

    repository_id: str
    unique_id: str
    home: str | None = None


@dataclass(frozen=True, slots=True)
class DocumentResponse:
    """A document that was found, and where its bytes are."""

    repository_id: str
    unique_id: str
    mime_type: str
    content: Attached
    home: str | None = None


@dataclass(frozen=True, slots=True)
class RetrieveResponse:
    """The answer: its status and errors, and the documents that were found."""

    response: RegistryResponse
    documents: tuple[DocumentResponse, ...] = ()


def retrieve_request(requests: Iterable[DocumentRequest]) -> Element:
    """The `xdsb:RetrieveDocumentSetRequest`."""
    return _XDSB.RetrieveDocumentSetRequest(
        *(_XDSB.DocumentRequest(*_ids(one.home, one.repository_id, one.unique_id)) for one in requests)
    )


def read_retrieve_request(element: Element) -> tuple[DocumentRequest, ...]:
    """A `RetrieveDocumentSetRequest`.

    Raises:
        NotXds: it is none.
    """
    if element.tag != f"{{{XDSB}}}RetrieveDocumentSetRequest":
        raise unexpected(element)
    return tuple(
        DocumentRequest(
            _said(one, "RepositoryUniqueId"), _said(one, "DocumentUniqueId"), _said(one, "HomeCommunityId") or None
        )
        for one in element.iterfind(f"{{{XDSB}}}DocumentRequest")
    )


def retrieve_response(answer: RetrieveResponse) -> Element:
    """The `xdsb:RetrieveDocumentSetResponse`."""
    return _XDSB.RetrieveDocumentSetResponse(
        registry_response(answer.response),
        *(
            _XDSB.DocumentResponse(
                *_ids(one.home, one.repository_id, one.unique_id),
                _XDSB.mimeType(clean(one.mime_type)),
                _document(one.content),
            )
            for one in answer.documents
        ),
    )


def read_retrieve_response(element: Element) -> RetrieveResponse:
    """A `RetrieveDocumentSetResponse`.

    Raises:
        NotXds: it is none, or has no status.
    """
    response = element.find(f"{{{RS}}}RegistryResponse")
    if element.tag != f"{{{XDSB}}}RetrieveDocumentSetResponse" or response is None:
        raise unexpected(element)
    return RetrieveResponse(
        read_registry_response(response),
        tuple(_response(one) for one in element.iterfind(f"{{{XDSB}}}DocumentResponse")),
    )


def is_that_document(entry: DocumentEntry, data: bytes) -> bool:
    """Whether these bytes are those that the registry registered: size and SHA-1, when its entry has them."""
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return (entry.hash is None or entry.hash.lower() == sha1) and (entry.size is None or entry.size == len(data))


def _response(element: Element) -> DocumentResponse:
    document = element.find(f"{{{XDSB}}}Document")
    return DocumentResponse(
        _said(element, "RepositoryUniqueId"),
        _said(element, "DocumentUniqueId"),
        _said(element, "mimeType"),
        Attached() if document is None else read_attached(document),
        _said(element, "HomeCommunityId") or None,
    )


def _ids(home: str | None, repository_id: str, unique_id: str) -> list[Element]:
    community = [] if home is None else [_XDSB.HomeCommunityId(clean(home))]
    ids = (_XDSB.RepositoryUniqueId(clean(repository_id)), _XDSB.DocumentUniqueId(clean(unique_id)))
    return [*community, *ids]


def _document(content: Attached) -> Element:
    if content.content_id is not None:
        return _XDSB.Document(_XOP.Include(href=f"cid:{quote(content.content_id, safe='@.-_')}"))
    return _XDSB.Document(b64encode(content.data or b"").decode("ascii"))


def _said(element: Element, tag: str) -> str:
    return text(element.find(f"{{{XDSB}}}{tag}")) or ""
