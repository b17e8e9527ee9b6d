"""Every message that leaves for the DMP is valid against the official schemas."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

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
from tests.xds_deposits import ENTRY_UUID, LOGICAL_ID, cda, entry, ins, registered
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
    # Roles and purposes are of a type of HL7.
    with_hl7 = schema("saml/sstc-saml-schema-assertion-2.0.xsd", "hl7v3-gdp/coreschemas/datatypes-base.xsd")
    with_hl7.assertValid(etree.fromstring(etree.tostring(asked.assertion)))


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


# --- an independent reader ------------------------------------------------------------------------------------------


@cache
def service(name: str) -> Any:
    """A service of the DMP as zeep reads its WSDL, with the schemas that are here; it fetches nothing.

    The WSDL of patients names more messages than those of TD0.2: the others are empty.
    """
    zeep = pytest.importorskip("zeep", reason="zeep is not installed")

    class Offline(zeep.transports.Transport):  # type: ignore[name-defined,misc]
        def load(self, url: str) -> bytes:
            file = Path(url)
            if file.suffix == ".wsdl":
                return file.read_bytes()
            found = next((XDS / "schema").rglob(file.name), None)
            empty = f'''<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:hl7-org:v3">
              <xs:element name="{file.stem}"/></xs:schema>'''
            return empty.encode() if found is None else found.read_bytes()

    settings = zeep.Settings(strict=False)  # it knows no substitution groups: what a list holds is read one by one
    return zeep.Client(str(XDS / "wsdl" / "dmp-gie-sv" / f"{name}.wsdl"), transport=Offline(), settings=settings)


def parsed(asked: Asked, name: str = "XDS.b_DocumentRegistry") -> Any:
    """The body of a message, by the operation that its action has in the WSDL."""
    operations = service(name).service._binding._operations.values()
    (operation,) = (one for one in operations if one.soapaction == asked.action)
    assert etree.QName(asked.body) == operation.input.body.qname
    return by_zeep(asked.body, name)


def by_zeep(element: etree._Element, name: str = "XDS.b_DocumentRegistry") -> Any:
    client = service(name)
    alone = etree.fromstring(etree.tostring(element))
    return client.get_element(etree.QName(alone)).parse(alone, client.wsdl.types)


def objects(asked: Asked, kind: str) -> list[Any]:
    """The registry objects of a kind."""
    return [by_zeep(one) for one in asked.body.iter(f"{{urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0}}{kind}")]


def values(thing: Any) -> dict[str, list[str]]:
    """Slots by name."""
    return {one.name: [row["Value"] for row in one.ValueList._value_1] for one in thing.Slot}


def test_zeep_reads_our_deposit() -> None:
    asked = sent(*CALLS["replacement"])
    inlined(asked)
    read = parsed(asked, "XDS.b_DocumentRepository")
    document, signature = objects(asked, "ExtrinsicObject")
    assert [one.id for one in read.Document] == [document.id, signature.id]
    assert read.Document[0]._value_1 == cda()
    assert (values(document)["hash"], values(document)["size"]) == ([entry().hash], [str(entry().size)])
    assert {one.value for one in document.ExternalIdentifier} == {entry().unique_id, entry().patient_id}
    assert entry().type_code is not None
    assert entry().type_code.code in {one.nodeRepresentation for one in document.Classification}
    (lot,) = objects(asked, "RegistryPackage")
    ties = {
        (one.associationType.rpartition(":")[2], one.sourceObject, one.targetObject)
        for one in objects(asked, "Association")
    }
    assert ties == {
        ("HasMember", lot.id, document.id),
        ("HasMember", lot.id, signature.id),
        ("signs", signature.id, lot.id),
        ("RPLC", document.id, ENTRY_UUID),
    }


def test_zeep_reads_our_questions() -> None:
    search = parsed(sent(*CALLS["search"]))
    assert search.ResponseOption.returnType == "LeafClass"
    assert values(search.AdhocQuery)["$XDSDocumentEntryPatientId"] == [f"'{entry().patient_id}'"]
    assert values(search.AdhocQuery)["$XDSDocumentEntryCreationTimeFrom"] == ["2024"]
    look_up = parsed(sent(*CALLS["look up"])).AdhocQuery
    assert values(look_up) == {"$XDSDocumentEntryUniqueId": ["('1.2')"]}
    (wanted,) = parsed(sent(*CALLS["read"]), "XDS.b_DocumentRepository").DocumentRequest
    assert (wanted.RepositoryUniqueId, wanted.DocumentUniqueId) == (registered().repository_id, entry().unique_id)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("delete", ["Deleted"]),
        ("archive", ["Archived"]),
        ("unarchive", ["Approved"]),
        ("mask", ["Original", "1"]),
        ("make visible", ["Original", "1"]),
    ],
)
def test_zeep_reads_our_updates(name: str, said: list[str]) -> None:
    asked = sent(*CALLS[name])
    parsed(asked)
    (tie,) = objects(asked, "Association")
    slots = values(tie)
    given = slots.get("NewStatus") or slots["SubmissionSetStatus"] + slots["PreviousVersion"]
    assert [one.rpartition(":")[2] for one in given] == said
    lids = [one.lid for one in objects(asked, "ExtrinsicObject")]
    assert lids == ([LOGICAL_ID] if len(said) == 2 else [])


def test_zeep_reads_our_question_whether_a_record_exists() -> None:
    read = parsed(sent(lambda dmp: dmp.exists(ins(), AUTOMATE), existing()), "GestionDossierPatientPartage")
    asked_for = read.controlActProcess.queryByParameter.parameterList.patientIdentifier[0].value[0]
    assert (asked_for.root, asked_for.extension) == (ins().oid, ins().matricule)
    assert read.receiver[0].device.id[0].root == "1.2.250.1.213.4.1.1.1"
