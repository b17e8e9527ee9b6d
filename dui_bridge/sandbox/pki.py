"""A test certification authority with good and bad certificates, in a folder: for the stand-ins and for tests of TLS.

Two levels as IGC-Santé has (a root, and an authority below it that issues), and a second authority that nobody knows.
Names are fixed: those of authorities begin with TEST, and all have the organisation by which no profile but the sandbox
takes them. Keys and serial numbers are new each time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dui_bridge.model.profile import SANDBOX_ORGANISATION, SANDBOX_STRUCTURE

PASSWORD: Final = "bac-a-sable"  # noqa: S105 - of keys that are good for nothing but the sandbox
MAILBOX: Final = "pont-dui@esms.mssante.fr"
"""The mailbox that the certificate of `Pki.mss` names."""

_DAY: Final = timedelta(days=1)
_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True)
class Holder:
    """The files of one certificate: a PKCS#12 (under `PASSWORD`), the PEM with its chain, and the PEM of its key."""

    folder: Path
    name: str

    @property
    def pkcs12(self) -> Path:
        """Key, certificate and the authority that issued it."""
        return self.folder / f"{self.name}.p12"

    @property
    def certificate(self) -> Path:
        """PEM: the certificate, then the authority that issued it."""
        return self.folder / f"{self.name}.pem"

    @property
    def key(self) -> Path:
        """PEM, not encrypted."""
        return self.folder / f"{self.name}.key.pem"


@dataclass(frozen=True, slots=True)
class Pki:
    """What `make_pki` put in a folder."""

    folder: Path

    @property
    def ca(self) -> Path:
        """PEM: the root, and the authority that issues."""
        return self.folder / "ca.pem"

    @property
    def other_ca(self) -> Path:
        """PEM: the root and the authority that nobody knows."""
        return self.folder / "other-ca.pem"

    @property
    def crl(self) -> Path:
        """PEM: the revoked certificates of the authority that issues, then the root's (empty)."""
        return self.folder / "crl.pem"

    def holder(self, name: str) -> Holder:
        """One of `CLIENTS`, `SIGNERS` or `SERVERS`."""
        return Holder(self.folder, name)

    @property
    def server(self) -> Holder:
        """A good server, for localhost and 127.0.0.1."""
        return self.holder("server")

    @property
    def insi_auto(self) -> Holder:
        """A good client, as the téléservice INSi wants it for automatic calls."""
        return self.holder("client-insi-auto")

    @property
    def insi_manu(self) -> Holder:
        """A good client, for calls that a person starts."""
        return self.holder("client-insi-manu")

    @property
    def dmp(self) -> Holder:
        """A good client, as the DMP wants it (ORG AUTH CLI)."""
        return self.holder("client-dmp")

    @property
    def mss(self) -> Holder:
        """A good client, as an operator of MSSanté wants it (ORG AUTH CLI): its common name is `MAILBOX`."""
        return self.holder("client-mss")

    @property
    def dmp_signer(self) -> Holder:
        """The "cachet" (ORG SIGN), of the same structure as `dmp`: signs assertions and lots, with an RSA key."""
        return self.holder("sign-dmp")


@dataclass(frozen=True, slots=True)
class _Plan:
    """One certificate: its common name, when it is good (days from now), what it serves for, and what is wrong."""

    name: str
    start: int = -1
    end: int = 365
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH
    other_ca: bool = False
    revoked: bool = False
    hosts: tuple[str, ...] = ()


def _server(name: str = "localhost", *, end: int = 365, other_ca: bool = False, revoked: bool = False) -> _Plan:
    usage = ExtendedKeyUsageOID.SERVER_AUTH
    return _Plan(name, -30, end, usage=usage, other_ca=other_ca, revoked=revoked, hosts=(name,))


CLIENTS: Final[Mapping[str, _Plan]] = {
    "client-insi-auto": _Plan("INSI-AUTO"),
    "client-insi-manu": _Plan("INSI-MANU"),
    "client-wrong-name": _Plan("insi-auto"),
    "client-expired": _Plan("INSI-AUTO", start=-400, end=-10),
    "client-not-yet": _Plan("INSI-AUTO", start=10),
    "client-revoked": _Plan("INSI-AUTO", revoked=True),
    "client-other-ca": _Plan("INSI-AUTO", other_ca=True),
    "client-wrong-usage": _Plan("INSI-AUTO", usage=ExtendedKeyUsageOID.SERVER_AUTH),
    "client-dmp": _Plan("DMP-AUTH"),
    "client-mss": _Plan(MAILBOX),
}
"""Clients by file name. Each has one fault at most."""

_SIGN: Final = ExtendedKeyUsageOID.EMAIL_PROTECTION
SIGNERS: Final[Mapping[str, _Plan]] = {
    "sign-dmp": _Plan("DMP-SIGN", usage=_SIGN),
    "sign-dmp-expired": _Plan("DMP-SIGN", start=-400, end=-10, usage=_SIGN),
    "sign-dmp-revoked": _Plan("DMP-SIGN", usage=_SIGN, revoked=True),
    "sign-dmp-other-ca": _Plan("DMP-SIGN", usage=_SIGN, other_ca=True),
}
"""Signature certificates by file name, of one RSA key, which is slow to make."""

