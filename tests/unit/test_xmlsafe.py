"""The hardened parser: what it reads, and how it refuses the rest."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.xmlsafe import XmlRefused, leading_children, parse_xml


@pytest.mark.parametrize(
    "data", [b"<a>\xc3\xa9</a>", "<a>é</a>".encode("utf-16"), b"<?xml version='1.0'?>\n<a>&#233;</a>"]
)
def test_a_document_is_read_in_the_encoding_that_it_declares(data: bytes) -> None:
    assert parse_xml(data).text == "é"


def _bomb(use: str) -> bytes:
    names = "abcdefghij"
    entities = "".join(
        f'<!ENTITY {name} "{f"&{names[i - 1]};" * 10 if i else "x" * 10}">' for i, name in enumerate(names)
    )
    return f"<!DOCTYPE r [{entities}]>{use}".encode()


@pytest.mark.parametrize("huge", [False, True])
@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/x.dtd"><a/>',
        b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
        "<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a><a/>".encode("utf-16"),
        b"<!--" + b"x" * 10_000 + b"--><!DOCTYPE a><a/>",
        b"<?xml version='1.0' encoding='UTF-8'?>\n<!DOCTYPE a><a/>",
        b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE a+AD4-<a/>',
    ],
)
def test_a_doctype_is_refused(data: bytes, huge: bool) -> None:
    with pytest.raises(XmlRefused) as refused:
        parse_xml(data, huge=huge)
    assert refused.value.reason == "doctype"


@pytest.mark.parametrize("use", ["<r>&j;</r>", '<r a="&j;"/>', '<r><b a="&j;"/></r>'])
@pytest.mark.parametrize("huge", [False, True])
def test_an_entity_bomb_is_refused_at_once(use: str, huge: bool) -> None:
    started = time.monotonic()
    with pytest.raises(XmlRefused):
        parse_xml(_bomb(use), huge=huge)
    assert time.monotonic() - started < 1


def test_no_file_is_read_through_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", encoding="utf-8")
    with pytest.raises(XmlRefused):
        parse_xml(f'<!DOCTYPE a [<!ENTITY x SYSTEM "{secret.as_uri()}">]><a>&x;</a>'.encode())


def test_more_bytes_than_the_cap_are_refused_before_parsing() -> None:
    with pytest.raises(XmlRefused) as refused:
        parse_xml(b"not xml at all", max_bytes=5)
    assert refused.value.reason == "too_large"


def test_a_large_text_node_is_read_only_when_asked() -> None:
    data = b"<a>" + b"A" * 11_000_000 + b"</a>"
    with pytest.raises(XmlRefused):
        parse_xml(data)
    assert len(parse_xml(data, huge=True).text or "") == 11_000_000


def test_the_line_of_the_fault_is_told() -> None:
    with pytest.raises(XmlRefused) as refused:
        parse_xml(b"<a>\n<b>\n</a>")
    assert (refused.value.reason, refused.value.line) == ("not_xml", 3)


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: f"<a>{text}</a>".encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(XmlRefused):
        assert parse_xml(data).tag


# --- the beginning of a document -------------------------------------------------------------------------------------


def beginning(data: bytes, block: int = 7, max_bytes: int = 10_000) -> list[str | None]:
    blocks = (data[at : at + block] for at in range(0, len(data), block))
    return [one.get("n") for one in leading_children(blocks, "{urn:a}b", max_bytes=max_bytes)]


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        (b"<x/><b n='1'/><b n='2'><b n='3'/></b><c/><b n='4'/>", ["1", "2"]),
        (b"<x><b n='0'/></x><b n='1'/>", ["1"]),
        (b"<b xmlns='urn:other' n='1'/>", []),
        (b"", []),
    ],
)
def test_the_first_children_of_a_name_are_found_wherever_blocks_end(inside: bytes, found: list[str]) -> None:
    data = b"<?xml version='1.0'?><!--a--><a xmlns='urn:a'>" + inside + b"</a>"

    assert [beginning(data, block) for block in (1, 7, 10_000)] == [found] * 3


def test_what_follows_the_children_is_not_read() -> None:
    read = []

    def blocks() -> Iterator[bytes]:
        for block in (b"<a xmlns='urn:a'><b/>", b"<c>", b"never" * 1000, b"<not xml"):
            read.append(block)
            yield block

    assert len(leading_children(blocks(), "{urn:a}b")) == 1
    assert len(read) == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<!DOCTYPE a [<!ENTITY e 'x'>]><a xmlns='urn:a'><b n='&e;'/><c/></a>", "doctype"),
        (b"<a xmlns='urn:a'><x>" + b"y" * 20_000, "too_large"),
        (b"<a xmlns='urn:a'><b/>", "not_xml"),
        (b"<a xmlns='urn:a'><b></a>", "not_xml"),
        (b"", "not_xml"),
    ],
)
def test_a_beginning_that_may_not_be_read_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(XmlRefused) as refused:
        beginning(data)

    assert refused.value.reason == reason
