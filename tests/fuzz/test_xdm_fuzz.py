"""Archives that were damaged or made to harm: none crashes the reader, none costs it much, none writes a file."""

from __future__ import annotations

from functools import cache
from random import Random

import pytest

from dui_bridge.pipeline.reports.xdm_archive import archive_findings, archive_json, archive_lines
from dui_bridge.xds.xdm_reading import read_xdm
from tests.fuzzing import COUNT, assert_bounded, fuzzed, mutant
from tests.shared import shared_path
from tests.xdm_archives import METADATA, archive, packed, unpacked

pytestmark = pytest.mark.real

NAMES = (
    METADATA,
    "IHE_XDM/SUBSET01/DOC0001.XML",
    "IHE_XDM\\SUBSET01\\METADATA.XML",
    "../../../etc/passwd",
    "/etc/passwd",
    "C:\\METADATA.XML",
    "METADATA.XML/METADATA.XML",
    "a/" * 300 + "metadata.xml",
    "",
    "/",
    "é\n\x1b[2J.xml",
)


@cache
def seeds() -> tuple[bytes, ...]:
    """Our archive, and those that are published."""
    shared = shared_path()
    published = () if shared is None else sorted((shared / "reference" / "mssante" / "xdm").glob("*.zip"))
    return (archive(), *(path.read_bytes() for path in published))


def archives(random: Random) -> bytes:
    """A damaged zip, or a whole one of damaged or dense files under hostile names."""
    if random.randrange(2):
        return mutant(random.choice(seeds()), random)
    files = [(name, _content(name, data, random)) for name, data in unpacked(archive()).items()]
    for _ in range(random.randrange(4)):
        files.append((random.choice(NAMES), _content(METADATA, random.choice(files)[1], random)))
    random.shuffle(files)
    return packed(files, method=random.choice((0, 8)))


def _content(name: str, data: bytes, random: Random) -> bytes:
    kind = random.randrange(60)
    if kind == 0:
        return b"\0" * random.choice((1, 1 << 20, 1 << 22))
    if kind == 1 and name == METADATA:
        start, end = data.find(b"<rim:ExtrinsicObject"), data.rfind(b"</rim:RegistryObjectList>")
        return data[:start] + data[start:end] * random.choice((2, 20)) + data[end:]
    return mutant(data, random) if kind < 30 else data


def read(data: bytes) -> None:
    """An archive is read; one in four is judged and shown as well, which takes longer."""
    found = read_xdm(data)
    for one in found.documents:
        assert one.data is None or one.entry.size in {None, len(one.data)}
    if len(data) % 4 == 0:
        assert len(archive_findings(found)) < 100_000
        assert len(archive_json(found)["files"]) == len(found.names)
        assert all(line.isprintable() for line in archive_lines(found))


def test_no_archive_crashes_the_reader_or_costs_it_a_second_200_mb_or_a_file() -> None:
    seen = fuzzed(read, archives)

    assert seen.inputs == COUNT
    assert_bounded(seen)
