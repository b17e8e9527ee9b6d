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
from dui_bridge.pipeline.dmp import consult_actions
from dui_bridge.pipeline.dmp.consult import Admitted
from dui_bridge.pipeline.dmp.consult_actions import Change
from dui_bridge.pipeline.dmp.consult_errors import NotShown
from dui_bridge.pipeline.dmp.consult_person import Asking
from dui_bridge.pipeline.dmp.errors import BytesGone, NothingWithIns
from dui_bridge.pipeline.dmp.evidence import evidence
from dui_bridge.pipeline.dmp.opened import Dmp, meant
from dui_bridge.pipeline.dmp.structure import delete
from dui_bridge.pipeline.policy.facts import ins_digest
from dui_bridge.xds.messages import read_submission
from dui_bridge.xds.vocabulary import APPROVED, DELETED, REPLACES
from tests import dmp_world
from tests.dmp_world import AUTOMATE, TAKEN, Reply, client, found, lost, professional
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


def as_professional(there: There, patched: pytest.MonkeyPatch, person: QualifiedIns, *replies: Reply) -> Done:
    """Deletes it as a doctor who is signed in in front of the DMP of a person."""
    opened = client(dmp_world.Dmp(list(replies)))
    admitted = Admitted("dmp-essai", opened, professional(), person)
    patched.setattr(consult_actions, "admitted", lambda *_: nullcontext(admitted))
    asked = cast(Asking, SimpleNamespace(subject="usager-1"))
    unique_id, destination = entry().unique_id, there.dmp()[0].destination
    return consult_actions.change(
        there.office.desk(), destination, asked, print, unique_id, Change.DELETE, reason="erreur"
    )
