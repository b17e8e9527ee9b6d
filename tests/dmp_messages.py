"""A caller of the DMP's stand-in that is not the connector: it sends messages of `xds` over a bare HTTPS connection."""

from __future__ import annotations

import hashlib
import http.client
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from urllib.parse import urlsplit
from uuid import uuid4

from lxml import etree

from dui_bridge.connectors.wire.certificates import Pem
from dui_bridge.connectors.wire.mtom import MtomRequest, Part
from dui_bridge.connectors.wire.seal import Seal
from dui_bridge.connectors.wire.soap import Envelope, open_envelope, secured_envelope
from dui_bridge.connectors.wire.vihf import Caller, Mode, Role, Software, signed_vihf
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.sandbox.pki import Holder, Pki
from dui_bridge.xds.entries import Contents, DocumentEntry, Mask, SubmissionSet
from dui_bridge.xds.lot import SignedDocument, sign_lot
from dui_bridge.xds.messages import RegistryResponse, provide_and_register, read_registry_response, submit_objects
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.queries import QueryResponse, StoredQuery, adhoc_query, read_query_response
from dui_bridge.xds.records import to_objects
from dui_bridge.xds.retrieving import DocumentRequest, read_retrieve_response, retrieve_request
from dui_bridge.xds.submission import SIGNATURE_ID, Submitted, deposit, signature_entry
from tests.xds_deposits import ins, lot

