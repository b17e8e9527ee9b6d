"""The DMP without its network: a body comes in, an answer goes out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from mmap import mmap
from typing import Final
from uuid import uuid4

from lxml import etree

from dui_bridge.model.profile import SANDBOX_STRUCTURE
from dui_bridge.sandbox.dmp import soap
from dui_bridge.sandbox.dmp.contract import Contract
from dui_bridge.sandbox.dmp.deposit import Received, deposit
from dui_bridge.sandbox.dmp.existence import existence
from dui_bridge.sandbox.dmp.forms import without_date
from dui_bridge.sandbox.dmp.mime import Attachment, MultipartAnswer, NotMultipart, header, read_multipart
from dui_bridge.sandbox.dmp.problems import Problem, fill, made, registry_response
from dui_bridge.sandbox.dmp.queries import Ground, query
from dui_bridge.sandbox.dmp.retrieve import retrieve
from dui_bridge.sandbox.dmp.rights import Dossier, check_right
from dui_bridge.sandbox.dmp.soap import Refusal, Request, not_conform
from dui_bridge.sandbox.dmp.store import Store
from dui_bridge.sandbox.dmp.trouble import FAULTS, Cut, Trouble, Troubles, Wrong
from dui_bridge.sandbox.dmp.trust import Trust, unit
from dui_bridge.sandbox.dmp.update import update
from dui_bridge.sandbox.dmp.vihf import Caller, verify
from dui_bridge.sandbox.dmp.words import PARTIAL_SUCCESS, QUERY, ROUTES, SUCCESS, XDSB, Transaction

_SOAP_TYPE: Final = "application/soap+xml; charset=UTF-8"
_RESPONSES: Final = {Transaction.QUERY: f"{{{QUERY}}}AdhocQueryResponse"}


@dataclass(frozen=True, slots=True)
class Call:
    """One request that was read, without personal data.

    Args:
        number: from 1.
        transaction: None when it could not be told.
        answer: `Success`, `Failure`, `PartialSuccess`, `OK`, `NF`, `fault`, an HTTP status, or where it was cut.
        codes: of the errors, or the subcode of the fault.
        contexts: what they say.
    """

    number: int
    transaction: Transaction | None
    answer: str
    codes: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes out: HTTP status, Content-Type, the body with its length, and the failure that goes with it."""

    status: int
    content_type: str
    body: MultipartAnswer | bytes
    trouble: Trouble | None = None

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return len(self.body) if isinstance(self.body, bytes) else self.body.length


