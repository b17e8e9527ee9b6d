"""TLS contexts of the services: own certificate, own authorities, revocation lists.

A context is a plain `ssl.SSLContext`, so that it serves httpx, `imaplib` and `smtplib` alike. `ssl` takes keys and
revocation lists from files only: they are given in a `memfd`, a file without a name that lives in memory and ends with
its descriptor. No key is ever on a disk, not even for the time of a call (Linux only, as the product).
"""

from __future__ import annotations

import os
import re
import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from dui_bridge.connectors.wire import tls_errors as errors
from dui_bridge.connectors.wire.certificates import Material, check_client, open_material, read_certificates, read_file

_PEM_CRL: Final = re.compile(rb"-----BEGIN X509 CRL-----.+?-----END X509 CRL-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose certificates are accepted.

    Args:
        files: authorities, in PEM (several a file) or DER.
        system: also those of the operating system: for a service with a public certificate.
    """

    files: tuple[Path, ...] = ()
    system: bool = False


def client_context(
    material: Material | None,
    trust: Trust,
    *,
    crl: Sequence[Path] = (),
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED,
    now: datetime | None = None,
) -> ssl.SSLContext:
    """A context that shows our certificate, and checks the server's: authority, dates, host, revocation.

    Args:
        material: our certificate; None to show none.
        trust: whom to accept.
        crl: revocation lists, PEM or DER. With any, the authority of each server must have an unexpired one; without,
            revocation is not checked.
        now: aware, for the dates of our own certificate; the clock's time by default.
    Raises:
        FileUnusable: a file cannot be read.
        TlsProblem: TLS-001 to TLS-010.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = minimum
    context.maximum_version = maximum
    _load_trust(context, trust)
    if crl:
        _load_crl(context, crl)
    if material is not None:
        _load_own(context, material, now)
    return context


def _load_trust(context: ssl.SSLContext, trust: Trust) -> None:
    if not trust.files and not trust.system:
        raise errors.TrustMissing
    if trust.system:
        context.load_default_certs()
    if trust.files:
        found = (certificate for path in trust.files for certificate in read_certificates(path))
        context.load_verify_locations(cadata=_pem(found).decode())


def _load_crl(context: ssl.SSLContext, paths: Iterable[Path]) -> None:
    lists = b"".join(one.public_bytes(Encoding.PEM) for path in paths for one in _lists(path))
    with _in_memory(lists) as name:
        context.load_verify_locations(cafile=name)
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF


def _lists(path: Path) -> list[x509.CertificateRevocationList]:
    data = read_file(path)
    try:
        found = [x509.load_pem_x509_crl(block) for block in _PEM_CRL.findall(data)]
        return found or [x509.load_der_x509_crl(data)]
    except ValueError:
        raise errors.CrlUnreadable(file=str(path)) from None


def _load_own(context: ssl.SSLContext, material: Material, now: datetime | None) -> None:
    opened = open_material(material)
    check_client(opened, now)
    key = opened.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with _in_memory(key + _pem((opened.certificate, *opened.chain))) as name:
        try:
            context.load_cert_chain(name)
        except ssl.SSLError as error:
            reason = errors.in_words(error.reason)
            raise errors.CertificateUnusable(file=str(opened.file), reason=reason) from None


def _pem(certificates: Iterable[x509.Certificate]) -> bytes:
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


@contextmanager
def _in_memory(data: bytes) -> Iterator[str]:
    """The name of a file with these bytes, good inside the block."""
    descriptor = os.memfd_create("dui-bridge", os.MFD_CLOEXEC)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
        stream.flush()
        yield f"/proc/self/fd/{descriptor}"
