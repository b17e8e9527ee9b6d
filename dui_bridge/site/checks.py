"""`config check`: the site file, and what it names on this machine."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.connectors.file.settings import FileSettings
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.connectors.psc.settings import Authentication
from dui_bridge.data.codes import codes
from dui_bridge.declared import Problems
from dui_bridge.errors import DeclarationInvalid, DuiBridgeError, FixConfiguration
from dui_bridge.findings import Finding, Place, Rule
from dui_bridge.model.profile import SANDBOX_STRUCTURE, Profile
from dui_bridge.site import rules
from dui_bridge.site.declaration import SecretReference
from dui_bridge.site.effect import without_effect
from dui_bridge.site.places import Loc, place
from dui_bridge.site.secrets import Secret, examine_master_key, read_secret, wide_permissions
from dui_bridge.site.settings import Reading, Site, in_file_order, read

_DMP_NEEDS: Final = (
    *("software.name", "software.version", "software.dmp_homologation"),
    *("certificates.dmp", "certificates.sign", "certificates.trust"),
)
_FINESS: Final = "1"
"""What a FINESS follows in the national id of a structure."""
_MSSANTE_NEEDS: Final = (
    *("software.name", "software.version", "software.mssante_nil"),
    *("certificates.mssante", "certificates.trust"),
)


@dataclass(frozen=True, slots=True)
class Named:
    """A path that the site file names, and what must be found there. `missing`: the rule when nothing is, or None."""

    loc: Loc
    path: Path
    folder: bool
    missing: Rule | None = rules.PATH_MISSING
    secret: bool = False


def check_site(path: Path) -> list[Finding]:
    """Everything that can be said of a site file before anything runs, in the order of the file.

    Raises:
        FileUnusable: the site file itself cannot be opened.
    """
    try:
        reading = read(path)
    except DeclarationInvalid as invalid:
        return list(invalid.findings)
    problems = reading.problems
    problems.findings.extend(without_effect(reading.root))
    if reading.site is not None:
        _check_authors(reading.site, reading, problems)
        _check_insi(reading.site, reading, problems)
        _check_dmp(reading.site, reading, problems)
        _check_mssante(reading.site, reading, problems)
        _check_psc(reading.site, reading, problems)
        _check_inbox(reading.site, reading, problems)
        examine_master_key(reading.site.master_key, reading.site.profile, problems)
        for named in _named(reading.site):
            _check_path(named, place(reading.root, named.loc), problems)
    return in_file_order(problems.findings)


def _check_insi(site: Site, reading: Reading, problems: Problems) -> None:
    settings = site.declaration.insi
    if settings is None or (settings.url is None and site.profile is Profile.SANDBOX):
        return
    from dui_bridge.connectors.insi.opening import address  # a network library, which only this check needs

    try:
        address(settings, site.profile)
    except FixConfiguration as refused:
        at, message, message_fr = place(reading.root, ["insi"]), refused.message("en"), refused.message("fr")
        problems.add(rules.INSI_REFUSED, at, message=message, message_fr=message_fr)


def _check_dmp(site: Site, reading: Reading, problems: Problems) -> None:
    for name, settings in site.destinations.items():
        if not isinstance(settings, DmpSettings):
            continue
        at = place(reading.root, ["destinations", name])
        for key in _undeclared(site.declaration, _DMP_NEEDS):
            problems.add(rules.NEEDS_KEY, at, key=key, what=name)
        for one in site.establishments:
            if one.legal_authenticator is None and one.default_author is None:
                problems.add(rules.NOBODY_ANSWERS, at, finess=one.finess, what=name)
        role = codes("professions").get(settings.automate.role)
        if role is None or role.system != settings.automate.role_system:
            problems.add(rules.ROLE_UNKNOWN, at, role=settings.automate.role, what=name)
        _check_holders(site, name, reading, problems)
        if settings.base is None and site.profile is Profile.SANDBOX:
            continue
        from dui_bridge.connectors.dmp.opening import addresses  # a network library, which only this check needs

        try:
            addresses(settings, site.profile)
        except FixConfiguration as refused:
            problems.add(rules.DMP_REFUSED, at, message=refused.message("en"), message_fr=refused.message("fr"))


def _check_holders(site: Site, name: str, reading: Reading, problems: Problems) -> None:
    """The DMP compares the structure of a request with its certificates: they are of it, or of its legal entity."""
    from dui_bridge.connectors.wire.certificates import Pkcs12, certificate_facts

    declared = site.declaration.certificates
    for usage in ("dmp", "sign"):
        own = None if declared is None else getattr(declared, usage)
        if own is None:
            continue
        at = place(reading.root, ["certificates", usage])
        try:
            password = own.password and read_secret(Secret(at, own.password.file, own.password.env))
            unit = certificate_facts(Pkcs12(own.pkcs12, password)).ou
        except DuiBridgeError:
            continue  # whoever opens it says what is wrong with the file
        if not unit.startswith(_FINESS) or (site.profile is Profile.SANDBOX and unit == SANDBOX_STRUCTURE):
            continue
        holder = unit.removeprefix(_FINESS)
        others = [one.finess for one in site.establishments if holder not in {one.finess, one.finess_ej}]
        if others:
            problems.add(rules.HOLDER_OF_OTHER, at, finess=", ".join(others), holder=holder, what=name)


def _check_psc(site: Site, reading: Reading, problems: Problems) -> None:
    settings = site.declaration.psc
    if settings is None:
        return
    at = place(reading.root, ["psc"])
    by_certificate = settings.authentication is Authentication.CERTIFICATE
    needs = ["certificates.psc" if by_certificate else "software.psc_secret"]
    if site.profile is Profile.SANDBOX:
        needs.append("certificates.trust")
    missing = list(_undeclared(site.declaration, needs))
    if not any(isinstance(one, DmpSettings) for one in site.destinations.values()):
        missing.append("destinations.dmp")
    for key in missing:
        problems.add(rules.NEEDS_KEY, at, key=key, what="psc")
    if settings.issuer is None and site.profile is Profile.SANDBOX:
        return
    from dui_bridge.connectors.psc.provider import issuer_of

    try:
        issuer_of(settings, site.profile)
    except FixConfiguration as refused:
        problems.add(rules.PSC_REFUSED, at, message=refused.message("en"), message_fr=refused.message("fr"))


def _check_mssante(site: Site, reading: Reading, problems: Problems) -> None:
    for name, settings in site.destinations.items():
        if isinstance(settings, MssanteSettings):
            # What is revoked is still accepted without a list: a sandbox may, a real site may not.
            lists = () if site.profile is Profile.SANDBOX else ("certificates.trust.crl",)
            for key in _undeclared(site.declaration, (*_MSSANTE_NEEDS, *lists)):
                problems.add(rules.NEEDS_KEY, place(reading.root, ["destinations", name]), key=key, what=name)


def _check_inbox(site: Site, reading: Reading, problems: Problems) -> None:
    rest = None if site.declaration.inbox is None else site.declaration.inbox.rest
    if rest is None:
        return
    from dui_bridge.connectors.rest import errors  # a network library, which only this check needs
    from dui_bridge.connectors.rest.access import is_path, is_safe

    token_url = rest.auth.client_credentials.token_url
    if not is_safe(rest.base):
        problems.add(errors.ADDRESS, place(reading.root, ["inbox", "rest", "base"]), url=rest.base)
    if not is_path(rest.post):
        problems.add(errors.PATH, place(reading.root, ["inbox", "rest", "post"]), path=rest.post)
    if not (is_path(token_url) or is_safe(token_url)):
        at = place(reading.root, ["inbox", "rest", "auth", "client_credentials", "token_url"])
        problems.add(errors.ADDRESS, at, url=token_url)


def _undeclared(declared: BaseModel, keys: Iterable[str]) -> Iterator[str]:
    """Those of the dotted keys that have no value."""
    for key in keys:
        value: object = declared
        for part in key.split("."):
            value = None if value is None else getattr(value, part)
        if not value:
            yield key


def _check_authors(site: Site, reading: Reading, problems: Problems) -> None:
    for number, establishment in enumerate(site.establishments):
        if establishment.default_author is None:
            at = place(reading.root, ["establishments", number])
            problems.add(rules.NO_DEFAULT_AUTHOR, at, finess=establishment.finess)


def _named(site: Site) -> Iterator[Named]:
    yield Named(["data"], site.data, folder=True, missing=None)
    yield Named(["report"], site.report, folder=False, missing=None)
    for name, source in site.sources.items():
        yield Named(["sources", name, "mapping"], source.mapping, folder=False, missing=rules.MAPPING_MISSING)
        yield Named(["sources", name, "path"], source.path, folder=True)
        if source.outcomes is not None:
            yield Named(["sources", name, "outcomes"], source.outcomes, folder=True)
    for name, destination in site.destinations.items():
        if isinstance(destination, FileSettings):
            yield Named(["destinations", name, "path"], destination.path, folder=True, missing=None)
    declaration = site.declaration
    for number, policy in enumerate(declaration.policy):
        yield Named(["policy", number], policy, folder=False)
    if (sandbox := declaration.sandbox) is not None:
        yield Named(["sandbox", "pki"], sandbox.pki, folder=True)
        if sandbox.store is not None:
            yield Named(["sandbox", "store"], sandbox.store, folder=True, missing=None)
        for key, path, folder in (
            ("insi_persons", sandbox.insi_persons, False),
            ("insi_answers", sandbox.insi_answers, True),
            ("mssante_answers", sandbox.mssante_answers, False),
            ("mssante_mails", sandbox.mssante_mails, True),
            ("dmp_answers", sandbox.dmp_answers, False),
            ("schemas", sandbox.schemas, True),
        ):
            if path is not None:
                yield Named(["sandbox", key], path, folder=folder)
    if declaration.operators is not None:
        yield Named(["operators"], declaration.operators, folder=False)
    for key, part in (("software", declaration.software), ("certificates", declaration.certificates)):
        if part is not None:
            yield from _files_of(part, [key])
    if declaration.inbox is not None and declaration.inbox.rest is not None:
        yield from _files_of(declaration.inbox.rest, ["inbox", "rest"])


def _files_of(part: BaseModel, loc: list[str]) -> Iterator[Named]:
    """The files that a part names, however deep."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, BaseModel):
            yield from _files_of(value, [*loc, name])
        elif isinstance(value, Path):
            # Revocation lists are a file, or a folder of them.
            folder = name == "crl" and value.is_dir()
            yield Named([*loc, name], value, folder=folder, secret=isinstance(part, SecretReference))


def _check_path(named: Named, at: Place, problems: Problems) -> None:
    try:
        mode = named.path.stat().st_mode
    except OSError:
        if named.missing is not None:
            problems.add(named.missing, at, path=str(named.path))
        return
    if named.folder and not stat.S_ISDIR(mode):
        problems.add(rules.NOT_A_FOLDER, at, path=str(named.path))
    elif not named.folder and stat.S_ISDIR(mode):
        problems.add(rules.NOT_A_FILE, at, path=str(named.path))
    elif named.secret and (finding := wide_permissions(named.path, stat.S_IMODE(mode), at)) is not None:
        problems.findings.append(finding)
