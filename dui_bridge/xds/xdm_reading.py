"""Reads an archive of MSSanté, ours or another's: its lots, the documents with their bytes, and what is wrong with it.

Tolerant of how public archives really are: a folder around all, backslashes, names in any case, no URI, no hash. Not of
a doubt about a document: without its own bytes, whole, an entry has no data. Nothing is ever written under a name that
an archive gives. Source: IHE ITI TF-2 §3.32; whether the metadata are right is for `archive_findings` to say.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dui_bridge.findings import Finding, Rule
from dui_bridge.xds import xdm_rules as rules
from dui_bridge.xds.check import check
from dui_bridge.xds.ebrim import RegistryObject
from dui_bridge.xds.entries import DocumentEntry, SubmissionSet
from dui_bridge.xds.messages import NotXds, read_submission
from dui_bridge.xds.purpose import Purpose
from dui_bridge.xds.records import to_contents
from dui_bridge.xds.vocabulary import RIM
from dui_bridge.xds.xdm import INDEX, METADATA, README, ROOT
from dui_bridge.xds.xdm_rules import hit, of_archive
from dui_bridge.xds.xdm_zip import Bounds, Member, read_zip
from dui_bridge.xmlsafe import XmlRefused, parse_xml

MAX_METADATA: Final = 2 * 1024 * 1024
"""Most bytes of the metadata of an archive: some 200 documents."""
MAX_ELEMENTS: Final = 20_000
"""Most XML elements of them."""
MAX_OBJECTS: Final = 500
"""Most registry objects of a METADATA.XML."""
MAX_LOTS: Final = 20
"""Most METADATA.XML of an archive."""

_BESIDE: Final = frozenset({METADATA.casefold(), INDEX.casefold(), "index.html", README.casefold()})
_SEPARATORS: Final = re.compile(r"[\^&]")
_STYLE: Final = (".xsl", ".xslt", ".css")


@dataclass(frozen=True, slots=True)
class ArchivedDocument:
    """A document of an archive.

    Args:
        entry: as the metadata tell it.
        name: of its file, as it stands in the zip; None when there is none.
        data: the bytes of the file; None when there is none, when its hash or size is not the one told, and in an
            archive of several patients.
    """

    entry: DocumentEntry
    name: str | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class ArchivedLot:
    """What one METADATA.XML tells.

    Args:
        metadata: name of that file, as it stands in the zip.
        objects: as they stand, for `check`.
        submission: None when there is none.
    """

    metadata: str
    objects: tuple[RegistryObject, ...]
    submission: SubmissionSet | None
    documents: tuple[ArchivedDocument, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the metadata themselves."""
        return tuple(of_archive(one) for one in check(self.objects, Purpose.ARCHIVE))


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive as read.

    Args:
        names: of its files and folders, as they stand in the zip and in that order.
        lots: one for each METADATA.XML that can be read.
        findings: of the archive and of its documents; with one of severity error, something of it was not taken.
    """

    names: tuple[str, ...]
    lots: tuple[ArchivedLot, ...]
    findings: tuple[Finding, ...]

    @property
    def documents(self) -> tuple[ArchivedDocument, ...]:
        """Those of every lot."""
        return tuple(one for lot in self.lots for one in lot.documents)


@dataclass(frozen=True, slots=True)
class _File:
    """A file with the parts of its path, folded: what every search is by."""

    number: int
    member: Member
    path: tuple[str, ...]
    sha1: str

    @property
    def folder(self) -> tuple[str, ...]:
        return self.path[:-1]

    @property
    def last(self) -> str:
        return self.path[-1]


@dataclass(slots=True)
class _Left:
    """How much metadata may still be read."""

    bytes: int = MAX_METADATA
    elements: int = MAX_ELEMENTS


def read_xdm(data: bytes, bounds: Bounds | None = None) -> Archive:
    """An archive, whatever the bytes are: a fault is a finding, never an exception."""
    members, found = read_zip(data, bounds or Bounds())
    findings = list(found)
    files = [
        _File(number, one, path, hashlib.sha1(one.data or b"", usedforsecurity=False).hexdigest())
        for number, one in enumerate(members)
        if not one.is_folder and (path := _parts(one.name))
    ]
    findings += _names(members)
    metadata = [one for one in files if one.last == METADATA.casefold()]
    if metadata:
        findings += _not_there({one.last for one in files})
    elif not any(one.is_error for one in found):
        findings.append(hit(rules.NO_METADATA))
    if len(metadata) > MAX_LOTS:
        findings.append(hit(rules.TOO_MANY_LOTS, limit=str(MAX_LOTS)))
        metadata = []
    owned: dict[int, list[_File]] = {one.number: [] for one in metadata}
    for each in files:
        owner = _owner(each, metadata)
        if owner is not None:
            owned[owner.number].append(each)
    lots: list[ArchivedLot] = []
    left = _Left()
    for one in metadata:
        lots += _lot(one, owned[one.number], left, findings)
    findings += _in_two_lots(lots)
    if len({patient_of(record) for lot in lots for record in _records(lot) if record.patient_id}) > 1:
        findings.append(hit(rules.SEVERAL_PATIENTS))
        lots = [replace(lot, documents=tuple(replace(one, data=None) for one in lot.documents)) for lot in lots]
    return Archive(tuple(one.name for one in members), tuple(lots), tuple(findings))


def patient_of(record: DocumentEntry | SubmissionSet) -> tuple[str, ...]:
    """Number and authority of the patientId (a CX), however many separators stand between them."""
    return tuple(part for part in _SEPARATORS.split(record.patient_id) if part)[:2]


def _records(lot: ArchivedLot) -> Iterator[DocumentEntry | SubmissionSet]:
    yield from (one.entry for one in lot.documents)
    if lot.submission is not None:
        yield lot.submission


def _in_two_lots(lots: Sequence[ArchivedLot]) -> Iterator[Finding]:
    seen: set[str] = set()
    for lot in lots:
        records = [one for one in _records(lot) if one.unique_id]
        for one in records:
            if one.unique_id in seen:
                yield hit(rules.IN_TWO_LOTS, id=one.id)
        seen.update(one.unique_id for one in records)


def _not_there(last: Collection[str]) -> Iterator[Finding]:
    """What a person would open first, when it is nowhere in the archive."""
    for file, names in ((INDEX, ("index.htm", "index.html")), (README, ("readme.txt",))):
        if not any(one in last for one in names):
            yield hit(rules.NOT_THERE, file=file)


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a path, whatever separates them; nothing leads upwards."""
    parts = name.replace("\\", "/").split("/")
    return tuple(part.casefold() for part in parts if part not in {"", ".", ".."})


