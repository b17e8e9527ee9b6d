"""The mails of a site: what the demo sends, to whom, with what in them, and what it does not send."""

from __future__ import annotations

import base64
from collections import Counter
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path

import pytest
from demo_site import CDA, HUGE, DemoSite, invoke
from lxml import etree

from dui_bridge.cda.reading_people import INS_ROOTS
from dui_bridge.journal.records import DeliveryCase
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.policy.facts import UsagerFacts
from dui_bridge.site.settings import load_site
from tests.mail_world import attachments, read
from tests.xdm_archives import DOCUMENT, METADATA, unpacked

DESTINATIONS = ("mssante", "mssante-usager")
LEFT = (DeliveryState.DELIVERED, DeliveryState.ACKNOWLEDGED, DeliveryState.RETURNED)
CITIZENS, TRUSTED = "@patient.mssante.fr", ".mssante.fr"
ANONYMOUS = ("2026-0117", "2026-0118", "2026-0201", "2026-0202")


@dataclass(frozen=True, eq=False, repr=False)
class Sent:
    """A mail that the stand-in took, the delivery that it is, its attachments, and the files of its archive."""

    path: Path
    case: DeliveryCase
    mail: EmailMessage
    files: dict[str, bytes]
    archive: dict[str, bytes]

    @property
    def to(self) -> list[str]:
        return [address for _, address in getaddresses(self.mail.get_all("To", []))]

    @property
    def to_citizen(self) -> bool:
        return any(one.endswith(CITIZENS) for one in self.to)

    @property
    def cda(self) -> etree._Element:
        return etree.fromstring(self.archive[DOCUMENT], HUGE)

    @property
    def ins(self) -> list[str]:
        """The INS in the document."""
        ids = self.cda.findall("c:recordTarget/c:patientRole/c:id", CDA)
        return [one.get("extension", "") for one in ids if one.get("root") in INS_ROOTS]

    def everything(self) -> bytes:
        """All that the mail holds, encodings undone: a search in it misses nothing that is plain text."""
        inner = [base64.b64decode(one.text or "") for one in self.cda.iterfind(".//*[@representation='B64']")]
        text = self.mail.get_body(("plain",))
        assert text is not None
        return b"\n".join(
            [
                self.path.read_bytes(),
                str(self.mail["Subject"]).encode(),
                text.get_content().encode(),
                *inner,
                *self.files.values(),
                *self.archive.values(),
            ]
        )


@pytest.fixture(scope="module")
def sent(demo: DemoSite) -> list[Sent]:
    with open_journal(load_site(demo.config)) as journal:
        cases = [one for name in DESTINATIONS for one in journal.deliveries.cases(name, LEFT)]
    delivered = {f"<{one.delivery.reference}>": one for one in cases}
    found = []
    for path in sorted((demo.out / "sandbox" / "mssante" / "sent").glob("*.eml")):
        mail, files = read(path.read_bytes()), attachments(path.read_bytes())
        case = delivered[str(mail["Message-ID"])]
        found.append(Sent(path, case, mail, files, unpacked(files["IHE_XDM.zip"])))
    return found


def test_at_least_ten_mails_left_each_with_its_archive_and_once(sent: list[Sent]) -> None:
    assert len(sent) >= 10
    assert len({str(one.mail["Message-ID"]) for one in sent}) == len(sent)
    assert {one.case.delivery.source for one in sent} == {"atlas-ph", "serenia-ehpad", "passerelle-pds"}


def test_status_counts_what_the_operator_took(demo: DemoSite, sent: list[Sent]) -> None:
    told = invoke("status", "--json", "--config", str(demo.config)).json["destinations"]
    counted = {
        one["destination"]: sum(one["states"].get(state, 0) for state in LEFT)
        for one in told
        if one["destination"] in DESTINATIONS
    }
    assert counted == Counter(one.case.delivery.destination for one in sent)
    assert min(counted.values()) > 0


def test_the_document_in_the_archive_is_the_one_that_was_validated(demo: DemoSite, sent: list[Sent]) -> None:
    validated = demo.documents()
    for one in sent:
        assert one.archive[DOCUMENT] == validated[f"{one.case.delivery.unique_id}.xml"], one.path.name


