"""Calls to the Annuaire Santé: the key, pages, pace, what is tried again, and what every status becomes."""

from __future__ import annotations

import json
import re

import httpx
import pytest
from annuaire_world import BASE, KEY, Peer, Time, bundle, client, person

from dui_bridge.connectors.annuaire import errors
from dui_bridge.connectors.annuaire.opening import address
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.profile import Profile

ONE = person("1", "A", "B")


def refusal(*replies: httpx.Response | Exception, time: Time | None = None, **settings: object) -> DuiBridgeError:
    with pytest.raises(DuiBridgeError) as caught:
        client(Peer(list(replies)), time, **settings).search("Practitioner", [("family", "CHAZELLE")])
    return caught.value


def test_the_key_goes_in_its_header_and_what_is_asked_in_the_address() -> None:
    peer = Peer([bundle(ONE)])
    client(peer, page=20).search("Practitioner", [("name:family", "D'UN, NOM")])

    (request,) = peer.requests
    assert request.headers["ESANTE-API-KEY"] == KEY
    assert str(request.url) == f"{BASE}/Practitioner?name%3Afamily=D%27UN%2C+NOM&_count=20"


def test_pages_are_followed_to_the_last() -> None:
    peer = Peer([bundle(ONE, next=f"{BASE}?_getpages=a"), bundle(ONE, next=f"{BASE}?_getpages=b"), bundle(ONE)])
    answered = client(peer).search("Practitioner", [])

    assert (len(answered.matches), answered.complete) == (3, True)
    assert [request.url.params.get("_getpages") for request in peer.requests] == [None, "a", "b"]


def test_no_more_entries_are_read_than_is_allowed_and_that_is_told() -> None:
    peer = Peer([bundle(ONE, ONE, next=f"{BASE}?_getpages={number}") for number in range(9)])
    answered = client(peer, most=3).search("Practitioner", [])

    assert (len(peer.requests), answered.complete) == (2, False)


@pytest.mark.parametrize(
    "further",
    [
        "https://ailleurs.example/fhir/v2?_getpages=a",
        "http://annuaire.example/fhir/v2?_getpages=a",
        "https://annuaire.example:8443/fhir/v2?_getpages=a",
        "https://annuaire.example/fhir/v2-autre?_getpages=a",
        "https://quelquun@annuaire.example/fhir/v2?_getpages=a",
        "https://[annuaire",
        f"{BASE}/Practitioner?family=CHAZELLE&_count=50",
    ],
)
def test_the_key_follows_no_page_that_leads_elsewhere_or_in_a_circle(further: str) -> None:
    peer = Peer([bundle(ONE, next=further)])
    with pytest.raises(errors.AnswerUnreadable):
        client(peer).search("Practitioner", [("family", "CHAZELLE")])

    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("status", "kind", "calls"),
    [
        (301, errors.NotThere, 1),
        (400, errors.RequestRefused, 1),
        (401, errors.KeyRefused, 1),
        (403, errors.KeyRefused, 1),
        (404, errors.NotThere, 1),
        (410, errors.NotThere, 1),
        (429, errors.TooManyCalls, 4),
        (500, errors.Unavailable, 4),
        (503, errors.Unavailable, 4),
    ],
)
def test_every_status_has_its_error_and_only_passing_ones_are_tried_again(
    status: int, kind: type[DuiBridgeError], calls: int
) -> None:
    peer = Peer([httpx.Response(status)])
    with pytest.raises(kind) as caught:
        client(peer).search("Practitioner", [])

    assert (len(peer.requests), type(caught.value)) == (calls, kind)


def test_a_failure_that_passes_is_not_seen() -> None:
    peer = Peer([httpx.Response(503), httpx.ReadTimeout("late"), httpx.ConnectError("down"), bundle(ONE)])

    assert len(client(peer).search("Practitioner", []).matches) == 1


def test_a_service_that_never_answers_is_a_passing_failure() -> None:
    assert isinstance(refusal(httpx.ConnectError("down")), errors.Unanswered)


def test_the_wait_that_the_service_asks_is_kept() -> None:
    time = Time()
    client(Peer([httpx.Response(429, headers={"Retry-After": "7"}), bundle(ONE)]), time).search("Practitioner", [])

    assert 7.0 in time.waits


def test_a_wait_that_is_too_long_is_left_to_another_time() -> None:
    time = Time()
    error = refusal(httpx.Response(429, headers={"Retry-After": "3600"}), time=time)

    assert (type(error), time.waits) == (errors.TooManyCalls, [])


def test_calls_are_no_faster_than_is_allowed() -> None:
    time = Time()
    pages = [bundle(ONE, next=f"{BASE}?_getpages={number}") for number in range(30)]
    client(Peer([*pages, bundle(ONE)]), time, calls_per_second=10).search("Practitioner", [])

    assert time.now == pytest.approx(3.0)


def test_the_words_of_a_refusal_are_told_without_what_was_asked() -> None:
    outcome = {"resourceType": "OperationOutcome", "issue": [{"diagnostics": "HAPI-0524: family=CHAZELLE is wrong"}]}
    error = refusal(httpx.Response(400, content=json.dumps(outcome).encode()))

    assert "HAPI-0524: family=… is wrong" in error.message("fr")


def test_no_error_tells_the_key_or_what_was_asked() -> None:
    told = [refusal(httpx.Response(status, content=b"CHAZELLE")) for status in (301, 400, 401, 404, 429, 500)]

    assert not re.search(f"{KEY}|CHAZELLE", " ".join(one.message("fr") + one.message("en") for one in told))


@pytest.mark.parametrize(
    ("profile", "url"),
    [
        (Profile.SANDBOX, None),
        (Profile.SANDBOX, "https://gateway.api.esante.gouv.fr/fhir/v2"),
        (Profile.SANDBOX, "http://localhost:9/fhir/v2"),
        (Profile.PRODUCTION, "https://localhost:9/fhir/v2"),
        (Profile.PRODUCTION, "https://gateway.preprod.api.esante.gouv.fr/fhir/v2"),
        (Profile.PRODUCTION, "https://a@gateway.api.esante.gouv.fr/fhir/v2"),
        (Profile.QUALIFICATION, "https://ailleurs.example/fhir/v2"),
    ],
)
def test_no_profile_asks_the_directory_of_another(profile: Profile, url: str | None) -> None:
    with pytest.raises(errors.AddressOfOtherProfile):
        address(AnnuaireSettings(url=url), profile)


@pytest.mark.parametrize("profile", [Profile.QUALIFICATION, Profile.PRODUCTION])
def test_there_is_one_national_directory(profile: Profile) -> None:
    assert address(AnnuaireSettings(), profile) == "https://gateway.api.esante.gouv.fr/fhir/v2"
