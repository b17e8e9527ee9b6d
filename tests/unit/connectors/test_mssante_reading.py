"""What a mail of a mailbox is, in every form in which operators and software write it."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.connectors.mssante.decode import decode
from dui_bridge.connectors.mssante.mime import read_section
from dui_bridge.connectors.mssante.notices import Told
from dui_bridge.connectors.mssante.reading import Kind, read_mail
from tests.mss_mails import (
    CITIZEN,
    DOCTOR,
    ERROR,
    KO,
    OWN,
    SENT_ID,
    SUBJECT,
    bounce,
    delivery,
    disposition,
    file,
    mail,
    original,
    recipient,
    report,
    text,
    with_documents,
)
from tests.xdm_archives import archive

AUTOMATIC = "automatic-action/MDN-sent-automatically; "
FAILED = recipient("failed", "5.1.1", "smtp; 550 5.1.1 mailbox closed")


def test_a_mail_with_documents_gives_its_archive_and_what_its_headers_say() -> None:
    read = read_mail(with_documents())
    assert (read.kind, read.archive, read.findings) == (Kind.XDM, archive(), ())
    assert (read.sender, read.to, read.answer_to, read.message_id) == (DOCTOR, OWN, DOCTOR, "a1@medecin.mssante.fr")
    assert read.at == datetime(2026, 11, 22, 9, tzinfo=UTC)
    assert dict(read.headers) == {"x-mss-ins": "O"}
    assert [one.name for one in read.attached] == ["20260501_Projet_LACAZE_Ines.pdf"]


@pytest.mark.parametrize(
    "data",
    [
        with_documents(name="ihe_xdm.ZIP"),
        with_documents({"Subject": "=?utf-8?q?XDM/1=2E0/DDM+Synth=C3=A8se?= VIAL Paul"}, name="envoi.zip"),
        with_documents({"Subject": "Bonjour"}, name="envoi.zip"),
        mail({}, text("Bonjour"), b"Content-Type: application/zip\r\n\r\n" + archive()),
        mail({}, text("Bonjour"), file("x", archive()).replace(b'filename="x"', b"filename*0*=utf-8''IHE%5FX; filename*1=DM.zip")),
        mail({"Content-Type": 'application/zip; name="IHE_XDM.zip"', "Content-Transfer-Encoding": "base64"}, b64encode(archive())),
        with_documents().replace(b"\r\n", b"\n"),
        b"From pont@esms Sun Nov 22 10:00:00 2026\n" + with_documents(),
        with_documents().rstrip(b"\r\n-"),
    ],
    ids=["case", "encoded subject", "metadata", "no name", "rfc2231", "alone", "lf", "mbox", "not closed"],
)  # fmt: skip
def test_the_archive_is_found_however_the_mail_is_written(data: bytes) -> None:
    read = read_mail(data)
    assert (read.kind, read.archive) == (Kind.XDM, archive())


@pytest.mark.parametrize(
    ("fields", "told", "code", "status", "cause"),
    [
        (recipient("delivered", "2.1.5"), Told.DELIVERED, "250", "2.1.5", None),
        (recipient("relayed", "2.0.0", "smtp; 250 2.0.0 queued"), Told.DELIVERED, "250", "2.0.0", None),
        (recipient("Relayed (to non-DSN-aware mailer)", "2.0.0"), Told.DELIVERED, "250", "2.0.0", None),
        (recipient("expanded", "2.1.5"), Told.DELIVERED, "250", "2.1.5", None),
        (recipient("delayed", "4.4.1", "smtp; 421 busy"), Told.DELAYED, "421", "4.4.1", "MSS-111"),
        (FAILED, Told.FAILED, "550", "5.1.1", "MSS-020"),
        (recipient("failed", "5.1.2"), Told.FAILED, "512", "5.1.2", "MSS-021"),
        (recipient("failed", "5.2.2"), Told.FAILED, "552", "5.2.2", "MSS-022"),
        (recipient("failed", "5.3.4"), Told.FAILED, "523", "5.3.4", "MSS-023"),
        (recipient("failed", "5.2.1", "X-Operator; boîte fermée"), Told.FAILED, "550", "5.2.1", "MSS-020"),
        (recipient("failed", "5.7.1", "smtp;554 5.7.1 refused"), Told.FAILED, "554", "5.7.1", "MSS-050"),
        (recipient("failed", "4.4.7"), Told.FAILED, "451", "4.4.7", "MSS-110"),
        (f"Final-Recipient: {DOCTOR}\r\nStatus: 5.1.1 (no)\r\n", Told.FAILED, "550", "5.1.1", "MSS-020"),
        (recipient("failed", "5.0.0", "smtp; 550 host 10.1.1.1 said 5.1.1"), Told.FAILED, "550", "5.0.0", "MSS-020"),
        (recipient("failed", "5.1.1", "smtp; 550 messagerie fermée", CITIZEN), Told.FAILED, "550", "5.1.1", "MSS-120"),
    ],
)  # fmt: skip
def test_a_delivery_report_tells_what_became_of_the_mail(
    fields: str, told: Told, code: str, status: str, cause: str | None
) -> None:
    read = read_mail(delivery(f"Reporting-MTA: dns; localhost\r\nOriginal-Envelope-Id: {SENT_ID}\r\n\r\n{fields}"))
    assert (read.kind, read.code) == (Kind.DSN, code)
    (notice,) = read.notices
    assert (notice.told, notice.status, notice.cause.id if notice.cause else None) == (told, status, cause)
    assert read.original is not None
    assert (read.original.message_id, read.original.recipients) == (SENT_ID, (notice.recipient,))


def test_a_report_about_several_recipients_tells_of_each_and_leads_with_the_worst() -> None:
    both = recipient("delivered", "2.0.0", address="b@cabinet.mssante.fr")
    read = read_mail(delivery(f"Reporting-MTA: dns; x\r\n\r\n{both}{FAILED}"))
    assert [one.told for one in read.notices] == [Told.DELIVERED, Told.FAILED]
    assert [one.suspect for one in read.notices] == [False, True]
    assert read.code == "550"
    assert read.original is not None
    assert read.original.recipients == ("b@cabinet.mssante.fr", DOCTOR)


@pytest.mark.parametrize(
    "data",
    [
        delivery(FAILED),
        delivery(FAILED, returned=original(None), headers={"In-Reply-To": f"< {SENT_ID} >"}),
        delivery(FAILED, returned="", headers={"References": f"<other@x> <{SENT_ID}>"}),
        delivery(f"Original-Envelope-Id: {SENT_ID}\r\n\r\n{FAILED}", returned=""),
        delivery(FAILED, returned="").replace(b"Voici.", f"> Message-ID: <{SENT_ID}>".encode()),
    ],
    ids=["returned", "in-reply-to", "references", "envelope", "quoted"],
)
def test_a_report_is_tied_to_its_delivery_by_whatever_names_it(data: bytes) -> None:
    read = read_mail(data)
    assert read.original is not None
    assert read.original.message_id == SENT_ID
    assert read.findings == ()


def test_a_report_that_names_no_mail_says_so() -> None:
    read = read_mail(delivery(FAILED, returned=""))
    assert [one.rule.id for one in read.findings] == ["MSS-154"]
    assert read.original is not None
    assert read.original.recipients == (DOCTOR,)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (AUTOMATIC + "processed", Told.READ),
        ("manual-action/MDN-sent-manually; displayed", Told.READ),
        ("manual-action/MDN-sent-manually;deleted", Told.DELETED),
    ],
)
def test_a_receipt_of_reading(value: str, told: Told) -> None:
    read = read_mail(disposition(value))
    assert (read.kind, read.notices[0].told) == (Kind.MDN, told)
    assert read.original is not None
    assert (read.original.message_id, read.original.recipients) == (SENT_ID, (DOCTOR,))


@pytest.mark.parametrize(
    "data",
    [
        disposition(AUTOMATIC + "processed/error", f"Error: {ERROR}"),
        disposition(AUTOMATIC + f"processed/Error: {ERROR}"),
        disposition(AUTOMATIC + f"processed/error,{ERROR}"),
        disposition(AUTOMATIC + "processed/error", f"Error: {ERROR}", headers={"Subject": KO + SUBJECT}),
        disposition(AUTOMATIC + "processed/error", headers={"Subject": KO + SUBJECT}),
        disposition(AUTOMATIC + "processed", headers={"Subject": "=?utf-8?q?=5BKO_Int=C3=A9gration_syst=C3=A8me_!=5D[902]?= x"}),
        disposition(AUTOMATIC + "processed/error").replace(b"Voici.", "Le système a retourné l'erreur 902^Inconnu".encode()),
        disposition("automatic-action/MDN-sent-automatically;failed", f"Failure: {ERROR}"),
        report("disposition-notification", f"Disposition:{AUTOMATIC}processed/error\r\nError:{ERROR}\r\n"),
        report("disposition-notification", f"Disposition:{AUTOMATIC}processed/error\r\nError:{ERROR}\r\n").replace(
            b"notification\r\n\r\nDisp", b"notification\r\nDisp"
        ),
        mail({"Subject": KO + SUBJECT}, text("Le document n'a pas pu être intégré."), f"Content-Type: message/rfc822\r\n\r\n{original()}"),
        mail({"Subject": KO + SUBJECT}, text("x"), f"Content-Type: message/rfc822\r\n\r\n{original()}", file("IHE_XDM.zip", archive())),
    ],
    ids=["new", "old", "old with a comma", "with subject", "code in the subject", "subject alone", "code in the text",
         "failed", "no blanks", "no blank line", "common mail", "common mail with its files"],
)  # fmt: skip
def test_an_integration_error_in_each_of_its_forms(data: bytes) -> None:
    read = read_mail(data)
    assert (read.kind, read.code) == (Kind.INTEGRATION_ERROR, "902")
    assert read.notices[0].cause is not None
    assert read.notices[0].cause.id == "MSS-132"
    assert read.original is not None
    assert (read.original.message_id, read.original.recipients, read.archive) == (SENT_ID, (DOCTOR,), None)


@pytest.mark.parametrize("kind", ["denied", "failed", "failed/error", "whatever"])
def test_a_receipt_that_is_not_given_says_nothing(kind: str) -> None:
    read = read_mail(disposition(AUTOMATIC + kind, "Failure: no receipt is sent from here"))
    assert (read.kind, [one.told for one in read.notices]) == (Kind.MDN, [Told.UNTOLD])
    assert read.notices[0].finding is None


def test_an_integration_error_without_a_code_is_one_all_the_same() -> None:
    read = read_mail(disposition(AUTOMATIC + "processed/error"))
    assert (read.kind, read.code) == (Kind.INTEGRATION_ERROR, "")
    assert [one.rule.id for one in read.findings] == ["MSS-155"]


@pytest.mark.parametrize(
    ("subject", "words", "code", "cause"),
    [
        ("Message non remis", f"La messagerie de {CITIZEN} est fermée.", "550", "MSS-120"),
        ("Votre message", f"{CITIZEN} : la messagerie est fermée", "550", "MSS-120"),
        ("Votre message", f"Patient non trouvé : {CITIZEN}", "550", "MSS-121"),
        ("Votre message", f"Adresse invalide : {CITIZEN}", "510", "MSS-122"),
        ("Undelivered Mail Returned to Sender", f"<{CITIZEN}>: message size exceeds the limit", "523", "MSS-023"),
        ("Undelivered Mail Returned to Sender", f"<{CITIZEN}>: host x said: 552 5.3.4 too big", "552", "MSS-023"),
        ("Undeliverable: x", f"{CITIZEN}", "", "MSS-050"),
        ("Delivery Status Notification (Failure)", f"<{CITIZEN}> user unknown", "550", "MSS-020"),
    ],
)
def test_a_bounce_in_words_only(subject: str, words: str, code: str, cause: str) -> None:
    read = read_mail(bounce(subject, words))
    assert (read.kind, read.code) == (Kind.BOUNCE, code)
    assert [(one.told, one.recipient, one.cause and one.cause.id) for one in read.notices] == [
        (Told.FAILED, CITIZEN, cause)
    ]
    assert read.original is not None
    assert read.original.message_id == SENT_ID


@pytest.mark.parametrize("sender", ["notification@patient.mssante.fr", "Messagerie@monespacesante.fr"])
@pytest.mark.parametrize(
    ("words", "cause"),
    [
        ("Patient non trouvé", "MSS-121"),
        ("Le patient n'a pas été trouvé.", "MSS-121"),
        ("L’usager n’a pas activé sa messagerie.", "MSS-121"),
        ("Votre message dépasse 25 Mo.", "MSS-023"),
        ("La taille du message est supérieure à la limite autorisée.", "MSS-023"),
        ("L'adresse du destinataire n'est pas valide.", "MSS-122"),
    ],
)
def test_mon_espace_sante_tells_from_any_of_its_own_addresses(sender: str, words: str, cause: str) -> None:
    read = read_mail(bounce("Votre message", words, {"From": sender, "Return-Path": None}))
    assert (read.kind, [one.cause and one.cause.id for one in read.notices]) == (Kind.BOUNCE, [cause])
    citizen = {"From": CITIZEN, "Return-Path": None}
    assert read_mail(bounce("Votre message", words, citizen)).kind is Kind.OTHER


@pytest.mark.parametrize(
    ("status", "cause"), [("5.0.0", "MSS-023"), ("5.7.1", "MSS-023"), ("5.2.2", "MSS-022"), ("5.1.1", "MSS-020")]
)
def test_a_mail_that_is_too_large_is_told_as_such_under_a_status_that_says_nothing(status: str, cause: str) -> None:
    (told,) = read_mail(delivery(recipient("failed", status, "smtp; 552 message size exceeds the limit"))).notices
    assert told.cause is not None
    assert told.cause.id == cause


@pytest.mark.parametrize(
    ("value", "field", "told", "cause"),
    [
        ("processed", "Error: 0^Message accepté^x", Told.READ, None),
        ("processed/error", "Error: 0^", Told.READ, None),
        ("processed/Error: 000", "", Told.READ, None),
        ("processed/error", "Error: 01^", Told.NOT_INTEGRATED, "MSS-136"),
        ("processed/warning", "Warning: une pièce a été ignorée", Told.READ, "MSS-138"),
        ("processed/warning", "", Told.READ, "MSS-138"),
    ],
)
def test_a_code_0_is_no_failure_and_a_warning_is_told(value: str, field: str, told: Told, cause: str | None) -> None:
    (found,) = read_mail(disposition(AUTOMATIC + value, *([field] if field else []))).notices
    assert (found.told, found.cause and found.cause.id) == (told, cause)
    assert found.words == field.partition("Warning: ")[2] or cause == "MSS-136"


AWAY = (
    "Cette messagerie n'est pas relevée : le cabinet est fermé jusqu'au 3 janvier. Urgences : Dr Durand, "
    "dr.durand@medecin.mssante.fr. Patient non trouvé ? Adresse erronée ?"
)


@pytest.mark.parametrize(
    "headers",
    [
        {"From": DOCTOR, "Auto-Submitted": "auto-replied"},
        {"From": DOCTOR, "Auto-Submitted": "auto-replied (vacation)", "Return-Path": f"<{DOCTOR}>"},
        {"From": DOCTOR},
        {"From": DOCTOR, "Return-Path": f"<{DOCTOR}>"},
        {"From": DOCTOR, "Subject": "Undeliverable", "Auto-Submitted": "auto-replied"},
        {"From": DOCTOR, "Subject": "Réponse automatique : mailbox full"},
        {"From": DOCTOR, "X-Autoreply": "yes", "Subject": "user unknown"},
        {"From": "MAILER-DAEMON@medecin.mssante.fr", "Subject": "Votre message"},
        {"From": CITIZEN, "Auto-Submitted": "auto-replied"},
        {"From": CITIZEN, "Return-Path": f"<{CITIZEN}>"},
    ],
)
def test_whoever_is_away_did_not_send_the_mail_back(headers: dict[str, str]) -> None:
    read = read_mail(bounce("Absence", AWAY, headers))
    assert (read.kind, read.notices) == (Kind.OTHER, ())


@pytest.mark.parametrize(
    ("returned", "listed", "suspect"),
    [
        (f"To: {CITIZEN}", None, True),
        (f"To: b@x.mssante.fr, Une personne <{CITIZEN}>", None, True),
        ("To: b@x.mssante.fr", None, False),
        ("", None, False),
        ("", CITIZEN, True),
    ],
)
def test_an_address_that_only_a_text_names_is_not_suspect(returned: str, listed: str | None, suspect: bool) -> None:
    headers = {"From": "MAILER-DAEMON@x.mssante.fr", "Return-Path": "<>", "Subject": "Undeliverable",
               "X-Failed-Recipients": listed}  # fmt: skip
    back = f"Content-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{SENT_ID}>\r\n{returned}\r\n"
    read = read_mail(mail(headers, text(f"La messagerie de {CITIZEN} est fermée."), back))
    assert [(one.recipient, one.cause and one.cause.id, one.suspect) for one in read.notices] == [
        (CITIZEN, "MSS-120", suspect)
    ]


def test_a_bounce_that_names_nobody_leaves_it_to_its_delivery_who_is_suspect() -> None:
    (found,) = read_mail(bounce("Échec", "La messagerie de cet usager est fermée.")).notices
    assert (found.recipient, found.suspect) == ("", True)


def test_a_bounce_in_html_and_one_that_lists_its_recipients() -> None:
    html = bounce(
        "Votre message", f"<p>La messagerie <b>est&nbsp;ferm&eacute;e</b></p> {CITIZEN}", {"Content-Type": "text/html"}
    )
    assert read_mail(html).notices[0].cause is not None
    listed = read_mail(bounce("x", "y", {"X-Failed-Recipients": f"{DOCTOR}, {CITIZEN}", "Return-Path": None}))
    assert [one.recipient for one in listed.notices] == [DOCTOR, CITIZEN]


@pytest.mark.parametrize(
    "data",
    [
        mail({"Subject": "Dossier"}, "Patient non trouvé chez nous, sa messagerie est fermée."),
        bounce("Absence", "Je suis absent jusqu'à lundi.", {"Auto-Submitted": "auto-replied"}),
        mail({"Subject": "Re: Undelivered Mail Returned to Sender"}, "Avez-vous vu ?"),
        mail({"Subject": "Re: " + SUBJECT, "In-Reply-To": f"<{SENT_ID}>"}, "Merci"),
    ],
    ids=["a colleague", "out of office", "about a bounce", "an answer"],
)
def test_what_a_person_writes_is_no_bounce(data: bytes) -> None:
    assert read_mail(data).kind is Kind.OTHER


@pytest.mark.parametrize(
    "value",
    [
        f"{DOCTOR}",
        f'"boss@trusted.mssante.fr" <{DOCTOR}>',
        f'"<boss@trusted.mssante.fr>" <{DOCTOR}>',
        f"boss@trusted.mssante.fr <{DOCTOR}>",
        f"(boss@trusted.mssante.fr) {DOCTOR}",
        f'"never closed <boss@trusted.mssante.fr>, x" <{DOCTOR}>',
    ],
)
def test_an_address_that_stands_in_a_name_is_not_the_sender_s(value: str) -> None:
    assert read_mail(mail({"From": value}, "x")).sender == DOCTOR


def test_the_answer_of_a_person_is_tied_to_what_it_answers() -> None:
    read = read_mail(mail({"Subject": "Re: x", "References": f"<{SENT_ID}>"}, "Merci"))
    assert read.original is not None
    assert (read.original.message_id, read.automatic) == (SENT_ID, False)


@pytest.mark.parametrize(
    ("data", "rules"),
    [
        (b"", ["MSS-150"]),
        (b"\x00\xff" * 50, ["MSS-150"]),
        (mail({}, "Bonjour"), ["MSS-152"]),
        (mail({}, text("x"), file("IHE_XDM.zip", b"PK"), file("IHE_XDM.zip", b"PK")), ["MSS-153"]),
        (delivery("nothing here\r\n", returned=""), ["MSS-156", "MSS-154"]),
        (disposition("", returned="").replace(b"Disposition:", b"X:"), ["MSS-156"]),
    ],
)
def test_what_is_wrong_with_a_mail_is_named(data: bytes, rules: list[str]) -> None:
    assert [one.rule.id for one in read_mail(data).findings] == rules


def test_parts_and_blanks_without_end_cost_nothing() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(500))
    many = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 5000
    blank = b"Subject: Undeliverable\r\n\r\n" + b" \r\n" * 30_000
    for data in (nested, many, blank, b"Content-Type: message/rfc822\r\n\r\n" * 500, b'Content-Type: a/b;c="' * 500):
        started = time.process_time()
        assert decode(b"From: a@b.fr\r\n" + data)[0]["kind"] in {"other", "bounce"}
        assert time.process_time() - started < 1
    assert set(read_section(nested).all_defects()) >= {"too_deep"}
    assert set(read_section(many).all_defects()) == {"too_many"}


@given(
    st.binary(max_size=2000),
    st.sampled_from([with_documents(), delivery(FAILED), disposition(AUTOMATIC + "processed")]),
    st.data(),
)
def test_no_bytes_make_the_reader_fail(noise: bytes, seed: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(seed)))
    told, _ = decode(seed[:at] + noise + seed[at + len(noise) :])
    assert told["kind"] in set(Kind)