def test_what_became_of_the_mails_is_told_and_not_only_that_they_left(demo: DemoSite) -> None:
    told = invoke("status", "--json", "--config", str(demo.config)).json["destinations"]
    states = Counter[str]()
    for one in told:
        if one["destination"] in DESTINATIONS:
            states.update(one["states"])
    # What came back: six from a closed mailbox, one from Mon espace santé. One was not taken at all.
    assert (states["acknowledged"], states["returned"], states["refused"]) == (18, 7, 1)
    suspects = invoke("mssante", "suspects", "--json", "--config", str(demo.config)).json["rows"]
    assert [list(one["proposed"].values()) for one in suspects if one["address"].startswith("p01@")]
    assert len(suspects) == 2
    printed = invoke("status", "--config", str(demo.config)).stdout
    assert [cause for cause in ("[MSS-020]", "[MSS-120]") if cause not in printed] == []


def test_another_mailbox_is_proposed_only_where_a_mail_came_back(demo: DemoSite) -> None:
    suspects = invoke("mssante", "suspects", "--json", "--config", str(demo.config)).json["rows"]
    (came_back,) = [one["delivery"] for one in suspects if one["proposed"]]
    (told,) = invoke("trace", came_back, "--json", "--config", str(demo.config)).json

    deliveries = [one for version in told["versions"] for one in version["deliveries"]]
    assert [one["destination"] for one in deliveries if one["other_mailboxes"]] == ["mssante"]


def test_of_two_letters_that_came_one_is_filed_and_one_waits(demo: DemoSite) -> None:
    waiting = invoke("inbox", "list", "--json", "--config", str(demo.config)).json["rows"]
    assert [one["code"] for one in waiting] == ["INB-022"]
    laid = sorted((demo.out / "inbox" / "atlas-ph").iterdir())
    assert [one.suffix for one in laid] == [".json", ".pdf", ".xml"]
    assert b"112113818500043" in laid[2].read_bytes()
    # It was there before the mailbox was first read: whoever read it then may have answered.
    answers = invoke("inbox", "answers", "--json", "--config", str(demo.config)).json["rows"]
    assert [one["state"] for one in answers] == ["doubtful"]
    assert list((demo.out / "mssante" / "mails").glob("*/*")) == []


def test_a_mail_is_about_one_person_and_names_one_document(sent: list[Sent]) -> None:
    for one in sent:
        assert [name for name in one.archive if "DOC" in name] == [DOCUMENT]
        patients = etree.fromstring(one.archive[METADATA]).xpath(
            "//*[local-name()='ExternalIdentifier'][contains(*//@value, 'patientId')]/@value"
        )
        assert len(set(patients)) == 1, one.path.name
        assert one.mail["X-MSS-INS"] == ("O" if one.ins else "N")


def test_a_citizen_is_written_to_alone_at_the_address_of_the_qualified_ins(sent: list[Sent]) -> None:
    citizens = [one for one in sent if one.to_citizen]
    assert {one.case.delivery.destination for one in citizens} == {"mssante-usager"}
    assert len(citizens) == len([one for one in sent if one.case.delivery.destination == "mssante-usager"])
    for one in citizens:
        assert one.to == [f"{one.ins[0]}{CITIZENS}"]
        assert UsagerFacts.from_json(one.case.usager).ins_qualified


def test_no_ins_leaves_that_is_not_qualified(sent: list[Sent]) -> None:
    without = [one for one in sent if not UsagerFacts.from_json(one.case.usager).ins_qualified]
    assert without
    assert not [one.path.name for one in without if any(root.encode() in one.everything() for root in INS_ROOTS)]


def test_nothing_goes_outside_of_the_trusted_space(sent: list[Sent]) -> None:
    addresses = {address for one in sent for address in one.to}
    assert len(addresses) > 2
    assert not [one for one in addresses if not one.endswith((CITIZENS, TRUSTED))]


def test_an_anonymous_dossier_is_in_no_mail(sent: list[Sent]) -> None:
    everything = b"".join(one.everything() for one in sent)
    assert not [num for num in ANONYMOUS if num.encode() in everything]
    assert not [one.path.name for one in sent if UsagerFacts.from_json(one.case.usager).anonymous]
    assert b"2026-0301" in everything


def test_every_mail_is_read_as_documents_by_the_command(sent: list[Sent]) -> None:
    for one in sent:
        decoded = invoke("mssante", "decode", str(one.path), "--json")
        assert decoded.code == 0, decoded.stdout
        assert decoded.json["kind"] == "xdm"
        assert [each["unique_id"] for each in decoded.json["documents"]] == [one.case.delivery.unique_id]
        assert decoded.json["findings"] == []
