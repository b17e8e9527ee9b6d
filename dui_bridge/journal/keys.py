"""Keys derived from a site's master key, one for each use, and the digests that stand for a clear value."""

from __future__ import annotations

import hmac

MINIMUM_BYTES = 32
_SALT = b"dui-bridge master key, version 1"


def derive(master: bytes, use: str) -> bytes:
    """The key of 32 bytes of one use (`journal`, `fingerprints`…) (source: RFC 5869, HKDF with SHA-256)."""
    extracted = hmac.digest(_SALT, master, "sha256")
    return hmac.digest(extracted, use.encode() + b"\x01", "sha256")


def blind(key: bytes, *values: str) -> str:
    """64 hexadecimal digits that stand for these values: equal for equal values, and not to be guessed without the key.

    Values are length-prefixed, so that ("ab", "c") and ("a", "bc") differ.
    """
    parts = []
    for value in values:
        data = value.encode("utf-8", "surrogatepass")
        parts += [len(data).to_bytes(8, "big"), data]
    return hmac.digest(key, b"".join(parts), "sha256").hex()
