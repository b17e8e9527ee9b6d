"""Which of the three profiles a certificate belongs to, by the names of who issued it: a profile takes no other.

Source: names of IGC-Santé, whose test authorities are those of production with "TEST " in front; the authorities of the
sandbox (`sandbox.pki`) give their own organisation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from dui_bridge.connectors.wire.certificates import Opened
from dui_bridge.model.profile import SANDBOX_ORGANISATION, Profile

_TEST: Final = "TEST "
_LEAST_REAL_FIRST: Final = (Profile.SANDBOX, Profile.QUALIFICATION)


def family(opened: Opened) -> Profile:
    """The profile of our own certificate: the least real of its names and of its chain's counts."""
    names = [name for one in (opened.certificate, *opened.chain) for name in (one.subject, one.issuer)]
    return _least(names)


def families(trusted: Iterable[x509.Certificate]) -> frozenset[Profile]:
    """The profiles of authorities that are trusted."""
    return frozenset(_least((one.subject, one.issuer)) for one in trusted)


def _least(names: Iterable[x509.Name]) -> Profile:
    found = {_of(name) for name in names}
    return next((profile for profile in _LEAST_REAL_FIRST if profile in found), Profile.PRODUCTION)


def _of(name: x509.Name) -> Profile:
    if SANDBOX_ORGANISATION in _values(name, NameOID.ORGANIZATION_NAME):
        return Profile.SANDBOX
    commons = _values(name, NameOID.COMMON_NAME)
    return Profile.QUALIFICATION if any(one.upper().startswith(_TEST) for one in commons) else Profile.PRODUCTION


def _values(name: x509.Name, oid: x509.ObjectIdentifier) -> list[str]:
    return [str(one.value) for one in name.get_attributes_for_oid(oid)]
