"""The client of the DMP and its stand-in, which share no code: what one sends the other takes, whatever is cut.

Where the official schemas are on the machine, the stand-in takes nothing that is not valid by them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dui_bridge.connectors.dmp.errors import Busy, CertificateRefused, DocumentAltered
from dui_bridge.connectors.dmp.existence import State as Existing
from dui_bridge.connectors.wire.net_errors import AnswerToAnother, NoAnswer
from dui_bridge.errors import AnswerLost, DuiBridgeError, Retry
from dui_bridge.model.exchange import Answer
from dui_bridge.sandbox.dmp import Cut, DmpServer, State, Transaction, Trouble, Wrong
from dui_bridge.sandbox.pki import Pki
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.queries import get_documents
from dui_bridge.xds.vocabulary import APPROVED, ARCHIVED, DEPRECATED
from tests.cda_dossiers import IDS
from tests.cda_dossiers import built as built_cda
from tests.dmp_messages import Client, caller
from tests.dmp_site import open_site, site_pki
from tests.dmp_world import AUTOMATE, DOCTOR, FINESS, built, context, professional
from tests.xds_deposits import cda, entry, ins

STRUCTURES = (f"1{FINESS}", "1330000027", "1330000035")
NEXT = replace(IDS, unique_id="2.25.31415926535.2", version=2, replaces=IDS.unique_id, replaces_version=1)


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return site_pki(tmp_path_factory.mktemp("pki"))


def test_a_document_is_deposited_byte_for_byte_and_found_and_read_again(pki: Pki, tmp_path: Path) -> None:
    with open_site(pki, tmp_path / "dmp") as site:
        assert site.own.exists(ins(), AUTOMATE).state is Existing.OPEN
        prepared = site.to.prepare(built(), context())
        assert site.to.resolve(prepared).answer is Answer.ABSENT
        assert site.to.send(prepared).answer is Answer.DELIVERED
        assert site.kept() == {entry().unique_id: cda()}
        assert site.to.resolve(prepared).answer is Answer.ALREADY_THERE
        (found,) = site.entries()
        assert (found.unique_id, found.hash, found.class_code) == (entry().unique_id, entry().hash, entry().class_code)
        read = site.own.retrieve(found, ins(), professional(DOCTOR), tmp_path / "read.xml")
        assert read.path.read_bytes() == cda()


def test_a_document_that_is_sent_again_is_there_once(pki: Pki, tmp_path: Path) -> None:
    with open_site(pki, tmp_path) as site:
        prepared = site.to.prepare(built(), context())
        assert [site.to.send(prepared).answer for _ in range(2)] == [Answer.DELIVERED, Answer.ALREADY_THERE]
        assert len(site.kept()) == 1


def test_a_new_version_replaces_the_one_that_is_there(pki: Pki, tmp_path: Path) -> None:
    with open_site(pki, tmp_path) as site:
        site.to.send(site.to.prepare(built(), context()))
        newer = built(built_cda(ids=NEXT))
        outcome = site.to.send(site.to.prepare(newer, context(replaces=IDS.unique_id)))
        assert (outcome.answer, outcome.findings) == (Answer.DELIVERED, ())
        assert [one.unique_id for one in site.entries()] == [NEXT.unique_id]
        assert [one.unique_id for one in site.entries(DEPRECATED)] == [IDS.unique_id]


@pytest.mark.parametrize("cut", Cut)
def test_wherever_a_deposit_is_cut_there_is_one_in_the_end(pki: Pki, tmp_path: Path, cut: Cut) -> None:
    with open_site(pki, tmp_path, Trouble(Transaction.DEPOSIT, cut=cut)) as site:
        prepared = site.to.prepare(built(), context())
        with pytest.raises((Retry, AnswerLost)) as caught:
            site.to.send(prepared)
        there = site.to.resolve(prepared).answer is Answer.ALREADY_THERE
        assert there == (cut in {Cut.DONE, Cut.ANSWER}) == bool(site.kept())
        assert not (there and isinstance(caught.value, Retry))
        if not there:
            assert site.to.send(prepared).answer is Answer.DELIVERED
        assert len(site.kept()) == 1


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
    with open_site(pki, tmp_path, trouble) as site, pytest.raises(kind):
        site.to.send(site.to.prepare(built(), context()))


@pytest.mark.parametrize(("state", "code"), [(State.CLOSED, "DMP-012"), (State.NONE, "DMP-011"), (State.OPPOSED, "")])
def test_a_record_that_is_not_open_is_never_fed_and_one_that_may_not_be_read_is(
    pki: Pki, tmp_path: Path, state: State, code: str
) -> None:
    with open_site(pki, tmp_path, state=state) as site:
        outcome = site.to.send(site.to.prepare(built(), context()))
        assert [one.rule.id for one in outcome.findings] == [code] * bool(code)
        assert (len(site.kept()), len(site.server.calls)) == ((0, 1) if code else (1, 2))


def test_a_seal_that_nobody_knows_is_refused_in_the_words_of_the_service(pki: Pki, tmp_path: Path) -> None:
    with open_site(pki, tmp_path, seal="sign-dmp-other-ca") as site, pytest.raises(CertificateRefused) as caught:
        site.to.send(site.to.prepare(built(), context()))
    assert "Not a valid signature certificate" in caught.value.message("fr")


def test_a_certificate_acts_for_its_structure_and_those_of_its_legal_entity(pki: Pki, tmp_path: Path) -> None:
    with DmpServer(pki, tmp_path, structures={"1330000027": f"1{FINESS}"}) as server:
        client = Client(pki, server.url)
        asked = {one: client.ask(get_documents(["2.25.1"]), caller(structure=one)) for one in STRUCTURES}
    assert [reply.status for reply in asked.values()] == [200, 200, 500]
    assert asked["1330000035"].fault == ("Erreur d'authentification de la personne morale",)


def test_another_document_than_the_registered_one_is_not_kept(pki: Pki, tmp_path: Path) -> None:
    with open_site(pki, tmp_path / "dmp", Trouble(Transaction.RETRIEVE, wrong=Wrong.DOCUMENT)) as site:
        site.to.send(site.to.prepare(built(), context()))
        (found,) = site.entries()
        with pytest.raises(DocumentAltered):
            site.own.retrieve(found, ins(), professional(DOCTOR), tmp_path / "read.xml")
    assert not (tmp_path / "read.xml").exists()


def test_a_document_is_shown_masked_archived_taken_back_and_deleted(pki: Pki, tmp_path: Path) -> None:
    author = entry().authors[0].person or ""
    doctor = professional(DOCTOR)
    own_author = replace(doctor, caller=replace(doctor.caller, national_id=author.split("^")[0]))
    with open_site(pki, tmp_path) as site:
        own = site.own
        hidden = context(masks=frozenset({Mask.PATIENT}), released_by="Dr Max Libre")
        site.to.send(site.to.prepare(built(), hidden))
        assert site.entries()[0].masks == {Mask.PATIENT}
        own.make_visible(site.entries()[0], Mask.PATIENT, ins(), own_author)
        own.mask(site.entries()[0], [Mask.PROFESSIONALS], ins(), own_author)
        (masked,) = own.search(ins(), own_author).contents.entries[:1]
        assert masked.masks == {Mask.PROFESSIONALS}
        own.mask(masked, [], ins(), own_author)
        own.archive(site.entries()[0], ins(), own_author)
        (archived,) = site.entries(ARCHIVED)
        own.unarchive(archived, ins(), own_author)
        own.delete(site.entries()[0], ins(), own_author)
        assert site.entries(APPROVED, ARCHIVED) == []
        assert {one.answer for one in site.server.calls} == {"OK", "Success"}