def _names(members: Iterable[Member]) -> Iterator[Finding]:
    seen: set[tuple[str, ...]] = set()
    for one in members:
        parts = one.name.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            yield hit(rules.OUTSIDE, name=one.name)
        path = _parts(one.name)
        if path in seen and not one.is_folder:
            yield hit(rules.SAME_NAME, name=one.name)
        seen.add(path)
        if path and path[-1] == METADATA.casefold() and not _is_at_its_place(one.name):
            yield hit(rules.LAYOUT, name=one.name)


def _is_at_its_place(name: str) -> bool:
    parts = name.split("/")
    return len(parts) == 3 and parts[0] == ROOT and parts[2] == METADATA


def _owner(file: _File, metadata: Sequence[_File]) -> _File | None:
    """The metadata that a file belongs to: the nearest above it, or the only ones."""
    above = [one for one in metadata if file.folder[: len(one.folder)] == one.folder]
    if not above:
        return metadata[0] if len(metadata) == 1 else None
    return max(above, key=lambda one: len(one.folder))


def _lot(metadata: _File, owned: Sequence[_File], left: _Left, findings: list[Finding]) -> Iterator[ArchivedLot]:
    """The lot of a METADATA.XML; none when it cannot be read."""
    name = metadata.member.name
    objects = _objects(metadata.member, left, findings)
    if objects is None:
        return
    contents = to_contents(objects)
    if not contents.entries:
        findings.append(hit(rules.NO_DOCUMENT, name=name))
    search = _Search(metadata, [one for one in owned if one.member.data is not None], findings)
    documents = tuple([search.document(entry, alone=len(contents.entries) == 1) for entry in contents.entries])
    findings += search.left()
    yield ArchivedLot(name, objects, contents.sets[0] if contents.sets else None, documents)


