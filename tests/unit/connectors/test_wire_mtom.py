"""MTOM: documents beside a SOAP message, written and read as streams; what is hostile is named, never believed."""

from __future__ import annotations

import email
import hashlib
import io
import tracemalloc
from collections.abc import Iterable, Iterator
from email.message import Message
from pathlib import Path
from typing import BinaryIO

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared import shared_path
from tls_peer import peer, server_context

from dui_bridge.connectors.wire import http, mtom_reading
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.mtom import MtomRequest, Part
from dui_bridge.connectors.wire.mtom_reading import MtomAnswer, read_answer
from dui_bridge.connectors.wire.multipart import media_type
from dui_bridge.connectors.wire.net_errors import NoAnswer, NotSoap, PartChanged
from dui_bridge.connectors.wire.soap import open_envelope
from dui_bridge.connectors.wire.tls import Trust, client_context
from dui_bridge.sandbox.pki import Pki, make_pki

BOUNDARY = "frontiere-0123456789abcdef"
ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
ENVELOPE = "<a>é</a>".encode()
TYPE = f'multipart/related; boundary={BOUNDARY}; type="application/xop+xml"'


def part(data: bytes, name: str = "doc1@dui-bridge", *, size: int | None = None) -> Part:
    return Part(name, "text/xml", len(data) if size is None else size, lambda: io.BytesIO(data))


def request(*parts: Part) -> MtomRequest:
    return MtomRequest(ENVELOPE, parts, action=ACTION, boundary=BOUNDARY)


def read(data: bytes | Iterable[bytes], content_type: str = TYPE) -> MtomAnswer:
    blocks = [data] if isinstance(data, bytes) else data
    return read_answer(200, httpx.Headers({"Content-Type": content_type}), blocks)


def in_parts(*parts: tuple[str, bytes], eol: bytes = b"\r\n") -> bytes:
    """A multipart as others write it: the headers of each part as a text, and its content."""
    data = b""
    for head, content in parts:
        lines = [f"--{BOUNDARY}".encode(), *(head.encode("latin-1").splitlines()), b"", content]
        data += eol.join(lines) + eol
    return data + f"--{BOUNDARY}--".encode() + eol


ROOT = ("Content-Type: application/xop+xml", b"<r/>")


def refused(data: bytes, content_type: str = TYPE) -> str:
    with pytest.raises(NotSoap) as caught:
        read(data, content_type)
    assert caught.value.message("fr") != caught.value.message("en")
    return caught.value.message("fr")


# --- writing --------------------------------------------------------------------------------------------------------


def test_a_request_is_read_by_a_reader_of_mail() -> None:
    documents = [b"<c/>\r\n", bytes(range(256)) * 400]
    sent = request(part(documents[0]), part(documents[1], "sig1@dui-bridge"))

    found = email.message_from_bytes(
        b"Content-Type: " + sent.headers["Content-Type"].encode() + b"\n\n" + b"".join(sent)
    )

    assert not found.defects
    assert found.get_param("type") == "application/xop+xml"
    assert found.get_param("start") == "<root@dui-bridge>"
    assert found.get_param("start-info") == "application/soap+xml"
    root, *others = (one for one in found.walk() if isinstance(one, Message) and not one.is_multipart())
    assert root["Content-Type"] == 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    assert root["Content-ID"] == "<root@dui-bridge>"
    assert root.get_payload(decode=True) == ENVELOPE
    assert [one["Content-ID"] for one in others] == ["<doc1@dui-bridge>", "<sig1@dui-bridge>"]
    assert {one["Content-Transfer-Encoding"] for one in others} == {"binary"}


@given(st.lists(st.binary(max_size=200), max_size=4))
def test_the_length_is_known_before_the_first_byte(documents: list[bytes]) -> None:
    sent = request(*(part(data, f"d{number}@x") for number, data in enumerate(documents)))

    assert int(sent.headers["Content-Length"]) == sum(map(len, sent))


def test_a_request_may_be_sent_twice() -> None:
    sent = request(part(b"x" * 100_000))

    assert list(sent) == list(sent)


