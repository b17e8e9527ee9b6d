"""Which of the three profiles a certificate belongs to, by the names of who issued it: a profile takes no other.

Source: names of IGC-Santé, whose test authorities are those of production with "TEST " in front; the authorities of the
sandbox (`sandbox.pki`) give their own organisation.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from dui_bridge.connectors.wire.certificates import Material, Opened, open_material, read_certificates
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.connectors.wire.tls_errors import CertificateOfOtherProfile
from dui_bridge.model.profile import SANDBOX_ORGANISATION, Profile

_TRUSTED: Final = {
    Profile.SANDBOX: frozenset({Profile.SANDBOX}),
    # The national test hosts show certificates of the authorities of production, too.
    Profile.QUALIFICATION: frozenset({Profile.QUALIFICATION, Profile.PRODUCTION}),
    Profile.PRODUCTION: frozenset({Profile.PRODUCTION}),
}
"""Profile → of which profiles the authorities may be that it trusts."""
_FAMILIES: Final = {
    Profile.SANDBOX: ("the sandbox", "du bac à sable"),
    Profile.QUALIFICATION: ("the national tests", "des tests nationaux"),
    Profile.PRODUCTION: ("production", "de production"),
}
_TEST: Final = "TEST "
_LEAST_REAL_FIRST: Final = (Profile.SANDBOX, Profile.QUALIFICATION)


def check_families(profile: Profile, own: Iterable[Material], trust: Trust) -> None:
    """Makes sure that our certificates and the authorities that are trusted are of the profile; before any call.

    Raises:
        CertificateOfOtherProfile: one is not.
        TlsProblem, FileUnusable: one cannot be read.
    """
    for material in own:
        opened = open_material(material)
        if (other := family(opened)) is not profile:
            raise _of_other(opened.file, other, profile)
    for path in trust.files:
        for other in families(read_certificates(path)) - _TRUSTED[profile]:
            raise _of_other(path, other, profile)


def _of_other(file: Path, other: Profile, profile: Profile) -> CertificateOfOtherProfile:
    english, french = _FAMILIES[other]
    return CertificateOfOtherProfile(file=file.name, family=english, family_fr=french, profile=profile.value)


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
