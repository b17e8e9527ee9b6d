"""Keys derived from the master key."""

from __future__ import annotations

from dui_bridge.journal.keys import derive

KEY = bytes(range(32))


def test_a_derived_key_is_that_of_openssl_and_never_changes() -> None:
    """`openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:… -kdfopt salt:… -kdfopt info:fingerprint HKDF`."""
    expected = "208aacecf4e9a24916bc0f89cb7e310b4fa3411680045464dcf6e188e9b8e116"

    assert derive(KEY, "fingerprint").hex() == expected


def test_derived_keys_differ_with_the_master_key_and_are_not_it() -> None:
    derived = derive(KEY, "fingerprint")

    assert derived == derive(KEY, "fingerprint")
    assert len({derived, KEY, derive(bytes(32), "fingerprint")}) == 3
