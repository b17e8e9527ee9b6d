"""What the structure takes out of the DMP by itself, and the evidence of what it deposited."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from action_world import DMP, DOCUMENT, FINESS, INFORMED, NOW, Office, action_site
from delivery_world import KEY
from lxml import etree

from dui_bridge.errors import AnswerLost
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import BuiltDocument, DocumentIds
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.actions.desk import Done
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.delivery.masks import changes_of
from dui_bridge.pipeline.dmp import consult_actions, structure
from dui_bridge.pipeline.dmp.consult import Admitted
from dui_bridge.pipeline.dmp.consult_actions import Change
from dui_bridge.pipeline.dmp.consult_errors import NothingToChange, NotShown
from dui_bridge.pipeline.dmp.consult_person import Asking
from dui_bridge.pipeline.dmp.errors import BytesGone, NothingGone, NothingWithIns
from dui_bridge.pipeline.dmp.evidence import evidence
from dui_bridge.pipeline.dmp.opened import Dmp, meant
from dui_bridge.pipeline.dmp.structure import delete, deposit_as_new, exists
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.policy.facts import ins_digest
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.messages import read_submission
from dui_bridge.xds.vocabulary import APPROVED, DELETED, REPLACES
from tests import dmp_world
from tests.dmp_world import AUTOMATE, TAKEN, Reply, client, existing, found, lost, professional
from tests.xds_deposits import ENTRY_UUID, cda, entry, ins, registered

ABSENT, OURS, REFERENCE = found(), found(registered()), found(references=(ENTRY_UUID,))
NAMED = replace(DOCUMENT, ins=ins_digest(ins().matricule))
SETTLED = (DeliveryState.CANCELLED, "DLV-017")


@dataclass
class There:
    """An office whose only document is in a DMP that answers as it is told."""

    office: Office
    delivery: int

    def dmp(self, *replies: Reply) -> tuple[Dmp, dmp_world.Dmp]:
        calls = dmp_world.Dmp(list(replies))
        return Dmp(open_destinations(self.office.site)[DMP], client(calls), {FINESS: AUTOMATE}), calls

    def delete(self, *replies: Reply) -> tuple[Done, dmp_world.Dmp]:
        dmp, calls = self.dmp(*replies)
        return delete(self.office.desk(), dmp, [self.delivery], "document-1", "erreur"), calls

    def refused_after_it(self, cause: str) -> int:
        """A second version, which the DMP refused for this."""
        second = replace(document(), ids=DocumentIds("2.25.777", document().ids.set_id, 2, entry().unique_id, 1))
        number = self.office.add(usager="U1", document="P1", made=second, version=2, document_facts=NAMED)
        return self.office.ended(number, DeliveryEvent.REFUSE, cause)

    def purge(self) -> None:
        self.office.journal.keeping.purge(NOW + timedelta(days=900), timedelta(days=1), timedelta(days=1))

    def audited(self, name: str) -> list[object]:
        return [row.details[name] for row in self.office.journal.audit.entries() if name in row.details]


def document() -> BuiltDocument:
    return replace(dmp_world.built(finess=FINESS), sha256=hashlib.sha256(cda()).hexdigest())


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    site = action_site(tmp_path)
    with Journal.open(site.data, KEY) as journal:
        office = Office(site, journal)
        sent = office.add(usager="U1", document="P1", made=document(), document_facts=NAMED)
        yield There(office, office.ended(sent, DeliveryEvent.DELIVER))


def test_what_is_gone_already_is_settled_and_said(there: There) -> None:
    done, calls = there.delete(ABSENT)

    assert (done.what, len(calls.asked), there.office.state(there.delivery)) == ("dmp_gone", 1, SETTLED)
    assert there.audited("result") == ["gone"]


def test_a_deletion_whose_answer_was_lost_is_found_out_by_asking_again(there: There) -> None:
    with pytest.raises(AnswerLost) as lost_one:
        there.delete(OURS, lost)
    assert there.office.state(there.delivery)[0] is DeliveryState.DELIVERED

    there.delete(ABSENT)

    assert there.office.state(there.delivery) == SETTLED
    assert there.audited("result") == [lost_one.value.code, "gone"]


def test_a_dmp_that_shows_a_reference_only_deletes_what_we_deposited(there: There) -> None:
    done, calls = there.delete(REFERENCE, TAKEN)

    (tie,) = [one for one in read_submission(calls.asked[1].body).contents.associations if one.target == ENTRY_UUID]
    assert (tie.slots["OriginalStatus"], tie.slots["NewStatus"]) == (APPROVED, DELETED)
    assert (done.what, there.audited("result")) == ("dmp_deleted", ["deleted"])


@pytest.mark.parametrize(
    ("found_there", "earlier", "operation"),
    [(ABSENT, SETTLED, "deposit"), (OURS, (DeliveryState.DELIVERED, ""), "replace")],
)
def test_a_version_whose_earlier_one_is_gone_is_deposited_as_new_on_demand(
    there: There,
    monkeypatch: pytest.MonkeyPatch,
    found_there: Reply,
    earlier: tuple[DeliveryState, str],
    operation: str,
) -> None:
    later = there.refused_after_it("DMP-021")
    sent: list[int] = []
    monkeypatch.setattr(structure, "send_now", lambda desk, numbers, *_: sent.extend(numbers) or Done("sent_now"))
    dmp, calls = there.dmp(found_there)

    deposit_as_new(there.office.desk(), dmp, [there.delivery, later], "document-1", Steps())

    sendable = there.office.journal.deliveries.sendable(later)
    assert sendable is not None
    assert (sent, sendable.case.delivery.state, sendable.case.delivery.operation) == (
        [later],
        DeliveryState.READY,
        operation,
    )
    assert there.office.state(there.delivery) == earlier
    assert len(calls.asked) == 1


def test_what_was_refused_for_another_reason_is_not_deposited_as_new(there: There) -> None:
    later = there.refused_after_it("DMP-020")
    dmp, calls = there.dmp(ABSENT)

    with pytest.raises(NothingGone):
        deposit_as_new(there.office.desk(), dmp, [there.delivery, later], "document-1", Steps())
    assert calls.asked == []


def test_a_document_is_taken_out_although_its_ins_is_not_that_of_the_person_any_more(there: There) -> None:
    there.office.add(usager="U1", facts=replace(INFORMED, ins_qualified=False))
    dmp, _ = there.dmp()
    with pytest.raises(NothingWithIns):
        meant(there.office.desk(), dmp.destination, [there.delivery], "document-1")

    done, calls = there.delete(OURS, TAKEN)

    assert done.what == "dmp_deleted"
    assert ins().matricule.encode() in etree.tostring(calls.asked[0].assertion)
    assert there.audited("identity") == ["changed"]


def test_without_its_bytes_nothing_is_asked_and_that_is_said(there: There, tmp_path: Path) -> None:
    there.purge()
    dmp, calls = there.dmp(OURS)

    with pytest.raises(BytesGone):
        there.delete(OURS)
    with pytest.raises(BytesGone):
        evidence(there.office.desk(), dmp, [there.delivery], "document-1", tmp_path / "preuves.zip")
    assert calls.asked == []


def test_the_evidence_of_a_replacement_is_a_replacement(there: There, tmp_path: Path) -> None:
    first = there.office.known(there.delivery).unique_id
    newer = replace(document(), ids=DocumentIds("2.25.77", document().ids.set_id, 2, first, 1))
    sent = there.office.add(usager="U1", document="P1", made=newer, document_facts=NAMED)
    there.office.ended(sent, DeliveryEvent.DELIVER)
    dmp, calls = there.dmp()

    for number, name in ((there.delivery, "first"), (sent, "second")):
        evidence(there.office.desk(), dmp, [number], f"delivery-{number}", tmp_path / name)

    replaced = []
    for name in ("first", "second"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            lot = read_submission(etree.fromstring(archive.read("metadonnees.xml")))
        replaced.append(sum(one.type == REPLACES for one in lot.contents.associations))
    assert (replaced, calls.asked) == ([0, 1], [])


@pytest.mark.parametrize(("replies", "done"), [((ABSENT,), "dmp_gone"), ((REFERENCE, TAKEN), "dmp_deleted")])
def test_a_professional_deletes_what_is_ours_though_the_dmp_does_not_show_it(
    there: There, monkeypatch: pytest.MonkeyPatch, replies: tuple[Reply, ...], done: str
) -> None:
    assert as_professional(there, monkeypatch, ins(), *replies).what == done
    assert there.office.state(there.delivery) == SETTLED
    assert there.audited("result") == [done.removeprefix("dmp_")]


def test_a_professional_who_names_another_person_settles_nothing(there: There, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotShown):
        as_professional(there, monkeypatch, QualifiedIns("287033306300082", "1.2.250.1.213.1.4.8"), ABSENT)
    assert there.office.state(there.delivery)[0] is DeliveryState.DELIVERED


def as_professional(
    there: There, patched: pytest.MonkeyPatch, person: QualifiedIns, *replies: Reply, what: Change = Change.DELETE
) -> Done:
    """Changes it as a doctor who is signed in in front of the DMP of a person."""
    opened = client(dmp_world.Dmp(list(replies)))
    admitted = Admitted("dmp-essai", opened, professional(), person)
    patched.setattr(consult_actions, "admitted", lambda *_: nullcontext(admitted))
    asked = cast(Asking, SimpleNamespace(subject="usager-1"))
    unique_id, destination = entry().unique_id, there.dmp()[0].destination
    return consult_actions.change(there.office.desk(), destination, asked, print, unique_id, what, reason="erreur")


@pytest.mark.parametrize(
    ("what", "stands", "result", "known"),
    [
        (Change.MASK, (), "masked", (Mask.PROFESSIONALS, True)),
        (Change.UNMASK, (Mask.PROFESSIONALS,), "unmasked", (Mask.PROFESSIONALS, False)),
        (Change.SHOW_PATIENT, (Mask.PATIENT,), "shown_patient", (Mask.PATIENT, False)),
        (
            Change.SHOW_REPRESENTATIVES,
            (Mask.LEGAL_REPRESENTATIVES,),
            "shown_representatives",
            (Mask.LEGAL_REPRESENTATIVES, False),
        ),
    ],
)
def test_from_whom_a_professional_hides_a_document_is_remembered_of_it(
    there: There,
    monkeypatch: pytest.MonkeyPatch,
    what: Change,
    stands: tuple[Mask, ...],
    result: str,
    known: tuple[Mask, bool],
) -> None:
    already = (Mask.PROFESSIONALS,) if what is Change.MASK else ()
    as_professional(there, monkeypatch, ins(), found(registered(stands)), TAKEN, what=what)
    with pytest.raises(NothingToChange):
        as_professional(there, monkeypatch, ins(), found(registered(already)), what=what)

    rows = there.office.journal.audit.about(entry().unique_id)
    assert [(row.details["result"], row.details["changed"]) for row in rows] == [(result, True), (result, False)]
    assert set(changes_of(there.office.journal, entry().unique_id)) == {known}


def test_the_answer_to_whether_there_is_a_dmp_is_told_whole(there: There) -> None:
    dmp, _ = there.dmp(existing(), existing("terminated", observation="DATE_FERMETURE", value="20260901"))

    opened, closed = (exists(there.office.desk(), dmp, [there.delivery], "document-1") for _ in range(2))

    assert opened.as_dict() | {"dmp": "open", "authorisation": "VALIDE", "treating_doctor": False, "closing": ""} == (
        opened.as_dict()
    )
    assert "à le consulter : VALIDE" in opened.words("fr")
    assert "STATUT_MT" in opened.words("fr")
    assert (closed.values["closing"], closed.words("en").count("DATE_FERMETURE 20260901")) == (
        "DATE_FERMETURE 20260901",
        1,
    )


def test_what_the_structure_asks_about_a_document_of_a_secret_connection_says_so(tmp_path: Path) -> None:
    site = action_site(tmp_path)
    with Journal.open(site.data, KEY) as journal:
        office, facts = Office(site, journal), replace(NAMED, secret_connection=True)
        minor = replace(INFORMED, birth_date="2012-01-01")
        sent = office.add(usager="U1", document="P1", made=document(), facts=minor, document_facts=facts)
        secret = There(office, office.ended(sent, DeliveryEvent.DELIVER))
        dmp, calls = secret.dmp(existing())

        exists(office.desk(), dmp, [sent], "document-1")
        _, deleting = secret.delete(OURS, TAKEN)

        told = [etree.tostring(one.assertion) for one in (*calls.asked, *deleting.asked)]
    assert [b"hl7:confidentiality-code" in one for one in told] == [True] * 3
