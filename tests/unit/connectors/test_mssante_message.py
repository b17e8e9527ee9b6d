"""The form of a mail: headers, subject, text and files, as the référentiel has them, and the same bytes each time."""

from __future__ import annotations

from dataclasses import replace
from email.utils import parsedate_to_datetime
from functools import cache
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.connectors.mssante.enclosed import Enclosed, enclose
from dui_bridge.connectors.mssante.errors import HeadersWrong
from dui_bridge.connectors.mssante.headers import block
from dui_bridge.connectors.mssante.mailboxes import Sender
from dui_bridge.connectors.mssante.message import Letter, Mail, compose, lot_oid, message_id
from dui_bridge.connectors.mssante.settings import Audience, MessageSettings
from dui_bridge.connectors.mssante.wording import pdf_names, plain, subject, text
from dui_bridge.connectors.ports import Addressee as Recipient
from tests.cda_dossiers import PDF
from tests.mail_world import DOCTOR, MAILBOX, NOW, SENDER, attachments, built, read
from tests.xds_deposits import cda, ins

FORM = MessageSettings()
LABEL = "Projet personnalisé d'accompagnement"


@cache
def _document() -> Enclosed:
    return enclose(built(), ins(), (), max_bytes=1_000_000)


def enclosed(**changes: object) -> Enclosed:
    return replace(_document(), **changes)  # type: ignore[arg-type]


VIAL = {"birth_name": "Vial", "given_name": "Paul", "birth_day": "1978-11-26"}


