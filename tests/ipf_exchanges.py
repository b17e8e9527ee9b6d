"""What the tests of IPF send it, and how they read its answers: `ipf_peer` starts it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from itertools import count
from uuid import uuid4

import httpx
from lxml import etree

from dui_bridge.connectors.wire.mtom import MtomRequest, Part
from dui_bridge.connectors.wire.mtom_reading import MtomAnswer, read_answer
from dui_bridge.connectors.wire.soap import check_reply, content_type, open_envelope, secured_envelope
from dui_bridge.xds import queries
from dui_bridge.xds.entries import Contents, DocumentEntry, SubmissionSet
from dui_bridge.xds.lot import SignedDocument, sign_lot
from dui_bridge.xds.messages import RegistryResponse, provide_and_register, read_registry_response, submit_objects
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.queries import QueryResponse, StoredQuery, adhoc_query, read_query_response
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.submission import Submitted, deposit, signature_entry
from tests.ipf_peer import Ipf
from tests.xds_deposits import cda, entry, ins, lot
from tests.xds_signer import signer

ITI_18 = "urn:ihe:iti:2007:RegistryStoredQuery"
ITI_41 = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
ITI_43 = "urn:ihe:iti:2007:RetrieveDocumentSet"
ITI_57 = "urn:ihe:iti:2010:UpdateDocumentSet"
ASSERTION = b'<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"/>'
NUMBERS = count(1)


@dataclass(frozen=True)
class Deposit:
    """A lot with its signature, and the bytes of its documents by the id of their entries."""

    contents: Contents
    documents: Mapping[str, bytes]

    @property
    def lot(self) -> SubmissionSet:
        return self.contents.sets[0]

    @property
    def entry(self) -> DocumentEntry:
        return self.contents.entries[0]

    @property
    def data(self) -> bytes:
        return self.documents[self.entry.id]

    def body(self) -> etree._Element:
        ids = {name: f"{name}@test" for name in self.documents}
        return etree.fromstring(provide_and_register(to_objects(self.contents), ids))

    def sent_to(self, url: str, body: etree._Element | None = None, http: httpx.Client | None = None) -> MtomAnswer:
        parts = [Part(f"{n}@test", "text/xml", len(d), partial(BytesIO, d)) for n, d in self.documents.items()]
        message_id = f"urn:uuid:{uuid4()}"
        to_send = self.body() if body is None else body
        message = secured_envelope(to_send, ASSERTION, action=ITI_41, message_id=message_id, to=url)
        request = MtomRequest(message, parts, action=ITI_41, boundary=f"b-{uuid4()}")
        return exchanged(url, request, request.headers, message_id, http)


def oid() -> str:
    return f"2.25.31415926{next(NUMBERS)}"


def new_lot() -> SubmissionSet:
    return replace(lot(), unique_id=oid())


def new_deposit(replaces: str | None = None) -> Deposit:
    """A document of its own uniqueId, signed."""
    data = cda().replace(entry().unique_id.encode(), oid().encode())
    document, submission = document_entry(data, ins()), new_lot()
    signed = sign_lot(
        submission.unique_id,
        [SignedDocument(document.unique_id, data)],
        signer(),
        signature_id="_lot",
        at=datetime(2026, 11, 22, 5, tzinfo=UTC),
    )
    digest = hashlib.sha1(signed, usedforsecurity=False).hexdigest()
    signature = signature_entry(submission, document, unique_id=oid(), sha1=digest, size=len(signed))
    contents = deposit(submission, [Submitted(document, replaces)], signature)
    return Deposit(contents, {document.id: data, signature.id: signed})


def exchanged(
    url: str,
    content: bytes | MtomRequest,
    headers: Mapping[str, str],
    message_id: str,
    http: httpx.Client | None = None,
) -> MtomAnswer:
    """What is answered to our message."""
    with (http or httpx.Client(trust_env=False, timeout=30)).stream(
        "POST", url, content=content, headers=dict(headers)
    ) as response:
        answer = read_answer(response.status_code, response.headers, response.iter_bytes())
    check_reply(open_envelope(answer.body), message_id, service="IPF")
    return answer


def body_of(answer: MtomAnswer) -> etree._Element:
    message = open_envelope(answer.body)
    assert message.fault is None, message.fault
    assert message.body is not None
    return message.body


def asked(url: str, body: etree._Element, action: str) -> MtomAnswer:
    message_id = f"urn:uuid:{uuid4()}"
    message = secured_envelope(body, ASSERTION, action=action, message_id=message_id, to=url)
    return exchanged(url, message, {"Content-Type": content_type(action)}, message_id)


def outcome(answer: MtomAnswer) -> RegistryResponse:
    return read_registry_response(body_of(answer))


def codes(answer: MtomAnswer) -> list[str]:
    return [error.code for error in outcome(answer).errors]


def found(ipf: Ipf, query: StoredQuery) -> QueryResponse:
    return read_query_response(body_of(asked(f"{ipf.url}/registry", adhoc_query(query), ITI_18)))


def registered(ipf: Ipf, unique_id: str) -> DocumentEntry:
    (one,) = found(ipf, queries.get_documents([unique_id])).contents.entries
    return one


def deposited(ipf: Ipf, replaces: str | None = None) -> Deposit:
    made = new_deposit(replaces)
    assert outcome(made.sent_to(f"{ipf.url}/repository")).is_success
    return made


def updated(ipf: Ipf, contents: Contents) -> MtomAnswer:
    return asked(f"{ipf.url}/registry", submit_objects(contents), ITI_57)
