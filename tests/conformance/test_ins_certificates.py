"""INSi cannot be called with the certificate, the authority or the host of another profile: every mixture, in a table."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from dui_bridge.connectors.insi import InsiSettings
from dui_bridge.connectors.insi.errors import AddressOfOtherProfile
from dui_bridge.connectors.insi.opening import ADDRESSES, open_service
from dui_bridge.connectors.wire.certificates import Pem
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.connectors.wire.tls_errors import CertificateOfOtherProfile
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.pki import make_pki

S, Q, P = Profile
HOSTS: Final[Mapping[Profile, str]] = {S: "https://127.0.0.1:8443/lps", **ADDRESSES}
ISSUERS: Final = {
    Q: "TEST AC IGC-SANTE ELEMENTAIRE ORGANISATIONS",
    P: "AC IGC-SANTE ELEMENTAIRE ORGANISATIONS",
}
TRUSTED: Final = {S: {S}, Q: {Q, P}, P: {P}}
MIXTURES: Final = tuple(product(Profile, repeat=4))


def _name(common: str) -> x509.Name:
    pairs = {NameOID.ORGANIZATION_NAME: "ASIP", NameOID.ORGANIZATIONAL_UNIT_NAME: "1990000000"}
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in {**pairs, NameOID.COMMON_NAME: common}.items()])


def _issued(folder: Path, issuer: str) -> None:
    """`own.pem` with its key, and `ca.pem`, of an authority of this name."""
    authority, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now, key = datetime.now(UTC), None
    for file, common, of in (("ca.pem", issuer, authority), ("own.pem", "INSI-MANU", own)):
        made = (
            x509.CertificateBuilder()
            .subject_name(_name(common))
            .issuer_name(_name(issuer))
            .public_key(of.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .sign(authority, SHA256())
        )
        key = of.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / file).write_bytes(made.public_bytes(Encoding.PEM) + (key if file == "own.pem" else b""))


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Profile, tuple[Pem, Path]]:
    """Of each profile: a certificate for INSi, and the file of its authority."""
    pki = make_pki(tmp_path_factory.mktemp("pki"), names=("client-insi-manu",))
    made = {S: (Pem(pki.insi_manu.certificate, pki.insi_manu.key), pki.ca)}
    for profile, issuer in ISSUERS.items():
        folder = tmp_path_factory.mktemp(profile.value)
        _issued(folder, issuer)
        made[profile] = (Pem(folder / "own.pem"), folder / "ca.pem")
    return made


def _open(profile: Profile, host: Profile, own: Pem, ca: Path) -> None:
    open_service(
        InsiSettings(url=HOSTS[host]),
        profile,
        own,
        Trust((ca,)),
        idam="IDAM",
        nom="MONDUI",
        version="1",
        instance=UUID(int=1),
    ).close()


@pytest.mark.parametrize(("profile", "host", "own", "trusted"), MIXTURES, ids=["-".join(one) for one in MIXTURES])
def test_only_what_is_wholly_of_the_profile_is_opened(
    files: Mapping[Profile, tuple[Pem, Path]], profile: Profile, host: Profile, own: Profile, trusted: Profile
) -> None:
    of_profile = host is profile and own is profile and trusted in TRUSTED[profile]
    if of_profile:
        _open(profile, host, files[own][0], files[trusted][1])
        return
    wanted = CertificateOfOtherProfile if host is profile else AddressOfOtherProfile
    with pytest.raises(wanted):
        _open(profile, host, files[own][0], files[trusted][1])


def test_an_authority_of_another_profile_is_refused_beside_the_right_ones(
    files: Mapping[Profile, tuple[Pem, Path]], tmp_path: Path
) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(files[P][1].read_bytes() + files[S][1].read_bytes())
    with pytest.raises(CertificateOfOtherProfile) as refused:
        _open(P, P, files[P][0], both)
    assert refused.value.message("en") == (
        "both.pem: a certificate of the sandbox may not be used with the profile production"
    )
