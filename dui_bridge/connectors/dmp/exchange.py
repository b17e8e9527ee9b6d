"""One exchange with a service of the DMP: a fresh assertion, the message, and its answer made sure of.

Nothing is tried again here. What may have been done although no usable answer came raises an `AnswerLost`; a question
that had none raises a `Retry`, for it changes nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

import httpx
from lxml import etree

from dui_bridge.connectors.dmp.context import Acting
from dui_bridge.connectors.dmp.errors import AnswerUnreadable, Busy, NotTheService, TooLarge, Unanswered
from dui_bridge.connectors.dmp.kept import Keep, KeptExchange
from dui_bridge.connectors.dmp.refusals import of_fault
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.http import Bounds, exchange
from dui_bridge.connectors.wire.mtom import MtomRequest, Part
from dui_bridge.connectors.wire.mtom_reading import MtomAnswer, read_answer
from dui_bridge.connectors.wire.net_errors import NoAnswer, NotSoap
from dui_bridge.connectors.wire.soap import Envelope, check_reply, content_type, open_envelope, secured_envelope
from dui_bridge.connectors.wire.vihf import Forms, Purpose, Software, signed_vihf
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.xds.lot import Signer

SERVICE: Final = "DMP"

_NOT_NOW: Final = frozenset({408, 429, 503})
_TOO_LARGE: Final = 413
_GATEWAY: Final = frozenset({502, 504})
_USUAL: Final = Bounds()
_USUAL_FORMS: Final = Forms()


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, of which service, by whom and about whom.

    Args:
        url: of the service.
        action: of WS-Addressing.
        body: the message, as `soap.secured_envelope` takes it.
        changes: whether it changes something there.
        parts: documents beside the message; the first one is that of `about`.
        about: uniqueId of the document that it is about, for whoever reads what is kept of exchanges.
    """

    url: str
    action: str
    body: etree._Element | bytes
    acting: Acting
    ins: QualifiedIns
    changes: bool = False
    parts: Sequence[Part] = ()
    purpose: Purpose = Purpose.NORMAL
    about: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer to our message that is no fault; its documents are closed with it."""

    body: etree._Element
    documents: MtomAnswer


@dataclass(frozen=True, slots=True)
class Line:
    """The way to the DMP of one site. One object in one thread at a time; its connections are used again.

    Args:
        http: of `wire.http.client`, with our certificate for authentication; closed by whoever made it.
        signer: the seal of the structure, for assertions and lots.
        software: what calls; holds the homologation number, a secret.
        forms: of the assertion.
        bounds: of an answer with documents.
        capture: keeps exchanges, masked.
        keep: keeps those about a document, as they were sent but for the homologation number.
        now: aware; new_id: a new UUID each time.
    """

    http: httpx.Client
    signer: Signer
    software: Software
    forms: Forms = _USUAL_FORMS
    bounds: Bounds = _USUAL
    capture: Capture | None = None
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    new_id: Callable[[], UUID] = uuid4
    keep: Keep | None = None

    @contextmanager
    def ask(self, call: Call) -> Iterator[Answered]:
        """The answer, for the time of the block.

        Raises:
            Retry: certainly not taken, or a question without an answer.
            AnswerLost: it may have been taken.
            FixConfiguration: certificate, address, structure or caller.
            DuiBridgeError: a fault of the service, as `refusals` names it.
        """
        message_id = f"urn:uuid:{self.new_id()}"
        with self._sent(call, message_id) as answer:
            message = self._opened(call, answer)
            check_reply(message, message_id, service=SERVICE)
            if message.fault is not None:
                raise of_fault(message.fault, private_of(call.ins), taken=call.changes)
            if message.body is None:
                raise _unreadable(call, "an empty Body", "un Body vide")
            yield Answered(message.body, answer)

    def _sent(self, call: Call, message_id: str) -> MtomAnswer:
        assertion = signed_vihf(
            call.acting.caller,
            self.software,
            call.ins,
            self.signer,
            assertion_id=self.new_id(),
            now=self.now(),
            purpose=call.purpose,
            secret_access=call.acting.secret_access,
            forms=self.forms,
        )
        envelope = secured_envelope(call.body, assertion, action=call.action, message_id=message_id, to=call.url)
        body: bytes | MtomRequest = envelope
        headers = {"Content-Type": content_type(call.action)}
        if call.parts:
            request = MtomRequest(envelope, call.parts, action=call.action, boundary=f"uuid-{self.new_id()}")
            body, headers = request, dict(request.headers)
        began = self.now()
        try:
            answer = exchange(
                self.http,
                call.url,
                body,
                read_answer,
                service=SERVICE,
                headers=headers,
                bounds=self.bounds,
                capture=self.capture,
                shown=envelope,
                about=call.about,
            )
        except (NoAnswer, NotSoap) as error:
            self._keep(call, body, headers, None, began)
            if call.changes:
                raise
            raise Unanswered(**_reasons(error)) from None
        self._keep(call, body, headers, answer, began)
        return answer

    def _keep(
        self,
        call: Call,
        body: bytes | MtomRequest,
        headers: Mapping[str, str],
        answer: MtomAnswer | None,
        began: datetime,
    ) -> None:
        if self.keep is None or not call.about:
            return
        # What went wrong here must not cost the answer itself.
        with suppress(DuiBridgeError):
            before, after = (body, None) if isinstance(body, bytes) else body.around_first()
            made = KeptExchange(call.about, began, call.url, call.action, headers, before, after)
            if answer is not None:
                made = replace(made, status=answer.status, answer_headers=dict(answer.headers), answer=answer.body)
            self.keep(call.about, made.without(self.software.homologation).packed(), began)

    def _opened(self, call: Call, answer: MtomAnswer) -> Envelope:
        try:
            return open_envelope(answer.body)
        except NotSoap as error:
            raise _of_status(call, answer.status, error) from None


def private_of(ins: QualifiedIns) -> tuple[str, ...]:
    """What the words of the service are given without."""
    return (ins.matricule, ins.matricule[:13])


def _of_status(call: Call, status: int, error: NotSoap) -> Busy | TooLarge | NotTheService | NoAnswer | Unanswered:
    """What an answer that is no message means, by the status that a server or a machine on the way gave it."""
    if status in _NOT_NOW or (status in _GATEWAY and not call.changes):
        return Busy(answer=f"HTTP {status}")
    if status == _TOO_LARGE and call.parts:
        return TooLarge(most="what the DMP takes", most_fr="ce que prend le DMP")
    if 300 <= status < 500:
        return NotTheService(status=str(status), **_reasons(error))
    # The machine that answered for the service may have handed it over before.
    kind = NoAnswer if call.changes else Unanswered
    return kind(**_reasons(error))


def _unreadable(call: Call, reason: str, reason_fr: str) -> NoAnswer | AnswerUnreadable:
    kind = NoAnswer if call.changes else AnswerUnreadable
    return kind(service=SERVICE, reason=reason, reason_fr=reason_fr)


def _reasons(error: NoAnswer | NotSoap) -> dict[str, str]:
    return {"service": SERVICE, **error.values}
