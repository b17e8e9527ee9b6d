"""Signing in on the e-CPS and in a browser: who is asked, how long, and what ends it."""

from __future__ import annotations

import copy
import hashlib
import logging
import pickle
import tempfile
import threading
from base64 import urlsafe_b64encode
from contextlib import nullcontext
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from psc_world import ACCESS, ISSUER, NATIONAL_ID, SECRET, USERINFO, World, make

from dui_bridge.connectors.psc import ciba, code_flow
from dui_bridge.connectors.psc.client import Session
from dui_bridge.connectors.psc.errors import (
    REFUSALS,
    Denied,
    GrantRefused,
    LevelTooLow,
    NotApproved,
    OtherPerson,
    PersonUnknown,
    RedirectElsewhere,
    RedirectTaken,
    RefusalUnknown,
    StateWrong,
    TokenRefused,
    Unanswered,
)
from dui_bridge.connectors.psc.redirect import Loopback
from dui_bridge.connectors.psc.settings import CodeSettings, Flow
from dui_bridge.connectors.psc.sign_in import sign_in
from dui_bridge.errors import DuiBridgeError

PENDING = (400, {"error": "authorization_pending"})
SLOW_DOWN = (400, {"error": "slow_down"})
RETURN = "http://127.0.0.1:8123/psc"


def signed_in(world: World) -> Session:
    client = world.client()
    return ciba.wait(client, ciba.ask(client, NATIONAL_ID, "42"), sleep=world.sleep)


# -- on the e-CPS


def test_the_person_is_asked_at_the_level_that_is_wanted_and_is_then_known() -> None:
    world = make()
    world.tokens = [PENDING, world.granted()]
    session = signed_in(world)
    assert world.forms("/ciba") == [
        {"scope": "openid scope_all", "login_hint": NATIONAL_ID, "acr_values": "eidas1", "binding_message": "42"}
    ]
    assert session.professional.rpps == "99700000017"
    assert session.acr == "eidas1"


def test_each_slow_down_adds_five_seconds_between_two_questions() -> None:
    world = make()
    world.tokens = [PENDING, SLOW_DOWN, SLOW_DOWN, PENDING, world.granted()]
    slept: list[float] = []
    client = world.client()
    ciba.wait(client, ciba.ask(client, NATIONAL_ID), sleep=slept.append)
    assert slept == [2, 2, 7, 12, 12]


@pytest.mark.parametrize(("told", "every"), [(None, 5), ("soon", 5), (0, 1), (99999, 60), (True, 5)])
def test_an_interval_that_makes_no_sense_is_bounded(told: object, every: int) -> None:
    world = make()
    world.backchannel = (200, {"auth_req_id": "x", "expires_in": 30, "interval": told})
    assert ciba.ask(world.client(), NATIONAL_ID).interval == every


def test_nobody_is_waited_for_longer_than_the_service_or_the_site_says() -> None:
    for told, limit, asked in ((20, 120, 10), (9999, 30, 15), ("never", 30, 15)):
        world = make(ciba={"longest": limit})
        world.backchannel = (200, {"auth_req_id": "x", "expires_in": told, "interval": 2})
        world.tokens = [PENDING] * 99
        with pytest.raises(NotApproved):
            signed_in(world)
        assert len(world.forms("/token")) == asked - 1


def test_a_question_without_an_answer_is_asked_again() -> None:
    world = make()
    world.tokens = [httpx.ReadError("cut"), (503, b"<html>"), world.granted()]
    assert signed_in(world).professional.national_id == NATIONAL_ID


def test_a_service_that_never_answers_is_named_at_the_end() -> None:
    world = make(ciba={"longest": 10})
    world.tokens = [PENDING, *[httpx.ReadError("cut")] * 9]
    with pytest.raises(Unanswered):
        signed_in(world)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("access_denied", Denied),
        ("expired_token", NotApproved),
        ("invalid_grant", GrantRefused),
        ("GARANCE", RefusalUnknown),
    ],
)
def test_what_ends_the_waiting(code: str, error: type[DuiBridgeError]) -> None:
    world = make()
    world.tokens = [PENDING, (400, {"error": code, "error_description": f"{NATIONAL_ID} GARANCE"})]
    with pytest.raises(error) as caught:
        signed_in(world)
    assert "GARANCE" not in caught.value.message("fr") + caught.value.message("en")