SERVERS: Final[Mapping[str, _Plan]] = {
    "server": _server(),
    "server-expired": _server(end=-10),
    "server-revoked": _server(revoked=True),
    "server-other-ca": _server(other_ca=True),
    "server-wrong-host": _server("ailleurs.test"),
}
"""Servers by file name."""


@dataclass(frozen=True, slots=True)
class _Authority:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def make_pki(
    folder: Path, *, names: Collection[str] = (), now: datetime | None = None, structure: str = SANDBOX_STRUCTURE
) -> Pki:
    """Makes every certificate of `CLIENTS`, `SIGNERS` and `SERVERS`; what has these names in the folder is replaced.

    Args:
        folder: made when it does not exist.
        names: only these certificates; empty for all.
        now: what "expired" and "not yet" are relative to; aware.
        structure: the `OU` of the clients and signers.
    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    day = (now or datetime.now(UTC)).replace(microsecond=0)
    root, issuer = _authorities("BAC A SABLE", day)
    other_root, other = _authorities("INCONNUE", day)
    revoked: list[x509.Certificate] = []
    signing: rsa.RSAPrivateKey | None = None
    for name, plan in {**CLIENTS, **SIGNERS, **SERVERS}.items():
        if names and name not in names:
            continue
        authority = other if plan.other_ca else issuer
        key: _Key = ec.generate_private_key(ec.SECP256R1())
        if name in SIGNERS:
            key = signing = signing or rsa.generate_private_key(65537, 2048)
        certificate = _leaf(plan, key, authority, day, structure)
        revoked += [certificate] if plan.revoked else []
        _write(Holder(folder, name), certificate, key, authority)
    pki = Pki(folder)
    pki.ca.write_bytes(_pem(root.certificate, issuer.certificate))
    pki.other_ca.write_bytes(_pem(other_root.certificate, other.certificate))
    pki.crl.write_bytes(_crl(issuer, revoked, day) + _crl(root, [], day))
    return pki


def _authorities(name: str, day: datetime) -> tuple[_Authority, _Authority]:
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, own_name = _name(f"TEST AC RACINE {name}"), _name(f"TEST AC {name} ORGANISATIONS")
    root = _authority_certificate(root_name, root_key, root_name, root_key, day, depth=1)
    issued = _authority_certificate(own_name, key, root_name, root_key, day, depth=0)
    return _Authority(root, root_key), _Authority(issued, key)


def _authority_certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    day: datetime,
    *,
    depth: int,
) -> x509.Certificate:
    builder = _builder(subject, key, issuer, issuer_key, day - 800 * _DAY, day + 3650 * _DAY)
    return (
        builder.add_extension(x509.BasicConstraints(ca=True, path_length=depth), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .sign(issuer_key, hashes.SHA256())
    )


def _leaf(plan: _Plan, key: _Key, authority: _Authority, day: datetime, structure: str) -> x509.Certificate:
    subject = _name(plan.name, None if plan.hosts else structure)
    builder = _builder(
        subject, key, authority.certificate.subject, authority.key, day + plan.start * _DAY, day + plan.end * _DAY
    )
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_documents=plan.usage == _SIGN), critical=True)
        .add_extension(x509.ExtendedKeyUsage([plan.usage]), critical=False)
    )
    if plan.hosts:
        names: list[x509.GeneralName] = [x509.DNSName(host) for host in plan.hosts]
        names += [x509.IPAddress(IPv4Address("127.0.0.1"))] if "localhost" in plan.hosts else []
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def _builder(
    subject: x509.Name,
    key: _Key,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    start: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )


def _crl(authority: _Authority, revoked: list[x509.Certificate], day: datetime) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(day - _DAY)
        .next_update(day + 365 * _DAY)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(1), critical=False)
    )
    for certificate in revoked:
        builder = builder.add_revoked_certificate(
            x509.RevokedCertificateBuilder()
            .serial_number(certificate.serial_number)
            .revocation_date(day - _DAY)
            .build()
        )
    return builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _write(holder: Holder, certificate: x509.Certificate, key: _Key, authority: _Authority) -> None:
    holder.certificate.write_bytes(_pem(certificate, authority.certificate))
    holder.key.touch(mode=0o600)
    holder.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    holder.pkcs12.touch(mode=0o600)
    holder.pkcs12.write_bytes(
        pkcs12.serialize_key_and_certificates(
            holder.name.encode(),
            key,
            certificate,
            [authority.certificate],
            serialization.BestAvailableEncryption(PASSWORD.encode()),
        )
    )


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)


def _name(common: str, unit: str | None = None) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, SANDBOX_ORGANISATION)
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), organisation]
    parts += [x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)] if unit else []
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _key_usage(*, signs_certificates: bool = False, signs_documents: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