STRUCTURE = "1330000019"
DOCTOR_ID = "899700000001"
SOFTWARE = Software("Pont DUI", "1.0", "HOMOLOGATION-SECRETE")
AUTOMATE = Role("AUTOMATE", "1.2.250.1.213.1.1.4.6", "Automate")
DOCTOR = (Role("10", "1.2.250.1.71.1.2.7", "Médecin"), Role("SM26", "1.2.250.1.71.4.2.5", "Médecine Générale"))
AIR = Mode.RENFORCEE
ACTIONS = {
    "deposit": ("repository", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"),
    "retrieve": ("repository", "urn:ihe:iti:2007:RetrieveDocumentSet"),
    "query": ("registry", "urn:ihe:iti:2007:RegistryStoredQuery"),
    "update": ("registry", "urn:ihe:iti:2010:UpdateDocumentSet"),
    "exists": ("patients", "urn:hl7-org:v3:PRPA_IN201307UV02"),
}
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"


@dataclass(frozen=True)
class Reply:
    """An answer: its status and headers, the envelope, and the parts beside it by Content-ID."""

    status: int
    content_type: str
    message_id: str
    envelope: Envelope
    parts: dict[str, bytes]

    @property
    def response(self) -> RegistryResponse:
        assert self.envelope.body is not None, self.envelope.fault
        return read_registry_response(self.envelope.body)

    @property
    def codes(self) -> list[str]:
        return [one.code for one in self.response.errors]

    @property
    def codes_of_documents(self) -> list[str]:
        """The errors of a retrieve."""
        assert self.envelope.body is not None, self.envelope.fault
        return [one.code for one in read_retrieve_response(self.envelope.body).response.errors]

    @property
    def query(self) -> QueryResponse:
        assert self.envelope.body is not None, self.envelope.fault
        return read_query_response(self.envelope.body)

    @property
    def fault(self) -> tuple[str, ...]:
        """Subcodes and text of a fault."""
        assert self.envelope.fault is not None
        return (*self.envelope.fault.subcodes, self.envelope.fault.reason)


@dataclass(frozen=True)
class Deposit:
    """A deposit that can be sent: what is not well in it was put in by a test."""

    contents: Contents
    data: dict[str, bytes]


@cache
def seal_of(holder: Holder) -> Seal:
    """Its key takes a while to read."""
    return Seal(Pem(holder.certificate, holder.key))


def caller(
    mode: Mode = Mode.INDIRECTE, *roles: Role, national_id: str = DOCTOR_ID, structure: str = STRUCTURE
) -> Caller:
    chosen = roles or (DOCTOR if mode is AIR else (AUTOMATE,))
    return Caller(mode, national_id, "PONT DUI", structure, "SA16", chosen, "unspecified", datetime.now(UTC))


def new_lot() -> SubmissionSet:
    """A lot of the invented structure, with an id of its own."""
    return replace(lot(), unique_id=f"2.25.{uuid4().int}")


def signed_deposit(
    data: bytes,
    seal: Seal,
    *,
    masks: Iterable[Mask] = (),
    replaces: str | None = None,
    entry: DocumentEntry | None = None,
    signed_data: bytes | None = None,
) -> Deposit:
    """A document with its signed lot."""
    document = entry or document_entry(data, ins(), masks=masks)
    submitted = new_lot()
    signature = sign_lot(
        submitted.unique_id,
        [SignedDocument(document.unique_id, signed_data or data)],
        seal,
        signature_id="_s",
        at=datetime.now(UTC),
    )
    digest = hashlib.sha1(signature).hexdigest()
    signing = signature_entry(submitted, document, unique_id=f"2.25.{uuid4().int}", sha1=digest, size=len(signature))
    contents = deposit(submitted, [Submitted(document, replaces)], signing)
    return Deposit(contents, {document.id: data, SIGNATURE_ID: signature})


class Client:
    """Somebody who calls the stand-in.

    Args:
        base: URL before the name of a service.
        holder: certificate of the connections; None for none.
        signer: of the assertions and lots.
    """

    def __init__(self, pki: Pki, base: str, *, holder: Holder | None = None, signer: Holder | None = None) -> None:
        self.base = urlsplit(base)
        self.context = ssl.create_default_context(cafile=pki.ca)
        used = holder or pki.dmp
        self.context.load_cert_chain(used.certificate, used.key)
        self.seal = seal_of(signer or pki.dmp_signer)

    def vihf(self, who: Caller | None = None, about: QualifiedIns | None = None, **more: object) -> bytes:
        now = more.pop("now", datetime.now(UTC))
        return signed_vihf(
            who or caller(),
            SOFTWARE,
            about or ins(),
            self.seal,
            assertion_id=uuid4(),
            now=now,
            **more,  # type: ignore[arg-type]
        )

    def send(
        self,
        name: str,
        body: etree._Element | bytes,
        assertion: bytes | None = None,
        parts: dict[str, bytes] | None = None,
    ) -> Reply:
        """Posts a body; in parts when there are some."""
        service, action = ACTIONS[name]
        message_id = f"urn:uuid:{uuid4()}"
        assertion = assertion or self.vihf()
        envelope = secured_envelope(body, assertion, action=action, message_id=message_id, to=self.base.geturl())
        if parts is None:
            headers = {"Content-Type": f'application/soap+xml; charset=UTF-8; action="{action}"'}
            return self.post(service, envelope, headers, message_id)
        listed = [Part(name, "text/xml", len(data), lambda data=data: BytesIO(data)) for name, data in parts.items()]  # type: ignore[misc]
        request = MtomRequest(envelope, listed, action=action, boundary=f"uuid-{uuid4()}")
        return self.post(service, b"".join(request), dict(request.headers), message_id)

    def post(self, service: str, body: bytes, headers: dict[str, str], message_id: str = "") -> Reply:
        connection = http.client.HTTPSConnection("localhost", self.base.port or 0, context=self.context, timeout=10)
        try:
            connection.request("POST", f"{self.base.path}/{service}", body, headers)
            answer = connection.getresponse()
            data = answer.read()
        finally:
            connection.close()
        content_type = answer.getheader("Content-Type", "")
        parts = {}
        if content_type.startswith("multipart/"):
            boundary = content_type.partition('boundary="')[2].partition('"')[0].encode()
            first, *rest = data.split(b"\r\n--" + boundary)[1:-1]
            data = first.partition(b"\r\n\r\n")[2]
            for one in rest:
                head, _, content = one.partition(b"\r\n\r\n")
                parts[head.decode().partition("Content-ID: <")[2].partition(">")[0]] = content
        return Reply(answer.status, content_type, message_id, open_envelope(data), parts)

    def deposit(self, one: Deposit, assertion: bytes | None = None) -> Reply:
        ids = {entry: f"{entry.lower()}@pont.test" for entry in one.data}
        body = provide_and_register(to_objects(one.contents), ids)
        return self.send("deposit", body, assertion, {ids[entry]: data for entry, data in one.data.items()})

    def ask(self, query: StoredQuery, who: Caller | None = None) -> Reply:
        return self.send("query", adhoc_query(query), self.vihf(who or caller()))

    def retrieve(self, *unique_ids: str, who: Caller | None = None, repository: str = REPOSITORY) -> Reply:
        requests = [DocumentRequest(repository, one) for one in unique_ids]
        return self.send("retrieve", retrieve_request(requests), self.vihf(who or caller(AIR)))

    def update(self, contents: Contents, who: Caller | None = None) -> Reply:
        return self.send("update", submit_objects(contents), self.vihf(who or caller(AIR)))