def test_every_error_that_the_standards_name_has_one_of_ours() -> None:
    named = {
        "RFC 6749": "invalid_request invalid_client invalid_grant unauthorized_client unsupported_grant_type invalid_scope "
        "access_denied unsupported_response_type server_error temporarily_unavailable",
        "OpenID Connect": "interaction_required login_required account_selection_required consent_required "
        "invalid_request_uri invalid_request_object request_not_supported request_uri_not_supported "
        "registration_not_supported unmet_authentication_requirements",
        "CIBA": "expired_login_hint_token unknown_user_id missing_user_code invalid_user_code invalid_binding_message "
        "expired_token transaction_failed",
        "RFC 6750": "invalid_token insufficient_scope",
    }
    assert {code for codes in named.values() for code in codes.split()} == set(REFUSALS)


def test_a_person_whom_the_service_does_not_know_is_told_as_such() -> None:
    world = make()
    world.backchannel = (400, {"error": "unknown_user_id"})
    with pytest.raises(PersonUnknown):
        signed_in(world)


def test_another_person_than_the_one_who_was_asked_is_not_signed_in() -> None:
    world = make()
    world.userinfo = (200, {**USERINFO, "SubjectNameID": "899700000025"})
    world.tokens = [world.granted()]
    with pytest.raises(OtherPerson):
        signed_in(world)


def test_a_trouble_that_is_over_is_not_what_ends_the_waiting() -> None:
    world = make(ciba={"longest": 10})
    world.tokens = [httpx.ReadError("cut"), *[PENDING] * 9]
    with pytest.raises(NotApproved):
        signed_in(world)


# -- in a browser


def back(started: code_flow.Started, **changes: str) -> str:
    told = {"code": "un-code", "state": started.state.reveal(), **changes}
    return "&".join(f"{name}={value}" for name, value in told.items() if value)


def test_the_browser_is_sent_with_a_challenge_and_the_code_goes_with_its_verifier() -> None:
    world = make()
    client = world.client()
    started = code_flow.begin(client, RETURN)
    asked = {name: values[0] for name, values in parse_qs(urlsplit(started.url).query).items()}
    verifier = started.verifier.reveal()
    challenge = urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    assert asked["code_challenge"] == challenge
    assert (asked["code_challenge_method"], asked["response_type"], asked["acr_values"]) == ("S256", "code", "eidas1")
    world.tokens = [world.granted(nonce=asked["nonce"])]
    session = code_flow.finish(client, started, back(started))
    assert session.professional.family == "GARANCE"
    assert world.forms("/token") == [
        {"grant_type": "authorization_code", "code": "un-code", "redirect_uri": RETURN, "code_verifier": verifier}
    ]


def test_an_answer_is_taken_once() -> None:
    world = make()
    client = world.client()
    started = code_flow.begin(client, RETURN)
    world.tokens = [world.granted(nonce=started.nonce.reveal())]
    code_flow.finish(client, started, back(started))
    with pytest.raises(StateWrong):
        code_flow.finish(client, started, back(started))
    assert len(world.forms("/token")) == 1


def test_a_code_that_somebody_used_before_is_refused() -> None:
    world = make()
    client = world.client()
    started = code_flow.begin(client, RETURN)
    world.tokens = [(400, {"error": "invalid_grant"})]
    with pytest.raises(GrantRefused):
        code_flow.finish(client, started, back(started))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"state": "another"}, StateWrong),
        ({"state": ""}, StateWrong),
        ({"iss": "https://elsewhere.example"}, StateWrong),
        ({"code": ""}, StateWrong),
        ({"code": "a&code=b"}, StateWrong),
        ({"error": "access_denied"}, Denied),
        ({"error": "unmet_authentication_requirements"}, LevelTooLow),
    ],
)
def test_what_the_browser_brings_back_wrong_asks_the_service_nothing(
    changes: dict[str, str], error: type[DuiBridgeError]
) -> None:
    world = make()
    client = world.client()
    started = code_flow.begin(client, RETURN)
    with pytest.raises(error):
        code_flow.finish(client, started, back(started, **changes))
    assert world.forms("/token") == []


def test_a_service_that_always_names_itself_must_do_so_in_the_answer() -> None:
    world = make()
    world.published = {"authorization_response_iss_parameter_supported": True}
    client = world.client()
    started = code_flow.begin(client, RETURN)
    with pytest.raises(StateWrong):
        code_flow.finish(client, started, back(started))
    named = code_flow.begin(client, RETURN)
    world.tokens = [world.granted(nonce=named.nonce.reveal())]
    assert code_flow.finish(client, named, back(named, iss=ISSUER))


