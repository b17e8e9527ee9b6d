"""SOAP messages: written as the services want them, read as they write them, faults and strangers included."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from shared import shared_path

from dui_bridge.connectors.wire.net_errors import NotSoap
from dui_bridge.connectors.wire.soap import SOAP_1_2, WSA, content_type, envelope, open_envelope

BODY = etree.fromstring('<q:Q xmlns:q="urn:q"><q:Nom>D\'ARTAGNAN</q:Nom></q:Q>')
XML_TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"), min_size=1
)


def message(inside: str, namespace: str = SOAP_1_2, head: str = "") -> bytes:
    return f'<e:Envelope xmlns:e="{namespace}">{head}<e:Body>{inside}</e:Body></e:Envelope>'.encode()


# --- writing --------------------------------------------------------------------------------------------------------


def test_an_envelope_holds_the_headers_given_then_those_of_addressing() -> None:
    context = etree.fromstring('<c:Contexte xmlns:c="urn:c" Version="01_02"/>')

    root = etree.fromstring(
        envelope(BODY, [context], action="urn:a", message_id="uuid:1", to="https://insi.example/lps")
    )

    assert root.tag == f"{{{SOAP_1_2}}}Envelope"
    assert [child.tag for child in root] == [f"{{{SOAP_1_2}}}Header", f"{{{SOAP_1_2}}}Body"]
    assert [one.tag for one in root[0]] == [
        "{urn:c}Contexte",
        *(f"{{{WSA}}}{n}" for n in ("Action", "MessageID", "To")),
    ]
    assert [one.text for one in root[0]] == [None, "urn:a", "uuid:1", "https://insi.example/lps"]
    assert etree.tostring(root[1][0], method="c14n", exclusive=True) == etree.tostring(
        BODY, method="c14n", exclusive=True
    )


def test_what_is_given_is_left_as_it_was() -> None:
    parent = etree.Element("parent")
    parent.append(etree.fromstring("<body/>"))

    envelope(parent[0], [parent[0]], action="urn:a", message_id="uuid:1")

    assert etree.tostring(parent) == b"<parent><body/></parent>"


def test_a_message_is_utf_8_not_indented_and_says_so() -> None:
    body = etree.fromstring("<a>é<b/></a>")

    data = envelope(body, action="urn:a", message_id="uuid:1")

    assert data.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n")
    assert "<a>é<b/></a></soap:Body></soap:Envelope>".encode() in data


def test_a_signed_header_keeps_the_bytes_that_were_signed() -> None:
    signed = etree.fromstring('<s:A xmlns:s="urn:s" ID="_1"><s:B Attr=" x ">é\n</s:B></s:A>')
    before = etree.tostring(signed, method="c14n", exclusive=True)

    root = etree.fromstring(envelope(BODY, [signed], action="urn:a", message_id="uuid:1"))

    assert etree.tostring(root[0][0], method="c14n", exclusive=True) == before


def test_the_content_type_names_the_action() -> None:
    assert content_type("urn:a") == 'application/soap+xml; charset=utf-8; action="urn:a"'


@given(action=XML_TEXT, message_id=XML_TEXT)
def test_what_is_written_is_read_back(action: str, message_id: str) -> None:
    found = open_envelope(envelope(BODY, action=action, message_id=message_id))

    assert (found.action, found.message_id) == (action.strip() or None, message_id.strip() or None)
    assert found.body is not None
    assert found.body.tag == "{urn:q}Q"


# --- reading --------------------------------------------------------------------------------------------------------


def test_an_answer_says_to_which_message_it_replies() -> None:
    head = f'<e:Header><w:RelatesTo xmlns:w="{WSA}"> uuid:1\n</w:RelatesTo></e:Header>'

    found = open_envelope(message("<!-- x --><r/>", head=head))

    assert (found.relates_to, found.message_id, found.action, found.fault) == ("uuid:1", None, None, None)
    assert found.body is not None
    assert found.body.tag == "r"


def test_an_empty_body_is_an_answer() -> None:
    found = open_envelope(message(" "))

    assert (found.header, found.body, found.fault) == (None, None, None)


def test_a_fault_is_read_whatever_the_prefixes() -> None:
    found = open_envelope(
        message(
            f'<S:Fault xmlns:S="{SOAP_1_2}"><S:Code><S:Value>S:Receiver</S:Value><S:Subcode><S:Value>soap:siram_40</S:Value>'
            "<S:Subcode><S:Value> x:deep </S:Value></S:Subcode></S:Subcode></S:Code><S:Reason>"
            '<S:Text xml:lang="en">Unavailable</S:Text><S:Text xml:lang="fr-FR">Indisponible</S:Text></S:Reason>'
            '<S:Detail><z:Erreur xmlns:z="urn:siram" code="insi_102"/></S:Detail></S:Fault>'
        )
    )

    assert found.body is None
    assert found.fault is not None
    assert (found.fault.code, found.fault.subcodes) == ("Receiver", ("siram_40", "deep"))
    assert (found.fault.reason, found.fault.language) == ("Indisponible", "fr-FR")
    assert found.fault.detail is not None
    assert found.fault.detail[0].get("code") == "insi_102"


def test_a_fault_without_a_text_in_french_keeps_the_first() -> None:
    found = open_envelope(
        message(
            '<e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text xml:lang="en"> Accès refusé '
            '</e:Text><e:Text xml:lang="de">nein</e:Text></e:Reason></e:Fault>'
        )
    )

    assert found.fault is not None
    assert (found.fault.reason, found.fault.language, found.fault.detail) == ("Accès refusé", "en", None)


def test_a_fault_may_quote_a_web_page() -> None:
    found = open_envelope(message("<e:Fault><e:Detail><html/></e:Detail></e:Fault>"))

    assert found.fault is not None


def test_a_fault_that_says_nothing_is_still_a_fault() -> None:
    found = open_envelope(message("<e:Fault/>"))

    assert found.fault is not None
    assert (found.fault.code, found.fault.subcodes, found.fault.reason) == ("", (), "")


def test_a_fault_of_soap_1_1_is_told_in_the_words_of_1_2() -> None:
    found = open_envelope(
        message(
            "<e:Fault><faultcode>e:Client.Auth.Idam</faultcode><faultstring>Refus</faultstring><detail><d/></detail></e:Fault>",
            "http://schemas.xmlsoap.org/soap/envelope/",
        )
    )

    assert found.fault is not None
    assert (found.fault.code, found.fault.subcodes, found.fault.reason) == ("Sender", ("Auth", "Idam"), "Refus")
    assert found.fault.detail is not None


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "vide"),
        (b" \r\n", "vide"),
        (b"\xef\xbb\xbf<!DOCTYPE HTML><p>Proxy", "page web"),
        (b"<html><head/></html>", "page web"),
        (b"<?xml version='1.0'?>\n<HTML><head>", "page web"),
        (b"--b\r\nContent-Type: application/xop+xml\r\n\r\n", "plusieurs parties"),
        (b"Service Unavailable", "XML lisible"),
        (b"<a>", "XML lisible"),
        (b'<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>', "XML lisible"),
        (b"<Envelope/>", "autre nature"),
        (b"<e:Body xmlns:e='http://www.w3.org/2003/05/soap-envelope'/>", "autre nature"),
        (b"<e:Envelope xmlns:e='http://www.w3.org/2003/05/soap-envelope'/>", "Body"),
    ],
)
def test_what_is_not_soap_is_named_as_what_it_is(data: bytes, words: str) -> None:
    with pytest.raises(NotSoap) as caught:
        open_envelope(data)

    assert words in caught.value.message("fr")
    assert caught.value.message("en") != caught.value.message("fr")
    assert "proxy" in caught.value.action("fr")


def test_two_bodies_are_none() -> None:
    with pytest.raises(NotSoap):
        open_envelope(message("<a/>").replace(b"</e:Envelope>", b"<e:Body><b/></e:Body></e:Envelope>"))


def test_a_message_is_bounded() -> None:
    with pytest.raises(NotSoap, match="too large"):
        open_envelope(message("<a/>"), max_bytes=50)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_a_message_or_named(data: bytes) -> None:
    for one in (data, message("") + data, b"<" + data):
        with suppress(NotSoap):
            assert open_envelope(one).body is None


@pytest.mark.parametrize("path", ["requests", "live-test-env", "cnda-samples"])
def test_every_message_of_the_real_service_is_opened(path: str) -> None:
    if (shared := shared_path()) is None:
        pytest.skip("the official messages are not on this machine")
    files = sorted((shared / "reference" / "ins" / "insi-soap" / path).glob("*.xml"))
    # One sample is a body without its envelope.
    opened = {one.name: open_envelope(one.read_bytes()) for one in files if b"Envelope" in one.read_bytes()}

    assert len(opened) > 2
    assert [name for name, one in opened.items() if (one.body is None) == (one.fault is None)] == []
    assert {name for name, one in opened.items() if one.fault} == {one.name for one in files if "fault" in one.name}
