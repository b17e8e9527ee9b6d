"""The Annuaire Santé as tests ask it: answers made by hand, time that is counted and not waited for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from dui_bridge.connectors.annuaire.cache import Answers
from dui_bridge.connectors.annuaire.client import AnnuaireClient, Clock
from dui_bridge.connectors.annuaire.directory import Annuaire
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings

BASE = "https://annuaire.example/fhir/v2"
KEY = "la-cle-secrete"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
_METADATA = "https://interop.esante.gouv.fr/ig/fhir/annuaire/StructureDefinition/as-ext-mailbox-mss-metadata"
_R257 = "https://mos.esante.gouv.fr/NOS/TRE_R257-TypeBAL/FHIR/TRE-R257-TypeBAL"

Json = dict[str, Any]
Reply = httpx.Response | Exception


@dataclass
class Time:
    """Seconds that pass when somebody waits."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self.sleep)


@dataclass
class Peer:
    """Answers each GET in turn, the last one for ever, and keeps what it was asked."""

    replies: list[Reply]
    requests: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return httpx.Response(reply.status_code, headers=reply.headers, content=reply.content)


def client(peer: Peer, time: Time | None = None, **settings: Any) -> AnnuaireClient:
    http = httpx.Client(transport=httpx.MockTransport(peer))
    return AnnuaireClient(http, BASE, KEY, AnnuaireSettings(**settings), (time or Time()).clock)


def annuaire(peer: Peer, folder: Path, now: Callable[[], datetime] = lambda: NOW, **settings: Any) -> Annuaire:
    own = AnnuaireSettings(**settings)
    return Annuaire(client(peer, **settings), Answers(folder, timedelta(days=own.keep_days)), own, now)


def bundle(*resources: Json, next: str = "", included: tuple[Json, ...] = ()) -> httpx.Response:
    """One page of a search."""
    entries = [{"resource": one, "search": {"mode": "match"}} for one in resources]
    entries += [{"resource": one, "search": {"mode": "include"}} for one in included]
    links = [{"relation": "next", "url": next}] if next else []
    body = {"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries}
    return httpx.Response(200, content=json.dumps(body).encode())


def person(number: str, family: str, given: str, *points: Json, **more: Any) -> Json:
    return {
        "resourceType": "Practitioner",
        "id": f"p{number}",
        "identifier": [{"system": "https://rpps.esante.gouv.fr", "value": number}],
        "name": [{"family": family, "given": [given]}],
        "telecom": list(points),
        **more,
    }


def structure(finess: str, name: str, *points: Json, **more: Any) -> Json:
    return {
        "resourceType": "Organization",
        "id": f"o{finess}",
        "identifier": [{"system": "https://finess.esante.gouv.fr", "value": finess}],
        "name": name,
        "telecom": list(points),
        "address": [{"postalCode": "42000", "city": "SAINT-ETIENNE"}],
        **more,
    }


def mailbox(address: str, kind: str = "", rank: int | None = None, **flags: bool | str) -> Json:
    """A mailbox as a resource tells it; `flags`: the other metadata."""
    said: list[Json] = [
        {"url": name, "valueBoolean" if isinstance(value, bool) else "valueString": value}
        for name, value in flags.items()
    ]
    if kind:
        said.append({"url": "type", "valueCodeableConcept": {"coding": [{"system": _R257, "code": kind}]}})
    told: Json = {"system": "email", "value": address, "extension": [{"url": _METADATA, "extension": said}]}
    return told if rank is None else {**told, "rank": rank}
