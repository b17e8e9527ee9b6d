"""The DMP's stand-in, over mutual TLS, called with messages that are not the connector's."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from shared import shared_path

from dui_bridge.connectors.wire.soap import NotSoap
from dui_bridge.connectors.wire.vihf import Role
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.sandbox.dmp import Cut, DmpServer, Dossier, State, Transaction, Trouble, Wrong
from dui_bridge.sandbox.pki import Pki, make_pki
from dui_bridge.sandbox.serving import serving
from dui_bridge.xds import queries
from dui_bridge.xds.entries import Contents, DocumentEntry, Mask
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.retrieving import read_retrieve_response
from dui_bridge.xds.submission import metadata_update, status_update
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DELETED, DEPRECATED, PARTIAL_SUCCESS, SUCCESS
from tests.cda_dossiers import IDS, built
from tests.dmp_messages import AIR, Client, Deposit, caller, new_lot, signed_deposit
from tests.xds_deposits import ins

CLIENTS = ("client-dmp", "client-insi-auto", "client-other-ca", "client-revoked", "server")
SIGNERS = ("sign-dmp", "sign-dmp-revoked", "sign-dmp-other-ca")
PATIENT = f"{ins().matricule}^^^&{ins().oid}&ISO^NH"
OTHER_PERSON = QualifiedIns("207058575627097", "1.2.250.1.213.1.4.10")
OTHER_STRUCTURE = "1330000027"


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), names=(*CLIENTS, *SIGNERS))


@pytest.fixture
def server(pki: Pki, tmp_path: Path) -> Iterator[DmpServer]:
    with DmpServer(pki, tmp_path / "dmp", homologations=["HOMOLOGATION-SECRETE"], most=4) as server:
        yield server


@pytest.fixture
def client(pki: Pki, server: DmpServer) -> Client:
    return Client(pki, server.url)


@pytest.fixture(scope="module")
def refusing(pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DmpServer]:
    """One for all that is refused: nothing stays of it."""
    with DmpServer(pki, tmp_path_factory.mktemp("refusing")) as server:
        yield server


@cache
def cda(number: int = 1, replaces: str | None = None) -> bytes:
    ids = replace(IDS, unique_id=oid(number))
    return built(ids=ids if replaces is None else replace(ids, version=2, replaces=replaces, replaces_version=1))


def oid(number: int = 1) -> str:
    return f"2.25.31415926535.{number}"


def deposited(client: Client, number: int = 1, *masks: Mask) -> None:
    reply = client.deposit(signed_deposit(cda(number), client.seal, masks=masks))
    assert reply.codes == [], reply.response.errors


def found(client: Client, number: int = 1) -> DocumentEntry:
    """The document as its own structure finds it."""
    (entry,) = client.ask(queries.get_documents([oid(number)])).query.contents.entries
    return entry


# --- deposits -------------------------------------------------------------------------------------------------------


def test_a_deposit_is_kept_byte_for_byte_with_its_metadata(client: Client, server: DmpServer) -> None:
    reply = client.deposit(signed_deposit(cda(), client.seal))

    assert (reply.response.status, reply.envelope.relates_to) == (SUCCESS, reply.message_id)
    files = {path.name: path.read_bytes() for path in server.store.folder.glob("**/*.xml")}
    assert set(files) == {f"{oid()}.xml", f"{oid()}.metadata.xml"}
    assert files[f"{oid()}.xml"] == cda()
    assert etree.fromstring(files[f"{oid()}.metadata.xml"]).tag.endswith("}SubmitObjectsRequest")
    assert b"Document01" in files[f"{oid()}.metadata.xml"]
    assert server.store.count() == 1


def test_what_was_deposited_is_there_for_the_next_stand_in(pki: Pki, client: Client, server: DmpServer) -> None:
    deposited(client)
    with DmpServer(pki, server.store.folder) as later:
        assert found(Client(pki, later.url)).unique_id == oid()


def test_the_official_schemas_take_what_the_stand_in_takes_and_answers(pki: Pki, tmp_path: Path) -> None:
    if (shared := shared_path()) is None:
        pytest.skip("the official schemas are not on this machine")
    schemas = shared / "reference" / "xds" / "schema"
    with DmpServer(pki, tmp_path, contract=schemas) as server:
        client = Client(pki, server.url)
        deposited(client)
        masked = metadata_update(new_lot(), found(client).masked([Mask.PROFESSIONALS]))
        assert client.update(masked).response.is_success
        assert client.send("exists", existence()).status == 200
        everything = client.ask(GET_ALL, caller(AIR)).envelope.body
        etree.XMLSchema(etree.parse(schemas / "xdsb-nist" / "query.xsd")).assertValid(everything)
        retrieved = client.retrieve(oid(), "1.2.3").envelope.body
        assert retrieved is not None
        for document in retrieved.iter("{*}Document"):
            document.clear()
        etree.XMLSchema(etree.parse(schemas / "xdsb-nist" / "XDS.b_DocumentRepository.xsd")).assertValid(retrieved)
        question = existence()
        question.remove(question[0])
        assert "XSD" in client.send("exists", question).fault[-1]


def changed(**changes: object) -> Callable[[Client], Deposit]:
    return lambda client: signed_deposit(
        cda(),
        client.seal,
        entry=replace(document_entry(cda(), ins()), **changes),  # type: ignore[arg-type]
    )


def without_signature(client: Client) -> Deposit:
    made = signed_deposit(cda(), client.seal)
    ties = tuple(one for one in made.contents.associations if "Signature01" not in {one.source, one.target})
    return Deposit(Contents(made.contents.sets, made.contents.entries[:1], ties), {"Document01": cda()})


def with_other_lot(**changes: object) -> Callable[[Client], Deposit]:
    def make(client: Client) -> Deposit:
        made = signed_deposit(cda(), client.seal)
        (lot,) = made.contents.sets
        return Deposit(replace(made.contents, sets=(replace(lot, **changes),)), made.data)  # type: ignore[arg-type]

    return make


def without_first_tie(client: Client) -> Deposit:
    made = signed_deposit(cda(), client.seal)
    return Deposit(replace(made.contents, associations=made.contents.associations[1:]), made.data)


def without_document(client: Client) -> Deposit:
    made = signed_deposit(cda(), client.seal)
    return Deposit(made.contents, {name: data for name, data in made.data.items() if name != "Document01"})


def with_a_document_too_many(client: Client) -> Deposit:
    made = signed_deposit(cda(), client.seal)
    return Deposit(made.contents, {**made.data, "document01": b"<a/>"})


def with_a_mask_inside(client: Client) -> Deposit:
    code = b'<confidentialityCode code="MASQUE_PS" codeSystem="1.2.250.1.213.1.1.4.13"/></ClinicalDocument>'
    return signed_deposit(cda().replace(b"</ClinicalDocument>", code), client.seal)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(changed(hash="0" * 40), "XDSRepositoryMetadataError", id="another hash"),
        pytest.param(changed(size=1), "XDSRepositoryMetadataError", id="another size"),
        pytest.param(changed(hash=None), "XDSRegistryMetadataError", id="no hash"),
        pytest.param(changed(unique_id="2.25.1"), "XDSRegistryMetadataError", id="not the document's id"),
        pytest.param(changed(unique_id=f"{oid()}^1"), "XDSRegistryMetadataError", id="an id with an extension"),
        pytest.param(changed(unique_id="../../x"), "XDSRegistryMetadataError", id="an id that is a path"),
        pytest.param(changed(creation_time="20200101000000"), "XDSRegistryMetadataError", id="another time"),
        pytest.param(changed(mime_type="application/pdf"), "XDSRegistryMetadataError", id="not XML"),
        pytest.param(changed(class_code=None), "XDSRegistryMetadataError", id="no class"),
        pytest.param(changed(confidentiality=()), "XDSRegistryMetadataError", id="no confidentiality"),
        pytest.param(changed(authors=()), "XDSRegistryMetadataError", id="no author"),
        pytest.param(changed(title=None), "XDSRegistryMetadataError", id="no title"),
        pytest.param(changed(legal_authenticators=("MAX",)), "XDSRegistryMetadataError", id="not an XCN"),
        pytest.param(
            changed(patient_id=f"{OTHER_PERSON.matricule}^^^&{OTHER_PERSON.oid}&ISO^NH"),
            "XDSPatientIdDoesNotMatch",
            id="another person",
        ),
        pytest.param(with_other_lot(authors=()), "XDSRegistryMetadataError", id="a lot of nobody"),
        pytest.param(with_other_lot(content_type=None), "XDSRegistryMetadataError", id="a lot of no content type"),
        pytest.param(with_other_lot(unique_id="2.25.7"), "XDSRepositoryError", id="not the lot that is signed"),
        pytest.param(without_signature, "XDSRegistryMetadataError", id="no signature"),
        pytest.param(without_first_tie, "XDSRegistryMetadataError", id="a document outside its lot"),
        pytest.param(without_document, "XDSMissingDocument", id="no document"),
        pytest.param(with_a_document_too_many, "XDSMissingDocumentMetadata", id="a document without an entry"),
        pytest.param(with_a_mask_inside, "XDSRegistryMetadataError", id="a mask in the document"),
    ],
)
def test_a_deposit_with_a_defect_is_refused_whole(
    pki: Pki, refusing: DmpServer, make: Callable[[Client], Deposit], code: str
) -> None:
    client = Client(pki, refusing.url)
    assert code in client.deposit(make(client)).codes
    assert (refusing.store.count(), list(refusing.store.folder.glob("*.xml"))) == (0, [])


def test_masks_that_may_not_be_together_are_refused(client: Client) -> None:
    both = signed_deposit(cda(), client.seal, masks=[Mask.PROFESSIONALS, Mask.PATIENT])
    assert client.deposit(both).codes == ["XDSRegistryMetadataError"]


def test_a_lot_whose_signature_is_of_other_bytes_is_refused(client: Client) -> None:
    other = cda().replace(b"</title>", b" </title>")
    reply = client.deposit(signed_deposit(cda(), client.seal, signed_data=other))
    assert reply.codes == ["XDSRepositoryError"]
    assert "empreinte" in reply.response.errors[0].context


def test_a_lot_sealed_with_another_certificate_than_the_assertion_is_refused(pki: Pki, client: Client) -> None:
    other = Client(pki, client.base.geturl(), signer=pki.holder("sign-dmp-other-ca"))
    assert "certificat" in client.deposit(signed_deposit(cda(), other.seal)).response.errors[0].context


def test_the_same_document_twice_is_a_duplicate_and_other_bytes_are_not_identical(
    client: Client, server: DmpServer
) -> None:
    deposited(client)
    same = client.deposit(signed_deposit(cda(), client.seal))
    other = client.deposit(signed_deposit(cda().replace(b"</title>", b" </title>"), client.seal))
    assert (same.codes, other.codes) == (["XDSDuplicateUniqueIdInRegistry"], ["XDSNonIdenticalHash"])
    assert (server.store.count(), server.store.path(oid()).read_bytes()) == (1, cda())


# --- replacement ----------------------------------------------------------------------------------------------------


def test_a_replaced_document_is_deprecated(client: Client) -> None:
    deposited(client)
    old = found(client).id
    reply = client.deposit(signed_deposit(cda(2, oid(1)), client.seal, replaces=old))
    assert reply.response.is_success, reply.response.errors
    assert (found(client, 1).status, found(client, 2).status) == (DEPRECATED, APPROVED)
    again = client.deposit(signed_deposit(cda(3, oid(1)), client.seal, replaces=old))
    assert again.codes == ["XDSRegistryDeprecatedDocumentError"]


def test_a_replacement_under_a_former_id_is_refused(client: Client) -> None:
    deposited(client)
    before = found(client)
    assert client.update(metadata_update(new_lot(), before.masked([Mask.PROFESSIONALS]))).response.is_success
    stale = signed_deposit(cda(2, oid(1)), client.seal, replaces=before.id)
    assert client.deposit(stale).codes == ["XDSRegistryDeprecatedDocumentError"]


def test_a_document_and_its_association_must_replace_the_same(client: Client) -> None:
    deposited(client)
    silent = signed_deposit(cda(2), client.seal, replaces=found(client).id)
    assert client.deposit(silent).codes == ["XDSRegistryMetadataError"]
    unknown = signed_deposit(cda(2, oid(1)), client.seal, replaces="urn:uuid:00000000-0000-4000-8000-000000000000")
    assert "UnresolvedReferenceException" in client.deposit(unknown).codes


# --- who calls ------------------------------------------------------------------------------------------------------


def test_without_a_certificate_that_is_known_there_is_no_connection(pki: Pki, server: DmpServer) -> None:
    for name in ("client-other-ca", "client-revoked"):
        with pytest.raises((ssl.SSLError, ConnectionError, http.client.RemoteDisconnected)):
            Client(pki, server.url, holder=pki.holder(name)).send("exists", existence())
    assert server.calls == []


def test_only_tls_1_2_is_spoken(client: Client) -> None:
    client.context.minimum_version = ssl.TLSVersion.TLSv1_3
    with pytest.raises((ssl.SSLError, ConnectionError)):
        client.send("exists", existence())


def test_an_assertion_must_be_signed_with_a_seal_that_is_known(pki: Pki, refusing: DmpServer) -> None:
    for name in ("sign-dmp-other-ca", "sign-dmp-revoked"):
        reply = Client(pki, refusing.url, signer=pki.holder(name)).send("exists", existence())
        assert (reply.status, reply.fault) == (500, ("DMPInvalidCertificate", "Not a valid signature certificate"))


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"urn:dmp<", b"urn:dmq<"), (b">899700000001<", b">899700000002<"), (b"SA16^", b"SA17^")],
)
def test_an_assertion_that_was_changed_is_refused(pki: Pki, refusing: DmpServer, before: bytes, after: bytes) -> None:
    client = Client(pki, refusing.url)
    assertion = client.vihf()
    assert before in assertion
    reply = client.send("exists", existence(), assertion.replace(before, after))
    assert reply.fault[0] == "DMPInvalidCertificate"


def test_an_assertion_serves_once_and_soon(client: Client) -> None:
    assertion = client.vihf()
    assert client.send("exists", existence(), assertion).status == 200
    assert "déjà servi" in client.send("exists", existence(), assertion).fault[-1]
    old = client.vihf(now=datetime.now(UTC) - timedelta(minutes=10))
    assert "IssueInstant" in client.send("exists", existence(), old).fault[-1]


def test_in_a_secret_connection_a_document_is_hidden_from_the_representatives(
    client: Client, server: DmpServer
) -> None:
    shown = client.deposit(signed_deposit(cda(), client.seal), client.vihf(secret_access=True))
    assert (shown.codes, server.store.count()) == (["XDSRegistryMetadataError"], 0)
    assert "INVISIBLE_REPRESENTANTS_LEGAUX" in shown.response.errors[0].context
    hidden = signed_deposit(cda(), client.seal, masks=[Mask.LEGAL_REPRESENTATIVES])
    assert client.deposit(hidden, client.vihf(secret_access=True)).response.is_success


def test_a_role_that_is_none_is_refused(pki: Pki, refusing: DmpServer) -> None:
    client = Client(pki, refusing.url)
    unknown = caller(AIR, Role("10", "1.2.250.1.71.1.2.7", "Médecin"), Role("SM99", "1.2.250.1.71.4.2.5", "Autre"))
    assert "role" in client.send("exists", existence(), client.vihf(unknown)).fault[-1]


def test_software_that_is_not_known_is_refused(pki: Pki, tmp_path: Path) -> None:
    with DmpServer(pki, tmp_path, homologations=["UN-AUTRE"]) as server:
        assert "HOMOLOGATION" in Client(pki, server.url).send("exists", existence()).fault[-1]


def test_each_mode_may_do_what_the_matrix_says(client: Client, server: DmpServer) -> None:
    deposited(client)
    social = Role("AUTOMATE", "1.2.250.1.213.1.1.4.6", "Automate")
    denied = [
        client.retrieve(oid(), who=caller()),
        client.retrieve(oid(), who=caller(AIR, social)),
        client.deposit(signed_deposit(cda(2), client.seal), client.vihf(caller(AIR))),
        client.update(status_update(new_lot(), found(client).id, APPROVED, ARCHIVED), caller()),
    ]
    assert {reply.fault[0] for reply in denied} == {"DMPAccessDeniedByRightsService"}
    # A retrieve is answered in parts, refused or not.
    assert [reply.content_type.startswith("multipart/related") for reply in denied] == [True, True, False, False]
    assert client.ask(queries.find_documents(PATIENT), caller()).codes == ["XDSRegistryError"]
    assert server.store.count() == 1


def test_a_structure_finds_the_whole_of_its_own_documents_and_the_ids_of_others(client: Client) -> None:
    deposited(client)
    entry = found(client)
    assert (entry.version, entry.status, entry.logical_id) == ("1", APPROVED, entry.id)
    assert entry.hash == document_entry(cda(), ins()).hash
    others = client.ask(queries.get_documents([oid()]), caller(structure=OTHER_STRUCTURE)).query.contents
    assert (others.entries, others.references) == ((), (entry.id,))
    assert client.ask(queries.get_documents(["1.2.3"])).query.contents == Contents()


# --- search ---------------------------------------------------------------------------------------------------------

GET_ALL = queries.StoredQuery(
    queries.QueryId.GET_ALL,
    (
        queries.one("$patientId", PATIENT),
        queries.several("$XDSDocumentEntryStatus", [APPROVED]),
        queries.several("$XDSSubmissionSetStatus", [APPROVED]),
        queries.several("$XDSFolderStatus", [APPROVED]),
    ),
)


def ids_of(client: Client, *more: queries.Parameter) -> list[str]:
    reply = client.ask(queries.find_documents(PATIENT, *more), caller(AIR))
    return sorted(one.unique_id for one in reply.query.contents.entries)


def test_a_professional_searches_by_what_documents_say(client: Client) -> None:
    deposited(client)
    entry = document_entry(cda(), ins())
    assert entry.class_code is not None
    assert entry.creation_time is not None
    assert ids_of(client) == [oid()]
    assert ids_of(client, queries.coded("$XDSDocumentEntryClassCode", [entry.class_code])) == [oid()]
    other = replace(entry.class_code, code="90")
    assert ids_of(client, queries.coded("$XDSDocumentEntryClassCode", [other])) == []
    assert ids_of(client, queries.time("$XDSDocumentEntryCreationTimeFrom", entry.creation_time)) == [oid()]
    assert ids_of(client, queries.time("$XDSDocumentEntryCreationTimeTo", entry.creation_time)) == []
    assert ids_of(client, queries.several("$XDSDocumentEntryAuthorPerson", ["%Le Goff%"])) == [oid()]
    assert ids_of(client, queries.several("$XDSDocumentEntryAuthorPerson", ["%O'Nobody%"])) == []


def test_a_masked_document_is_there_only_for_its_authors_and_the_treating_doctor(
    client: Client, server: DmpServer
) -> None:
    deposited(client, 1, Mask.PROFESSIONALS)
    deposited(client, 2, Mask.PATIENT)
    assert ids_of(client) == [oid(2)]
    assert client.retrieve(oid(1)).codes_of_documents == ["XDSDocumentUniqueIdError"]
    server.service.dossiers[PATIENT] = Dossier(treating=frozenset({"899700000001"}))
    assert set(ids_of(client)) >= {oid(1), oid(2)}


def test_lots_and_associations_lead_to_documents(client: Client) -> None:
    deposited(client)
    doctor, uuid = caller(AIR), found(client).id
    (lot,) = client.ask(queries.find_submission_sets(PATIENT), doctor).query.contents.sets
    ties = client.ask(queries.get_associations([lot.id]), doctor).query.contents.associations
    assert [tie.target for tie in ties] == [uuid]
    both = client.ask(queries.get_documents_and_associations([oid()]), doctor).query.contents
    assert (len(both.entries), len(both.associations)) == (1, 1)
    by_document = queries.StoredQuery(queries.QueryId.GET_SUBMISSION_SETS, (queries.several("$uuid", [uuid]),))
    assert [one.id for one in client.ask(by_document, doctor).query.contents.sets] == [lot.id]
    whole = queries.StoredQuery(
        queries.QueryId.GET_SUBMISSION_SET_AND_CONTENTS, (queries.one("$XDSSubmissionSetUniqueId", lot.unique_id),)
    )
    assert [one.id for one in client.ask(whole, doctor).query.contents.entries] == [uuid]


def test_too_many_results_and_questions_that_are_none(client: Client) -> None:
    for number in range(1, 6):
        deposited(client, number)
    doctor = caller(AIR)
    assert client.ask(queries.find_documents(PATIENT), doctor).codes == ["XDSTooManyResults"]
    few = queries.find_documents(PATIENT, returned=queries.Returned.REFERENCES)
    assert len(client.ask(few, doctor).query.contents.references) == 5
    patient = queries.one("$XDSDocumentEntryPatientId", PATIENT)
    status = queries.several("$XDSDocumentEntryStatus", [APPROVED])
    listed = queries.several("$XDSDocumentEntryPatientId", [PATIENT])
    both = (queries.several("$XDSDocumentEntryUniqueId", ["1.2"]), queries.several("$XDSDocumentEntryEntryUUID", ["u"]))
    wrong = {
        "XDSStoredQueryMissingParam": queries.StoredQuery(queries.QueryId.FIND_DOCUMENTS, (patient,)),
        "XDSStoredQueryParamNumber": queries.StoredQuery(queries.QueryId.GET_DOCUMENTS, both),
        "XDSUnknownStoredQuery": queries.StoredQuery("urn:uuid:00000000-0000-4000-8000-000000000000"),
        "XDSRegistryError": queries.StoredQuery(queries.QueryId.FIND_DOCUMENTS, (listed, status)),
    }
    assert {code: client.ask(query, doctor).codes for code, query in wrong.items()} == {code: [code] for code in wrong}


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_document_comes_beside_the_answer_as_it_was_deposited(client: Client) -> None:
    deposited(client)
    reply = client.retrieve(oid())
    assert reply.envelope.body is not None
    (answered,) = read_retrieve_response(reply.envelope.body).documents
    assert answered.content.content_id is not None
    assert reply.parts == {answered.content.content_id: cda()}
    assert b"%3A" in etree.tostring(reply.envelope.body)


def test_what_is_missing_makes_a_retrieve_partial(client: Client) -> None:
    deposited(client)
    some = client.retrieve(oid(), "1.2.3")
    assert some.envelope.body is not None
    assert read_retrieve_response(some.envelope.body).response.status == PARTIAL_SUCCESS
    assert (some.codes_of_documents, len(some.parts)) == (["XDSDocumentUniqueIdError"], 1)
    assert client.retrieve(oid(), repository="1.2.3").codes_of_documents == ["XDSUnknownRepositoryId"]


# --- changes --------------------------------------------------------------------------------------------------------


def test_a_document_is_archived_taken_back_and_deleted(client: Client, server: DmpServer) -> None:
    deposited(client)
    uuid = found(client).id
    for original, new in ((APPROVED, ARCHIVED), (ARCHIVED, APPROVED)):
        assert client.update(status_update(new_lot(), uuid, original, new)).response.is_success
        assert (found(client).status, found(client).id) == (new, uuid)
    wrong = client.update(status_update(new_lot(), uuid, ARCHIVED, DELETED))
    assert wrong.codes == ["XDSMetadataUpdateError"]
    assert client.update(status_update(new_lot(), uuid, APPROVED, DELETED), caller()).response.is_success
    assert client.ask(queries.get_documents([oid()])).query.contents.entries == ()
    assert client.retrieve(oid()).codes_of_documents == ["XDSDocumentUniqueIdError"]
    assert server.store.count() == 1
    assert list(server.store.folder.glob("**/*.xml")) == []
    assert client.deposit(signed_deposit(cda(), client.seal)).codes == ["XDSDuplicateUniqueIdInRegistry"]


def test_a_structure_does_not_delete_the_documents_of_another(client: Client) -> None:
    deposited(client)
    (author,) = new_lot().authors
    institution = author.institutions[0].replace("1330000019", OTHER_STRUCTURE)
    other = replace(new_lot(), authors=(replace(author, institutions=(institution,)),))
    update = status_update(other, found(client).id, APPROVED, DELETED)
    assert client.update(update, caller(structure=OTHER_STRUCTURE)).fault[0] == "DMPAccessDeniedByRightsService"
    assert found(client).status == APPROVED


def test_masking_gives_a_new_id_and_keeps_the_logical_one(client: Client) -> None:
    deposited(client)
    before = found(client)
    assert client.update(metadata_update(new_lot(), before.masked([Mask.PROFESSIONALS]))).response.is_success
    after = found(client)
    assert (after.masks, after.version, after.logical_id) == ({Mask.PROFESSIONALS}, "2", before.logical_id)
    assert after.id != before.id
    assert client.update(metadata_update(new_lot(), before)).codes == ["XDSMetadataVersionError"]


def test_an_update_shows_and_never_hides_and_changes_nothing_else(client: Client) -> None:
    deposited(client, 1, Mask.PATIENT)
    assert client.update(metadata_update(new_lot(), found(client).masked([]))).response.is_success
    shown = found(client)
    assert shown.masks == frozenset()
    again = client.update(metadata_update(new_lot(), shown.masked([Mask.PATIENT])))
    renamed = client.update(metadata_update(new_lot(), replace(shown, title="Autre")))
    assert (again.codes, renamed.codes) == (["XDSMetadataUpdateError"], ["XDSMetadataUpdateError"])


# --- TD0.2 ----------------------------------------------------------------------------------------------------------


def existence(person: QualifiedIns | None = None) -> etree._Element:
    asked = person or ins()
    nil = 'xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    device = '<device classCode="DEV" determinerCode="INSTANCE"><id root="{}"/></device>'
    return etree.fromstring(
        f"""<PRPA_IN201307UV02 ITSVersion="XML_1.0" xmlns="urn:hl7-org:v3"><id root="2.25.1" extension="q1"/>
        <creationTime value="20261122050000"/><interactionId root="2.16.840.1.113883.1.6"
        extension="PRPA_IN201307UV02"/><processingCode code="D"/><processingModeCode code="T"/>
        <acceptAckCode code="AL"/><receiver typeCode="RCV">{device.format("1.2.250.1.213.4.1.1.1")}</receiver>
        <sender typeCode="SND">{device.format("2.25.2")}</sender><attentionLine {nil}/>
        <controlActProcess classCode="CACT" moodCode="EVN">
        <reasonCode code="TEST_EXST" codeSystem="1.2.250.1.213.1.1.4.11"/>
        <queryByParameter><queryId root="2.25.3" extension="q2"/><statusCode code="new"/><parameterList>
        <dataSource {nil}/><patientIdentifier><value root="{asked.oid}" extension="{asked.matricule}"/>
        <semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter>
        </controlActProcess></PRPA_IN201307UV02>"""
    )


def told(body: etree._Element, path: str, attribute: str = "code") -> str | None:
    one = body.find(f".//{path}")
    return None if one is None else one.get(attribute)


@pytest.mark.parametrize(
    ("dossier", "expected"),
    [
        (Dossier(), ("OK", "active", "VALIDE", None)),
        (Dossier(authorisation="EXPIRE"), ("OK", "active", "EXPIRE", None)),
        (Dossier(State.CLOSED), ("OK", "terminated", "VALIDE", None)),
        (Dossier(State.OPPOSED), ("OK", "active", "INTERDIT", "true")),
        (Dossier(State.NONE), ("NF", None, None, None)),
    ],
)
def test_the_state_of_a_dmp_is_told(
    client: Client, server: DmpServer, dossier: Dossier, expected: tuple[str | None, ...]
) -> None:
    server.service.dossiers[PATIENT] = dossier
    body = client.send("exists", existence()).envelope.body
    assert body is not None
    observed = {
        told(one, "{*}code"): told(one, "{*}value", "value") for one in body.iter("{*}administrativeObservation")
    }
    read = (
        told(body, "{*}queryResponseCode"),
        told(body, "{*}patient/{*}statusCode"),
        told(body, "{*}attentionLine/{*}value"),
        observed.get("OPPOSITION_ACCES_URGENCE"),
    )
    assert read == expected
    assert told(body, "{*}queryId", "extension") == "q2"
    if (shared := shared_path()) is not None:
        path = shared / "reference/xds/schema/hl7v3-gdp/multicacheschemas/PRPA_IN201308UV02.xsd"
        etree.XMLSchema(etree.parse(path)).assertValid(body)


def test_a_question_about_another_person_than_the_assertion_is_refused(client: Client) -> None:
    assert "INS" in client.send("exists", existence(OTHER_PERSON)).fault[-1]


def test_nothing_is_deposited_without_an_active_dmp_and_nothing_read_without_authorisation(
    client: Client, server: DmpServer
) -> None:
    deposited(client)
    for state in (State.NONE, State.CLOSED):
        server.service.dossiers[PATIENT] = Dossier(state)
        assert client.deposit(signed_deposit(cda(2), client.seal)).codes == ["XDSUnknownPatientId"]
    for dossier in (Dossier(State.OPPOSED), Dossier(authorisation="NON_EXISTE")):
        server.service.dossiers[PATIENT] = dossier
        assert client.retrieve(oid()).fault[0] == "DMPAccessDeniedByRightsService"
    deposited(client, 2)


# --- bad days -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cut", "kept"), [(Cut.HEADERS, 0), (Cut.BODY, 0), (Cut.UNDONE, 0), (Cut.DONE, 1), (Cut.ANSWER, 1)]
)
def test_a_connection_that_is_cut_leaves_one_deposit_or_none(
    client: Client, server: DmpServer, cut: Cut, kept: int
) -> None:
    server.troubles.add(Trouble(Transaction.DEPOSIT, cut=cut))
    made = signed_deposit(cda(), client.seal)
    with pytest.raises((http.client.HTTPException, OSError)):
        client.deposit(made)
    assert server.store.count() == kept
    assert set(client.deposit(made).codes) == ({"XDSDuplicateUniqueIdInRegistry"} if kept else set())
    assert server.store.count() == 1


def test_errors_are_given_on_demand(client: Client, server: DmpServer) -> None:
    server.troubles.add(
        Trouble(Transaction.DEPOSIT, error="XDSRegistryBusy"),
        Trouble(Transaction.DEPOSIT, fault="structure"),
        Trouble(Transaction.DEPOSIT, error="XDSRegistryError", warning=True),
        Trouble(Transaction.QUERY, error="XDSRegistryError", partial=True),
    )
    made = signed_deposit(cda(), client.seal)
    assert (client.deposit(made).codes, server.store.count()) == (["XDSRegistryBusy"], 0)
    assert client.deposit(made).fault == ("Structure introuvable ou Inactive",)
    warned = client.deposit(made)
    assert (warned.response.is_success, warned.codes, server.store.count()) == (True, ["XDSRegistryError"], 1)
    partial = client.ask(queries.get_documents([oid()])).query
    assert (partial.response.status, len(partial.contents.entries)) == (PARTIAL_SUCCESS, 1)


def test_answers_can_be_those_to_another_question_or_hold_other_bytes(client: Client, server: DmpServer) -> None:
    server.troubles.add(Trouble(Transaction.DEPOSIT, wrong=Wrong.RELATES_TO), Trouble(wrong=Wrong.DOCUMENT))
    reply = client.deposit(signed_deposit(cda(), client.seal))
    assert reply.envelope.relates_to != reply.message_id
    assert list(client.retrieve(oid()).parts.values()) == [cda() + b"\n"]


def test_answers_can_be_slow_and_an_existence_not_be_told(client: Client, server: DmpServer) -> None:
    server.troubles.add(Trouble(Transaction.RETRIEVE, delay=0.1, drip=0.1), Trouble(Transaction.EXISTS, error="any"))
    deposited(client)
    start = time.monotonic()
    assert list(client.retrieve(oid()).parts.values()) == [cda()]
    assert time.monotonic() - start >= 0.3
    body = client.send("exists", existence()).envelope.body
    assert body is not None
    assert (told(body, "{*}acknowledgement", "typeCode"), told(body, "{*}queryResponseCode")) == ("AE", "AE")


def test_the_page_of_a_proxy_stands_in_the_way(client: Client, server: DmpServer) -> None:
    server.troubles.add(Trouble(status=503, body=b"<html>"))
    with pytest.raises(NotSoap):
        client.send("exists", existence())
    assert server.calls[-1].answer == "503"


# --- looking at it --------------------------------------------------------------------------------------------------


def test_it_serves_beside_the_other_stand_ins(pki: Pki, tmp_path: Path) -> None:
    with serving(pki, tmp_path, dmp=tmp_path / "dmp") as addresses:
        assert (tmp_path / "dmp.url").read_text().strip() == addresses["dmp"]
        deposited(Client(pki, addresses["dmp"]))
        assert "DMP" in urllib.request.urlopen(addresses["dmp-pages"]).read().decode()
    assert (tmp_path / "dmp" / f"{oid()}.xml").read_bytes() == cda()
    assert not (tmp_path / "dmp.url").exists()


def test_a_page_shows_what_a_person_has_and_who_sees_it(client: Client, server: DmpServer) -> None:
    deposited(client, 1, Mask.PROFESSIONALS)
    index = urllib.request.urlopen(server.pages_url).read().decode()
    shown = urllib.request.urlopen(f"{server.pages_url}patients/1").read().decode()
    assert (ins().matricule in index, oid() in shown, "masqué" in shown) == (True, True, True)
    assert ins().matricule not in shown.partition("<title>")[2].partition("</title>")[0]
    for path in ("patients/2", "patients/%2e%2e", "dmp.sqlite"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.pages_url}{path}")


def test_what_is_noted_of_calls_holds_no_personal_data(client: Client, server: DmpServer) -> None:
    client.deposit(changed(patient_id="x", legal_authenticators=("MAX",))(client))
    client.send("exists", existence(OTHER_PERSON))
    noted = repr(server.calls)
    assert len(server.calls) == 2
    for secret in (ins().matricule, OTHER_PERSON.matricule, "MAX", "HOMOLOGATION-SECRETE"):
        assert secret not in noted
