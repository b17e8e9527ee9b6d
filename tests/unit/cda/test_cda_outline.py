"""A document is parsed without its file; its digest is the one of the whole document, and what is refused stays refused."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.cda.outline import MARK, Outline, parse_outline
from dui_bridge.cda.reader import NotCda, parse_cda
from dui_bridge.xds.lot import Digest, canonical_digest

FILE = b64encode(bytes(range(256)) * 8)
PROLOG = b"<?xml version='1.0' encoding='UTF-8'?>\n"


def document(
    file: bytes = FILE, *, prolog: bytes = PROLOG, title: bytes = b"T", attributes: bytes = b' representation="B64"'
) -> bytes:
    return (
        prolog + b'<ClinicalDocument xmlns="urn:hl7-org:v3"><title>' + title + b"</title>"
        b"<component><nonXMLBody><text"
        + attributes
        + b">"
        + file
        + b"</text></nonXMLBody></component></ClinicalDocument>"
    )


def digest(data: bytes) -> str:
    return canonical_digest(parse_outline(data), Digest.SHA256)


def digest_of_the_whole(data: bytes) -> str:
    return canonical_digest(Outline(parse_cda(data)), Digest.SHA256)


def test_the_file_is_not_in_what_is_parsed_and_is_given_as_it_is_written() -> None:
    outline = parse_outline(document())
    assert outline.file == FILE
    assert FILE.decode() not in "".join(outline.root.itertext())


@given(
    st.lists(
        st.sampled_from([FILE, b"\n", b" ", b"\t", b"\r\n", b"&#65;", b"<!-- x -->", b"]]"]), min_size=1, max_size=5
    ),
    st.sampled_from(
        [b"T", b"&lt;&#13;", "\u00e9".encode(), b"<!-- > -->", b'<a b="&quot;&#9;>" a="\'"/>', b"<", b"\xff"]
    ),
)
def test_its_digest_is_that_of_the_whole_document(pieces: list[bytes], title: bytes) -> None:
    data = document(b"".join(pieces), title=title)
    try:
        whole = digest_of_the_whole(data)
    except NotCda:
        with pytest.raises(NotCda):
            parse_outline(data)
    else:
        assert digest(data) == whole


@pytest.mark.parametrize(
    "data",
    [
        document(b"QUJD"),
        document(FILE + b"\r\n"),
        document(FILE + b"&#10;"),
        document(attributes=b""),
        document(prolog=b""),
        document(prolog=b"<?xml version='1.0' encoding='ISO-8859-1'?>"),
        document(title=MARK),
        document(title=b'<!-- representation="B64" -->'),
    ],
    ids=["small", "return", "reference", "plain", "undeclared", "encoding", "mark", "elsewhere"],
)
def test_what_cannot_be_told_apart_is_parsed_whole(data: bytes) -> None:
    assert parse_outline(data).file is None


@pytest.mark.parametrize(
    "data",
    [
        document() + b"x",
        document(title=b"<"),
        document(FILE + b"<"),
        document(prolog=PROLOG + b"<!DOCTYPE ClinicalDocument>"),
        document().replace(b"ClinicalDocument", b"Other"),
    ],
    ids=["after", "broken", "open", "doctype", "root"],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    with pytest.raises(NotCda):
        parse_outline(data)


def test_the_file_counts_in_the_size() -> None:
    with pytest.raises(NotCda):
        parse_outline(document(), max_bytes=len(FILE))
