"""Our side of Pro Santé Connect against a certified service that we did not write."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from oidc_peer import ABSENT, PERSON, PRESENT, Oidc, installed, running_oidc

from dui_bridge.connectors.psc import ciba, code_flow
from dui_bridge.connectors.psc.calling import air_caller
from dui_bridge.connectors.psc.client import PscClient, Session
from dui_bridge.connectors.psc.errors import (
    ClientRefused,
    Denied,
    GrantRefused,
    OtherIssuer,
    PersonUnknown,
)
from dui_bridge.connectors.psc.opening import open_psc
from dui_bridge.connectors.psc.redirect import Loopback
from dui_bridge.connectors.psc.settings import CodeSettings, PscSettings
from dui_bridge.connectors.psc.tokens import Token
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.pki import PASSWORD, make_pki

pytestmark = [pytest.mark.real, pytest.mark.skipif(not PRESENT, reason=ABSENT)]

SECRETS = {"by-secret": "un secret: avec + et %", "by-form": "un-secret", "by-certificate": None}
METHODS = {
    "by-secret": "client_secret_basic",
    "by-form": "client_secret_post",
    "by-certificate": "tls_client_auth",
}


@pytest.fixture(scope="module")
def oidc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Oidc]:
    base = tmp_path_factory.getbasetemp()
    folder = installed((base.parent if base.name.startswith("popen-") else base) / "oidc")
    with running_oidc(folder, make_pki(tmp_path_factory.mktemp("oidc-pki"))) as running:
        yield running


def opened(oidc: Oidc, client_id: str = "by-secret", secret: str | None = None, **settings: object) -> PscClient:
    given = {
        "issuer": oidc.issuer,
        "discovery": ".well-known/openid-configuration",
        "client_id": client_id,
        "authentication": METHODS[client_id],
        **settings,
    }
    return open_psc(
        PscSettings.model_validate(given),
        Profile.SANDBOX,
        Trust((oidc.pki.ca,)),
        secret=secret or SECRETS[client_id],
        material=Pkcs12(oidc.pki.insi_auto.pkcs12, PASSWORD) if client_id == "by-certificate" else None,
    )


def browser(oidc: Oidc) -> httpx.Client:
    return httpx.Client(verify=ssl.create_default_context(cafile=str(oidc.pki.ca)), trust_env=False)


def decide(oidc: Oidc, what: str) -> None:
    with browser(oidc) as person:
        person.get(f"{oidc.issuer}/test/{what}").raise_for_status()


def browse(oidc: Oidc, url: str, until: str) -> str:
    """Follows the service with its cookies, until it sends to an address that begins so: what stands after `?`."""
    with browser(oidc) as person:
        for _ in range(9):
            answer = person.get(url)
            url = urljoin(url, answer.headers.get("Location", ""))
            if answer.status_code >= 400 or url.startswith(until):
                break
    assert url.startswith(until), answer.text
    return urlsplit(url).query


def is_the_person(session: Session) -> None:
    assert (session.professional.national_id, session.acr) == (PERSON, "eidas1")
    caller = air_caller(
        session, finess="990000001", sector="SA25", authentication="MobileTwoFactorUnregistered", situation=None
    )
    assert [one.label for one in caller.roles] == ["Infirmier"]


@pytest.mark.parametrize("client_id", list(METHODS))
def test_the_person_approves_on_their_device(oidc: Oidc, client_id: str) -> None:
    client = opened(oidc, client_id)
    asked = ciba.ask(client, PERSON, "42")
    waiting = ciba.poll(client, asked)
    assert isinstance(waiting, ciba.Asked)
    decide(oidc, "approve")
    is_the_person(ciba.wait(client, waiting, sleep=lambda _: None))
    with pytest.raises(GrantRefused):
        ciba.poll(client, waiting)


def test_the_person_refuses_on_their_device(oidc: Oidc) -> None:
    client = opened(oidc)
    asked = ciba.ask(client, PERSON)
    decide(oidc, "deny")
    with pytest.raises(Denied):
        ciba.poll(client, asked)


@pytest.mark.parametrize("client_id", list(METHODS))
def test_the_person_signs_in_with_a_browser(oidc: Oidc, client_id: str) -> None:
    client = opened(oidc, client_id)
    with Loopback(CodeSettings()) as port:
        started = code_flow.begin(client, port.redirect_uri)
        query = browse(oidc, started.url, port.redirect_uri)
    again = replace(started)
    is_the_person(code_flow.finish(client, started, query))
    with pytest.raises(GrantRefused):
        code_flow.finish(client, again, query)


def test_a_code_without_its_verifier_is_worth_nothing(oidc: Oidc) -> None:
    client = opened(oidc)
    started = code_flow.begin(client, "http://127.0.0.1:8123/psc")
    query = browse(oidc, started.url, started.redirect_uri)
    with pytest.raises(GrantRefused):
        code_flow.finish(client, replace(started, verifier=Token("x" * 43)), query)


@pytest.mark.parametrize(
    ("changes", "person", "error"),
    [
        ({"secret": "another"}, PERSON, ClientRefused),
        ({}, "899700000025", PersonUnknown),
    ],
)
def test_what_the_service_refuses_has_its_name(
    oidc: Oidc, changes: dict[str, str], person: str, error: type[DuiBridgeError]
) -> None:
    with pytest.raises(error):
        ciba.ask(opened(oidc, **changes), person)


def test_the_same_service_under_another_name_is_another_service(oidc: Oidc) -> None:
    other = oidc.issuer.replace("localhost", "127.0.0.1")
    with pytest.raises(OtherIssuer):
        opened(replace(oidc, issuer=other)).provider()
