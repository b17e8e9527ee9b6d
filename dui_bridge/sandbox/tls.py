"""The side of a stand-in that listens over TLS."""

from __future__ import annotations

import ssl
from typing import Any

from dui_bridge.sandbox.pki import Holder, Pki


def server_context(pki: Pki, holder: Holder, *, asks: bool = True) -> ssl.SSLContext:
    """TLS 1.2 or later, with this certificate; a client of another authority, expired or revoked, does not get in.

    Args:
        asks: for the client's certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(holder.certificate, holder.key)
    if not asks:
        return context
    context.load_verify_locations(pki.ca)
    context.load_verify_locations(pki.crl)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    return context


def subject(connection: Any) -> dict[str, str]:
    """The parts of the name in the client's certificate, by their long names; none before the handshake."""
    certificate = connection.getpeercert() or {}
    return {name: value for part in certificate.get("subject", ()) for name, value in part}
