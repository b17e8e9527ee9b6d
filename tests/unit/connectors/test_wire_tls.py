"""TLS with the services: our own certificate, whom we accept, and who does not accept us; always in words."""

from __future__ import annotations

import os
import re
import socket
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from tls_peer import OK, Peer, Talk, peer, server_context

from dui_bridge.connectors.wire import http, tls_errors
from dui_bridge.connectors.wire.certificates import Material, Pem, Pkcs12, certificate_facts
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.errors import DuiBridgeError, FileUnusable, FixConfiguration
from dui_bridge.model.profile import SANDBOX_STRUCTURE
from dui_bridge.sandbox.pki import PASSWORD, Holder, Pki, make_pki

NOW = datetime.now(UTC)
DAY = timedelta(days=1)
TLS_1_2, TLS_1_3 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), now=NOW)


def p12(holder: Holder, password: str | None = PASSWORD) -> Pkcs12:
    return Pkcs12(holder.pkcs12, password)


def ask(context: ssl.SSLContext, url: str) -> int:
    with http.client(context, timeout=5) as client:
        return http.post(client, url, b"<a/>", service="INSi", headers={}).status


def failure(
    ours: ssl.SSLContext, theirs: ssl.SSLContext | None, *, host: str = "localhost", talk: Talk = OK
) -> tuple[DuiBridgeError, Peer]:
    """How a call ends, and what reached the peer."""
    with peer(theirs, talk) as server, pytest.raises(DuiBridgeError) as caught:
        ask(ours, server.url(host))
    return caught.value, server


def refusal(error: DuiBridgeError) -> str:
    """The code, once it is sure that an operator can act on the words."""
    assert isinstance(error, FixConfiguration)
    texts = [error.message("fr"), error.message("en"), error.action("fr"), error.action("en")]
    assert all(texts)
    assert not any("{" in text or "_ssl.c" in text for text in texts)
    return error.code


def refused(pki: Pki, material: Material | None, trust: Trust | None = None) -> DuiBridgeError:
    with pytest.raises(DuiBridgeError) as caught:
        client_context(material, trust or Trust((pki.ca,)))
    return caught.value


# --- our own files --------------------------------------------------------------------------------------------------


def test_a_pkcs12_and_pem_files_serve_alike(pki: Pki) -> None:
    auto = pki.insi_auto
    with peer(server_context(pki, asks=True, crl=True)) as server:
        for material in (p12(auto), Pem(auto.certificate, auto.key)):
            assert ask(client_context(material, Trust((pki.ca,))), server.url()) == 200


def test_a_pem_file_may_hold_all_in_any_order_and_the_key_may_be_encrypted(pki: Pki, tmp_path: Path) -> None:
    key = serialization.load_pem_private_key(pki.insi_auto.key.read_bytes(), None)
    encrypted = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"secret"),
    )
    leaf, issuer = re.findall(
        rb"-----BEGIN CERT.+?-----END CERTIFICATE-----\n", pki.insi_auto.certificate.read_bytes(), re.S
    )
    one = tmp_path / "one.pem"
    one.write_bytes(issuer + encrypted + leaf)

    assert certificate_facts(Pem(one, password="secret")).subject_cn == "INSI-AUTO"
    assert refusal(refused(pki, Pem(one, password="other"))) == "TLS-002"
    assert refusal(refused(pki, Pem(one))) == "TLS-002"


def test_no_file_is_written_and_no_descriptor_stays_open(pki: Pki) -> None:
    written: list[object] = []
    watching = True

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if watching and event == "open" and isinstance(arguments[0], str) and str(arguments[1] or "r")[:1] != "r":
            written.append(arguments[0])

    sys.addaudithook(watch)
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208
    client_context(p12(pki.insi_auto), Trust((pki.ca,)), crl=[pki.crl])
    after = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208
    watching = False

    assert written == []
    assert after == before