def test_a_token_for_another_request_is_refused_and_so_is_one_that_comes_too_late() -> None:
    world = make()
    client = world.client()
    started = code_flow.begin(client, RETURN)
    world.tokens = [world.granted(nonce="another")]
    with pytest.raises(TokenRefused):
        code_flow.finish(client, started, back(started))
    late = code_flow.begin(client, RETURN)
    world.sleep(301)
    with pytest.raises(NotApproved):
        code_flow.finish(client, late, back(late))


def test_the_port_of_this_machine_takes_the_answer_to_this_request_only() -> None:
    world = make()
    client = world.client()
    with Loopback(CodeSettings()) as port:
        started = code_flow.begin(client, port.redirect_uri)
        statuses: list[int] = []

        def browse() -> None:
            for address in (f"{port.redirect_uri}?code=stray&state=stray", f"{port.redirect_uri}/x?{back(started)}"):
                statuses.append(httpx.get(address, trust_env=False).status_code)
            answer = httpx.get(f"{port.redirect_uri}?{back(started)}", trust_env=False)
            statuses.append(answer.status_code)
            assert "un-code" not in answer.text

        browser = threading.Thread(target=browse)
        browser.start()
        query = port.wait(started, 5)
        browser.join()
    assert statuses == [404, 404, 200]
    assert query == back(started)


def test_nobody_comes_back() -> None:
    started = code_flow.begin(make().client(), RETURN)
    with Loopback(CodeSettings()) as port, pytest.raises(NotApproved):
        port.wait(started, 0.05)


def test_a_port_that_is_taken_is_told() -> None:
    with Loopback(CodeSettings()) as port:
        taken = urlsplit(port.redirect_uri).port
        with pytest.raises(RedirectTaken):
            Loopback(CodeSettings(port=taken or 0))


# -- at this machine, as the settings say


def test_the_person_sees_the_two_digits_that_their_device_shows() -> None:
    world = make()
    world.tokens = [PENDING, world.granted()]
    shown: list[tuple[Flow, str]] = []
    session = sign_in(world.client(), NATIONAL_ID, lambda flow, text: shown.append((flow, text)), sleep=world.sleep)
    assert shown == [(Flow.CIBA, world.forms("/ciba")[0]["binding_message"])]
    assert len(shown[0][1]) == 2
    assert session.professional.national_id == NATIONAL_ID


@pytest.mark.parametrize(("expected", "error"), [(NATIONAL_ID, None), ("899700000025", OtherPerson)])
def test_a_browser_signs_in_the_person_who_was_named_and_nobody_else(
    expected: str, error: type[DuiBridgeError] | None
) -> None:
    world = make(flow="code")

    def browse(flow: Flow, url: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        world.tokens = [world.granted(nonce=asked["nonce"])]
        back_here = f"{asked['redirect_uri']}?code=un-code&state={asked['state']}"
        threading.Thread(target=lambda: httpx.get(back_here, trust_env=False)).start()

    with pytest.raises(error) if error is not None else nullcontext():
        assert sign_in(world.client(), expected, browse).professional.national_id == expected


def test_a_browser_that_comes_back_to_the_dui_is_not_waited_for_here() -> None:
    world = make(flow="code", code={"redirect_uri": "https://dui.example/psc"})
    with pytest.raises(RedirectElsewhere):
        sign_in(world.client(), NATIONAL_ID, lambda *_: None)
    assert world.requests == []


# -- what is never seen


def test_no_token_is_shown_written_or_copied(
    caplog: pytest.LogCaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    world = make()
    world.tokens = [PENDING, world.granted()]
    client = world.client()
    asked = ciba.ask(client, NATIONAL_ID)
    session = ciba.wait(client, asked, sleep=world.sleep)
    started = code_flow.begin(client, RETURN)
    shown = f"{session!r}{session}{asked!r}{started!r}{client!r}{vars(client)!r}{caplog.text}"
    hidden = (ACCESS, SECRET, "une-demande", started.state.reveal(), started.verifier.reveal(), NATIONAL_ID, "GARANCE")
    assert [one for one in hidden if one in shown] == []
    assert session.access.reveal() == ACCESS
    for write in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            write(session.access)
    assert list(tmp_path.iterdir()) == []
