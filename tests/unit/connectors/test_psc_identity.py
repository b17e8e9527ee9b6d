"""Which identity tokens are believed, and which are not."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest
from joserfc import jws, jwt
from joserfc.jwk import KeySet, RSAKey
from psc_world import ACCESS, ISSUER, START, World, answer_with, at_hash, key, make

from dui_bridge.connectors.psc.errors import KeyUnknown, LevelTooLow, TokenRefused, Unavailable
from dui_bridge.connectors.psc.identity import Identity, read_identity, read_keys
from dui_bridge.connectors.psc.tokens import Token
from dui_bridge.errors import DuiBridgeError

NOW = int(START.timestamp())
PUBLISHED = read_keys(json.dumps(KeySet([key("a"), key("b")]).as_dict(private=False)).encode())


def signed(world: World, header: dict[str, object] | None = None, **claims: object) -> str:
    return jwt.encode({"alg": "RS256", "kid": "a", **(header or {})}, world.claims(**claims), key("a"))


def read(token: str, world: World | None = None, **given: str) -> Identity:
    world = world or make()
    return read_identity(
        Token(token), PUBLISHED, world.settings, ISSUER, now=world.now, nonce=given.get("nonce"), access=Token(ACCESS)
    )


def test_a_right_token_tells_who_how_and_when() -> None:
    found = read(signed(make(), at_hash=at_hash()))
    assert (found.subject, found.acr, int(found.authenticated_at.timestamp())) == (
        "f:550dc1c8:899700000017",
        "eidas1",
        NOW - 5,
    )
    assert "899700000017" not in repr(found)


@pytest.mark.parametrize(
    ("claims", "word"),
    [
        ({"iss": "https://localhost:9443/realms/other"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "another"}, "another application"),
        ({"aud": ["another", "one-more"]}, "another application"),
        ({"aud": ["dui-bridge", "another"]}, "given to another"),
        ({"azp": "another"}, "given to another"),
        ({"exp": NOW - 31}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "tomorrow"}, "expired"),
        ({"nbf": NOW + 31}, "not valid yet"),
        ({"iat": NOW + 31}, "future"),
        ({"iat": NOW - 331}, "too long ago"),
        ({"iat": None}, "too long ago"),
        ({"sub": None}, "nobody"),
        ({"sub": 7}, "nobody"),
        ({"nonce": "another"}, "another request"),
        ({"nonce": None}, "another request"),
        ({"at_hash": at_hash("another access token")}, "access token"),
        ({"auth_time": NOW + 3600}, "asked too long ago"),
        ({"auth_time": "now"}, "asked too long ago"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(claims: dict[str, object], word: str) -> None:
    with pytest.raises(TokenRefused, match=word):
        read(signed(make(), **{"nonce": "n", **claims}), nonce="n")


@pytest.mark.parametrize("claims", [{"acr": "eidas0"}, {"acr": None}, {"acr": ["eidas1"]}])
def test_a_lower_level_is_refused_by_its_own_error(claims: dict[str, object]) -> None:
    with pytest.raises((LevelTooLow, TokenRefused)) as caught:
        read(signed(make(), **claims))
    assert caught.value.code == "PSC-022"


@pytest.mark.parametrize(
    "claims", [{"aud": ["dui-bridge", "account"], "azp": "dui-bridge"}, {"acr": "eidas2"}, {"exp": NOW - 29}]
)
def test_what_the_standard_leaves_free_is_taken(claims: dict[str, object]) -> None:
    assert read(signed(make(), **claims)).subject


def test_when_an_age_is_asked_for_the_person_must_have_been_asked_since() -> None:
    world = make(max_age=60)
    assert read(signed(world), world)
    for auth_time in (NOW - 91, None):
        with pytest.raises(TokenRefused, match="asked too long ago"):
            read(signed(world, auth_time=auth_time), world)


def segment(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def hand_made(world: World, header: dict[str, str]) -> str:
    return ".".join(segment(json.dumps(one).encode()) for one in (header, world.claims()))


def unsigned(world: World) -> str:
    return hand_made(world, {"alg": "none"}) + "."


def by_public_key(world: World) -> str:
    """Signed by HMAC with what everybody knows: the public key."""
    text = hand_made(world, {"alg": "HS256", "kid": "a"})
    return f"{text}.{segment(hmac.digest(key('a').as_pem(private=False), text.encode(), 'sha256'))}"


def altered(world: World) -> str:
    header, payload, signature = signed(world).split(".")
    other = signed(world, sub="somebody-else").split(".")[1]
    assert other != payload
    return f"{header}.{other}.{signature}"


def by_other_key(world: World) -> str:
    return jwt.encode({"alg": "RS256", "kid": "a"}, world.claims(), key("b"))


def by_other_algorithm(world: World) -> str:
    return jwt.encode({"alg": "PS256", "kid": "a"}, world.claims(), free_key(), algorithms=["PS256"])


def free_key() -> RSAKey:
    """`a`, with nothing told of its use."""
    return RSAKey.import_key(key("a").as_pem(private=True))


@pytest.mark.parametrize(
    ("forged", "word"),
    [
        (unsigned, "kind that is not allowed"),
        (by_public_key, "kind that is not allowed"),
        (by_other_algorithm, "kind that is not allowed"),
        (altered, "signature is wrong"),
        (by_other_key, "signature is wrong"),
        (lambda _: "not-a-token", "not a signed token"),
        (lambda _: "", "not a signed token"),
        (lambda _: "..", "not a signed token"),
    ],
)
def test_a_forged_token_is_refused(forged: Callable[[World], str], word: str) -> None:
    with pytest.raises(TokenRefused, match=word):
        read(forged(make()))


@pytest.mark.parametrize(
    "header",
    [
        ["alg"],
        "alg",
        1,
        None,
        {"alg": ["RS256"]},
        {"alg": {}},
        {"alg": "RS256", "kid": ["a"]},
        {"alg": "RS256", "kid": {}},
    ],
)
def test_a_header_of_another_form_is_refused(header: object) -> None:
    claims = segment(json.dumps(make().claims()).encode())
    with pytest.raises(TokenRefused):
        read(f"{segment(json.dumps(header).encode())}.{claims}.AAAA")


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b"null",
        b"{",
        b"[" * 99999,
        b'{"exp": 1e400}',
        *(
            json.dumps(make().claims(**{name: value})).encode()
            for name, value in (
                ("iat", True),
                ("auth_time", 1e300),
                ("auth_time", -1e300),
                ("auth_time", float("nan")),
                ("aud", {}),
                ("azp", []),
                ("at_hash", "é"),
                ("auth_time", -(10**400)),
                ("exp", float("nan")),
            )
        ),
    ],
)
def test_claims_of_another_form_are_refused(payload: bytes) -> None:
    with pytest.raises(TokenRefused):
        read(jws.serialize_compact({"alg": "RS256", "kid": "a"}, payload, key("a")))


def test_a_key_that_is_not_published_is_told_apart() -> None:
    unknown = jwt.encode({"alg": "RS256", "kid": "c"}, make().claims(), key("c"))
    with pytest.raises(KeyUnknown):
        read(unknown)


def test_without_a_key_id_only_a_single_key_will_do() -> None:
    token = jwt.encode({"alg": "RS256"}, make().claims(), free_key())
    with pytest.raises(KeyUnknown):
        read(token)
    alone = read_keys(json.dumps(KeySet([key("a")]).as_dict(private=False)).encode())
    assert read_identity(Token(token), alone, make().settings, ISSUER, now=START).acr == "eidas1"


def test_a_key_for_encryption_signs_nothing() -> None:
    told = {**free_key().as_dict(private=False), "kid": "a", "use": "enc"}
    with pytest.raises(KeyUnknown):
        read_identity(
            Token(signed(make())), read_keys(json.dumps({"keys": [told]}).encode()), make().settings, ISSUER, now=START
        )


def test_keys_are_asked_for_anew_when_the_service_has_changed_them() -> None:
    world = make()
    client = world.client()
    world.tokens = [world.granted("a"), world.granted("b"), world.granted("b"), world.granted("c")]
    client.session(client.grant({}))
    world.keys = ["b"]
    client.session(client.grant({}))
    client.session(client.grant({}))
    assert sum(one.url.path.endswith("certs") for one in world.requests) == 2
    with pytest.raises(KeyUnknown):
        client.session(client.grant({}))


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"keys": 1}', b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}', b"[" * 99999]
)
def test_keys_that_cannot_be_read_are_an_error_of_ours(body: bytes) -> None:
    with pytest.raises(DuiBridgeError) as caught:
        read_keys(body)
    assert caught.value.code == "PSC-023"


def test_the_service_that_fails_with_the_keys_is_unavailable() -> None:
    world = make()
    world.userinfo = (503, b"down")
    world.tokens = [world.granted()]
    client = world.client()
    with pytest.raises(Unavailable):
        client.session(client.grant({}))


def test_what_the_service_says_of_another_person_is_refused() -> None:
    world = make()
    world.tokens = [world.granted(sub="somebody-else")]
    client = world.client()
    with pytest.raises(TokenRefused) as caught:
        client.session(client.grant({}))
    assert caught.value.code == "PSC-034"


@pytest.mark.parametrize("left_out", ["access_token", "id_token", "token_type"])
def test_an_answer_without_its_tokens_is_refused(left_out: str) -> None:
    world = make()
    body = answer_with("x.y.z")
    del body[left_out]
    world.tokens = [(200, body)]
    with pytest.raises(DuiBridgeError) as caught:
        world.client().grant({})
    assert caught.value.code == "PSC-023"