def test_neither_the_password_nor_the_key_is_shown(pki: Pki) -> None:
    assert PASSWORD not in repr(p12(pki.insi_auto))
    assert PASSWORD not in repr(Pem(pki.insi_auto.certificate, password=PASSWORD))


def test_the_facts_of_a_certificate_are_told_even_when_it_has_expired(pki: Pki) -> None:
    facts = certificate_facts(p12(pki.holder("client-expired")))

    assert (facts.subject_cn, facts.ou) == ("INSI-AUTO", SANDBOX_STRUCTURE)
    assert facts.issuer_cn == "TEST AC BAC A SABLE ORGANISATIONS"
    assert facts.not_after == (NOW - 10 * DAY).replace(microsecond=0)
    assert int(facts.serial, 16) > 0


@pytest.mark.parametrize(
    ("name", "code"), [("client-expired", "TLS-006"), ("client-not-yet", "TLS-007"), ("client-wrong-usage", "TLS-008")]
)
def test_a_certificate_that_no_service_could_accept_is_refused_here(pki: Pki, name: str, code: str) -> None:
    assert refusal(refused(pki, p12(pki.holder(name)))) == code


def test_the_refusal_of_an_expired_certificate_says_since_when(pki: Pki) -> None:
    assert f"{NOW - 10 * DAY:%Y-%m-%d}" in refused(pki, p12(pki.holder("client-expired"))).message("fr")


def test_a_file_that_cannot_be_opened_says_why(pki: Pki, tmp_path: Path) -> None:
    auto, other = pki.insi_auto, pki.insi_manu
    text = tmp_path / "text.p12"
    text.write_text("not a certificate")

    assert isinstance(refused(pki, Pkcs12(tmp_path / "absent.p12")), FileUnusable)
    assert refusal(refused(pki, Pkcs12(text, PASSWORD))) == "TLS-001"
    assert refusal(refused(pki, Pkcs12(auto.certificate, PASSWORD))) == "TLS-001"
    assert refusal(refused(pki, Pem(text))) == "TLS-001"
    assert refusal(refused(pki, p12(auto, "wrong"))) == "TLS-002"
    assert refusal(refused(pki, p12(auto, None))) == "TLS-002"
    assert refusal(refused(pki, Pem(auto.certificate))) == "TLS-004"
    assert refusal(refused(pki, Pem(auto.certificate, other.key))) == "TLS-005"


def test_a_pkcs12_without_a_key_is_told(pki: Pki, tmp_path: Path) -> None:
    certificate = x509.load_pem_x509_certificate(pki.insi_auto.certificate.read_bytes())
    path = tmp_path / "no-key.p12"
    path.write_bytes(
        serialization.pkcs12.serialize_key_and_certificates(
            None, None, certificate, None, serialization.BestAvailableEncryption(b"x")
        )
    )

    assert refusal(refused(pki, Pkcs12(path, "x"))) == "TLS-004"


def self_signed(path: Path, key: CertificateIssuerPrivateKeyTypes, *extensions: x509.ExtensionType) -> Pem:
    name = x509.Name([])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, NOW - DAY, NOW + DAY)
    for one in extensions:
        builder = builder.add_extension(one, critical=True)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    )
    return Pem(path)


def test_a_key_that_tls_does_not_take_any_more_is_told(pki: Pki, tmp_path: Path) -> None:
    error = refused(pki, self_signed(tmp_path / "short.pem", rsa.generate_private_key(65537, 1024)))

    assert refusal(error) == "TLS-003"
    assert "too small" in error.message("en")


def test_a_certificate_that_may_only_encrypt_is_not_for_a_client(pki: Pki, tmp_path: Path) -> None:
    names = "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign"
    usage = dict.fromkeys([*names.split(), "crl_sign", "encipher_only", "decipher_only"], False)

    key = ec.generate_private_key(ec.SECP256R1())
    encrypts = self_signed(tmp_path / "encrypts.pem", key, x509.KeyUsage(**{**usage, "key_encipherment": True}))
    signs = self_signed(tmp_path / "signs.pem", key, x509.KeyUsage(**{**usage, "digital_signature": True}))

    assert refusal(refused(pki, encrypts)) == "TLS-008"
    assert client_context(signs, Trust((pki.ca,)))


