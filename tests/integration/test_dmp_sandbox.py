"""The client of the DMP and its stand-in, which share no code: what one sends the other takes, whatever is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from dui_bridge.connectors.dmp import DmpSettings
from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.errors import Busy, CertificateRefused, DocumentAltered
from dui_bridge.connectors.dmp.existence import State as Existing
from dui_bridge.connectors.dmp.opening import Certificates, open_client, open_dmp
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.net_errors import AnswerToAnother, NoAnswer
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.errors import AnswerLost, DuiBridgeError, Retry
from dui_bridge.model.exchange import Answer
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.dmp import Cut, DmpServer, Dossier, State, Transaction, Trouble, Wrong
from dui_bridge.sandbox.pki import PASSWORD, Pki, make_pki
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DEPRECATED
from tests.cda_dossiers import IDS
from tests.cda_dossiers import built as built_cda
from tests.dmp_world import (
    AUTOMATE,
    DOCTOR,
    FINESS,
    SOFTWARE,
    STRUCTURE,
    SYSTEM,
    built,
    context,
    professional,
)
from tests.xds_deposits import cda, entry, ins

PATIENT = entry().patient_id
NEXT = replace(IDS, unique_id="2.25.31415926535.2", version=2, replaces=IDS.unique_id, replaces_version=1)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    names = ("client-dmp", "sign-dmp", "sign-dmp-other-ca", "server")
    return make_pki(tmp_path_factory.mktemp("pki"), names=names, structure=f"1{FINESS}")


@contextmanager
def dmp(
    pki: Pki, folder: Path, *troubles: Trouble, seal: str = "sign-dmp", state: State = State.OPEN
) -> Iterator[tuple[DmpDestination, DmpClient, DmpServer]]:
    files = Certificates(
        Pkcs12(pki.holder("client-dmp").pkcs12, PASSWORD), Pkcs12(pki.holder(seal).pkcs12, PASSWORD), Trust((pki.ca,))
    )
    dossiers = {PATIENT: Dossier(state)}
    with DmpServer(pki, folder, dossiers=dossiers, troubles=troubles) as server:
        settings = DmpSettings(base=f"{server.url}/", timeout=5)
        to = open_dmp(settings, Profile.SANDBOX, files, SOFTWARE, [STRUCTURE], system=SYSTEM)
        own = open_client(settings, Profile.SANDBOX, files, SOFTWARE, system=SYSTEM)
        with closing(to), closing(own.line.http):
            yield to, own, server


def kept(folder: Path) -> dict[str, bytes]:
    """The documents of the stand-in, without the signatures of lots."""
    found = {one.stem: one.read_bytes() for one in folder.glob("*.xml") if not one.stem.endswith(".metadata")}
    return {name: data for name, data in found.items() if b"ClinicalDocument" in data}


def entries(own: DmpClient, *statuses: str) -> list[DocumentEntry]:
    """What a doctor finds, without the signatures of lots."""
    found = own.search(ins(), professional(DOCTOR), statuses=statuses or (APPROVED,))
    return [one for one in found.contents.entries if one.mime_type == "text/xml" and one.title != "Source"]


def test_a_document_is_deposited_byte_for_byte_and_found_and_read_again(pki: Pki, tmp_path: Path) -> None:
    with dmp(pki, tmp_path / "dmp") as (to, own, server):
        assert own.exists(ins(), AUTOMATE).state is Existing.OPEN
        prepared = to.prepare(built(), context())
        assert to.resolve(prepared).answer is Answer.ABSENT
        assert to.send(prepared).answer is Answer.DELIVERED
        assert kept(tmp_path / "dmp") == {entry().unique_id: cda()}
        assert to.resolve(prepared).answer is Answer.ALREADY_THERE
        (found,) = entries(own)
        assert (found.unique_id, found.hash, found.class_code) == (entry().unique_id, entry().hash, entry().class_code)
        read = own.retrieve(found, ins(), professional(DOCTOR), tmp_path / "read.xml")
        assert read.path.read_bytes() == cda()
        assert len(server.calls) > 0


def test_a_document_that_is_sent_again_is_there_once(pki: Pki, tmp_path: Path) -> None:
    with dmp(pki, tmp_path) as (to, _, _server):
        prepared = to.prepare(built(), context())
        assert [to.send(prepared).answer for _ in range(2)] == [Answer.DELIVERED, Answer.ALREADY_THERE]
        assert len(kept(tmp_path)) == 1


def test_a_new_version_replaces_the_one_that_is_there(pki: Pki, tmp_path: Path) -> None:
    with dmp(pki, tmp_path) as (to, own, _):
        to.send(to.prepare(built(), context()))
        newer = built(built_cda(ids=NEXT))
        outcome = to.send(to.prepare(newer, context(replaces=IDS.unique_id)))
        assert (outcome.answer, outcome.findings) == (Answer.DELIVERED, ())
        assert [one.unique_id for one in entries(own)] == [NEXT.unique_id]
        assert [one.unique_id for one in entries(own, DEPRECATED)] == [IDS.unique_id]


@pytest.mark.parametrize("cut", Cut)
def test_wherever_a_deposit_is_cut_there_is_one_in_the_end(pki: Pki, tmp_path: Path, cut: Cut) -> None:
    with dmp(pki, tmp_path, Trouble(Transaction.DEPOSIT, cut=cut)) as (to, _, _server):
        prepared = to.prepare(built(), context())
        with pytest.raises((Retry, AnswerLost)) as caught:
            to.send(prepared)
        there = to.resolve(prepared).answer is Answer.ALREADY_THERE
        assert there == (cut in {Cut.DONE, Cut.ANSWER}) == bool(kept(tmp_path))
        assert not (there and isinstance(caught.value, Retry))
        if not there:
            assert to.send(prepared).answer is Answer.DELIVERED
        assert len(kept(tmp_path)) == 1


@pytest.mark.parametrize(
    ("trouble", "kind"),
    [
        (Trouble(Transaction.DEPOSIT, error="XDSRepositoryBusy"), Busy),
        (Trouble(Transaction.DEPOSIT, status=503), Busy),
        (Trouble(Transaction.DEPOSIT, status=502), NoAnswer),
        (Trouble(Transaction.DEPOSIT, fault="receiver"), AnswerLost),
        (Trouble(Transaction.DEPOSIT, fault="certificate"), CertificateRefused),
        (Trouble(Transaction.DEPOSIT, wrong=Wrong.RELATES_TO), AnswerToAnother),
    ],
)
def test_a_failure_of_the_service_is_told_as_what_it_is(
    pki: Pki, tmp_path: Path, trouble: Trouble, kind: type[DuiBridgeError]
) -> None:
    with dmp(pki, tmp_path, trouble) as (to, _, _server), pytest.raises(kind):
        to.send(to.prepare(built(), context()))


@pytest.mark.parametrize(("state", "code"), [(State.CLOSED, "DMP-012"), (State.NONE, "DMP-011"), (State.OPPOSED, "")])
def test_a_record_that_is_not_open_is_never_fed_and_one_that_may_not_be_read_is(
    pki: Pki, tmp_path: Path, state: State, code: str
) -> None:
    with dmp(pki, tmp_path, state=state) as (to, _, server):
        outcome = to.send(to.prepare(built(), context()))
        assert [one.rule.id for one in outcome.findings] == [code] * bool(code)
        assert (len(kept(tmp_path)), len(server.calls)) == ((0, 1) if code else (1, 2))


def test_a_seal_that_nobody_knows_is_refused_in_the_words_of_the_service(pki: Pki, tmp_path: Path) -> None:
    with dmp(pki, tmp_path, seal="sign-dmp-other-ca") as (to, _, _server), pytest.raises(CertificateRefused) as caught:
        to.send(to.prepare(built(), context()))
    assert "Not a valid signature certificate" in caught.value.message("fr")


def test_another_document_than_the_registered_one_is_not_kept(pki: Pki, tmp_path: Path) -> None:
    with dmp(pki, tmp_path / "dmp", Trouble(Transaction.RETRIEVE, wrong=Wrong.DOCUMENT)) as (to, own, _):
        to.send(to.prepare(built(), context()))
        (found,) = entries(own)
        with pytest.raises(DocumentAltered):
            own.retrieve(found, ins(), professional(DOCTOR), tmp_path / "read.xml")
    assert not (tmp_path / "read.xml").exists()


def test_a_document_is_masked_shown_archived_taken_back_and_deleted(pki: Pki, tmp_path: Path) -> None:
    author = entry().authors[0].person or ""
    doctor = professional(DOCTOR)
    own_author = replace(doctor, caller=replace(doctor.caller, national_id=author.split("^")[0]))
    with dmp(pki, tmp_path) as (to, own, _):
        to.send(to.prepare(built(), context()))
        own.mask(entries(own)[0], [Mask.PROFESSIONALS], ins(), own_author)
        (masked,) = own.search(ins(), own_author).contents.entries[:1]
        assert masked.masks == {Mask.PROFESSIONALS}
        own.mask(masked, [], ins(), own_author)
        own.archive(entries(own)[0], ins(), own_author)
        (archived,) = entries(own, ARCHIVED)
        own.unarchive(archived, ins(), own_author)
        own.delete(entries(own)[0], ins(), own_author)
        assert entries(own, APPROVED, ARCHIVED) == []
