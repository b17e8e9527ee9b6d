"""A key and a certificate made for the run, to sign lots in tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from dui_bridge.xds.lot import Digest

HASHES = {Digest.SHA1: SHA1(), Digest.SHA256: SHA256()}


@dataclass(frozen=True)
class TestSigner:
    """Signs with a key in memory."""

    __test__ = False
    key: rsa.RSAPrivateKey
    certificates: tuple[bytes, ...]

    def sign(self, data: bytes, digest: Digest) -> bytes:
        return self.key.sign(data, padding.PKCS1v15(), HASHES[digest])

    def verify(self, signature: bytes, data: bytes, digest: Digest) -> None:
        """Raises InvalidSignature."""
        self.key.public_key().verify(signature, data, padding.PKCS1v15(), HASHES[digest])


@cache
def signer() -> TestSigner:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Foyer de vie L'Œillet, test"),
        ]
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(12345678901234567890)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2036, 1, 1, tzinfo=UTC))
        .sign(key, SHA256())
    )
    return TestSigner(key, (certificate.public_bytes(Encoding.DER),))
