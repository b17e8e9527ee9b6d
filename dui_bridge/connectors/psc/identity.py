"""The identity token: whether it is to be believed, and what it says of when and how the person was authenticated.

Signature and times are checked by joserfc. Sources: OpenID Connect Core 1.0 §2 and §3.1.3.7; RFC 7519; RFC 8725 §3
(algorithms from a list of ours, never from the token alone; keys fit for what they are used for).
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from joserfc import jws, jwt
from joserfc.errors import ClaimError, JoseError
from joserfc.jwk import Key, KeySet

from dui_bridge.connectors.psc.errors import AnswerUnreadable, KeyUnknown, LevelTooLow, TokenRefused
from dui_bridge.connectors.psc.provider import json_object
from dui_bridge.connectors.psc.settings import PscSettings
from dui_bridge.connectors.psc.tokens import Token

_CLAIMS: Final = {
    "iss": ("it comes from another issuer", "il vient d'un autre émetteur"),
    "aud": ("it was made for another application", "il est destiné à une autre application"),
    "azp": ("it was given to another application", "il a été remis à une autre application"),
    "sub": ("it names nobody", "il ne nomme personne"),
    "exp": ("it has expired", "il a expiré"),
    "nbf": ("it is not valid yet", "il n'est pas encore valable"),
    "iat": ("it was issued too long ago, or in the future", "il est trop ancien, ou daté du futur"),
    "nonce": ("it answers another request", "il répond à une autre demande"),
    "at_hash": ("it does not belong to the access token", "il ne va pas avec le jeton d'accès"),
    "auth_time": ("the person was asked too long ago", "la personne a été authentifiée il y a trop longtemps"),
    "alg": ("its signature is of a kind that is not allowed", "sa signature est d'un type interdit"),
    "signature": ("its signature is wrong", "sa signature est fausse"),
    "form": ("it is not a signed token", "ce n'est pas un jeton signé"),
}
_TYPES: Final = {"RS": "RSA", "PS": "RSA", "ES": "EC"}


@dataclass(frozen=True, slots=True)
class Identity:
    """Who was authenticated, how and when (aware)."""

    subject: str = field(repr=False)
    acr: str
    authenticated_at: datetime


def read_keys(body: bytes) -> KeySet:
    """The keys that the service publishes. Raises AnswerUnreadable."""
    listed = json_object(body).get("keys")
    try:
        keys = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        return KeySet.import_key_set({"keys": keys})
    except (JoseError, ValueError, TypeError):
        raise AnswerUnreadable(reason="no keys", reason_fr="pas de clés") from None


def read_identity(
    token: Token,
    keys: KeySet,
    settings: PscSettings,
    issuer: str,
    *,
    now: datetime,
    nonce: str | None = None,
    access: Token | None = None,
) -> Identity:
    """What an identity token says, once it is believed.

    Args:
        nonce: that of the request; None when it had none.
        access: the access token that came with it.
    Raises:
        KeyUnknown: ask for the keys anew.
        LevelTooLow: the person is known, but not as was asked.
        TokenRefused: it is not to be believed.
    """
    key, algorithm = _key(token, keys, settings)
    try:
        read = jwt.decode(token.reveal(), key, algorithms=[algorithm])
    except (JoseError, ValueError, RecursionError):
        raise _refused("signature") from None
    claims, moment = read.claims, int(now.timestamp())
    options: dict[str, jwt.ClaimsOption] = {
        "iss": {"essential": True, "value": issuer},
        "aud": {"essential": True, "value": settings.client_id},
        **{name: {"essential": True} for name in ("sub", "exp", "iat")},
    }
    if nonce is not None:
        options["nonce"] = {"essential": True, "value": nonce}
    try:
        jwt.JWTClaimsRegistry(moment, settings.leeway, **options).validate(claims)
    except ClaimError as error:
        raise _refused(error.claim.split(",")[0]) from None
    _check_party(claims, settings.client_id)
    if claims["iat"] < moment - settings.oldest - settings.leeway:
        raise _refused("iat")
    _check_access(claims, algorithm, access)
    if claims.get("acr") not in settings.acr_accepted:
        raise LevelTooLow
    return Identity(claims["sub"], claims["acr"], _authenticated_at(claims, settings, moment))


def _refused(what: str) -> TokenRefused:
    reason, reason_fr = _CLAIMS.get(what, _CLAIMS["form"])
    return TokenRefused(reason=reason, reason_fr=reason_fr)


def _key(token: Token, keys: KeySet, settings: PscSettings) -> tuple[Key, str]:
    try:
        header = jws.extract_compact(token.reveal().encode()).headers()
    except (JoseError, ValueError, RecursionError):
        raise _refused("form") from None
    if not isinstance(header, dict):  # joserfc takes any JSON in which "alg" is found
        raise _refused("form")
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in settings.algorithms:
        raise _refused("alg")
    fit = [key for key in keys if _is_fit(key, algorithm)]
    found = [key for key in fit if key.kid == header["kid"]] if "kid" in header else fit
    if len(found) != 1:
        raise KeyUnknown
    return found[0], algorithm


def _is_fit(key: Key, algorithm: str) -> bool:
    told = key.as_dict(private=False) if key.key_type != "oct" else {}
    return (
        key.key_type == _TYPES[algorithm[:2]]
        and told.get("use") in {None, "sig"}
        and told.get("alg") in {None, algorithm}
    )


def _check_party(claims: Mapping[str, object], client_id: str) -> None:
    audience, party = claims["aud"], claims.get("azp")
    if party is None and isinstance(audience, list) and len(audience) > 1:
        raise _refused("azp")
    if party not in (None, client_id):
        raise _refused("azp")


def _check_access(claims: Mapping[str, object], algorithm: str, access: Token | None) -> None:
    told = claims.get("at_hash")
    if told is None or access is None:
        return
    digest = hashlib.new(f"sha{algorithm[2:]}", access.reveal().encode()).digest()
    left = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    if not isinstance(told, str) or not hmac.compare_digest(told.encode(), left):
        raise _refused("at_hash")


def _authenticated_at(claims: Mapping[str, object], settings: PscSettings, moment: int) -> datetime:
    told = claims.get("auth_time")
    if told is None and settings.max_age is None:
        told = claims["iat"]
    if isinstance(told, bool) or not isinstance(told, int | float) or not told <= moment + settings.leeway:
        raise _refused("auth_time")
    if settings.max_age is not None and told < moment - settings.max_age - settings.leeway:
        raise _refused("auth_time")
    try:
        return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        raise _refused("auth_time") from None
