"""A DMP that answers what a test says, for the tests of the client: it knows nothing but how to relate an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from uuid import UUID

import httpx
from lxml import etree

from dui_bridge.connectors.dmp.client import Addresses, DmpClient
from dui_bridge.connectors.dmp.context import Acting, Structure, automate, lot_author
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.exchange import Line
from dui_bridge.connectors.dmp.lots import Practice
from dui_bridge.connectors.dmp.pace import Pace
from dui_bridge.connectors.dmp.settings import AutomateSettings
from dui_bridge.connectors.ports import DeliveryContext
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.mtom_reading import MtomAnswer, read_answer
from dui_bridge.connectors.wire.soap import Envelope, open_envelope
from dui_bridge.connectors.wire.vihf import Caller, Mode, Role, Software
from dui_bridge.data.codes import Coded
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import BuiltDocument, Document, DocumentIds
from dui_bridge.model.states import DocumentState
from dui_bridge.xds.entries import Contents, DocumentEntry
from dui_bridge.xds.lot import Algorithms
from dui_bridge.xds.messages import RegistryError, RegistryResponse, registry_response
from dui_bridge.xds.purpose import Policy
from dui_bridge.xds.queries import Returned, query_response
from dui_bridge.xds.vocabulary import FAILURE, SUCCESS
from tests.xds_deposits import cda, entry, ins
from tests.xds_signer import signer

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FINESS = "330000019"
SECRET = "HOMOLOGATION-SECRETE"
SOFTWARE = Software("Pont DUI", "1.0", SECRET)
STRUCTURE = Structure(FINESS, "Foyer de vie L'Œillet", "SA16", f"3{FINESS}/PONT", "Pont", "Claude")
AUTOMATE = automate(STRUCTURE, SOFTWARE, AutomateSettings(), since=NOW)
SYSTEM = "2.25.1618033"
PRACTICE = Practice(
    SYSTEM, Coded("04", "1.2.250.1.213.2.2", "Hospitalisation de jour"), Algorithms(), Policy(max_bytes=50_000_000)
)
DOCTOR = (
    Role("10", "1.2.250.1.71.1.2.7", "Médecin"),
    Role("SM26", "1.2.250.1.71.4.2.5", "Qualifié en Médecine Générale (SM)"),
)
EDUCATOR = (Role("326", "1.2.250.1.213.1.6.1.107", "Éducateur"),)
WSA = "http://www.w3.org/2005/08/addressing"
SOAP = "http://www.w3.org/2003/05/soap-envelope"

Reply = Callable[["Asked"], httpx.Response]


@dataclass
class Asked:
    """A request, opened as a server would."""

    request: httpx.Request
    parts: MtomAnswer
    message: Envelope

    @property
    def action(self) -> str:
        return self.message.action or ""

    @property
    def body(self) -> etree._Element:
        assert self.message.body is not None
        return self.message.body

    @property
    def assertion(self) -> etree._Element:
        assert self.message.header is not None
        found = self.message.header.find(".//{urn:oasis:names:tc:SAML:2.0:assertion}Assertion")
        assert found is not None
        return found


@dataclass
class Dmp:
    """Answers each request with the next of its replies, the last one again and again."""

    replies: list[Reply]
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        content = request.read()
        assert int(request.headers["Content-Length"]) == len(content)
        parts = read_answer(0, request.headers, [content])
        self.asked.append(Asked(request, parts, open_envelope(parts.body)))
        return self.replies[min(len(self.asked), len(self.replies)) - 1](self.asked[-1])

    @property
    def actions(self) -> list[str]:
        return [one.action.rpartition(":")[2] for one in self.asked]


def enveloped(body: bytes, relates_to: str | None) -> bytes:
    relates = f'<w:RelatesTo xmlns:w="{WSA}">{relates_to}</w:RelatesTo>' if relates_to else ""
    head = f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{relates}</s:Header><s:Body>'
    return head.encode() + body + b"</s:Body></s:Envelope>"


def answering(body: etree._Element | bytes, status: int = 200) -> Reply:
    """This body, in an envelope that relates to the request."""
    data = body if isinstance(body, bytes) else etree.tostring(body)

    def reply(asked: Asked) -> httpx.Response:
        return httpx.Response(
            status,
            content=enveloped(data, asked.message.message_id),
            headers={"Content-Type": "application/soap+xml"},
        )

    return reply


def plain(content: bytes, status: int) -> Reply:
    return lambda _: httpx.Response(status, content=content)


def lost(_: Asked) -> httpx.Response:
    raise httpx.ReadError("cut")


def unreachable(_: Asked) -> httpx.Response:
    raise httpx.ConnectError("cut")


TAKEN = answering(registry_response(RegistryResponse(SUCCESS)))


def refused(code: str, context: str = "", status: str = FAILURE) -> Reply:
    return answering(registry_response(RegistryResponse(status, (RegistryError(code, context),))))


def nothing_found(code: str, status: str = FAILURE) -> Reply:
    """The answer to a query with an error."""
    return answering(query_response(RegistryResponse(status, (RegistryError(code, "…"),)), Contents()))


def fault(subcode: str, reason: str, code: str = "Sender") -> Reply:
    inner = f"<s:Subcode><s:Value>s:{subcode}</s:Value></s:Subcode>" if subcode else ""
    body = (
        f'<s:Fault xmlns:s="{SOAP}"><s:Code><s:Value>s:{code}</s:Value>{inner}</s:Code>'
        f'<s:Reason><s:Text xml:lang="fr">{reason}</s:Text></s:Reason></s:Fault>'
    )
    return answering(body.encode(), 500)


def found(*entries: DocumentEntry, references: tuple[str, ...] = ()) -> Reply:
    return answering(query_response(RegistryResponse(SUCCESS), Contents(entries=entries, references=references)))


def existing(status: str = "active", response: str = "OK", observation: str = "", value: str = "true") -> Reply:
    patient = (
        f'<subject><registrationEvent><subject1><patient><statusCode code="{status}"/>'
        "<patientPerson><name><family>SECRET</family></name></patientPerson>"
        f'<subjectOf><administrativeObservation><code code="{observation or "RATTACHEMENT_ENS"}"/>'
        f'<value value="{value}"/>'
        "</administrativeObservation></subjectOf></patient></subject1></registrationEvent></subject>"
    )
    body = (
        '<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><attentionLine><keyWordText code="AUTORISATION"/>'
        '<value code="VALIDE"/></attentionLine><acknowledgement typeCode="AA"/><controlActProcess>'
        f'{patient if response == "OK" else ""}<queryAck><queryResponseCode code="{response}"/></queryAck>'
        "</controlActProcess></PRPA_IN201308UV02>"
    )
    return answering(body.encode())


def professional(roles: tuple[Role, ...] = DOCTOR, structure: str = f"1{FINESS}") -> Acting:
    caller = Caller(
        Mode.RENFORCEE, "810000000000", "LIBRE MAX", structure, "SA16", roles, "MobileTwoFactorUnregistered", NOW
    )
    return Acting(caller, lot_author(caller, "Foyer de vie L'Œillet", "LIBRE", "Max"))


def client(dmp: Dmp, lookup: Returned = Returned.OBJECTS, capture: Capture | None = None) -> DmpClient:
    ids = iter(UUID(int=number) for number in range(1, 999))
    line = Line(
        httpx.Client(transport=httpx.MockTransport(dmp)),
        signer(),
        SOFTWARE,
        capture=capture,
        now=lambda: NOW,
        new_id=lambda: next(ids),
    )
    where = Addresses(*(f"https://localhost/services/{one}" for one in ("repository", "registry", "patients")))
    return DmpClient(line, where, PRACTICE, lookup, "1.2.250.1.213.4.1.1.1.2", production=False)


def destination(*replies: Reply, asks: bool = False, **more: object) -> tuple[DmpDestination, Dmp]:
    dmp = Dmp(list(replies))
    pace = Pace(4.9, sleep=lambda _: None)
    opened = client(dmp, **more)  # type: ignore[arg-type]
    return DmpDestination(opened, {FINESS: AUTOMATE}, pace, max_megabytes=50, ask_existence=asks), dmp


def built(data: bytes | None = None, finess: str = FINESS) -> BuiltDocument:
    content, said = data or cda(), entry()
    document = Document(TypeDocument.PROJET_PERSONNALISE, "", "atlas", "0042", finess, "", DocumentState.BUILT)
    ids = DocumentIds(said.unique_id, "2.25.31415926535", 1)
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return BuiltDocument(document, ids, content, "text/xml", sha1, "0" * 64)


def context(**changes: object) -> DeliveryContext:
    return replace(DeliveryContext(ins()), **changes)  # type: ignore[arg-type]
