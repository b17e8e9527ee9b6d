"""The transactions: what leaves, and what every kind of answer becomes."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from lxml import etree

from dui_bridge.connectors.dmp import errors
from dui_bridge.connectors.dmp.existence import State
from dui_bridge.connectors.dmp.lots import make_lot
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.net_errors import AnswerToAnother, NoAnswer, NotReached, NotSoap
from dui_bridge.connectors.wire.vihf_reading import Verdict, read_vihf
from dui_bridge.errors import AnswerLost, DuiBridgeError, FileUnusable, Retry
from dui_bridge.xds.check import check
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.lot_reading import read_lot_signature
from dui_bridge.xds.messages import Attached, RegistryResponse, read_submission
from dui_bridge.xds.purpose import Purpose
from dui_bridge.xds.queries import Returned, coded, read_adhoc_query
from dui_bridge.xds.retrieving import DocumentResponse, RetrieveResponse, retrieve_response
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DELETED, PARTIAL_SUCCESS, SUCCESS
from tests.dmp_world import (
    AUTOMATE,
    FINESS,
    NOW,
    SECRET,
    TAKEN,
    Asked,
    Dmp,
    Reply,
    answering,
    client,
    enveloped,
    existing,
    fault,
    found,
    lost,
    nothing_found,
    plain,
    professional,
    refused,
    unreachable,
)
from tests.xds_deposits import ENTRY_UUID, LOGICAL_ID, cda, entry, ins, registered
from tests.xds_signer import signer

DOCTOR = professional()


def lot(replaces: str | None = None, at: object = NOW) -> object:
    dmp = client(Dmp([TAKEN]))
    return make_lot(entry(), cda(), AUTOMATE.author, dmp.practice, signer(), at=NOW, replaces=replaces)


def deposited(*replies: Reply) -> tuple[Dmp, DuiBridgeError | None]:
    dmp = Dmp(list(replies))
    try:
        client(dmp).deposit(lot(), ins(), AUTOMATE)  # type: ignore[arg-type]
    except DuiBridgeError as error:
        return dmp, error
    return dmp, None


# --- a deposit -------------------------------------------------------------------------------------------------------


def test_a_deposit_carries_the_document_byte_for_byte_and_metadata_without_a_fault() -> None:
    dmp, error = deposited(TAKEN)
    assert error is None
    (asked,) = dmp.asked
    sent = read_submission(asked.body)
    documents = {}
    for id, one in sent.documents.items():
        part = asked.parts.attachment(f"cid:{one.content_id}")
        assert part is not None
        documents[id] = part.file.read()
    assert documents["Document01"] == cda()
    assert [one for one in check(sent.objects, Purpose.DEPOSIT, documents=documents) if one.is_error] == []
    signature = read_lot_signature(documents["Signature01"], {entry().unique_id: cda()})
    assert signature.is_right
    assert signature.certificate == signer().certificates[0]


def test_a_deposit_is_signed_for_by_the_structure_and_its_lot_has_the_same_author() -> None:
    dmp, _ = deposited(TAKEN)
    vihf = read_vihf(dmp.asked[0].assertion)
    assert vihf.signature is Verdict.HOLDS
    assert vihf.attributes["Authentification_Mode"] == ("INDIRECTE",)
    assert vihf.attributes["Identifiant_Structure"] == (f"1{FINESS}",)
    (author,) = read_submission(dmp.asked[0].body).contents.sets[0].authors
    assert (author.person or "").startswith(vihf.name_id + "^")
    assert author.institutions[0].endswith(f"^1{FINESS}")


def test_a_deposit_that_is_made_again_is_the_same_deposit_with_a_new_assertion() -> None:
    dmp = Dmp([TAKEN])
    opened = client(dmp)
    for _ in range(2):
        opened.deposit(lot(), ins(), AUTOMATE)  # type: ignore[arg-type]
    lots = {read_submission(one.body).contents.sets[0].unique_id for one in dmp.asked}
    assert len(lots) == 1
    assert len({one.assertion.get("ID") for one in dmp.asked}) == 2
    assert len({one.message.message_id for one in dmp.asked}) == 2


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (unreachable, NotReached),
        (lost, NoAnswer),
        (plain(b"", 200), NoAnswer),
        (plain(b"<html>", 502), NoAnswer),
        (plain(b"<html>", 504), NoAnswer),
        (plain(b"<html>", 503), errors.Busy),
        (plain(b"<html>", 429), errors.Busy),
        (plain(b"", 408), errors.Busy),
        (plain(b"<html>", 413), errors.TooLarge),
        (plain(b"<html>", 404), errors.NotTheService),
        (answering(b"<x/>"), NoAnswer),
        (answering(b""), NoAnswer),
        (fault("", "panne", "Receiver"), errors.Undecided),
        (fault("DMPInvalidCertificate", "Not a valid signature certificate"), errors.CertificateRefused),
        (refused("XDSRepositoryBusy"), errors.Busy),
        (refused("XDSRegistryMetadataError", status=PARTIAL_SUCCESS), errors.Undecided),
        (refused("XDSRegistryNotAvailable"), errors.Undecided),
    ],
)
def test_a_deposit_tells_what_was_certainly_not_taken_from_what_may_have_been(
    reply: Reply, kind: type[DuiBridgeError]
) -> None:
    assert type(deposited(reply)[1]) is kind


@pytest.mark.parametrize("relates_to", [None, "urn:uuid:00000000-0000-0000-0000-000000000000"])
def test_an_answer_to_another_message_is_believed_neither_of_a_deposit_nor_of_a_question(
    relates_to: str | None,
) -> None:
    def reply(_: Asked) -> httpx.Response:
        ok = f'<r:RegistryResponse xmlns:r="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" status="{SUCCESS}"/>'
        return httpx.Response(200, content=enveloped(ok.encode(), relates_to))

    assert isinstance(deposited(reply)[1], AnswerToAnother)
    with pytest.raises(AnswerToAnother):
        client(Dmp([reply])).locate("1.2", ins(), AUTOMATE)


def test_nothing_secret_is_captured(tmp_path: Path) -> None:
    client(Dmp([TAKEN]), capture=Capture(tmp_path)).deposit(lot(), ins(), AUTOMATE)  # type: ignore[arg-type]
    kept = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert b"ProvideAndRegister" in kept
    assert all(one.encode() not in kept for one in (SECRET, ins().matricule, "USAG"))


# --- questions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (lost, errors.Unanswered),
        (plain(b"", 200), errors.Unanswered),
        (plain(b"<html>", 502), errors.Busy),
        (plain(b"<html>", 500), errors.Unanswered),
        (plain(b"<html>", 302), errors.NotTheService),
        (plain(b"<html>", 413), errors.NotTheService),
        (plain(b"<html>", 429), errors.Busy),
        (fault("", "panne", "Receiver"), errors.Busy),
        (answering(b"<x/>"), errors.AnswerUnreadable),
        (nothing_found("XDSTooManyResults"), errors.TooManyResults),
        (nothing_found("XDSRegistryError", PARTIAL_SUCCESS), errors.AnswerUnreadable),
        (refused("XDSTooManyResults"), errors.TooManyResults),
        (found(replace(registered(), unique_id="1.9")), errors.AnswerUnreadable),
    ],
)
def test_a_question_without_a_usable_answer_is_never_doubtful(reply: Reply, kind: type[DuiBridgeError]) -> None:
    with pytest.raises(kind) as caught:
        client(Dmp([reply])).locate(entry().unique_id, ins(), AUTOMATE)
    assert not isinstance(caught.value, AnswerLost)


def test_a_document_is_located_by_its_unique_id() -> None:
    dmp = Dmp([found(registered()), found(references=(ENTRY_UUID,)), found()])
    opened = client(dmp, Returned.REFERENCES)
    whole, reference, none = (opened.locate(entry().unique_id, ins(), AUTOMATE) for _ in range(3))
    assert whole is not None
    assert (whole.entry_uuid, whole.entry) == (ENTRY_UUID, registered())
    assert reference is not None
    assert (reference.entry_uuid, reference.entry, none) == (ENTRY_UUID, None, None)
    query = read_adhoc_query(dmp.asked[0].body)
    assert (query.returned, query.parameters[0].values) == ("ObjectRef", (entry().unique_id,))


def test_a_search_keeps_what_a_partial_success_gives_and_says_so() -> None:
    kind = entry().type_code
    assert kind is not None
    dmp = Dmp([found(registered()), nothing_found("XDSRegistryError", PARTIAL_SUCCESS)])
    opened = client(dmp)
    whole = opened.search(ins(), DOCTOR, coded("$XDSDocumentEntryTypeCode", [kind]), statuses=(APPROVED, ARCHIVED))
    part = opened.search(ins(), DOCTOR)
    assert (whole.whole, whole.contents.entries) == (True, (registered(),))
    assert (part.whole, part.errors[0].code) == (False, "XDSRegistryError")
    assert read_adhoc_query(dmp.asked[0].body).parameters[1].values == (APPROVED, ARCHIVED)


def test_whether_a_record_exists_is_told_without_its_traits() -> None:
    opened = client(Dmp([existing(), existing("terminated"), existing(response="NF"), existing(response="AE")]))
    states = [opened.exists(ins(), AUTOMATE) for _ in range(3)]
    assert [one.state for one in states] == [State.OPEN, State.CLOSED, State.NONE]
    assert (states[0].authorisation, states[0].observations) == ("VALIDE", {"RATTACHEMENT_ENS": "true"})
    assert "SECRET" not in repr(states)
    with pytest.raises(errors.AnswerUnreadable):
        opened.exists(ins(), AUTOMATE)


# --- retrieval -------------------------------------------------------------------------------------------------------

CONTENT = b"<ClinicalDocument/>" * 9000
KEPT = replace(registered(), hash=hashlib.sha1(CONTENT, usedforsecurity=False).hexdigest(), size=len(CONTENT))


def giving(data: bytes, *, inline: bool = False, unique_id: str = KEPT.unique_id) -> Reply:
    """The answer of a repository: MTOM with an escaped Content-ID as those of the DMP, or base64."""

    def reply(asked: Asked) -> httpx.Response:
        attached = Attached(data=data) if inline else Attached("x-2@urn:ihe:iti:xds-b:2007")
        given = DocumentResponse("1.2.250.1.213.4.1.1.1.2", unique_id, "text/xml", attached)
        body = etree.tostring(retrieve_response(RetrieveResponse(RegistryResponse(SUCCESS), (given,))))
        root = enveloped(body, asked.message.message_id)
        if inline:
            return httpx.Response(200, content=root)
        parts = (
            b"--b\r\nContent-ID: <root>\r\n\r\n" + root + b"\r\n--b\r\nContent-ID: <x-2@urn:ihe:iti:xds-b:2007>\r\n\r\n"
        )
        kind = 'multipart/related; type="application/xop+xml"; start="<root>"; boundary=b'
        return httpx.Response(200, content=parts + data + b"\r\n--b--\r\n", headers={"Content-Type": kind})

    return reply


@pytest.mark.parametrize("inline", [False, True])
def test_a_document_is_kept_as_it_was_registered(tmp_path: Path, inline: bool) -> None:
    into = tmp_path / "document.xml"
    kept = client(Dmp([giving(CONTENT, inline=inline)])).retrieve(KEPT, ins(), DOCTOR, into)
    assert (kept.path.read_bytes(), kept.size, kept.sha1) == (CONTENT, KEPT.size, KEPT.hash)
    assert (into.stat().st_mode & 0o777, list(tmp_path.iterdir())) == (0o600, [into])


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (giving(CONTENT[:-1]), errors.DocumentAltered),
        (giving(b"X" + CONTENT[1:]), errors.DocumentAltered),
        (giving(CONTENT, unique_id="1.9"), errors.DocumentNotGiven),
        (plain(b"--b\r\n", 200), errors.Unanswered),
        (lost, errors.Unanswered),
        (answering(b"<x/>"), errors.AnswerUnreadable),
    ],
)
def test_nothing_is_kept_of_another_document_or_of_half_of_one(
    tmp_path: Path, reply: Reply, kind: type[DuiBridgeError]
) -> None:
    with pytest.raises(kind):
        client(Dmp([reply])).retrieve(KEPT, ins(), DOCTOR, tmp_path / "document.xml")
    assert list(tmp_path.iterdir()) == []


def test_a_document_whose_entry_has_no_hash_is_known_by_its_size(tmp_path: Path) -> None:
    bare = replace(KEPT, hash=None)
    with pytest.raises(errors.DocumentAltered):
        client(Dmp([giving(CONTENT[:-1])])).retrieve(bare, ins(), DOCTOR, tmp_path / "document.xml")
    assert client(Dmp([giving(CONTENT)])).retrieve(bare, ins(), DOCTOR, tmp_path / "document.xml").size == len(CONTENT)


@pytest.mark.parametrize(
    ("hash", "size", "verified"),
    [
        (KEPT.hash, KEPT.size, ("sha1", "size")),
        (KEPT.hash, None, ("sha1",)),
        (None, KEPT.size, ("size",)),
        (None, None, ()),
    ],
)
def test_what_the_registry_tells_of_a_document_is_what_is_verified(
    tmp_path: Path, hash: str | None, size: int | None, verified: tuple[str, ...]
) -> None:
    entry = replace(KEPT, hash=hash, size=size)
    kept = client(Dmp([giving(CONTENT)])).retrieve(entry, ins(), DOCTOR, tmp_path / "document.xml")
    assert kept.verified == verified


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "document.xml").write_text("mine")
    with pytest.raises(FileUnusable):
        client(Dmp([giving(CONTENT)])).retrieve(KEPT, ins(), DOCTOR, tmp_path / "document.xml")
    assert (tmp_path / "document.xml").read_text() == "mine"


# --- updates ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status", "new"),
    [
        ("archive", APPROVED, ARCHIVED),
        ("unarchive", ARCHIVED, APPROVED),
        ("delete", ARCHIVED, DELETED),
    ],
)
def test_a_status_changes_from_what_it_is(name: str, status: str, new: str) -> None:
    dmp = Dmp([TAKEN])
    getattr(client(dmp), name)(replace(registered(), status=status), ins(), DOCTOR)
    (tie,) = read_submission(dmp.asked[0].body).contents.associations
    assert (tie.target, tie.slots) == (ENTRY_UUID, {"OriginalStatus": status, "NewStatus": new})


def test_masking_sends_the_same_document_with_another_visibility() -> None:
    dmp, opened = Dmp([TAKEN]), None
    opened = client(dmp)
    opened.mask(registered({Mask.LEGAL_REPRESENTATIVES}), [Mask.PROFESSIONALS], ins(), DOCTOR)
    opened.mask(registered({Mask.PROFESSIONALS}), [], ins(), DOCTOR)
    opened.make_visible(registered({Mask.PATIENT}), Mask.PATIENT, ins(), DOCTOR)
    sent = [read_submission(one.body).contents for one in dmp.asked]
    assert [set(one.entries[0].masks) for one in sent] == [
        {Mask.PROFESSIONALS, Mask.LEGAL_REPRESENTATIVES},
        set(),
        set(),
    ]
    assert {one.entries[0].logical_id for one in sent} == {LOGICAL_ID}
    assert all(one.entries[0].hash == registered().hash for one in sent)
    assert {one.associations[0].slots["PreviousVersion"] for one in sent} == {"1"}
    assert len({one.sets[0].unique_id for one in sent}) == 3


def test_masking_never_makes_a_document_invisible_to_the_patient() -> None:
    dmp = Dmp([TAKEN])
    client(dmp).mask(registered(), [Mask.PATIENT], ins(), DOCTOR)
    assert read_submission(dmp.asked[0].body).contents.entries[0].masks == frozenset()


def test_what_was_not_looked_up_cannot_be_changed_and_nothing_leaves() -> None:
    dmp = Dmp([TAKEN])
    for change in ("archive", "delete"):
        with pytest.raises(errors.NotInRegistry):
            getattr(client(dmp), change)(entry(), ins(), DOCTOR)
    with pytest.raises(errors.NotInRegistry):
        client(dmp).mask(replace(registered(), logical_id=None), [], ins(), DOCTOR)
    with pytest.raises(errors.MetadataRefused):
        client(dmp).archive(replace(registered(), status=ARCHIVED), ins(), DOCTOR)
    assert dmp.asked == []


def test_an_update_without_an_answer_is_doubtful() -> None:
    with pytest.raises(NoAnswer):
        client(Dmp([lost])).delete(registered(), ins(), DOCTOR)
    with pytest.raises(Retry):
        client(Dmp([refused("XDSMetadataVersionError")])).archive(registered(), ins(), DOCTOR)
    with pytest.raises(NotSoap):
        client(Dmp([lambda _: httpx.Response(200, headers={"Content-Type": "multipart/related"})])).delete(
            registered(), ins(), DOCTOR
        )
