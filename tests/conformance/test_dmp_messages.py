"""Every message that leaves for the DMP is valid against the official schemas."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.errors import DocumentNotGiven
from dui_bridge.connectors.dmp.existence import State, read_existence
from dui_bridge.connectors.dmp.lots import make_lot
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.messages import RegistryResponse
from dui_bridge.xds.queries import time
from dui_bridge.xds.retrieving import RetrieveResponse, retrieve_response
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, SUCCESS, XDSB, XOP
from tests.dmp_world import (
    AUTOMATE,
    NOW,
    TAKEN,
    WSA,
    Asked,
    Dmp,
    Reply,
    answering,
    client,
    existing,
    found,
    professional,
)
from tests.shared import shared_path
from tests.xds_deposits import ENTRY_UUID, cda, entry, ins, registered
from tests.xds_signer import signer

SHARED = shared_path()
pytestmark = pytest.mark.skipif(SHARED is None, reason="the official reference material is not here")
XDS = (SHARED or Path()) / "reference" / "xds"
DOCTOR = professional()
NOTHING = answering(retrieve_response(RetrieveResponse(RegistryResponse(SUCCESS))))


@cache
def schema(*names: str) -> etree.XMLSchema:
    """The schemas of the folder, as one."""
    imports = "".join(
        f'<xs:import namespace="{etree.parse(path).getroot().get("targetNamespace")}" schemaLocation="{path}"/>'
        for path in (XDS / "schema" / name for name in names)
    )
    driver = f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>'
    return etree.XMLSchema(etree.fromstring(driver))


def xds_schema() -> etree.XMLSchema:
    return schema("xdsb-nist/XDS.b_DocumentRepository.xsd", "xdsb-nist/lcm.xsd", "xdsb-nist/query.xsd")


def deposit(dmp: DmpClient, replaces: str | None = None) -> None:
    lot = make_lot(entry(), cda(), AUTOMATE.author, dmp.practice, signer(), at=NOW, replaces=replaces)
    dmp.deposit(lot, ins(), AUTOMATE)


def read(dmp: DmpClient) -> None:
    with pytest.raises(DocumentNotGiven):
        dmp.retrieve(registered(), ins(), DOCTOR, Path("never"))


CALLS: dict[str, tuple[Callable[[DmpClient], object], Reply]] = {
    "deposit": (deposit, TAKEN),
    "replacement": (lambda dmp: deposit(dmp, ENTRY_UUID), TAKEN),
    "search": (
        lambda dmp: dmp.search(ins(), DOCTOR, time("$XDSDocumentEntryCreationTimeFrom", "2024"), statuses=(APPROVED,)),
        found(),
    ),
    "look up": (lambda dmp: dmp.locate("1.2", ins(), AUTOMATE), found()),
    "read": (read, NOTHING),
    "mask": (lambda dmp: dmp.mask(registered(), [Mask.PROFESSIONALS], ins(), DOCTOR), TAKEN),
    "make visible": (
        lambda dmp: dmp.make_visible(registered({Mask.PATIENT}), Mask.PATIENT, ins(), DOCTOR),
        TAKEN,
    ),
    "delete": (lambda dmp: dmp.delete(registered(), ins(), DOCTOR), TAKEN),
    "archive": (lambda dmp: dmp.archive(registered(), ins(), DOCTOR), TAKEN),
    "unarchive": (lambda dmp: dmp.unarchive(replace(registered(), status=ARCHIVED), ins(), DOCTOR), TAKEN),
}


def sent(call: Callable[[DmpClient], object], reply: Reply) -> Asked:
    dmp = Dmp([reply])
    call(client(dmp))
    return dmp.asked[0]


def inlined(asked: Asked) -> etree._Element:
    """The body with its documents in base64, as the schema wants them."""
    for document in asked.body.iterfind(f"{{{XDSB}}}Document"):
        (include,) = document.iterchildren(f"{{{XOP}}}Include")
        part = asked.parts.attachment(include.get("href", ""))
        assert part is not None
        document.remove(include)
        document.text = b64encode(part.file.read()).decode("ascii")
    return asked.body


@pytest.mark.parametrize("name", CALLS)
def test_a_message_is_valid(name: str) -> None:
    asked = sent(*CALLS[name])
    xds_schema().assertValid(etree.fromstring(etree.tostring(inlined(asked))))
    assert asked.message.header is not None
    for header in asked.message.header.iterchildren(f"{{{WSA}}}*"):
        schema("soap/ws-addr.xsd").assertValid(etree.fromstring(etree.tostring(header)))


def test_the_question_whether_a_record_exists_is_valid_and_the_published_answer_is_read() -> None:
    asked = sent(lambda dmp: dmp.exists(ins(), AUTOMATE), existing())
    (path,) = (XDS / "schema" / "hl7v3-gdp").rglob("PRPA_IN201307UV02.xsd")
    etree.XMLSchema(etree.parse(path)).assertValid(etree.fromstring(etree.tostring(asked.body)))
    answer = etree.parse(XDS / "samples" / "dmp-gie-sv" / "TD0.2-test-existence-reponse.xml")
    assert read_existence(answer.find(".//{urn:hl7-org:v3}PRPA_IN201308UV02")).state is State.OPEN


def test_headers_stand_in_the_order_of_the_published_messages() -> None:
    asked = sent(*CALLS["look up"])
    published = etree.parse(XDS / "samples" / "dmp-gie-sv" / "TD3.1-find-documents-requete.xml").getroot()
    assert asked.message.header is not None
    ours = [etree.QName(one).localname for one in asked.message.header.iterchildren("*")]
    assert ours == [etree.QName(one).localname for one in published[0].iterchildren("*")]
