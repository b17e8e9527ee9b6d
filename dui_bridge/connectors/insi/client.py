"""Calls the téléservice INSi over mutual TLS."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

import httpx

from dui_bridge.connectors.insi.errors import (
    AnswerToAnother,
    NotTheService,
    TraitRefused,
    Unanswered,
    VerificationOff,
    error_of,
)
from dui_bridge.connectors.insi.messages import SEARCH, Logiciel, Stamp, read_result, search_request
from dui_bridge.connectors.insi.settings import VerificationSettings
from dui_bridge.connectors.insi.verification import read_verification, verification_request
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.http import Bounds, post
from dui_bridge.connectors.wire.net_errors import NoAnswer, NotReached, NotSoap
from dui_bridge.connectors.wire.soap import Envelope, content_type, open_envelope
from dui_bridge.ins.lexicon import sendable
from dui_bridge.model.insi import Demande, MatriculeIns, Reponse, Verification

_SERVICE: Final = "INSi"
_BOUNDS: Final = Bounds(max_bytes=2_000_000, seconds=60.0)

_FORMS: Final[Mapping[str, re.Pattern[str]]] = {
    "sexe": re.compile(r"[MF]", re.ASCII),
    "date_naissance": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
    "lieu_naissance": re.compile(r"\d{5}|2[AB]\d{3}", re.ASCII),
}


class InsiService:
    """An `IdentityService`. One object in one thread at a time; its connection is used again.

    Args:
        http: of `connectors.wire.http.client`, with our certificate; closed with this object.
        url: where messages are posted.
        logiciel: who calls.
        verification: None when verification is off.
        capture: keeps exchanges, masked.
        now: aware time of a message.
        new_id: a new UUID each time.
    """

    def __init__(
        self,
        http: httpx.Client,
        url: str,
        logiciel: Logiciel,
        *,
        verification: VerificationSettings | None = None,
        capture: Capture | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        new_id: Callable[[], UUID] = uuid4,
    ) -> None:
        self._http = http
        self._url = url
        self._logiciel = logiciel
        self._verification = verification
        self._capture = capture
        self._now = now
        self._new_id = new_id

    def close(self) -> None:
        """Closes the connection."""
        self._http.close()

    def search(self, demande: Demande) -> Reponse:
        """One search by traits: one call, nothing is tried again here.

        Raises:
            Retry: no answer, or the service is down for now.
            FixConfiguration: certificate, authorisation number or address.
            FixData: a trait that cannot be sent.
            AskService: an unknown fault, or an answer that is not as the contract says.
        """
        _check(demande)
        stamp = self._stamp()
        message = self._call(search_request(demande, self._logiciel, stamp), SEARCH, stamp, demande)
        return read_result(message)

    def verify(self, demande: Demande, number: MatriculeIns) -> Verification:
        """Asks whether a number and traits belong together; the last of `demande.prenoms` is the whole list.

        Raises:
            VerificationOff: it is not configured.
            DuiBridgeError: as of `search`.
        """
        settings = self._verification
        if settings is None:
            raise VerificationOff
        _check(demande)
        stamp = self._stamp()
        request = verification_request(demande, number, settings, self._logiciel, stamp)
        return read_verification(self._call(request, settings.action, stamp, demande, number.numero), settings)

    def _stamp(self) -> Stamp:
        return Stamp(self._new_id(), self._new_id(), self._new_id(), self._now())

    def _call(self, request: bytes, action: str, stamp: Stamp, demande: Demande, *private: str) -> Envelope:
        headers = {"Content-Type": content_type(action)}
        try:
            answer = post(
                self._http,
                self._url,
                request,
                service=_SERVICE,
                headers=headers,
                bounds=_BOUNDS,
                capture=self._capture,
            )
        except (NoAnswer, NotReached) as error:
            raise Unanswered(**error.values) from None
        try:
            message = open_envelope(answer.body, max_bytes=_BOUNDS.max_bytes)
        except NotSoap as error:
            if answer.status >= 500:
                raise Unanswered(**error.values) from None
            raise NotTheService(status=str(answer.status), **error.values) from None
        if message.relates_to not in {None, stamp.message_id}:
            raise AnswerToAnother
        if message.fault is not None:
            raise error_of(message.fault, (*_values(demande), *private))
        return message


def _check(demande: Demande) -> None:
    """Whoever asks has the traits from `ins.preflight`; a mistake there must not make a call for somebody else."""
    names = [("nom_naissance", demande.nom_naissance), *(("prenoms", one) for one in demande.prenoms or ("",))]
    for trait, value in names:
        if sendable(value, birth_name=trait == "nom_naissance").text != value:
            raise TraitRefused(trait=trait)
    for trait, form in _FORMS.items():
        value = getattr(demande, trait)
        if value is not None and form.fullmatch(value) is None:
            raise TraitRefused(trait=trait)


def _values(demande: Demande) -> tuple[str, ...]:
    return (
        demande.nom_naissance,
        *demande.prenoms,
        demande.date_naissance,
        demande.lieu_naissance or "",
    )