def letter(**changes: object) -> Letter:
    base = Letter(
        (enclosed(),), b"PK", SENDER, (Recipient(DOCTOR, "Dr Camille Durand"),), Audience.PROFESSIONALS, True, NOW
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def made(form: MessageSettings = FORM, *, name: str = "", reply_to: str | None = None, **changes: object) -> Mail:
    return compose(letter(**changes), "abc@x.mssante.fr", form, nil="123456", name=name, reply_to=reply_to)


# --- subject ---------------------------------------------------------------------------------------------------------


def test_the_subject_is_that_of_the_referentiel() -> None:
    """Example of ECO.2.1.3: XDM/1.0/DDM+2 documents VIAL Paul 26/11/1978."""
    assert subject([enclosed(**VIAL)] * 2, FORM) == "XDM/1.0/DDM+2 documents VIAL Paul 26/11/1978"


@pytest.mark.parametrize(
    ("changes", "form", "replaces", "expected"),
    [
        ({"label": "Synthèse médicale"}, FORM, False, "XDM/1.0/DDM+Synthese medicale VIAL Paul 26/11/1978"),
        (
            {"label": "Synthèse médicale"},
            MessageSettings(accents=True),
            False,
            "XDM/1.0/DDM+Synthèse médicale VIAL Paul 26/11/1978",
        ),
        ({"label": "A" * 39 + " BCD"}, FORM, False, f"XDM/1.0/DDM+{'A' * 39} VIAL Paul 26/11/1978"),
        ({}, MessageSettings(birth_date=False), False, "XDM/1.0/DDM+Projet personnalise d'accompagnement VIAL Paul"),
        ({"label": "X", "birth_day": "1978-11"}, FORM, False, "XDM/1.0/DDM+X VIAL Paul"),
        (
            {"label": "X", "birth_name": "Le Cœur d’Été", "given_name": "Anaïs\nChloé"},
            FORM,
            False,
            "XDM/1.0/DDM+X LE COEUR D'ETE Anais Chloe 26/11/1978",
        ),
        ({"label": "X"}, FORM, True, "XDM/1.0/DDM+[Annule et remplace] X VIAL Paul 26/11/1978"),
        (
            {"label": "X"},
            MessageSettings(replaced="before_prefix"),
            True,
            "[Annule et remplace] XDM/1.0/DDM+X VIAL Paul 26/11/1978",
        ),
    ],
)
def test_the_subject_of_one_document(
    changes: dict[str, str], form: MessageSettings, replaces: bool, expected: str
) -> None:
    assert subject([enclosed(**{**VIAL, **changes})], form, replaces=replaces) == expected


def test_the_line_of_the_subject_can_be_filtered_before_it_is_decoded() -> None:
    lines = made(documents=(enclosed(label="Synthèse médicale", **VIAL),)).data.split(b"\r\n")
    assert b"Subject: XDM/1.0/DDM+Synthese medicale VIAL Paul 26/11/1978" in lines


# --- names of the PDF ------------------------------------------------------------------------------------------------


def test_the_pdf_is_named_as_in_the_example_of_the_referentiel() -> None:
    """Example of ECO.2.1.6: 20220531_CR d'imagerie médicale_CORSE_FIGATELLIX.pdf."""
    one = enclosed(day="2022-05-31", label="CR d'imagerie médicale", birth_name="Corse", given_name="FIGATELLIX")
    bare = MessageSettings(file_number=False)
    assert pdf_names([one], bare) == ("20220531_CR d'imagerie médicale_CORSE_FIGATELLIX.pdf",)
    assert pdf_names([one], FORM) == ("20220531_CR d'imagerie médicale_CORSE_FIGATELLIX_0042.pdf",)


def test_two_files_never_have_the_same_name() -> None:
    one = enclosed(day="", label="X", **VIAL)
    assert pdf_names([one] * 3, FORM) == (
        "X_VIAL_Paul_0042.pdf",
        "X_VIAL_Paul_0042 (2).pdf",
        "X_VIAL_Paul_0042 (3).pdf",
    )


@given(st.lists(st.text(max_size=30), min_size=3, max_size=3))
def test_no_value_of_a_dossier_makes_a_path_or_a_header(values: list[str]) -> None:
    label, family, given_name = values
    one = enclosed(label=label, birth_name=family, given_name=given_name)
    (name,) = pdf_names([one], FORM)
    assert not set(name) & set('\\/:*?"<>|\r\n\0')
    mail = read(made(documents=(one,)).data)
    assert mail["Message-ID"] == "<abc@x.mssante.fr>"
    assert mail["Subject"].startswith("XDM/1.0/DDM+")
    assert [part.get_content_type() for part in mail.iter_parts()] == [
        "text/plain",
        "application/zip",
        "application/pdf",
    ]


# --- headers ---------------------------------------------------------------------------------------------------------


def test_every_mail_tells_what_the_referentiel_asks() -> None:
    mail = read(made().data)
    assert (mail["X-MSS-NIL"], mail["X-MSS-CODECDA"], mail["X-MSS-INS"], mail["X-MSS-MES"]) == (
        "123456",
        "80788-3",
        "O",
        None,
    )
    assert mail["From"].addresses[0].display_name == "Foyer de vie L'Œillet"
    assert (mail["From"].addresses[0].addr_spec, mail["To"].addresses[0].addr_spec) == (MAILBOX, DOCTOR)
    assert mail["Disposition-Notification-To"] == f"<{MAILBOX}>"
    assert (mail["Sender"], mail["Reply-To"], mail["In-Reply-To"]) == (None, None, None)
    assert parsedate_to_datetime(mail["Date"]) == NOW


def test_codes_of_several_documents_are_told_once_each_and_in_their_order() -> None:
    several = [enclosed(code=code) for code in ("34112-3", "PRESC-BIO", "34112-3")]
    assert read(made(documents=several).data)["X-MSS-CODECDA"] == "34112-3,PRESC-BIO"


def test_a_document_without_a_qualified_ins_says_so() -> None:
    assert read(made(with_ins=False).data)["X-MSS-INS"] == "N"


@pytest.mark.parametrize(
    ("audience", "final", "expected"),
    [(Audience.USAGER, True, "FIN"), (Audience.USAGER, False, None), (Audience.PROFESSIONALS, True, None)],
)
def test_only_a_citizen_is_told_not_to_answer(audience: Audience, final: bool, expected: str | None) -> None:
    mail = read(made(MessageSettings(final=final), audience=audience).data)
    told = "Vous ne pouvez pas répondre" in mail.get_body().get_content()  # type: ignore[union-attr]
    assert (mail["X-MSS-MES"], told) == (expected, expected is not None)


def test_a_replacement_names_the_mail_that_it_replaces() -> None:
    mail = read(made(replaces="old@x.mssante.fr").data)
    assert mail["In-Reply-To"] == mail["References"] == "<old@x.mssante.fr>"
    assert "annule et remplace" in mail.get_body().get_content()  # type: ignore[union-attr]


def test_long_addresses_stay_in_one_piece() -> None:
    domain = f"{'a' * 60}.mssante.fr"
    sender = replace(SENDER, address=f"{'b' * 60}@{domain}")
    raw = made(sender=sender, replaces=f"{'c' * 26}@{domain}").data
    assert f"Disposition-Notification-To: <{sender.address}>".encode() in raw
    assert f"References: <{'c' * 26}@{domain}>".encode() in raw
    assert read(raw)["From"].addresses[0].addr_spec == sender.address


def test_a_mailbox_may_have_its_own_name_and_address_for_answers() -> None:
    mail = read(made(name="Dr Élise MARTIN", reply_to="secretariat@exemple.mssante.fr").data)
    assert mail["From"].addresses[0].display_name == "Dr Élise MARTIN"
    assert mail["Reply-To"].addresses[0].addr_spec == "secretariat@exemple.mssante.fr"


def test_a_receipt_of_reading_is_asked_for_unless_the_site_does_not_want_it() -> None:
    assert read(made(MessageSettings(read_receipt=False)).data)["Disposition-Notification-To"] is None


HOSTILE = (
    "=?utf-8?q?=0D=0ABcc:_x@evil.fr=0D=0AX-MSS-INS:_O=0D=0A=0D=0Afaux?=",
    "=?utf-8?b?DQpCY2M6IHhAZXZpbC5mcg0KDQpmYXV4?=",
    "a\r\nBcc: x@evil.fr\r\n\r\nfaux",
    "a\x0bBcc: x@evil.fr\x85\u2028b",
    'a" <x@evil.fr>, "b\\',
    "é\r\n\tBcc: x@evil.fr",
)
ONCE = ["From", "To", "Subject", "Date", "Message-ID", "Disposition-Notification-To", "X-MSS-CODECDA", "X-MSS-INS",
        "X-MSS-NIL", "MIME-Version", "Content-Type"]  # fmt: skip


@pytest.mark.parametrize("evil", HOSTILE)
@pytest.mark.parametrize("place", ["birth_name", "given_name", "label", "code", "recipient", "sender", "own name"])
@pytest.mark.parametrize("accents", [True, False])
def test_no_value_writes_a_header_nor_begins_the_body(evil: str, place: str, accents: bool) -> None:
    changes: dict[str, object] = {"with_ins": False}
    if place == "recipient":
        changes["recipients"] = (Recipient(DOCTOR, evil),)
    elif place == "sender":
        changes["sender"] = replace(SENDER, name=evil)
    elif place != "own name":
        changes["documents"] = (enclosed(**{**VIAL, "birth_day": "", place: evil}),)
    raw = made(MessageSettings(accents=accents), name=evil if place == "own name" else "", **changes).data
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = [line for line in head.decode("ascii").split("\r\n") if not line.startswith(" ")]
    assert sorted(line.partition(":")[0] for line in lines) == sorted(ONCE)
    mail = read(raw)
    assert (mail["X-MSS-INS"], mail["To"].addresses[0].addr_spec, len(mail["To"].addresses)) == ("N", DOCTOR, 1)
    assert (mail["From"].addresses[0].addr_spec, len(mail["From"].addresses)) == (MAILBOX, 1)
    assert body.startswith(b"--=_abc")


def test_a_name_in_the_form_of_an_encoded_word_is_shown_as_it_is() -> None:
    word = "=?utf-8?q?DR?="
    shown = read(made(recipients=(Recipient(DOCTOR, word),), documents=(enclosed(birth_name=word),)).data)
    assert (shown["To"].addresses[0].display_name, word.upper() in shown["Subject"]) == (word, True)


def test_headers_that_would_be_others_are_not_written() -> None:
    for field in (("Bcc", "x@y.fr"), ("To", "a\r\nBcc: b"), ("To", "a\r\n\r\nb"), ("To", "é"), ("To", "a" * 995)):
        with pytest.raises(HeadersWrong):
            block([field], frozenset({"To"}))
    with pytest.raises(HeadersWrong):
        block([("To", "a")] * 2, frozenset({"To"}))


@pytest.mark.parametrize("letters", [40, 200, 700])
def test_a_plain_subject_stands_on_one_line(letters: int) -> None:
    raw = made(documents=(enclosed(**{**VIAL, "label": "X" * 40, "birth_name": "B" * letters}),)).data
    (line,) = [one for one in raw.split(b"\r\n") if one.startswith(b"Subject:")]
    assert line == b"Subject: XDM/1.0/DDM+%s %s Paul 26/11/1978" % (b"X" * 40, b"B" * letters)


@pytest.mark.parametrize("name", ["É" * 500, "E " * 1000])
def test_no_line_of_the_headers_is_empty_or_too_long(name: str) -> None:
    raw = made(recipients=(Recipient(DOCTOR, name),) * 30, documents=(enclosed(birth_name=name),)).data
    lines = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert all(line.strip() and not line.endswith(b": ") and len(line) <= 998 for line in lines)


# --- text and files --------------------------------------------------------------------------------------------------


def test_the_text_names_the_person_to_professionals_and_not_to_the_person() -> None:
    to_doctor = text([enclosed(**VIAL)], SENDER, FORM)
    to_usager = text([enclosed(**VIAL)], SENDER, FORM, to_usager=True)
    assert f"Le document joint concerne VIAL Paul, date de naissance 26/11/1978 :\n- {LABEL} (01/07/2026)" in to_doctor
    assert "VIAL" not in to_usager
    assert to_doctor.endswith("Foyer de vie L'Œillet\nTél. 05 00 00 00 01\n")


@pytest.mark.parametrize(
    ("number", "said"), [(1, "Le document joint concerne"), (2, "Les documents joints concernent")]
)
def test_whoever_reads_the_mailbox_of_a_person_is_not_told_that_it_is_about_them(number: int, said: str) -> None:
    """The parents read that of a minor."""
    words = text([enclosed(**VIAL)] * number, SENDER, FORM, to_usager=True)
    assert f"{said} la personne suivie :" in words
    assert "vous concern" not in words


@pytest.mark.parametrize("to_usager", [True, False])
def test_the_text_says_what_to_do_with_a_mail_received_in_error(to_usager: bool) -> None:
    assert "Si ce message ne vous est pas destiné" in text([enclosed()], SENDER, FORM, to_usager=to_usager)


def test_a_site_may_have_its_own_text() -> None:
    own = MessageSettings(text="Chère consœur, cher confrère,\n", citizen_text="Madame, Monsieur,")
    silent = Sender("1", "Foyer", MAILBOX)
    assert text([enclosed()], silent, own) == "Chère consœur, cher confrère,\n\nFoyer\n"
    assert text([enclosed()], silent, own, to_usager=True) == "Madame, Monsieur,\n\nFoyer\n"


def test_the_text_arrives_as_it_was_written() -> None:
    body = read(made().data).get_body()
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == text([enclosed()], SENDER, FORM)


def test_the_archive_and_the_pdf_arrive_byte_for_byte() -> None:
    archive = BytesIO()
    with ZipFile(archive, "w") as target:
        target.writestr("IHE_XDM/SUBSET01/DOC0001.XML", cda())
    files = attachments(made(archive=archive.getvalue()).data)
    assert list(files) == ["IHE_XDM.zip", *pdf_names([enclosed()], FORM)]
    assert list(files.values()) == [archive.getvalue(), PDF]


def test_a_mail_is_ascii_in_lines_that_every_server_carries() -> None:
    data = made(MessageSettings(accents=True, text="é" * 3000), archive=bytes(range(256)) * 100).data
    assert data.isascii()
    assert max(map(len, data.split(b"\r\n"))) <= 998
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert data.endswith(b"--\r\n")


# --- ids -------------------------------------------------------------------------------------------------------------


def test_the_same_mail_has_the_same_id_and_bytes_and_another_has_another() -> None:
    base = message_id(["2.25.1"], Audience.PROFESSIONALS, "x.mssante.fr")
    assert message_id(["2.25.1"], Audience.PROFESSIONALS, "x.mssante.fr") == base
    others = [
        message_id(["2.25.2"], Audience.PROFESSIONALS, "x.mssante.fr"),
        message_id(["2.25.1"], Audience.USAGER, "x.mssante.fr"),
        message_id(["2.25.1"], Audience.PROFESSIONALS, "x.mssante.fr", "delivery 7"),
    ]
    assert len({base, *others}) == 4
    assert base.endswith("@x.mssante.fr")
    assert lot_oid(base) != lot_oid(others[0])
    assert made().data == made().data


def test_plain_text_is_ascii_on_one_line() -> None:
    assert plain("  Œdème –\u00a0d’été\n№ 5 ") == "OEdeme - d'ete 5"
