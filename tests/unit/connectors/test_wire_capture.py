"""A captured exchange shows its structure, never a person nor a secret."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from shared import shared_path

from dui_bridge.connectors.dmp.captures import SHOWN, SHOWN_ATTRIBUTES
from dui_bridge.connectors.wire.capture import KEPT, MARK, REMOVED, Capture, masked, without_secret
from dui_bridge.errors import FileUnusable

VALUE = st.text("ABCDEFGHJKLMNéèabc0123456789'- ", max_size=150)
NAME = st.sampled_from(["{urn:a}NomNaissance", "{urn:b}Nom", "Prenom", "{urn:x}Unforeseen", "IDAM", "X509Certificate"])


@st.composite
def trees(draw: st.DrawFn) -> etree._Element:
    """A document of any shape with values everywhere."""
    root = etree.Element(draw(NAME))
    elements = [root]
    for _ in range(draw(st.integers(0, 8))):
        child = etree.SubElement(draw(st.sampled_from(elements)), draw(NAME))
        child.text, child.tail = draw(VALUE), draw(VALUE)
        child.set("nom", draw(VALUE))
        child.append(etree.Comment(draw(VALUE).replace("-", "")))
        elements.append(child)
    return root


@given(trees())
def test_of_what_nobody_listed_only_the_shape_is_shown(root: etree._Element) -> None:
    shown = etree.fromstring(masked(etree.tostring(root)))
    texts = [text for one in shown.iter() for text in (one.text, one.tail, *one.attrib.values()) if text]

    assert [one.tag for one in shown.iter()] == [one.tag for one in root.iter(etree.Element)]
    assert [text for text in texts if not re.fullmatch(r"[Xx9' -]*|(\*\*\*( \d+)?)+", text)] == []


def test_a_value_keeps_its_shape() -> None:
    data = "<a><n>D'ARTAGNAN</n><p>Éloïse-Anne</p><d>1960-01-01</d><m>160012B020777</m></a>".encode()

    shown = etree.fromstring(masked(data))

    assert [one.text for one in shown] == ["X'XXXXXXXX", "Xxxxxx-Xxxx", "9999-99-99", "999999X999999"]


def test_a_secret_keeps_nothing_nor_does_what_is_inside() -> None:
    data = b'<a><IDAM R="4">AB12</IDAM><X509Certificate>MII</X509Certificate><Assertion ID="x"><b>k</b>t<c/></Assertion>A</a>'

    assert masked(data).splitlines()[1] == (
        b'<a><IDAM R="***">***</IDAM><X509Certificate>***</X509Certificate>'
        b'<Assertion ID="***"><b>***</b>***<c/></Assertion>X</a>'
    )


def test_a_long_value_keeps_its_length_only() -> None:
    assert b"<a>*** 2000</a>" in masked(b"<a>" + b"QUJD" * 500 + b"</a>")


def test_what_is_listed_is_shown_with_its_attributes() -> None:
    data = b'<r xmlns="urn:r"><CodeCR v="1">00</CodeCR><CodeCR xmlns="urn:other" v="1">00</CodeCR></r>'

    shown = masked(data, KEPT | {"{urn:r}CodeCR"})

    assert b'<CodeCR v="1">00</CodeCR>' in shown
    assert b'<CodeCR xmlns="urn:other" v="9">99</CodeCR>' in shown


NIR = "184017512345678"
INSIDE = "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"


def test_of_a_refusal_the_codes_are_shown_and_its_words_are_not() -> None:
    words = f"Patient {NIR}^^^&amp;1.2.250.1.213.1.4.8 DUPONT JEAN inconnu"
    data = (
        f'<a xmlns:r="{INSIDE}" xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        f'xmlns:x="urn:ihe:iti:xds-b:2007"><r:RegistryError codeContext="{words}" errorCode="XDSUnknownPatientId" '
        f'location="{NIR}" severity="urn:Error">{words}</r:RegistryError><s:Value>s:Sender</s:Value>'
        f'<s:Text>{words}</s:Text><faultstring>{words}</faultstring><x:Document id="Document01">{NIR}</x:Document></a>'
    )

    shown = masked(data.encode(), KEPT | SHOWN, SHOWN_ATTRIBUTES)

    assert NIR.encode() not in shown
    assert b"DUPONT" not in shown
    known = (b'errorCode="XDSUnknownPatientId"', b'severity="urn:Error"', b"s:Sender", b'id="Document01"')
    assert [one for one in known if one not in shown] == []
    assert b"<faultstring>Xxxxxxx 999999999999999" in shown


def test_what_is_masked_says_so() -> None:
    assert masked(b"<?xml version='1.0'?>\n<a>b</a>").startswith(b"<?xml version='1.0' encoding='UTF-8'?>" + MARK)


def test_a_secret_is_taken_out_of_a_message_however_xml_writes_it_and_nothing_else_changes() -> None:
    data = b"--b\r\n\r\n<a x='1' >A&amp;B-7</a><!--A&B-7-->\r\n"

    assert without_secret(data, "A&B-7") == b"--b\r\n\r\n<a x='1' >" + REMOVED + b"</a><!--" + REMOVED + b"-->\r\n"
    assert without_secret(data, "") == data


def test_a_secret_cannot_be_listed() -> None:
    assert b"AB12" not in masked(b"<IDAM>AB12</IDAM>", {"IDAM"})


@pytest.mark.parametrize(
    "data", [b"", b"<html><p>DUPONT", b"--b\r\nDUPONT", b'<!DOCTYPE a [<!ENTITY e "DUPONT">]><a>&e;</a>']
)
def test_what_is_no_xml_is_only_counted(data: bytes) -> None:
    assert masked(data) == f"*** {len(data)} bytes that are not XML\n".encode()


def test_a_very_deep_document_is_masked_or_counted() -> None:
    assert b"DUPONT" not in masked(b"<a>" * 5000 + b"DUPONT" + b"</a>" * 5000)


def test_an_exchange_is_four_files_that_only_this_user_reads(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "capture"
    capture = Capture(folder)

    number = capture.request(
        "https://user:pw@insi.example:443/lps?ins=1&k=v",
        {"Authorization": "Bearer abc", "Content-Type": "text/xml"},
        b"<a>DUPONT</a>",
    )
    capture.answer(number, 500, {"Set-Cookie": "abc", "content-type": "text/xml"}, b"<b>DUPONT</b>")

    assert sorted(one.name for one in folder.iterdir()) == [
        "0001-answer.json",
        "0001-answer.xml",
        "0001-request.json",
        "0001-request.xml",
    ]
    assert {one.stat().st_mode & 0o077 for one in [folder, *folder.iterdir()]} == {0}
    assert json.loads((folder / "0001-request.json").read_bytes()) == {
        "url": "https://insi.example/lps",
        "headers": {"Authorization": "***", "Content-Type": "text/xml"},
    }
    assert json.loads((folder / "0001-answer.json").read_bytes()) == {
        "status": 500,
        "headers": {"Set-Cookie": "***", "content-type": "text/xml"},
    }
    assert not any(b"DUPONT" in one.read_bytes() for one in folder.iterdir())


def test_what_is_there_stays_and_numbers_go_on(tmp_path: Path) -> None:
    first, second = Capture(tmp_path), Capture(tmp_path)

    numbers = [one.request("https://insi.example/", {}, b"<a/>") for one in (first, second, first)]

    assert numbers == [1, 2, 3]
    assert len(list(tmp_path.iterdir())) == 6


def test_a_stream_is_not_kept_but_its_call_is(tmp_path: Path) -> None:
    Capture(tmp_path).request("https://dmp.example/", {}, None)

    assert [one.name for one in tmp_path.iterdir()] == ["0001-request.json"]


def test_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(FileUnusable):
        Capture(tmp_path / "file").request("https://insi.example/", {}, b"<a/>")


def test_an_answer_that_cannot_be_written_is_only_counted(tmp_path: Path) -> None:
    capture = Capture(tmp_path / "absent")

    capture.answer(1, 200, {}, b"<a/>")

    assert capture.missed == 1


def test_no_trait_of_the_real_services_answers_is_shown() -> None:
    if (shared := shared_path()) is None:
        pytest.skip("the official messages are not on this machine")
    files = sorted((shared / "reference" / "ins" / "insi-soap").rglob("*.xml"))
    traits = {
        "NomNaissance",
        "Prenom",
        "ListePrenom",
        "DateNaissance",
        "LieuNaissance",
        "NumIdentifiant",
        "IDAM",
        "NameID",
    }
    leaks = []
    for path in files:
        data = path.read_bytes()
        shown = masked(data).decode()
        for one in etree.fromstring(data).iter(etree.Element):
            if etree.QName(one).localname in traits and len((one.text or "").strip()) > 3 and one.text in shown:
                leaks.append((path.name, one.tag))

    assert len(files) > 10
    assert leaks == []