class Service:
    """Judges and does what is asked.

    Args:
        dossiers: the state of the DMP of some persons, by the identifier `INS^^^&OID&ISO^NH`.
        default: of everybody else.
        homologations: numbers of software that are known; None for any.
        structures: the legal entity of each structure, by national ids: a certificate must be of the structure that the
            assertion names, or of its legal entity; the sandbox's own structure may act for all.
        needs_hash: whether a deposit must give hash and size.
        most: objects that a query answers in full.
        clock: aware.
    """

    def __init__(
        self,
        store: Store,
        trust: Trust,
        troubles: Troubles,
        *,
        dossiers: Mapping[str, Dossier] | None = None,
        default: Dossier | None = None,
        homologations: frozenset[str] | None = None,
        structures: Mapping[str, str] | None = None,
        contract: Contract | None = None,
        needs_hash: bool = True,
        most: int = 1000,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.calls: list[Call] = []
        self.dossiers = dict(dossiers or {})
        self._store = store
        self._trust = trust
        self._troubles = troubles
        self._default = default or Dossier()
        self._homologations = homologations
        self._structures = structures or {}
        self._contract = contract
        self._needs_hash = needs_hash
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()

    def note(self, transaction: Transaction | None, answer: str, problems: tuple[Problem, ...] = ()) -> None:
        """Keeps what became of a request."""
        with self._lock:
            codes, contexts = tuple(one.code for one in problems), tuple(one.context for one in problems)
            self.calls.append(Call(len(self.calls) + 1, transaction, answer, codes, contexts))

    def answer(self, path: str, content_type: str, body: mmap | bytes, unit_of_client: str) -> Answer:
        """The answer to a POST.

        Args:
            unit_of_client: `OU` of the certificate of the connection.
        """
        envelope, trouble, in_parts, transaction = b"", None, False, None
        try:
            envelope, received = _envelope(content_type, body)
            request = soap.read_request(envelope, path)
            transaction, in_parts = request.transaction, request.transaction is Transaction.RETRIEVE
            trouble = self._troubles.next({request.transaction})
            if request.transaction is Transaction.DEPOSIT and not received.parts:
                raise not_conform("un dépôt sans partie MIME")
            if trouble is not None and (trouble.cut is Cut.UNDONE or trouble.status is not None):
                self.note(transaction, str(trouble.cut or trouble.status))
                return Answer(trouble.status or 200, "text/html", trouble.body, trouble)
            if trouble is not None and trouble.fault:
                raise Refusal(*FAULTS[trouble.fault])
            return self._done(request, received, unit_of_client, trouble)
        except Refusal as refusal:
            self.note(transaction, "fault", (Problem(refusal.subcode, refusal.reason),))
            written = soap.fault(refusal, soap.message_id_of(envelope) if envelope else "")
            return _packed(500, written, [], in_parts, trouble)

    def _done(self, request: Request, received: Received, unit_of_client: str, trouble: Trouble | None) -> Answer:
        caller = self._caller(request, unit_of_client)
        dossier = self.dossiers.get(without_date(caller.patient), self._default)
        check_right(caller, request.transaction, dossier)
        ground = Ground(self._store, caller, dossier)
        attachments: list[Attachment] = []
        if request.transaction is Transaction.EXISTS:
            fails = trouble is not None and bool(trouble.error)
            body = existence(request.body, caller, dossier, self._clock(), fails=fails)
        elif not dossier.state.takes_documents:
            body = _response(request.transaction, [Problem("XDSUnknownPatientId", "pas de DMP actif")])
        elif trouble is not None and trouble.error and not (trouble.partial or trouble.warning):
            body = _response(request.transaction, [Problem(trouble.error, trouble.context)])
        elif request.transaction is Transaction.DEPOSIT:
            body = registry_response(self._deposit(request, received, caller))
        elif request.transaction is Transaction.UPDATE:
            body = registry_response(update(request.body, ground))
        elif request.transaction is Transaction.QUERY:
            body = query(request.body, ground, self._most)
        else:
            altered = trouble is not None and trouble.wrong is Wrong.DOCUMENT
            body, attachments = retrieve(request.body, ground, altered=altered)
        if trouble is not None and trouble.error and (trouble.partial or trouble.warning):
            _spoil(body, trouble)
        self._note_answer(request.transaction, body)
        relates_to = f"urn:uuid:{uuid4()}" if trouble and trouble.wrong is Wrong.RELATES_TO else request.message_id
        written = soap.answer(body, ROUTES[request.transaction].answer, relates_to)
        return _packed(200, written, attachments, request.transaction is Transaction.RETRIEVE, trouble)

    def _caller(self, request: Request, unit_of_client: str) -> Caller:
        now = self._clock()
        if self._contract is not None:
            parts = (request.assertion, request.body)
            faults = [fault for part in parts for fault in self._contract.faults(part)]
            if faults:
                raise not_conform(faults[0])
        caller = verify(request.assertion, self._trust, now, self._homologations)
        if unit(caller.certificate) != unit_of_client or not self._stands_for(unit_of_client, caller.structure):
            raise Refusal("", "Erreur d'authentification de la personne morale")
        if not self._store.is_new_assertion(request.assertion.get("ID", "")):
            raise not_conform("VIHF : cette assertion a déjà servi")
        return caller

    def _stands_for(self, holder: str, structure: str) -> bool:
        """Whether the holder of the certificates may act for a structure: itself, or the legal entity that it is of."""
        return holder in {structure, self._structures.get(structure), SANDBOX_STRUCTURE}

    def _deposit(self, request: Request, received: Received, caller: Caller) -> list[Problem]:
        check = None if self._contract is None else self._contract.signature_faults
        return deposit(request.body, received, caller, self._store, needs_hash=self._needs_hash, schema_faults=check)

    def _note_answer(self, transaction: Transaction, body: etree._Element) -> None:
        found = [*body.iter("{*}RegistryError")]
        problems = tuple(Problem(one.get("errorCode", ""), one.get("codeContext", "")) for one in found)
        stated = next((one.get("status", "") for one in body.iter("{*}RegistryResponse", "{*}AdhocQueryResponse")), "")
        code = next((one.get("code", "") for one in body.iter("{*}queryResponseCode")), "")
        self.note(transaction, stated.rpartition(":")[2] or code, problems)


def _envelope(content_type: str, body: mmap | bytes) -> tuple[bytes, Received]:
    kind = header(content_type).get_content_type()
    if kind == "application/soap+xml":
        return bytes(body[:]), Received(body, {})
    if kind != "multipart/related":
        raise not_conform("Content-Type")
    try:
        found = read_multipart(content_type, body)
    except NotMultipart as reason:
        raise not_conform(f"MTOM : {reason}") from None
    return bytes(body[found.root.start : found.root.end]), Received(body, found.parts)


def _response(transaction: Transaction, problems: list[Problem]) -> etree._Element:
    if transaction is Transaction.RETRIEVE:
        response = made(f"{{{XDSB}}}RetrieveDocumentSetResponse")
        response.append(registry_response(problems))
        return response
    tag = _RESPONSES.get(transaction)
    return registry_response(problems) if tag is None else fill(made(tag), problems)


def _spoil(body: etree._Element, trouble: Trouble) -> None:
    """Adds the error that is asked for to an answer that has none."""
    for one in body.iter("{*}RegistryResponse", "{*}AdhocQueryResponse"):
        if one.get("status") == SUCCESS:
            problem = Problem(trouble.error, trouble.context, warning=trouble.warning)
            fill(one, [problem], SUCCESS if trouble.warning else PARTIAL_SUCCESS)
        return


def _packed(
    status: int, envelope: bytes, attachments: list[Attachment], in_parts: bool, trouble: Trouble | None
) -> Answer:
    """ITI-43 is always answered in parts, with a fault too, as the DMP does."""
    if not in_parts:
        return Answer(status, _SOAP_TYPE, envelope, trouble)
    packed = MultipartAnswer(envelope, attachments, f"bac-a-sable-{uuid4().hex}")
    return Answer(status, packed.content_type, packed, trouble)
