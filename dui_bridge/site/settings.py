"""The configuration of one site, typed: what every command starts from."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from dui_bridge.declared import Mapping, Node, Problems, Scalar, Sequence, load, plain
from dui_bridge.declared.nodes import Entry
from dui_bridge.errors import DeclarationInvalid
from dui_bridge.findings import Finding, Language, Place
from dui_bridge.model.accompagnement import Professionnel
from dui_bridge.model.establishments import Establishment
from dui_bridge.model.profile import Profile
from dui_bridge.model.types import Code
from dui_bridge.site import places, rules
from dui_bridge.site.declaration import (
    DestinationSettings,
    EstablishmentDeclaration,
    Person,
    SiteDeclaration,
    SourceSettings,
)
from dui_bridge.site.secrets import Secret, read_master_key

_IPP_NAMESPACE: Final = uuid.UUID("e3ba72e2-977d-4b5b-bfea-a459e960044f")
"""Never changed: the local patient ids of every site without an `oid_ipp` stand on it."""


@dataclass(frozen=True)
class Site:
    """One site.

    Args:
        id: part of every document id.
        profile: never mixed with another.
        language: of messages and reports.
        file: the site file.
        data: folder of the journal; absolute, may not exist yet.
        report: where a run writes its HTML report; absolute.
        master_key: where it stands; `key()` reads it.
        journal_url: where the URL of the journal's PostgreSQL database stands; None for SQLite in `data`.
        establishments: at least one, in the order of the file.
        sources, destinations: by name, in the order of the file; paths absolute.
        declaration: the file as read, defaults filled, paths absolute: what has no typed form of its own here.
    """

    id: str
    profile: Profile
    language: Language
    file: Path
    data: Path
    report: Path
    master_key: Secret
    journal_url: Secret | None
    establishments: tuple[Establishment, ...]
    sources: dict[str, SourceSettings]
    destinations: dict[str, DestinationSettings]
    declaration: SiteDeclaration

    @property
    def zone(self) -> ZoneInfo:
        """In which times are told and given."""
        return self.establishments[0].timezone

    def establishment(self, finess: str) -> Establishment | None:
        """The establishment of a FINESS géographique, or None."""
        return next((one for one in self.establishments if one.finess == finess), None)

    def by_local_code(self, code: str) -> Establishment | None:
        """The establishment that the DUI names so, or None."""
        return next((one for one in self.establishments if code in one.local_codes), None)

    def key(self) -> bytes:
        """The 32 bytes of the master key, read now. Raises DeclarationInvalid."""
        return read_master_key(self.master_key, self.profile)


@dataclass(frozen=True)
class Reading:
    """A site file that could be parsed: its tree (nulls left out), what is wrong, and the site when nothing is."""

    root: Node
    problems: Problems
    site: Site | None


def load_site(path: Path) -> Site:
    """The site of a file.

    Raises:
        FileUnusable: the file cannot be opened.
        DeclarationInvalid: it has errors; all of them are told at once, in the order of the file.
    """
    reading = read(path)
    if reading.site is None:
        raise DeclarationInvalid(path.name, in_file_order(reading.problems.findings))
    return reading.site


def read(path: Path) -> Reading:
    """Reads and checks the file alone, not what it names.

    Raises:
        FileUnusable: it cannot be opened.
        DeclarationInvalid: it is not YAML of the kind read here.
    """
    written = load(path)
    problems = Problems(path.name)
    root = _given(written, problems)
    _check_unique(root, problems)
    try:
        declaration = SiteDeclaration.model_validate(plain(root))
    except ValidationError as error:
        places.report(error, SiteDeclaration, root, problems)
        return Reading(root, problems, None)
    if problems.has_errors:
        return Reading(root, problems, None)
    return Reading(root, problems, _site(path, root, declaration))


def in_file_order(findings: list[Finding]) -> list[Finding]:
    """Findings sorted by the place they name."""
    return sorted(findings, key=lambda one: one.at if isinstance(one.at, Place) else Place("", 0))


def default_oid_ipp(site: str, finess: str) -> str:
    """The root of an establishment's local patient ids when the site gives none (source: ITU-T X.667, arc 2.25)."""
    return f"2.25.{uuid.uuid5(_IPP_NAMESPACE, f'{site}|{finess}').int}"


