"""A service of identity for tests, without a network: it answers as it is told, with real keys and signatures."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from urllib.parse import parse_qs

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from dui_bridge.connectors.psc.client import PscClient
from dui_bridge.connectors.psc.provider import issuer_of
from dui_bridge.connectors.psc.settings import PscSettings
from dui_bridge.connectors.psc.tokens import Token
from dui_bridge.model.profile import Profile

ISSUER = "https://localhost:9443/realms/esante-wallet"
SECRET = "le-secret-du-pont"
ACCESS = "un-jeton-d-acces-que-personne-ne-voit"
NATIONAL_ID = "899700000017"
FINESS = "990000001"
START = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
JsonAnswer = tuple[int, object]

USERINFO: Mapping[str, object] = {
    "sub": "f:550dc1c8:899700000017",
    "SubjectNameID": NATIONAL_ID,
    "family_name": "GARANCE",
    "given_name": "Élodie",
    "SubjectRole": ["10^1.2.250.1.213.1.1.5.5"],
    "Palier_Authentification": "APPPRIP3^1.2.250.1.213.1.5.1.1.1",
    "otherIds": [{"identifiant": NATIONAL_ID, "origine": "RPPS", "qualite": 1}],
    "SubjectRefPro": {
        "exercices": [
            {
                "codeProfession": "10",
                "codeCategorieProfessionnelle": "C",
                "codeTypeSavoirFaire": "S",
                "codeSavoirFaire": "SM26",
                "nomDexercice": "GARANCE",
                "prenomDexercice": "Élodie",
                "activities": [
                    {
                        "codeModeExercice": "S",
                        "codeSecteurDactivite": "SA25",
                        "codeSectionPharmacien": "",
                        "numeroFinessSite": FINESS,
                        "raisonSocialeSite": "EHPAD LES GLYCINES",
                    }
                ],
            }
        ]
    },
}


@cache
def key(name: str) -> RSAKey:
    """The same key for the same name."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


@dataclass
class World:
    """One service: what it publishes, the answers of its token endpoint in turn, and every request it saw."""

    settings: PscSettings
    now: datetime = START
    published: dict[str, object] = field(default_factory=dict)
    keys: list[str] = field(default_factory=lambda: ["a"])
    tokens: list[JsonAnswer | Exception] = field(default_factory=list)
    backchannel: JsonAnswer = (200, {"auth_req_id": "une-demande", "expires_in": 120, "interval": 2})
    userinfo: JsonAnswer = (200, USERINFO)
    requests: list[httpx.Request] = field(default_factory=list)

    def client(self) -> PscClient:
        issuer = issuer_of(self.settings, Profile.SANDBOX)
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        return PscClient(http, self.settings, issuer, Token(SECRET), lambda: self.now)

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def forms(self, path: str) -> list[dict[str, str]]:
        """The forms that an address was sent."""
        found = (one for one in self.requests if one.url.path.endswith(path) and one.method == "POST")
        return [{name: values[0] for name, values in parse_qs(one.content.decode()).items()} for one in found]

    def claims(self, **changes: object) -> dict[str, object]:
        """Of an identity token; None takes a claim away."""
        moment = int(self.now.timestamp())
        usual = {
            "iss": ISSUER,
            "aud": "dui-bridge",
            "sub": USERINFO["sub"],
            "exp": moment + 60,
            "iat": moment,
            "auth_time": moment - 5,
            "acr": "eidas1",
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def granted(self, signed: str = "a", **changes: object) -> JsonAnswer:
        """An answer of the token endpoint."""
        identity = jwt.encode({"alg": "RS256", "kid": signed}, self.claims(**changes), key(signed))
        return 200, answer_with(identity)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        path = request.url.path.removeprefix("/realms/esante-wallet/")
        if path.startswith(".well-known/"):
            return httpx.Response(200, json={**description(), **self.published})
        if path == "certs":
            return httpx.Response(200, json={"keys": [key(one).as_dict(private=False) for one in self.keys]})
        if path == "token":
            answer = self.tokens.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return _response(answer)
        return _response({"userinfo": self.userinfo, "ciba": self.backchannel}[path])


def description() -> dict[str, object]:
    """What the service publishes of itself."""
    return {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/auth",
        "token_endpoint": f"{ISSUER}/token",
        "userinfo_endpoint": f"{ISSUER}/userinfo",
        "jwks_uri": f"{ISSUER}/certs",
        "backchannel_authentication_endpoint": f"{ISSUER}/ciba",
    }


def answer_with(identity: str) -> dict[str, object]:
    return {"access_token": ACCESS, "id_token": identity, "token_type": "Bearer", "expires_in": 60}


def at_hash(access: str = ACCESS) -> str:
    return urlsafe_b64encode(hashlib.sha256(access.encode()).digest()[:16]).rstrip(b"=").decode()


def _response(answer: JsonAnswer) -> httpx.Response:
    status, body = answer
    return httpx.Response(status, content=body) if isinstance(body, bytes) else httpx.Response(status, json=body)


def make(**settings: object) -> World:
    return World(PscSettings.model_validate({"issuer": ISSUER, "client_id": "dui-bridge", **settings}))