@pytest.mark.parametrize("size", [0, 2, 4, 200_000])
def test_a_document_that_is_not_of_its_size_never_leaves_whole(size: int) -> None:
    sent, left = request(part(b"abc", size=size)), bytearray()

    with pytest.raises(PartChanged):
        left.extend(byte for block in sent for byte in block)

    assert len(left) < int(sent.headers["Content-Length"])


def test_a_document_that_cannot_be_read_is_told_in_words(tmp_path: Path) -> None:
    def missing() -> BinaryIO:
        return (tmp_path / "DUPONT.xml").open("rb")

    with pytest.raises(PartChanged) as caught:
        list(request(Part("a@b", "text/xml", 3, missing)))

    assert "n'existe pas" in caught.value.message("fr")
    assert "DUPONT" not in caught.value.message("fr")


@pytest.mark.parametrize("name", ["", "a", "a@b>\r\nX: y", "a b@c", "a%20@b", "é@b"])
def test_a_name_that_would_not_be_the_same_in_a_header_and_a_url_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="Content-ID"):
        part(b"", name)


def test_two_documents_do_not_share_a_name() -> None:
    with pytest.raises(ValueError, match="same"):
        request(part(b""), part(b"x"))


# --- reading --------------------------------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=300), max_size=4), st.integers(1, 80))
def test_what_is_written_is_read_back_however_it_is_cut(documents: list[bytes], size: int) -> None:
    sent = request(*(part(data, f"d{number}@x") for number, data in enumerate(documents)))
    data = b"".join(sent)
    blocks = (data[start : start + size] for start in range(0, len(data), size))

    with read(blocks, sent.headers["Content-Type"]) as found:
        assert found.body == ENVELOPE
        assert [one.file.read() for one in found.attachments.values()] == documents
        for number, document in enumerate(documents):
            one = found.attachments[f"d{number}@x"]
            assert (one.size, one.sha1) == (len(document), hashlib.sha1(document).hexdigest())
            assert one.media_type == "text/xml"


DASHES = b"--" + BOUNDARY.encode()
NEAR = [
    b"\r\n" + DASHES + b"x\r\n",
    b"\r\n" + DASHES[:-1],
    DASHES + b"-\r\n",
    b"a\n" + DASHES + b"\n",
    *(b"\r", b"\n", b"\r\n", b"-", b"--", b"a" * 30),
]


@given(st.lists(st.sampled_from(NEAR), max_size=12).map(b"".join), st.integers(1, 40))
def test_what_nearly_is_a_boundary_belongs_to_the_document(content: bytes, size: int) -> None:
    data = in_parts(ROOT, ("Content-ID: <d@x>", content))

    with read(data[start : start + size] for start in range(0, len(data), size)) as found:
        assert found.attachments["d@x"].file.read() == content


def test_the_message_is_the_part_that_start_names_else_the_first() -> None:
    data = in_parts(("Content-ID: <doc@x>", b"document"), ("Content-ID: <r@x>", b"<r/>"))

    with read(data, TYPE + '; start="<r@x>"') as found:
        assert (found.body, list(found.attachments)) == (b"<r/>", ["doc@x"])
    with read(data) as found:
        assert (found.body, list(found.attachments)) == (b"document", ["r@x"])


def test_an_include_names_its_document_encoded_or_not() -> None:
    with read(in_parts(ROOT, ("Content-ID: <1@urn:ihe:iti:xds-b:2007>", b"d"))) as found:
        encoded = found.attachment("cid:1@urn%3Aihe%3Aiti%3Axds-b%3A2007")

        assert encoded is not None
        assert encoded is found.attachment("cid:1@urn:ihe:iti:xds-b:2007")
        assert found.attachment("http://1@urn:ihe:iti:xds-b:2007") is None
        assert found.attachment("cid:2@x") is None


def test_lines_of_a_kept_text_end_otherwise() -> None:
    data = b"This is a preamble.\n" + in_parts(ROOT, ("Content-ID: <d@x>", b"a\r\nb\n"), eol=b"\n") + b"epilogue"

    with read(data) as found:
        assert found.attachments["d@x"].file.read() == b"a\r\nb\n"