def _given(node: Node, problems: Problems) -> Node:
    """The tree without the keys that were given no value; a text that cannot be a value of any key is a finding."""
    if isinstance(node, Scalar):
        text = node.text
        if text is not None and not text.strip():
            problems.add(rules.EMPTY, node.place)
        elif text is not None and any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
            problems.add(rules.UNPRINTABLE, node.place)
        return node
    if isinstance(node, Sequence):
        return Sequence(node.place, tuple(_given(item, problems) for item in node))
    return Mapping(
        node.place,
        {
            key: Entry(entry.place, _given(entry.value, problems))
            for key, entry in node.entries.items()
            if not (isinstance(entry.value, Scalar) and entry.value.text is None)
        },
    )


def _check_unique(root: Node, problems: Problems) -> None:
    """Each FINESS once, each local code once in the whole site; on the tree, so that it is told with the rest."""
    finess_at: dict[str, Place] = {}
    code_at: dict[str, Place] = {}
    establishments = places.find(root, ["establishments"])
    for establishment in establishments if isinstance(establishments, Sequence) else ():
        if not isinstance(establishment, Mapping):
            continue
        finess, codes = establishment.get("finess"), establishment.get("local_codes")
        if isinstance(finess, Scalar) and finess.text is not None:
            first = finess_at.setdefault(finess.text, finess.place)
            if first is not finess.place:
                problems.add(rules.FINESS_TWICE, finess.place, finess=finess.text, line=str(first.line))
        for code in codes if isinstance(codes, Sequence) else ():
            if isinstance(code, Scalar) and code.text is not None:
                first = code_at.setdefault(code.text, code.place)
                if first is not code.place:
                    problems.add(rules.LOCAL_CODE_TWICE, code.place, code=code.text, line=str(first.line))


def _site(path: Path, root: Node, written: SiteDeclaration) -> Site:
    declaration: SiteDeclaration = _absolute(written, path.parent.absolute())
    key, url = declaration.master_key, declaration.journal
    return Site(
        id=declaration.site,
        profile=declaration.profile,
        language=declaration.language,
        file=path.absolute(),
        data=declaration.data,
        report=declaration.report or declaration.data / "report.html",
        master_key=Secret(places.place(root, ["master_key"]), key.file, key.env),
        journal_url=None if url is None else Secret(places.place(root, ["journal"]), url.file, url.env),
        establishments=tuple(_establishment(declaration.site, one) for one in declaration.establishments),
        sources=declaration.sources,
        destinations=declaration.destinations,
        declaration=declaration,
    )


def _absolute(value: Any, folder: Path) -> Any:
    """The same value with every path in it absolute."""
    if isinstance(value, Path):
        return folder / value
    if isinstance(value, BaseModel):
        return value.model_copy(
            update={name: _absolute(getattr(value, name), folder) for name in type(value).model_fields}
        )
    if isinstance(value, tuple):
        return tuple(_absolute(item, folder) for item in value)
    if isinstance(value, dict):
        return {key: _absolute(item, folder) for key, item in value.items()}
    return value


def _establishment(site: str, written: EstablishmentDeclaration) -> Establishment:
    author = _professional(written.default_author)
    address = written.address
    return Establishment(
        finess=written.finess,
        finess_ej=written.finess_ej,
        name=written.name,
        category=written.category,
        local_codes=written.local_codes,
        facility_type=written.facility_type,
        timezone=ZoneInfo(written.timezone),
        oid_ipp=written.oid_ipp or default_oid_ipp(site, written.finess),
        default_author=author,
        legal_authenticator=_professional(written.legal_authenticator) or author,
        phone=written.phone,
        address_lines=address.lines if address is not None else (),
        postal_code=address.postal_code if address is not None else None,
        city=address.city if address is not None else None,
    )


def _professional(person: Person | None) -> Professionnel | None:
    if person is None:
        return None
    profession = person.profession
    return Professionnel(
        rpps=person.rpps,
        code_local=person.code_local,
        civilite=person.civilite,
        nom=person.nom,
        prenom=person.prenom,
        profession=None
        if profession is None
        else Code(code=profession.code, libelle=profession.libelle, systeme=profession.systeme),
        role=person.role,
        courriel_mss=person.courriel_mss,
    )