def test_a_key_of_an_unknown_kind_is_told(pki: Pki, tmp_path: Path) -> None:
    key = serialization.load_pem_private_key(pki.insi_auto.key.read_bytes(), None)
    der = key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path / "unknown.pem"
    body = ssl.DER_cert_to_PEM_cert(der.replace(bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d03017f")))
    path.write_text(body.replace("CERTIFICATE", "PRIVATE KEY"))

    assert refusal(refused(pki, Pem(pki.insi_auto.certificate, path))) == "TLS-003"


# --- whom we accept -------------------------------------------------------------------------------------------------


def test_authorities_are_given_or_nobody_is_trusted(pki: Pki) -> None:
    assert refusal(refused(pki, None, Trust())) == "TLS-009"
    assert refusal(refused(pki, None, Trust((pki.insi_auto.key,)))) == "TLS-001"
    assert client_context(None, Trust((pki.ca,))).cert_store_stats()["x509_ca"] == 2
    assert client_context(None, Trust(system=True)).verify_mode is ssl.CERT_REQUIRED


def test_authorities_and_lists_in_der_are_read(pki: Pki, tmp_path: Path) -> None:
    der = serialization.Encoding.DER
    authorities, lists = [], []
    for number, one in enumerate(x509.load_pem_x509_certificates(pki.ca.read_bytes())):
        authorities.append(tmp_path / f"{number}.cer")
        authorities[-1].write_bytes(one.public_bytes(der))
    for number, block in enumerate(pki.crl.read_bytes().split(b"-----BEGIN")[1:]):
        lists.append(tmp_path / f"{number}.crl")
        lists[-1].write_bytes(x509.load_pem_x509_crl(b"-----BEGIN" + block).public_bytes(der))
    context = client_context(None, Trust(tuple(authorities)), crl=lists)

    with peer(server_context(pki)) as server:
        assert ask(context, server.url()) == 200
    error, _ = failure(context, server_context(pki, pki.holder("server-revoked")))
    assert refusal(error) == "TLS-023"


def test_a_file_that_is_no_revocation_list_is_told(pki: Pki) -> None:
    with pytest.raises(tls_errors.CrlUnreadable) as caught:
        client_context(None, Trust((pki.ca,)), crl=[pki.ca])

    assert refusal(caught.value) == "TLS-010"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("server-other-ca", "TLS-020"),
        ("server-expired", "TLS-021"),
        ("server-revoked", "TLS-023"),
        ("server-wrong-host", "TLS-024"),
    ],
)
@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
def test_a_server_that_is_not_the_one_is_sent_nothing(pki: Pki, name: str, code: str, version: ssl.TLSVersion) -> None:
    context = client_context(p12(pki.insi_auto), Trust((pki.ca,)), crl=[pki.crl])

    error, server = failure(context, server_context(pki, pki.holder(name), version=version))

    assert refusal(error) == code
    assert server.requests == []


def test_a_server_of_tomorrow_is_not_accepted(tmp_path: Path) -> None:
    later = make_pki(tmp_path, now=NOW + 60 * DAY)

    error, _ = failure(client_context(None, Trust((later.ca,))), server_context(later))

    assert refusal(error) == "TLS-022"


def test_an_address_in_numbers_is_another_host_unless_the_certificate_has_it(pki: Pki) -> None:
    context = client_context(None, Trust((pki.ca,)))

    with peer(server_context(pki)) as server:
        assert ask(context, server.url("127.0.0.1")) == 200
    error, _ = failure(context, server_context(pki, pki.holder("server-wrong-host")), host="127.0.0.1")
    assert refusal(error) == "TLS-024"


