"""The bounded reader of zips: their files in memory, never on disk, and a finding for each that is refused.

`zipfile` is not used to read: it takes a whole directory in before anything can be bounded, the extra fields of a
hostile one cost it a time that grows with their square, and one name in a wrong encoding makes it refuse the archive.
Only the central directory is believed. Source: PKWARE, .ZIP File Format Specification (APPNOTE) 6.3.
"""

from __future__ import annotations

import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dui_bridge.findings import Finding
from dui_bridge.xds import xdm_rules as rules
from dui_bridge.xds.xdm_rules import hit

_END: Final = b"PK\x05\x06"
_END_FORM: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = b"PK\x06\x07"
_LOCATOR_FORM: Final = struct.Struct("<4sLQL")
_END64: Final = b"PK\x06\x06"
_END64_FORM: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY: Final = b"PK\x01\x02"
_ENTRY_FORM: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = b"PK\x03\x04"
_LOCAL_FORM: Final = struct.Struct("<4s5H3L2H")
_EXTRA_FORM: Final = struct.Struct("<2H")
_ZIP64: Final = 1
_FULL_16, _FULL_32 = 0xFFFF, 0xFFFFFFFF
_MAX_EXTRAS: Final = 32
"""Extra fields of one file that are looked at."""
_MAX_COMMENT: Final = 0xFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED: Final = 0x2041
"""Flags: encrypted, strongly encrypted, with a masked directory."""
_UNIX: Final = 3
_DOS_FOLDER: Final = 0x10


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is refused before it is read.

    Args:
        archive: most bytes of the zip.
        files: most files and folders of it.
        total: most bytes of the files together, and of any of them.
        ratio: most times that a file may grow; files up to `free` bytes may grow more.
    """

    archive: int = 50 * 1024 * 1024
    files: int = 500
    total: int = 48 * 1024 * 1024
    ratio: int = 200
    free: int = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder of a zip.

    Args:
        name: as it stands in the zip.
        data: None for a folder, and for what was refused.
    """

    name: str
    data: bytes | None
    is_folder: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the central directory; sizes and the offset of the local header in bytes."""

    name: str
    system: int
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    attributes: int
    offset: int

    @property
    def is_folder(self) -> bool:
        if self.size:
            return False
        return self.name.endswith(("/", "\\")) or bool(self.attributes & _DOS_FOLDER) or self._kind == stat.S_IFDIR

    @property
    def is_special(self) -> bool:
        """A link, a device, a pipe."""
        return self._kind not in {0, stat.S_IFREG, stat.S_IFDIR}

    @property
    def _kind(self) -> int:
        return stat.S_IFMT(self.attributes >> 16) if self.system == _UNIX else 0


def read_zip(data: bytes, bounds: Bounds) -> tuple[tuple[Member, ...], tuple[Finding, ...]]:
    """The files of a zip in the order of its directory, and what is wrong with it. Never raises."""
    if len(data) > bounds.archive:
        return (), (hit(rules.ARCHIVE_TOO_LARGE, limit=str(bounds.archive)),)
    found = _directory(data)
    if found is None:
        return (), (hit(rules.NOT_ZIP),)
    start, shift, count = found
    entries: list[_Entry] = []
    for entry in _entries(data, start):
        if len(entries) == bounds.files:
            return (), (hit(rules.TOO_MANY_FILES, limit=str(bounds.files)),)
        entries.append(entry)
    findings = [] if len(entries) == count else [hit(rules.DIRECTORY)]
    files: list[Member] = []
    left = bounds.total
    for entry in entries:
        content = _content(data, entry, shift, bounds, left) if not entry.is_folder else None
        if isinstance(content, Finding):
            findings.append(content)
            content = None
        left -= len(content or b"")
        files.append(Member(entry.name, content, entry.is_folder))
    return tuple(files), tuple(findings)


def _directory(data: bytes) -> tuple[int, int, int] | None:
    """Where the central directory starts, how far all offsets are shifted by what stands before, and its count."""
    at = data.rfind(_END, max(0, len(data) - _END_FORM.size - _MAX_COMMENT))
    if at < 0 or at + _END_FORM.size > len(data):
        return None
    _, _, _, _, count, size, offset, _ = _END_FORM.unpack_from(data, at)
    end = at
    if count == _FULL_16 or _FULL_32 in {size, offset}:
        wide = _wide_end(data, at)
        if wide is not None:
            end, count, size, offset = wide
    for start in (end - size, offset):
        if start >= 0 and (data.startswith(_ENTRY, start) if count else start == end):
            return start, start - offset, count
    return None


def _wide_end(data: bytes, at: int) -> tuple[int, int, int, int] | None:
    """The end record of zip64: its place, count, size and offset; None when there is none."""
    locator = at - _LOCATOR_FORM.size
    if locator < 0 or not data.startswith(_LOCATOR, locator):
        return None
    told = _LOCATOR_FORM.unpack_from(data, locator)[2]
    for place in (told, locator - _END64_FORM.size):
        if 0 <= place <= len(data) - _END64_FORM.size and data.startswith(_END64, place):
            *_, count, size, offset = _END64_FORM.unpack_from(data, place)
            return place, count, size, offset
    return None


def _entries(data: bytes, start: int) -> Iterator[_Entry]:
    while data.startswith(_ENTRY, start) and start + _ENTRY_FORM.size <= len(data):
        _, made, _, flags, method, _, _, crc, packed, size, *lengths, _, _, attributes, offset = (
            _ENTRY_FORM.unpack_from(data, start)
        )
        name_length, extra_length, comment_length = lengths
        name = start + _ENTRY_FORM.size
        extra = name + name_length
        packed, size, offset = _widened(data[extra : extra + extra_length], packed, size, offset)
        yield _Entry(_text(data[name:extra]), made >> 8, flags, method, crc, packed, size, attributes, offset)
        start = extra + extra_length + comment_length


def _widened(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset, from the extra field of zip64 where they do not fit in 32 bits."""
    if _FULL_32 not in {packed, size, offset}:
        return packed, size, offset
    at = 0
    for _ in range(_MAX_EXTRAS):
        if at + _EXTRA_FORM.size > len(extra):
            break
        kind, length = _EXTRA_FORM.unpack_from(extra, at)
        at += _EXTRA_FORM.size
        if kind == _ZIP64:
            values = iter(struct.unpack_from(f"<{min(length, len(extra) - at) // 8}Q", extra, at))
            # In this order, and only those that do not fit.
            size = next(values, size) if size == _FULL_32 else size
            packed = next(values, packed) if packed == _FULL_32 else packed
            offset = next(values, offset) if offset == _FULL_32 else offset
            break
        at += length
    return packed, size, offset


