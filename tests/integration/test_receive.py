"""One cycle of receiving at the stand-in of an operator: what is kept, tied, filed, refused, answered."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dui_bridge.connectors.mssante.reading import Kind, read_mail
from dui_bridge.ins.carriers import citizen_address
from dui_bridge.ins.traits import traits_of
from dui_bridge.journal.backup import backup, mark_restored, restore
from dui_bridge.journal.inbox_records import AnswerState, MailState
from dui_bridge.journal.records import Finished
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryEvent, DeliveryState
from dui_bridge.pipeline.inbox import doubtful
from dui_bridge.pipeline.inbox.known import JournalKnown
from dui_bridge.pipeline.reports.inbox import addressees_of, mail_alerts, receipts_of
from dui_bridge.sandbox.mssante import MssanteServer, Step, Trouble
from dui_bridge.sandbox.pki import MAILBOX, Pki
from tests.cda_dossiers import FULL, IDS
from tests.delivery_world import KEY
from tests.mss_mails import (
    DOCTOR,
    SENT_ID,
    bounce,
    delivery,
    disposition,
    mail,
    original,
    recipient,
    text,
    with_documents,
)
from tests.receive_world import NURSE, Reception, receive_site, version
from tests.xds_deposits import ins

PROCESSED = "automatic-action/MDN-sent-automatically; processed"


@pytest.fixture
def here(tmp_path: Path, mail_pki: Pki, operator: MssanteServer, empty_data: Path) -> Iterator[Reception]:
    shutil.copytree(empty_data, tmp_path / "data")
    site = receive_site(tmp_path, mail_pki, operator.addresses)
    with Journal.open(site.data, KEY) as journal:
        yield Reception(site, journal, operator)


REPORTS = [
    (disposition(PROCESSED), DeliveryState.ACKNOWLEDGED, "", False),
    (disposition(f"{PROCESSED}/warning", "Warning: une pièce a été ignorée"), DeliveryState.ACKNOWLEDGED, "", False),
    (delivery(recipient("relayed", "2.0.0")), DeliveryState.ACKNOWLEDGED, "", False),
    (delivery(recipient("failed", "5.1.1", "smtp; 550 5.1.1 unknown")), DeliveryState.RETURNED, "MSS-020", True),
    (disposition(f"{PROCESSED}/error", "Error: 902^inconnu^a"), DeliveryState.RETURNED, "MSS-132", False),
    (bounce("Échec", f"La messagerie de {NURSE} est fermée."), DeliveryState.RETURNED, "MSS-120", False),
    (delivery(recipient("delayed", "4.4.1", "smtp; 451 later")), DeliveryState.DELIVERED, "", False),
]


def test_a_report_changes_the_delivery_that_it_is_about(here: Reception) -> None:
    ids = [SENT_ID.replace("jk3", f"jk{number}") for number in range(4, 4 + len(REPORTS))]
    sent = [here.sent(one) for one in ids]
    reports = [report.replace(SENT_ID.encode(), one.encode()) for one, (report, *_) in zip(ids, REPORTS, strict=True)]
    assert here.came(*reports).errors == []
    assert [here.state(one) for one in sent] == [(state, cause) for _, state, cause, _ in REPORTS]
    assert [(one.state, one.delivery_id) for one in here.mails()] == [(MailState.TIED, one) for one in sent]
    assert len(here.journal.receipts.suspects()) == sum(suspect for *_, suspect in REPORTS)
    assert (here.seen(), here.answers()) == ([True] * len(REPORTS), [])


OTHER = "dr.leroy@medecin.mssante.fr"
FAILED = recipient("failed", "5.1.1", "smtp; 550 5.1.1 unknown")
FORGED = [
    delivery(FAILED, {"Return-Path": "<forger@gmail.com>", "From": "MAILER-DAEMON@gmail.com"}),
    delivery(FAILED, {"Return-Path": f"<{OTHER}>"}),
    delivery(FAILED + recipient("failed", "5.1.1", "smtp; 550 5.1.1 unknown", OTHER)),
    disposition(PROCESSED, headers={"From": OTHER, "Return-Path": "<>"}),
    disposition(PROCESSED, headers={"Return-Path": f"<{OTHER}>"}),
    disposition(f"{PROCESSED}/error", "Error: 902^inconnu^a", headers={"From": OTHER, "Return-Path": f"<{OTHER}>"}),
    bounce("Échec", f"La messagerie de {OTHER} est fermée."),
    bounce("Échec", "La messagerie de cet usager est fermée."),
]


def test_a_report_of_who_cannot_know_changes_nothing_and_waits_for_a_person(here: Reception) -> None:
    sent = here.sent(SENT_ID)
    here.came(*(report.replace(b"<a1@", f"<a{number}@".encode()) for number, report in enumerate(FORGED)))
    assert [(one.state, one.cause, one.delivery_id) for one in here.mails()] == [
        (MailState.REVIEW, "INB-045", sent)
    ] * len(FORGED)
    assert (here.state(sent), len(here.journal.receipts.suspects())) == ((DeliveryState.DELIVERED, ""), 0)
    assert here.journal.receipts.of([sent]) == []


def test_what_came_back_is_not_written_to_until_a_person_says_so(here: Reception) -> None:
    here.sent(SENT_ID)
    here.came(delivery(recipient("failed", "5.1.1", "smtp; 550 5.1.1 unknown")))
    assert DOCTOR.upper() in here.journal.receipts.suspects()
    assert [one.address for one in here.journal.receipts.suspect_list()] == [DOCTOR]
    assert here.journal.receipts.clear_suspect(DOCTOR, "martin", here.now)
    assert DOCTOR not in here.journal.receipts.suspects()


def test_a_usager_whose_messaging_is_closed_is_held_without_their_address(here: Reception) -> None:
    sent = here.sent(SENT_ID, by="mssante-usager")
    own = "notification@patient.mssante.fr"
    relayed = delivery(
        recipient("relayed", "2.0.0", address=citizen_address(ins())),
        returned=original(recipient=citizen_address(ins())),
    )
    here.came(
        relayed, bounce("Votre message", "La messagerie de cet usager est fermée.", {"From": own, "Return-Path": own})
    )
    assert here.state(sent) == (DeliveryState.RETURNED, "MSS-120")
    (held,) = here.journal.receipts.suspect_list()
    case = here.journal.deliveries.case(sent)
    assert case is not None
    assert (held.address, held.cause) == (f"usager-{case.delivery.dossier_id}", "MSS-120")
    # The address of the person holds the matricule: a person is told whom, not where.
    assert addressees_of(here.site, here.journal, case, "fr")["written_to"] == ["la personne"]
    assert [one["about"] for one in receipts_of(here.site, here.journal, case, "fr")] == ["la personne"] * 2
    assert here.journal.receipts.clear_suspect(held.address, "martin", here.now)
    assert held.address not in here.journal.receipts.suspects()


def test_a_report_that_comes_before_its_mail_is_known_to_have_left_waits(here: Reception) -> None:
    here.came(disposition(PROCESSED))
    assert here.mails()[0].state is MailState.TO_TREAT
    sent = here.sent(SENT_ID)
    here.cycle()
    assert here.state(sent)[0] is DeliveryState.ACKNOWLEDGED


def test_a_failure_that_no_delivery_has_is_for_a_person(here: Reception) -> None:
    here.came(delivery(recipient("failed", "5.1.1")), disposition(PROCESSED))
    here.cycle(timedelta(hours=1))
    assert [(one.state, one.cause) for one in here.mails()] == [(MailState.REVIEW, "INB-042"), (MailState.IGNORED, "")]
    arrived = here.journal.receipts.recorded
    assert arrived(SENT_ID, [DOCTOR.upper()], None)
    assert arrived(SENT_ID, [DOCTOR], here.now - timedelta(seconds=1))
    assert not arrived(SENT_ID, [DOCTOR], here.now)
    assert not arrived(SENT_ID, [OTHER], None)


@pytest.mark.parametrize(
    "report",
    [delivery(FAILED), delivery(recipient("delayed", "4.4.1")), FORGED[3], FORGED[4]],
    ids=["back", "late", "of somebody else", "sent by somebody else"],
)
def test_no_other_report_tells_that_a_mail_arrived(here: Reception, report: bytes) -> None:
    here.came(report)
    here.cycle(timedelta(hours=1))
    assert here.mails()[0].state is not MailState.TO_TREAT
    assert not here.journal.receipts.recorded(SENT_ID, [DOCTOR, OTHER], None)


def test_documents_of_a_qualified_person_are_laid_and_answered_once(here: Reception) -> None:
    here.knows_her()
    sent = with_documents()
    cycle = here.came(sent)
    assert cycle.errors == []
    laid = here.laid()
    assert sorted(name.rpartition(".")[2] for name in laid) == ["json", "pdf", "xml"]
    told = json.loads(laid[f"atlas/{IDS.unique_id}.json"])
    assert (told["dossier"]["number"], told["action"]) == ("0042", "new")
    (answer,) = here.answers()
    assert read_mail(answer).kind is Kind.MDN
    here.operator.post.serve(MAILBOX, sent)  # the operator delivers the same mail twice
    here.cycle()
    here.operator.store.renumber(MAILBOX, "INBOX")
    here.cycle()
    assert (len(here.mails()), len(here.answers()), here.laid()) == (1, 1, laid)
    assert all(here.seen())


def test_a_person_who_is_unknown_is_refused_with_902(here: Reception) -> None:
    here.came(with_documents())
    assert [(one.state, one.cause, one.code) for one in here.mails()] == [(MailState.REFUSED, "INB-007", "902")]
    (answer,) = map(read_mail, here.answers())
    assert (answer.kind, answer.code, here.laid()) == (Kind.INTEGRATION_ERROR, "902", {})


def test_what_was_refused_and_is_sent_again_is_judged_again(here: Reception) -> None:
    refused = with_documents()
    here.came(refused)
    here.operator.store.renumber(MAILBOX, "INBOX")  # the same mail, found once more, is none that was sent again
    here.cycle()
    here.knows_her()
    again = b"Received: from relais by esms; Sun, 22 Nov 2026 11:00:00 +0100\r\n" + refused
    here.came(again)
    here.operator.store.renumber(MAILBOX, "INBOX")
    here.cycle()
    assert [one.state for one in here.mails()] == [MailState.REFUSED, MailState.FILED]
    answers = map(read_mail, here.answers())
    assert [one.kind for one in answers] == [Kind.INTEGRATION_ERROR, Kind.MDN]


def test_what_is_not_certain_waits_unanswered(here: Reception) -> None:
    here.knows_her(qualified=False)
    cycle = here.came(with_documents())
    assert [(one.state, one.cause) for one in here.mails()] == [(MailState.REVIEW, "INB-020")]
    assert (here.answers(), here.laid(), cycle.exit_code()) == ([], {}, 1)


def test_a_dossier_is_found_by_its_traits(here: Reception) -> None:
    here.knows_her()
    known = JournalKnown(here.journal, here.site.profile, 0)
    hers = traits_of(FULL.usager)
    assert [one.number for one in known.by_traits(replace(hers, nom_naissance=hers.nom_naissance.lower()))] == ["0042"]
    assert [*known.by_traits(replace(hers, date_naissance="1901-01-01"))] == []
    assert [*known.by_traits(replace(hers, nom_naissance="DURAND"))] == []


def test_a_newer_version_replaces_and_an_older_one_is_refused(here: Reception) -> None:
    here.knows_her()
    named = [{"Message-ID": f"<v{number}@medecin.mssante.fr>"} for number in range(4)]
    here.came(with_documents(named[0]))
    here.came(with_documents(named[1], version(3)))
    here.came(with_documents(named[2], version(2)))
    here.came(with_documents(named[3], version(3)))  # the same document in another mail
    assert [(one.state, one.code) for one in here.mails()] == [
        (MailState.FILED, ""),
        (MailState.FILED, ""),
        (MailState.REFUSED, "900"),
        (MailState.IGNORED, ""),
    ]
    told = json.loads(here.laid()[f"atlas/{IDS.unique_id}3.json"])
    assert (told["action"], told["replaces"]["unique_id"]) == ("replace", IDS.unique_id)
    assert len(here.answers()) == 4


def test_the_letter_of_a_person_waits_and_answers_what_was_awaited(here: Reception) -> None:
    sent = here.sent(SENT_ID)
    here.journal.receipts.await_replies({sent: here.now})
    assert here.journal.receipts.late(here.now + timedelta(hours=1)) is not None
    reply = {"In-Reply-To": f"<{SENT_ID}>", "Subject": "Re: ordonnance"}
    # Whoever was not written to answers nothing.
    here.came(mail({**reply, "From": "autre@medecin.mssante.fr"}, text("Et moi ?")))
    late = here.journal.receipts.late(here.now + timedelta(hours=1))
    assert late is not None
    assert late.deliveries == (sent,)
    here.came(mail(reply, text("Bien reçu.")))
    told = [(one.state, one.cause, one.delivery_id) for one in here.mails()]
    assert told == [(MailState.REVIEW, "INB-040", sent)] * 2
    assert here.journal.receipts.late(here.now + timedelta(hours=1)) is None


def test_a_late_report_about_a_mail_that_was_sent_again_says_nothing_of_the_new_one(here: Reception) -> None:
    sent = here.sent(SENT_ID)
    here.journal.deliveries.change([(sent, DeliveryEvent.RETURN, "MSS-020", "dui")], here.now)
    here.journal.selections.replay([sent], here.journal.tasks.add("replay", {}, "dr", here.now), here.now)
    here.journal.deliveries.change([(sent, DeliveryEvent.ALLOW, "", "")], here.now)
    assert here.journal.deliveries.start(sent, "w", here.now)
    here.journal.deliveries.finish(Finished(sent, DeliveryEvent.DELIVER, here.now, reference="again@foyer.mssante.fr"))
    here.came(delivery(recipient("failed", "5.1.1")))
    assert [(one.state, one.delivery_id) for one in here.mails()] == [(MailState.TIED, sent)]
    assert here.delivery(sent).state is DeliveryState.DELIVERED
    assert DOCTOR in here.journal.receipts.suspects()


def test_a_connection_cut_while_mails_are_fetched_loses_none(here: Reception) -> None:
    here.knows_her()
    here.sent(SENT_ID)
    here.operator.troubles.add(Trouble(Step.IMAP_FETCH, cut=True, after=2))
    cut = here.came(disposition(PROCESSED), with_documents(), delivery(recipient("relayed", "2.0.0")))
    assert [one.exit_code for one in cut.errors] == [3]
    whole = here.cycle()
    assert whole.errors == []
    assert [one.state for one in here.mails()] == [MailState.TIED, MailState.FILED, MailState.TIED]
    assert (len(here.answers()), here.seen()) == (1, [True] * 3)


def test_an_answer_that_is_put_off_leaves_later_and_one_that_may_have_left_does_not(here: Reception) -> None:
    here.operator.troubles.add(Trouble(Step.MAIL, answer="451 4.3.0 later"))
    here.came(with_documents())
    assert here.journal.receipts.answers_by_state() == {AnswerState.WAITING: 1}
    here.cycle(timedelta(minutes=5))
    assert (len(here.answers()), here.journal.receipts.answers_by_state()) == (1, {AnswerState.SENT: 1})
    here.operator.troubles.add(Trouble(Step.END, cut=True, kept=True))
    here.came(with_documents({"Message-ID": "<b2@medecin.mssante.fr>"}))
    here.cycle(timedelta(hours=8))
    assert len(here.answers()) == 2
    assert here.journal.receipts.answers_by_state() == {AnswerState.SENT: 1, AnswerState.DOUBTFUL: 1}


def test_a_mailbox_that_does_not_open_is_told_and_what_is_kept_is_still_there(here: Reception) -> None:
    here.came(mail({}, text("Bonjour")))
    here.operator.troubles.add(Trouble(Step.IMAP_AUTH, answer="NO [AUTHENTICATIONFAILED] no"))
    cycle = here.cycle()
    assert [one.code for one in cycle.errors] == ["MSS-033"]
    (known,) = here.journal.inbox.mailboxes()
    assert (known.code, known.success_at is not None, cycle.exit_code()) == ("MSS-033", True, 2)


def test_a_doubtful_mail_has_left_when_somebody_tells_of_it(here: Reception, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = here.sent(SENT_ID, DeliveryEvent.LOSE)
    assert here.state(sent)[0] is DeliveryState.DOUBTFUL
    monkeypatch.setattr(doubtful.Doubtful, "_known", {SENT_ID: sent})
    here.came(disposition(PROCESSED))
    assert (here.state(sent)[0], here.delivery(sent).reference) == (DeliveryState.ACKNOWLEDGED, SENT_ID)


def test_after_a_restore_what_came_since_the_backup_is_filed_as_it_was_and_not_answered_again(
    here: Reception, tmp_path: Path
) -> None:
    here.knows_her()
    backup(here.site.data, KEY, tmp_path / "backup", here.now)
    here.came(with_documents())
    laid = here.laid()
    restore(tmp_path / "backup", tmp_path / "restored", KEY, here.now, by="martin")
    with Journal.open(tmp_path / "restored", KEY) as journal:
        here.journal = journal
        assert here.cycle().errors == []
        assert [one.state for one in here.mails()] == [MailState.FILED]
        assert journal.receipts.answers_by_state() == {AnswerState.DOUBTFUL: 1}
    assert (here.laid(), len(here.answers())) == (laid, 1)


@pytest.mark.parametrize("date", ["Fri, 20 Nov 2026 10:00:00 +0100", None])
def test_a_mail_from_before_its_mailbox_was_first_read_is_not_answered(here: Reception, date: str | None) -> None:
    """Whoever read the mailbox then may have answered it."""
    here.knows_her()
    here.came(with_documents({"Date": date}))
    here.cycle(timedelta(days=1))
    assert [one.state for one in here.mails()] == [MailState.FILED]
    assert (here.answers(), here.journal.receipts.answers_by_state()) == ([], {AnswerState.DOUBTFUL: 1})
    assert [one.cause for one in here.journal.receipts.undecided_answers()] == ["INB-048"]


def test_a_refusal_that_its_sender_may_not_be_told_is_told_to_a_person(here: Reception) -> None:
    here.came(with_documents({"Auto-Submitted": "auto-generated"}))
    assert (here.mails()[0].state, here.answers()) == (MailState.REFUSED, [])
    assert [one.cause for one in here.journal.receipts.undecided_answers()] == ["INB-049"]
    assert ("answers", {"number": "1"}) in list(mail_alerts(here.site, here.journal, here.now))


def test_no_answer_leaves_before_a_restore_is_reconciled(here: Reception) -> None:
    mark_restored(here.journal, here.now - timedelta(hours=20), by="martin")
    here.came(with_documents())
    assert (here.answers(), here.journal.receipts.answers_by_state()) == ([], {AnswerState.WAITING: 1})
    here.journal.restoration.close()
    here.cycle()
    assert len(here.answers()) == 1


def test_what_no_database_holds_is_no_more_than_a_mail(here: Reception) -> None:
    here.knows_her()
    strange = disposition(PROCESSED).replace(SENT_ID.encode(), b"a\xed\xa0\x80\x00@x")
    assert here.came(strange, with_documents({"Message-ID": "<\x00@x>"}, version(10**30))).errors == []
    assert [one.state for one in here.mails()] == [MailState.TO_TREAT, MailState.FILED]


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(Step.IMAP_HANDSHAKE, cut=True),
        Trouble(Step.IMAP_HANDSHAKE, cut=True, after=1),
        Trouble(Step.HANDSHAKE, cut=True),
        Trouble(Step.DATA, cut=True),
    ],
    ids=["when it is read", "when it is marked", "when it is answered", "in the answer"],
)
def test_an_operator_killed_loses_nothing_and_nobody_is_told_twice(here: Reception, trouble: Trouble) -> None:
    here.knows_her()
    here.operator.troubles.add(trouble)
    here.came(with_documents())
    for _ in range(2):
        assert here.cycle(timedelta(minutes=5)).errors == []
    assert [one.state for one in here.mails()] == [MailState.FILED]
    assert (len(here.laid()), here.seen()) == (3, [True])
    ended = here.journal.receipts.answers_by_state()
    assert ended == {AnswerState.SENT if here.answers() else AnswerState.DOUBTFUL: 1}
    assert len(here.answers()) == 1 or trouble.step is Step.DATA
