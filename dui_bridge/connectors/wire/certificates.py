"""The bridge's own certificates: PKCS#12 or PEM files, opened and checked in memory."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dui_bridge.connectors.wire import tls_errors as errors
from dui_bridge.errors import FileUnusable, os_reasons

_MAX_BYTES: Final = 20_000_000
"""The largest file; the longest national revocation lists have a few megabytes."""

_PFX: Final = re.compile(rb"\A0(?:[\0-\x80]|\x81.|\x82..|\x83...|\x84....)\x02\x01\x03", re.DOTALL)
"""How the structure of RFC 7292 §4 begins: a SEQUENCE, then the version, 3."""

_PEM_KEY: Final = re.compile(
    rb"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----.+?-----END (?:[A-Z]+ )?PRIVATE KEY-----", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Pkcs12:
    """A PKCS#12 file (`.p12`, `.pfx`) and its password."""

    path: Path
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Pem:
    """PEM files: the certificate, maybe with those of its authorities, and the key (same file by default)."""

    certificate: Path
    key: Path | None = None
    password: str | None = field(default=None, repr=False)


Material = Pkcs12 | Pem
_Extension = TypeVar("_Extension", bound=x509.ExtensionType)


@dataclass(frozen=True, slots=True)
class Opened:
    """A certificate with its private key; `chain` are the other certificates of the file."""

    file: Path
    key: PrivateKeyTypes = field(repr=False)
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """What an operator is shown of a certificate.

    Args:
        subject_cn, ou, issuer_cn: empty when the name has none; the first one when it has several.
        not_before, not_after: in UTC.
        serial: upper-case hexadecimal.
    """

    subject_cn: str
    ou: str
    issuer_cn: str
    not_before: datetime
    not_after: datetime
    serial: str


def open_material(material: Material) -> Opened:
    """The certificate and key of the files.

    Raises:
        FileUnusable: a file cannot be read.
        CertificateFileWrong, PasswordWrong, CertificateUnusable, KeyMissing, KeyOfAnother.
    """
    try:
        return _open_pkcs12(material) if isinstance(material, Pkcs12) else _open_pem(material)
    except UnsupportedAlgorithm:
        file = material.path if isinstance(material, Pkcs12) else material.certificate
        raise errors.CertificateUnusable(file=str(file), reason="unsupported algorithm") from None


def certificate_facts(material: Material) -> CertificateFacts:
    """The facts of the files' certificate, expired or not. Raises as `open_material`."""
    certificate = open_material(material).certificate
    return CertificateFacts(
        _first(certificate.subject, NameOID.COMMON_NAME),
        _first(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME),
        _first(certificate.issuer, NameOID.COMMON_NAME),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
        f"{certificate.serial_number:X}",
    )


def check_client(opened: Opened, now: datetime | None = None) -> None:
    """Whether a service could accept the certificate of a client, as far as it tells by itself.

    Args:
        now: aware; the clock's time by default.
    Raises:
        CertificateExpired, CertificateNotYetValid, UsageWrong (RFC 5280 §4.2.1.3 and §4.2.1.12).
    """
    _check_dates(opened, now)
    if not _may_authenticate(opened.certificate):
        raise errors.UsageWrong(file=str(opened.file))


def check_signer(opened: Opened, now: datetime | None = None) -> None:
    """Whether a service could accept what the certificate signs, as far as it tells by itself.

    Args:
        now: aware; the clock's time by default.
    Raises:
        CertificateExpired, CertificateNotYetValid.
        NotForSigning: its usage (RFC 5280 §4.2.1.3) is not to sign what cannot be denied, as that of an
            authentication certificate.
    """
    _check_dates(opened, now)
    usage = _extension(opened.certificate, x509.KeyUsage)
    if usage is not None and not usage.content_commitment:
        raise errors.NotForSigning(file=str(opened.file))


def read_certificates(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file, or the one of a DER file. Raises FileUnusable, CertificateFileWrong."""
    data = read_file(path)
    try:
        if b"-----BEGIN" in data:
            return x509.load_pem_x509_certificates(data)
        return [x509.load_der_x509_certificate(data)]
    except ValueError:
        raise errors.CertificateFileWrong(file=str(path), form="PEM") from None


def read_file(path: Path) -> bytes:
    """The bytes of a small file. Raises FileUnusable."""
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_BYTES)
    except OSError as error:
        raise FileUnusable(file=str(path), **os_reasons(error)) from None


def _open_pkcs12(material: Pkcs12) -> Opened:
    file, data = str(material.path), read_file(material.path)
    if not _PFX.match(data):
        raise errors.CertificateFileWrong(file=file, form="PKCS#12")
    try:
        found = pkcs12.load_pkcs12(data, _password(material.password))
    except ValueError:
        raise errors.PasswordWrong(file=file) from None
    if found.key is None:
        raise errors.KeyMissing(file=file)
    chain = [one.certificate for one in found.additional_certs]
    return _matching(material.path, found.key, [*([found.cert.certificate] if found.cert else []), *chain])


def _open_pem(material: Pem) -> Opened:
    key_file = material.key or material.certificate
    certificates = read_certificates(material.certificate)
    found = _PEM_KEY.search(read_file(key_file))
    if found is None:
        raise errors.KeyMissing(file=str(key_file))
    try:
        key = load_pem_private_key(found[0], _password(material.password))
    except (TypeError, ValueError):  # TypeError: a password for a key that has none, or none for one that has
        raise errors.PasswordWrong(file=str(key_file)) from None
    return _matching(material.certificate, key, certificates)


def _matching(file: Path, key: PrivateKeyTypes, certificates: list[x509.Certificate]) -> Opened:
    """The certificate of the key comes first, whatever the order of the file."""
    public = key.public_key()
    for certificate in certificates:
        if certificate.public_key() == public:
            return Opened(file, key, certificate, tuple(one for one in certificates if one is not certificate))
    raise errors.KeyOfAnother(file=str(file))


def _check_dates(opened: Opened, now: datetime | None) -> None:
    certificate, now = opened.certificate, now or datetime.now(UTC)
    if now > certificate.not_valid_after_utc:
        raise errors.CertificateExpired(file=str(opened.file), date=f"{certificate.not_valid_after_utc:%Y-%m-%d}")
    if now < certificate.not_valid_before_utc:
        raise errors.CertificateNotYetValid(file=str(opened.file), date=f"{certificate.not_valid_before_utc:%Y-%m-%d}")


def _may_authenticate(certificate: x509.Certificate) -> bool:
    usage = _extension(certificate, x509.KeyUsage)
    purposes = _extension(certificate, x509.ExtendedKeyUsage)
    if usage is not None and not usage.digital_signature:
        return False
    accepted = {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}
    return purposes is None or not accepted.isdisjoint(purposes)


def _extension(certificate: x509.Certificate, kind: type[_Extension]) -> _Extension | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _password(text: str | None) -> bytes | None:
    return text.encode() if text is not None else None


def _first(name: x509.Name, oid: x509.ObjectIdentifier) -> str:
    found = name.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""
