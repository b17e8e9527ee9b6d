"""Signs with the certificate of the structure (the "cachet", ORG SIGN): assertions and lots."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from dui_bridge.connectors.wire.certificates import Material, check_signer, open_material
from dui_bridge.connectors.wire.tls_errors import NotForSigning
from dui_bridge.xds.lot import Digest

_HASHES: Final = {Digest.SHA1: hashes.SHA1, Digest.SHA256: hashes.SHA256}


class Seal:
    """A `Signer` whose key is in memory.

    Args:
        material: the files of the signature certificate.
        now: aware, for its dates; the clock's time by default.
    Raises:
        FileUnusable: a file cannot be read.
        TlsProblem: the certificate or its key is not one to sign with.
    """

    def __init__(self, material: Material, *, now: datetime | None = None) -> None:
        opened = open_material(material)
        check_signer(opened, now)
        if not isinstance(opened.key, RSAPrivateKey):
            raise NotForSigning(file=str(opened.file))
        self._key = opened.key
        self.certificates = tuple(one.public_bytes(Encoding.DER) for one in (opened.certificate, *opened.chain))

    def sign(self, data: bytes, digest: Digest) -> bytes:
        """The RSA signature (PKCS #1 v1.5) of the hash of the data."""
        return self._key.sign(data, PKCS1v15(), _HASHES[digest]())
