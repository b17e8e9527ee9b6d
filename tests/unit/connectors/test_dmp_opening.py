"""What a site opens: the right hosts for its profile, TLS 1.2 with both certificates, and the settings obeyed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from dui_bridge.connectors.dmp import DmpSettings, channel_of
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.errors import AddressOfOtherProfile
from dui_bridge.connectors.dmp.opening import (
    FEEDS_PER_SECOND,
    Certificates,
    addresses,
    client_of_site,
    open_dmp,
    open_of_site,
)
from dui_bridge.connectors.dmp.settings import AutomateSettings, VihfSettings
from dui_bridge.connectors.ports import Means
from dui_bridge.connectors.wire.certificates import Pem, Pkcs12
from dui_bridge.connectors.wire.net_errors import AnswerToAnother
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.exchange import Channel
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.pki import PASSWORD, Pki, make_pki
from tests.dmp_world import FINESS, SECRET, SOFTWARE, STRUCTURE, SYSTEM, built, context
from tests.tls_peer import answering, peer, server_context

PRODUCTION = "https://lps2.dmp.gouv.fr/si-dmp-server/v2/services/"
DEV6 = "https://dev6.lps2.dmp.gouv.fr/si-dmp-server/v2/services"


# --- addresses -------------------------------------------------------------------------------------------------------


def test_production_has_its_address_and_each_service_may_have_another_path() -> None:
    where = addresses(DmpSettings(registry="/autre/registry"), Profile.PRODUCTION)
    assert (where.repository, where.registry) == (f"{PRODUCTION}repository", "https://lps2.dmp.gouv.fr/autre/registry")
    assert addresses(DmpSettings(base=DEV6), Profile.QUALIFICATION).patients == f"{DEV6}/patients"


@pytest.mark.parametrize(
    ("profile", "settings"),
    [
        (Profile.SANDBOX, DmpSettings()),
        (Profile.SANDBOX, DmpSettings(base=PRODUCTION)),
        (Profile.SANDBOX, DmpSettings(base="https://localhost/", registry=f"{PRODUCTION}registry")),
        (Profile.QUALIFICATION, DmpSettings()),
        (Profile.QUALIFICATION, DmpSettings(base=PRODUCTION)),
        (Profile.QUALIFICATION, DmpSettings(base="https://dev6.lps2.dmp.gouv.fr.exemple.org/")),
        (Profile.QUALIFICATION, DmpSettings(base="http://dev6.lps2.dmp.gouv.fr/")),
        (Profile.PRODUCTION, DmpSettings(base=DEV6)),
        (Profile.PRODUCTION, DmpSettings(base="https://localhost/")),
    ],
)
def test_a_profile_never_calls_the_hosts_of_another(profile: Profile, settings: DmpSettings) -> None:
    with pytest.raises(AddressOfOtherProfile):
        addresses(settings, profile)


def test_the_settings_keep_below_the_rate_that_the_dmp_allows() -> None:
    assert FEEDS_PER_SECOND < 5
    for wrong in (5, 0, -1):
        with pytest.raises(ValidationError):
            DmpSettings(feeds_per_second=wrong)
    assert channel_of(DmpSettings()) is Channel.DMP


# --- the wire --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), names=("client-insi-auto", "sign-dmp", "server"))


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pem]:
    key, now = rsa.generate_private_key(65537, 2048), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST CACHET")])
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("seal") / "cachet.pem"
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + written)
    return Pem(path)


def opened(pki: Pki, seal: Pem, port: int) -> DmpDestination:
    settings = DmpSettings(
        base=f"https://localhost:{port}/services/",
        ask_existence=False,
        timeout=5,
        signature_hash="sha256",
        digest_hash="sha256",
        hash_and_size=False,
        vihf=VihfSettings(version="4.0", mode_attribute="Authentification_mode", validity=60),
        automate=AutomateSettings(authentication="TLSClient"),
    )
    files = Certificates(Pkcs12(pki.insi_auto.pkcs12, PASSWORD), seal, Trust((pki.ca,)))
    return open_dmp(settings, Profile.SANDBOX, files, SOFTWARE, [STRUCTURE], system=SYSTEM)


def test_a_deposit_goes_over_tls_1_2_with_our_certificate_and_in_the_forms_that_are_set(pki: Pki, seal: Pem) -> None:
    other = answering(
        b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><x/></e:Body></e:Envelope>'
    )
    with (
        peer(server_context(pki, asks=True), other) as listening,
        closing(opened(pki, seal, listening.port)) as to,
        pytest.raises(AnswerToAnother),
    ):
        to.send(to.prepare(built(), context()))
    assert listening.versions == {"TLSv1.2"}
    (request,) = listening.requests
    for said in (
        b"POST /services/repository HTTP/1.1",
        b"rsa-sha256",
        b'Name="Authentification_mode"',
        b">4.0<",
        b"classes:TLSClient",
        b"NotOnOrAfter",
        SECRET.encode(),
        f">1{FINESS}<".encode(),
    ):
        assert said in request
    assert b'name="hash"' not in request
    assert b"rsa-sha1" not in request


def test_a_server_that_speaks_tls_1_3_only_is_not_spoken_to(pki: Pki, seal: Pem) -> None:
    with (
        peer(server_context(pki, version=ssl.TLSVersion.TLSv1_3)) as listening,
        closing(opened(pki, seal, listening.port)) as to,
        pytest.raises(DuiBridgeError) as caught,
    ):
        to.send(to.prepare(built(), context()))
    assert caught.value.code.startswith("TLS-")
    assert listening.requests == []


def test_no_secret_shows_in_what_is_opened(pki: Pki, seal: Pem, tmp_path: Path) -> None:
    with closing(opened(pki, seal, 1)) as to:
        assert SECRET not in repr(to._client)


def test_exchanges_are_kept_where_a_capture_is_asked_for_and_nowhere_else(pki: Pki, tmp_path: Path) -> None:
    own = {"dmp": pki.insi_auto, "sign": pki.holder("sign-dmp")}
    means = cast(
        Means,
        SimpleNamespace(
            profile=Profile.SANDBOX,
            system=SYSTEM,
            establishments=(),
            software=lambda: ("Pont DUI", "1.0"),
            homologation=lambda: SECRET,
            certificate=lambda usage: Pkcs12(own[usage].pkcs12, PASSWORD),
            trust=lambda: Trust((pki.ca,)),
            lists=tuple,
            keep=print,
            turn=print,
        ),
    )
    for capture, expected in ((None, None), (tmp_path, print)):
        settings = DmpSettings(base="https://localhost:1/", capture=capture)
        with closing(open_of_site(settings, means)) as to:
            by_hand, _ = client_of_site(settings, means)
            by_hand.line.http.close()
            assert (to._client.line.keep, by_hand.line.keep) == (expected, expected)