def _objects(member: Member, left: _Left, findings: list[Finding]) -> tuple[RegistryObject, ...] | None:
    if member.data is None:
        return None
    try:
        root = parse_xml(member.data, max_bytes=left.bytes)
        left.bytes -= len(member.data)
        left.elements -= sum(1 for _ in root.iter())
        if left.elements < 0:
            raise XmlRefused("too_large")
        if any(len(one) > MAX_OBJECTS for one in root.iter(f"{{{RIM}}}RegistryObjectList")):
            findings.append(hit(rules.TOO_MANY_OBJECTS, name=member.name, limit=str(MAX_OBJECTS)))
            return None
        return read_submission(root).objects
    except XmlRefused as error:
        rule = rules.METADATA_LARGE if error.reason == "too_large" else rules.METADATA_XML
        findings.append(hit(rule, name=member.name, limit=str(MAX_METADATA), elements=str(MAX_ELEMENTS)))
    except NotXds:
        findings.append(hit(rules.METADATA_MESSAGE, name=member.name))
    return None


class _Search:
    """Which file is which document, within what belongs to one METADATA.XML."""

    def __init__(self, metadata: _File, files: Sequence[_File], findings: list[Finding]) -> None:
        self._folder = metadata.folder
        self._files = [one for one in files if one.last not in _BESIDE]
        self._taken: set[int] = set()
        self._findings = findings

    def document(self, entry: DocumentEntry, *, alone: bool) -> ArchivedDocument:
        """A document with its file.

        Args:
            alone: whether it is the only one of its lot.
        """
        named = self._named(entry)
        found = named or self._hashed(entry) or ([] if entry.uri else self._guessed(entry, alone=alone))
        chosen = self._chosen(entry, found)
        if chosen is None:
            if not found:
                self._tell(rules.NO_FILE, id=entry.id)
            return ArchivedDocument(entry)
        name = chosen.member.name
        if chosen.number in self._taken:
            self._tell(rules.TAKEN_TWICE, id=entry.id, name=name)
            return ArchivedDocument(entry, name)
        self._taken.add(chosen.number)
        if not named:
            self._tell(rules.OTHER_URI if entry.uri else rules.NO_URI, id=entry.id, name=name)
        return ArchivedDocument(entry, name, chosen.member.data if self._is_whole(entry, chosen) else None)

    def left(self) -> Iterator[Finding]:
        """The files of the folder of the metadata that are nobody's."""
        for one in self._files:
            if one.number not in self._taken and one.folder == self._folder and not one.last.endswith(_STYLE):
                yield hit(rules.NOT_LISTED, name=one.member.name)

    def _named(self, entry: DocumentEntry) -> list[_File]:
        """By URI: at that path from the metadata, then by its last part in their folder, then anywhere."""
        path = _parts(entry.uri or "")
        if not path:
            return []
        for fits in (
            [one for one in self._files if one.path == (*self._folder, *path)],
            [one for one in self._files if one.path == (*self._folder, path[-1])],
            [one for one in self._files if one.last == path[-1]],
        ):
            if fits:
                return fits
        return []

    def _hashed(self, entry: DocumentEntry) -> list[_File]:
        told = (entry.hash or "").lower()
        return [one for one in self._files if told and one.sha1 == told][:1]

    def _guessed(self, entry: DocumentEntry, *, alone: bool) -> list[_File]:
        """A file that is named as the entry is (`Document01.xml`), else the only one that can be it."""
        near = [one for one in self._files if one.folder == self._folder and not one.last.endswith(_STYLE)]
        same = [one for one in near if one.last.rpartition(".")[0] == entry.id.casefold()]
        return same or (near if alone and len(near) == 1 else [])

    def _chosen(self, entry: DocumentEntry, found: Sequence[_File]) -> _File | None:
        """One of several: that with the hash, or any when all are the same; else it is a fault."""
        if len(found) < 2:
            return found[0] if found else None
        by_hash = {one.sha1: one for one in reversed(found)}
        told = (entry.hash or "").lower()
        if told in by_hash:
            return by_hash[told]
        if len(by_hash) == 1 or told:
            return found[0]
        self._tell(rules.AMBIGUOUS, id=entry.id)
        return None

    def _is_whole(self, entry: DocumentEntry, file: _File) -> bool:
        values = {"id": entry.id, "name": file.member.name}
        right = True
        if not entry.hash:
            self._tell(rules.NOT_VERIFIED, **values)
        elif entry.hash.lower() != file.sha1:
            self._tell(rules.HASH_DIFFERS, **values)
            right = False
        if entry.size is not None and entry.size != len(file.member.data or b""):
            self._tell(rules.SIZE_DIFFERS, **values)
            right = False
        return right

    def _tell(self, rule: Rule, **values: str) -> None:
        self._findings.append(hit(rule, **values))