def _text(name: bytes) -> str:
    """A name: the flag that tells its encoding is often wrong, and few names in code page 437 are also UTF-8."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp437")


def _content(data: bytes, entry: _Entry, shift: int, bounds: Bounds, left: int) -> bytes | Finding:
    """The bytes of a file, or why they are refused."""
    name = entry.name
    if entry.is_special:
        return hit(rules.NOT_A_FILE, name=name)
    if entry.flags & _ENCRYPTED:
        return hit(rules.ENCRYPTED, name=name)
    if entry.method not in {_STORED, _DEFLATED}:
        return hit(rules.METHOD, name=name, method=str(entry.method))
    if entry.size > bounds.total:
        return hit(rules.TOO_LARGE, name=name, limit=str(bounds.total))
    if entry.size > max(bounds.free, entry.packed * bounds.ratio):
        return hit(rules.TOO_DENSE, name=name, limit=str(bounds.ratio))
    if entry.size > left:
        return hit(rules.TOTAL_TOO_LARGE, name=name, limit=str(bounds.total))
    packed = _packed(data, entry, shift)
    content = None if packed is None else _unpacked(packed, entry)
    if content is None or zlib.crc32(content) != entry.crc:
        return hit(rules.DAMAGED, name=name)
    return content


def _packed(data: bytes, entry: _Entry, shift: int) -> memoryview | None:
    local = entry.offset + shift
    if not 0 <= local <= len(data) - _LOCAL_FORM.size or not data.startswith(_LOCAL, local):
        return None
    *_, name_length, extra_length = _LOCAL_FORM.unpack_from(data, local)
    start = local + _LOCAL_FORM.size + name_length + extra_length
    if start + entry.packed > len(data):
        return None
    return memoryview(data)[start : start + entry.packed]


def _unpacked(packed: memoryview, entry: _Entry) -> bytes | None:
    """The bytes, when they are as many as the directory tells; never more are made than that and one."""
    if entry.method == _STORED:
        return bytes(packed) if len(packed) == entry.size else None
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        content = unpacking.decompress(packed, entry.size + 1)
    except zlib.error:
        return None
    return content if len(content) == entry.size and unpacking.eof else None
