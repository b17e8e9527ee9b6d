"""Which service is asked, how the bridge makes itself known to it, and where nothing is sent."""

from __future__ import annotations

import pytest
from psc_world import ISSUER, NATIONAL_ID, SECRET, make

from dui_bridge.connectors.psc import ciba
from dui_bridge.connectors.psc.errors import (
    AddressOfOtherProfile,
    DiscoveryWrong,
    OtherIssuer,
    SecretMissing,
    Unavailable,
)
from dui_bridge.connectors.psc.opening import open_psc
from dui_bridge.connectors.psc.provider import issuer_of
from dui_bridge.connectors.psc.settings import PscSettings
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.profile import Profile


@pytest.mark.parametrize(
    ("issuer", "profile"),
    [
        ("http://localhost:9443/realms/esante-wallet", Profile.SANDBOX),
        ("https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet", Profile.SANDBOX),
        ("https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet", Profile.QUALIFICATION),
        ("https://auth.bas.psc.esante.gouv.fr/auth/realms/esante-wallet", Profile.PRODUCTION),
        ("http://auth.esw.esante.gouv.fr/auth/realms/esante-wallet", Profile.PRODUCTION),
        ("https://auth.esw.esante.gouv.fr.example/", Profile.PRODUCTION),
        ("https://auth.esw.esante.gouv.fr@elsewhere.example/", Profile.PRODUCTION),
        ("https://user@auth.esw.esante.gouv.fr/", Profile.PRODUCTION),
        ("https://[::1/", Profile.SANDBOX),
        (None, Profile.SANDBOX),
    ],
)
def test_an_issuer_of_another_profile_or_without_tls_is_never_asked(issuer: str | None, profile: Profile) -> None:
    with pytest.raises(AddressOfOtherProfile):
        issuer_of(PscSettings(client_id="x", issuer=issuer), profile)


def test_the_profile_knows_its_issuer() -> None:
    found = issuer_of(PscSettings(client_id="x"), Profile.PRODUCTION)
    assert found.discovery == f"{found.url}/.well-known/wallet-openid-configuration"
    found.check("https://wallet.esw.esante.gouv.fr/auth")


def test_further_hosts_are_those_of_the_site_but_never_of_another_profile() -> None:
    hosts = ("mtls.example", "auth.bas.psc.esante.gouv.fr", "localhost")
    found = issuer_of(PscSettings(client_id="x", hosts=hosts), Profile.PRODUCTION)
    found.check("https://mtls.example/token")
    for other in hosts[1:]:
        with pytest.raises(AddressOfOtherProfile):
            found.check(f"https://{other}/token")


@pytest.mark.parametrize(
    ("published", "error"),
    [
        ({"issuer": "https://localhost:9443/realms/other"}, OtherIssuer),
        ({"issuer": f"{ISSUER}/"}, OtherIssuer),
        ({"issuer": None}, OtherIssuer),
        ({"token_endpoint": None}, DiscoveryWrong),
        ({"jwks_uri": ""}, DiscoveryWrong),
        ({"token_endpoint": "http://localhost:9443/token"}, AddressOfOtherProfile),
        ({"userinfo_endpoint": "https://elsewhere.example/userinfo"}, AddressOfOtherProfile),
        ({"backchannel_authentication_endpoint": "https://elsewhere.example/"}, AddressOfOtherProfile),
    ],
)
def test_a_description_that_leads_elsewhere_is_refused_before_a_secret_leaves(
    published: dict[str, object], error: type[DuiBridgeError]
) -> None:
    world = make()
    world.published = published
    with pytest.raises(error):
        ciba.ask(world.client(), NATIONAL_ID)
    assert len(world.requests) == 1


def test_a_client_with_a_certificate_goes_where_certificates_are_asked_for() -> None:
    world = make(authentication="tls_client_auth")
    world.published = {"mtls_endpoint_aliases": {"token_endpoint": "https://127.0.0.1:9444/token"}}
    assert world.client().provider().token == "https://127.0.0.1:9444/token"


@pytest.mark.parametrize("authentication", ["client_secret_basic", "tls_client_auth"])
def test_what_makes_the_bridge_known_must_be_there(authentication: str) -> None:
    settings = PscSettings.model_validate({"client_id": "x", "issuer": ISSUER, "authentication": authentication})
    with pytest.raises(SecretMissing):
        open_psc(settings, Profile.SANDBOX, Trust(system=True))


def test_the_secret_goes_in_the_header_or_in_the_form() -> None:
    for authentication, sent in (("client_secret_basic", None), ("client_secret_post", SECRET)):
        world = make(authentication=authentication)
        ciba.ask(world.client(), NATIONAL_ID)
        assert world.forms("/ciba")[0].get("client_secret") == sent
        assert world.requests[-1].headers.get("Authorization", "").startswith("Basic ") is (sent is None)


def test_a_service_that_is_down_is_tried_again_by_the_person() -> None:
    world = make()
    world.backchannel = (503, b"<html>down</html>")
    with pytest.raises(Unavailable):
        ciba.ask(world.client(), NATIONAL_ID)