def test_headers_may_be_folded_or_missing() -> None:
    head = 'CONTENT-id:\r\n\t<d@x>\r\nContent-Disposition: attachment; filename="\x85"\r\nContent-Type: Text/XML; x=y'
    data = in_parts(("", b"<r/>"), (head, b""))

    with read(data) as found:
        assert found.body == b"<r/>"
        assert (found.attachments["d@x"].media_type, found.attachments["d@x"].size) == ("text/xml", 0)


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_a_document_in_base64_is_decoded(size: int) -> None:
    data = in_parts(ROOT, ("Content-ID: <d@x>\r\nContent-Transfer-Encoding: BASE64", b"YWJj\r\nZGVmZw\r\n=="))

    with read(data[start : start + size] for start in range(0, len(data), size)) as found:
        assert found.attachments["d@x"].file.read() == b"abcdefg"


def test_a_plain_answer_is_an_answer_without_documents() -> None:
    with read(b"<fault/>", "application/soap+xml; charset=utf-8") as found:
        assert (found.body, found.attachments) == (b"<fault/>", {})


def test_parameters_of_a_type_may_be_quoted() -> None:
    found = media_type('Multipart/Related; START="<a;\\"b@c>" ;boundary=x; boundary=y;type')

    assert (found.name, found.parameters) == ("multipart/related", {"start": '<a;"b@c>', "boundary": "x"})


WHOLE = in_parts(ROOT, ("Content-ID: <d@x>", b"document"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "délimiteur"),
        (b"<html/>", "délimiteur"),
        (b"x" * 40_000, "délimiteur"),
        (WHOLE.replace(BOUNDARY.encode(), b"other"), "délimiteur"),
        (WHOLE[:-4], "coupé"),
        (WHOLE[:-40], "coupé"),
        (WHOLE[:70], "coupé"),
        (in_parts(ROOT, ("X: " + "y" * 20_000, b"")), "sans fin"),
        (in_parts(ROOT, ("no header", b"")), "en-têtes"),
        (in_parts(ROOT, ("Content-ID: <a@x>\nContent-Id: <b@x>", b"")), "en-têtes"),
        (in_parts(ROOT, *[("Content-ID: <d@x>", b"")] * 2), "même nom"),
        (in_parts(ROOT, *[(f"Content-ID: <{n}@x>", b"") for n in range(64)]), "trop nombreuses"),
        (in_parts(ROOT, ("Content-Transfer-Encoding: quoted-printable", b"=41")), "codage inconnu"),
        (in_parts(ROOT, ("Content-Transfer-Encoding: base64", b"YWJ")), "base64"),
        (in_parts(ROOT, ("Content-Transfer-Encoding: base64", b"YW*j")), "base64"),
    ],
)
def test_what_is_hostile_or_broken_is_named(data: bytes, words: str) -> None:
    assert words in refused(data)


@pytest.mark.parametrize("boundary", ["", "; boundary=", '; boundary="a\r\nb"', f"; boundary={'x' * 71}"])
def test_a_multipart_without_a_usable_boundary_is_none(boundary: str) -> None:
    assert "délimiteur" in refused(WHOLE, f"multipart/related{boundary}")


def test_the_message_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mtom_reading, "MAX_MESSAGE", 3)

    assert "volumineuse" in refused(WHOLE)
    assert "volumineuse" in refused(b"<r/>", "text/xml")


@given(st.binary(max_size=300))
def test_any_bytes_are_a_message_or_named(data: bytes) -> None:
    for one in (data, WHOLE[:60] + data + WHOLE[60:], data + WHOLE, WHOLE + data):
        try:
            read(one).close()
        except NotSoap:
            continue


# --- memory ---------------------------------------------------------------------------------------------------------

LARGE = 50_000_000


class Zeros(io.RawIOBase):
    """A document that is nowhere."""

    def __init__(self) -> None:
        self.left = LARGE

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        given = min(self.left, size)
        self.left -= given
        return bytes(given)


def test_a_document_of_50_mb_takes_no_memory_in_either_way() -> None:
    sent = request(Part("doc1@dui-bridge", "application/pdf", LARGE, Zeros))  # type: ignore[arg-type]
    tracemalloc.start()
    try:
        with read(iter(sent), sent.headers["Content-Type"]) as found:
            assert found.attachments["doc1@dui-bridge"].size == LARGE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000


