"""The bounded reader of zips: what the standard reader reads is read alike, what is dangerous is refused and named."""

from __future__ import annotations

import struct
import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.xds.xdm_zip import Bounds, read_zip
from tests.xdm_archives import packed

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


def read(data: bytes, bounds: Bounds | None = None) -> tuple[dict[str, bytes | None], list[str]]:
    """Name and bytes of the files, and the rules that were hit."""
    members, findings = read_zip(data, bounds or Bounds())
    return {one.name: one.data for one in members if not one.is_folder}, [one.rule.id for one in findings]


@given(
    st.dictionaries(NAMES.filter(lambda name: name[-1] not in "/\\"), st.binary(max_size=200), max_size=6),
    st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]),
    st.binary(max_size=40).filter(lambda before: b"PK" not in before),
    st.binary(max_size=40).filter(lambda after: b"PK" not in after),
)
def test_names_and_bytes_are_those_of_the_standard_reader(
    files: dict[str, bytes], method: int, before: bytes, comment: bytes
) -> None:
    buffer = BytesIO(packed(files, method=method))
    with zipfile.ZipFile(buffer, "a") as target:
        target.comment = comment
    assert read(before + buffer.getvalue()) == (files, [])


def test_a_zip64_is_read() -> None:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as target, target.open(zipfile.ZipInfo("A.XML"), "w", force_zip64=True) as one:
        one.write(b"<a/>")
    # As a program writes it that uses zip64 for everything: no size, offset or count stands in its old place.
    data = buffer.getvalue()
    directory, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    wide = struct.pack("<2H3Q", 1, 24, 4, 4, 0)
    entry = bytearray(data[directory:end])
    entry[20:28] = b"\xff" * 8
    entry[42:46] = b"\xff" * 4
    entry[30:32] = struct.pack("<H", len(wide))
    record = bytes(entry[:46]) + b"A.XML" + wide
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, len(record), directory)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, directory + len(record), 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    whole = data[:directory] + record + end64 + locator + last

    assert zipfile.ZipFile(BytesIO(whole)).read("A.XML") == b"<a/>"
    assert read(whole) == ({"A.XML": b"<a/>"}, [])


def changed(data: bytes, at: int, value: bytes) -> bytes:
    """With other bytes at a place of the first entry of the directory."""
    start = data.index(b"PK\x01\x02") + at
    return data[:start] + value + data[start + len(value) :]


@pytest.mark.parametrize(
    ("raw", "name"),
    [("é.XML".encode(), "é.XML"), (b"\x82.XML", "é.XML"), (b"\xff\xfe\0", "\xa0■\0")],
    ids=["UTF-8", "code page 437", "neither"],
)
def test_a_name_is_read_even_when_it_is_not_in_the_utf_8_that_its_flag_tells(raw: bytes, name: str) -> None:
    plain = "N" * len(raw)
    data = changed(packed({plain: b"x"}), 8, b"\0\x08").replace(plain.encode(), raw)
    assert read(data) == ({name: b"x"}, [])


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        pytest.param(changed(packed({"A": b"x" * 99}), 8, b"\1\0"), "XDM-013", id="encrypted"),
        pytest.param(changed(packed({"A": b"x" * 99}), 8, b"\x40\0"), "XDM-013", id="strongly encrypted"),
        pytest.param(packed({"A": b"x" * 99}, method=zipfile.ZIP_BZIP2), "XDM-014", id="bzip2"),
        pytest.param(packed({"A": b"x" * 99}, method=zipfile.ZIP_LZMA), "XDM-014", id="LZMA"),
        pytest.param(changed(packed({"A": b"x" * 99}), 16, b"\0\0\0\0"), "XDM-015", id="another CRC"),
        pytest.param(changed(packed({"A": b"x" * 99}), 24, b"\x10\0\0\0"), "XDM-015", id="larger than it tells"),
        pytest.param(changed(packed({"A": b"x" * 99}), 24, b"\xff\0\0\0"), "XDM-015", id="smaller than it tells"),
        pytest.param(changed(packed({"A": b"x" * 99}), 42, b"\xff\xff\0\0"), "XDM-015", id="nowhere in the zip"),
        pytest.param(changed(packed({"A": b"x" * 99}), 4, b"\0\3"), "", id="made on Unix, without a mode"),
        pytest.param(packed({"A": b"\0" * (2 << 20)}), "XDM-011", id="a bomb"),
        pytest.param(packed({"A": b"x" * 99})[:-22], "XDM-001", id="without its end"),
        pytest.param(packed({"A": b"x"})[:-12] + b"\2\0" + packed({"A": b"x"})[-10:], "XDM-002", id="a wrong count"),
        pytest.param(b"", "XDM-001", id="nothing"),
        pytest.param(b"PK\x05\x06", "XDM-001", id="only a mark"),
    ],
)
def test_what_cannot_be_taken_is_named(data: bytes, rule: str) -> None:
    files, rules = read(data)
    assert rules == ([rule] if rule else [])
    if rule in {"XDM-011", "XDM-013", "XDM-014", "XDM-015"}:
        assert files == {"A": None}


@pytest.mark.parametrize("mode", [0o120777, 0o020666, 0o010644], ids=["a link", "a device", "a pipe"])
def test_what_is_no_file_is_never_followed(mode: int) -> None:
    data = changed(packed({"A": b"/etc/passwd"}), 4, b"\0\3")
    files, rules = read(changed(data, 38, struct.pack("<L", mode << 16)))
    assert (files, rules) == ({"A": None}, ["XDM-016"])


@pytest.mark.parametrize(
    ("bounds", "rules"),
    [
        (Bounds(archive=100), ["XDM-003"]),
        (Bounds(files=2), ["XDM-004"]),
        (Bounds(total=50), ["XDM-010", "XDM-010"]),
        (Bounds(total=150), ["XDM-012"]),
        (Bounds(ratio=1, free=0), ["XDM-011", "XDM-011"]),
        (Bounds(total=205, files=3), []),
    ],
)
def test_nothing_passes_its_bounds(bounds: Bounds, rules: list[str]) -> None:
    data = packed({"A": b"x" * 100, "B": b"y" * 100, "C": b""})
    files, found = read(data, bounds)
    assert found == rules
    assert sum(len(one or b"") for one in files.values()) <= bounds.total