def test_with_lists_the_authority_of_the_server_must_have_one(pki: Pki, tmp_path: Path) -> None:
    of_root = tmp_path / "root.pem"
    of_root.write_bytes(b"-----BEGIN" + pki.crl.read_bytes().split(b"-----BEGIN")[2])

    error, _ = failure(client_context(None, Trust((pki.ca,)), crl=[of_root]), server_context(pki))

    assert refusal(error) == "TLS-025"


def test_an_old_revocation_list_says_nothing_of_today(tmp_path: Path) -> None:
    old = make_pki(tmp_path, now=NOW - 400 * DAY)

    error, _ = failure(client_context(None, Trust((old.ca,)), crl=[old.crl]), server_context(old))

    assert refusal(error) == "TLS-026"


# --- who does not accept us -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [TLS_1_2, TLS_1_3])
@pytest.mark.parametrize(
    ("name", "at", "code"),
    [
        ("client-other-ca", NOW, "TLS-031"),
        ("client-expired", NOW - 100 * DAY, "TLS-032"),
        ("client-revoked", NOW, "TLS-033"),
        ("client-not-yet", NOW + 20 * DAY, "TLS-034"),
    ],
)
def test_a_service_that_refuses_our_certificate_is_understood(
    pki: Pki, name: str, at: datetime, code: str, version: ssl.TLSVersion
) -> None:
    context = client_context(p12(pki.holder(name)), Trust((pki.ca,)), now=at)

    error, server = failure(context, server_context(pki, version=version, asks=True, crl=True))

    assert refusal(error) == code
    assert server.requests == []


@pytest.mark.parametrize(("version", "code"), [(TLS_1_2, "TLS-035"), (TLS_1_3, "TLS-030")])
def test_a_service_that_wants_a_certificate_is_understood(pki: Pki, version: ssl.TLSVersion, code: str) -> None:
    error, _ = failure(client_context(None, Trust((pki.ca,))), server_context(pki, version=version, asks=True))

    assert refusal(error) == code
    assert "certificat client" in error.message("fr")


def test_a_refusal_is_understood_without_httpx(pki: Pki) -> None:
    context = client_context(None, Trust((pki.ca,)))

    with (
        peer(server_context(pki, version=TLS_1_3, asks=True)) as server,
        socket.create_connection(("localhost", server.port)) as plain,
        pytest.raises(ssl.SSLError) as caught,
    ):
        context.wrap_socket(plain, server_hostname="localhost").recv(1)

    assert isinstance(tls_errors.tls_problem(caught.value, "MSSanté"), tls_errors.CertificateWanted)


def test_what_is_not_of_tls_is_left_to_the_network() -> None:
    assert tls_errors.tls_problem(ConnectionResetError(), "INSi") is None
    assert tls_errors.tls_problem(ssl.SSLEOFError(), "INSi") is None


def test_a_context_may_be_held_to_tls_1_2(pki: Pki) -> None:
    context = client_context(None, Trust((pki.ca,)), maximum=TLS_1_2)

    with peer(server_context(pki)) as server:
        assert ask(context, server.url()) == 200

    assert server.versions == {"TLSv1.2"}


@pytest.mark.parametrize(("ours", "theirs"), [(TLS_1_2, TLS_1_3), (TLS_1_3, TLS_1_2)])
def test_no_common_version_is_told(pki: Pki, ours: ssl.TLSVersion, theirs: ssl.TLSVersion) -> None:
    context = client_context(None, Trust((pki.ca,)), minimum=ours, maximum=ours)

    error, _ = failure(context, server_context(pki, version=theirs))

    assert refusal(error) == "TLS-036"


def test_a_port_without_tls_is_told(pki: Pki) -> None:
    def plain_http(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")

    error, _ = failure(client_context(None, Trust((pki.ca,))), None, talk=plain_http)

    assert refusal(error) == "TLS-037"