# --- over the wire --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def client(pki: Pki) -> Iterator[httpx.Client]:
    with http.client(client_context(None, Trust((pki.ca,))), timeout=5, connect=5) as client:
        yield client


def exchange(client: httpx.Client, url: str, sent: MtomRequest, capture: Capture | None = None) -> MtomAnswer:
    return http.exchange(
        client, url, sent, read_answer, service="DMP", headers=sent.headers, capture=capture, shown=sent.envelope
    )


def test_a_request_goes_with_its_length_and_an_answer_comes_with_its_documents(
    client: httpx.Client, pki: Pki, tmp_path: Path
) -> None:
    sent = request(part(b"document"))
    answer = in_parts(ROOT, ("Content-ID: <d@x>", b"x" * 200_000)) + b"epilogue" * 20_000
    head = f"HTTP/1.1 500 Error\r\nContent-Type: {TYPE}\r\nContent-Length: {len(answer)}\r\n\r\n".encode()

    with peer(server_context(pki), lambda connection, _: connection.sendall(head + answer)) as server:
        for _ in range(2):
            with exchange(client, server.url(), sent, Capture(tmp_path / "seen")) as found:
                assert (found.status, found.body, found.attachments["d@x"].size) == (500, b"<r/>", 200_000)
        assert server.connections == 1  # the answer was read to its end

    received, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in received.lower()
    assert body == b"".join(sent)
    assert (tmp_path / "seen" / "0001-request.xml").read_bytes().endswith(b"<a>x</a>")  # masked
    assert (tmp_path / "seen" / "0001-answer.xml").read_bytes().endswith(b"<r/>")


def test_a_document_that_changed_breaks_the_request_off(client: httpx.Client, pki: Pki) -> None:
    with peer(server_context(pki)) as server, pytest.raises(PartChanged):
        exchange(client, server.url(), request(part(b"abc", size=200_000)))

    assert server.requests == []


def test_an_answer_that_is_cut_is_none(client: httpx.Client, pki: Pki) -> None:
    answer = in_parts(ROOT, ("Content-ID: <d@x>", b"x" * 200_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {TYPE}\r\nContent-Length: {len(answer)}\r\n\r\n".encode()

    def cut(connection: object, _: bytes) -> None:
        connection.sendall(head + answer[:100_000])  # type: ignore[attr-defined]
        connection.close()  # type: ignore[attr-defined]

    with peer(server_context(pki), cut) as server, pytest.raises(NoAnswer):
        exchange(client, server.url(), request(part(b"abc")))


# --- official samples -----------------------------------------------------------------------------------------------


def sample(name: str) -> bytes:
    if (shared := shared_path()) is None:
        pytest.skip("the official messages are not on this machine")
    return (shared / "reference" / "xds" / "samples" / name).read_bytes()


@pytest.mark.parametrize(
    ("name", "documents"),
    [
        ("nist/iti41-mtom-body-xop.txt", 1),
        ("nist/iti41-mtom-body-encoded-cid.txt", 1),
        ("nist/iti41-mtom-body-inline-no-xop.txt", 0),
        ("nist/iti41-http-mtom-pnr.txt", 1),
        ("dmp-gie-sv/TD2.1-alimentation-requete-mime.txt", 2),
    ],
)
def test_every_published_multipart_is_read(name: str, documents: int) -> None:
    data = sample(name)
    boundary = next(line for line in data.splitlines() if line.startswith(b"--"))[2:].strip().decode()

    with read(data, f'multipart/related; boundary="{boundary}"') as found:
        # Bytes that are no UTF-8 in one sample are its own mistake.
        body = open_envelope(found.body.decode("utf-8", "replace").encode()).body
        assert body is not None
        hrefs = body.xpath("//x:Include/@href", namespaces={"x": "http://www.w3.org/2004/08/xop/include"})
        assert len(found.attachments) == len(hrefs) == documents
        assert all(found.attachment(href) is not None for href in hrefs)
