"""MSSanté as a destination: nothing that may not leave, to nobody outside the trusted space, and never ordinary mail."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from pydantic import ValidationError

from dui_bridge.connectors.mssante import MssanteSettings, channel_of, errors
from dui_bridge.connectors.mssante.opening import endpoint, open_mssante, tls_context
from dui_bridge.connectors.mssante.replies import kind_of
from dui_bridge.connectors.mssante.trusted import Trusted, is_address, trusted
from dui_bridge.connectors.ports import Addressee as Recipient
from dui_bridge.connectors.ports import DeliveryContext, Destination, Prepared
from dui_bridge.connectors.wire.tls_errors import CertificateExpired
from dui_bridge.errors import DuiBridgeError, Retry
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.exchange import Answer, Channel, DocumentIds
from dui_bridge.model.identite import Ins
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.pki import Pki, make_pki
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.metadata import OtherPatient
from tests import cda_dossiers
from tests.mail_world import (
    DOCTOR,
    MAILBOX,
    NOW,
    SENDER,
    SOFTWARE,
    attachments,
    built,
    certificates,
    context,
    destination,
    read,
)
from tests.smtp_peer import CUT, smtp_peer
from tests.tls_peer import server_context
from tests.xds_deposits import cda, ins

NURSE, PHARMACY = "ide@exemple.mssante.fr", "officine@exemple.mssante.fr"

USAGER = {"audience": "usager"}
INSIDE = Trusted(("mssante.fr",))


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), names=["client-dmp", "client-expired", "server"])


def to(*addresses: str) -> tuple[Recipient, ...]:
    return tuple(map(Recipient, addresses))


def without_ins() -> bytes:
    return cda_dossiers.built(cda_dossiers.with_usager(ins=Ins()))


# --- before anything leaves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "settings", "kind"),
    [
        (context(recipients=()), {}, errors.NoRecipient),
        (context(recipients=to("camille")), {}, errors.AddressMalformed),
        (context(recipients=to(f"{DOCTOR}\r\nBcc: x@y.fr")), {}, errors.AddressMalformed),
        (context(recipients=to("dr.élise@medecin.mssante.fr")), {}, errors.AddressMalformed),
        (context(recipients=to(DOCTOR, "dr@gmail.com")), {}, errors.OutsideTrust),
        (context(recipients=to("dr@mssante.fr.exemple.org")), {}, errors.OutsideTrust),
        (context(recipients=to("dr@faux-mssante.fr")), {}, errors.OutsideTrust),
        (context(recipients=to(DOCTOR, "279035121518989@Patient.MSSante.fr")), {}, errors.CitizenAmongProfessionals),
        (context(masks=frozenset({Mask.PROFESSIONALS})), {}, errors.HiddenFromRecipient),
        (context(masks=frozenset({Mask.PATIENT})), USAGER, errors.HiddenFromRecipient),
        (context(secret_access=True), USAGER, errors.HiddenFromRecipient),
        (context(ins=None), USAGER, errors.InsNotQualified),
        (context(ins=None), {}, errors.InsNotQualified),
        (context(ins=QualifiedIns("287033306300082", "1.2.250.1.213.1.4.8")), {}, OtherPatient),
    ],
)
def test_what_may_not_leave_is_not_even_prepared(
    pki: Pki, given: DeliveryContext, settings: dict[str, object], kind: type[DuiBridgeError]
) -> None:
    with pytest.raises(kind):
        destination(pki, **settings).prepare(built(), given)


def test_a_document_without_pdf_of_an_unknown_establishment_or_too_large_is_not_prepared(pki: Pki) -> None:
    opened = destination(pki, max_megabytes=1)
    with pytest.raises(errors.PdfMissing):
        opened.prepare(built(pdf=None), context())
    with pytest.raises(errors.EstablishmentUnknown):
        opened.prepare(built(finess="750000018"), context())
    with pytest.raises(errors.TooLarge):
        opened.prepare(built(pdf=b"%PDF" + bytes(1_000_000)), context())


def test_the_pdf_may_be_left_out_where_the_site_says_so(pki: Pki) -> None:
    mail = destination(pki, message={"pdf": False}).prepare(built(pdf=None), context()).mail
    assert list(attachments(mail.data)) == ["IHE_XDM.zip"]


def test_metadata_with_a_fault_are_refused_without_a_connection(pki: Pki) -> None:
    opened = destination(pki)
    outcome = opened.send(opened.prepare(built(), context(secret_access=True)))
    assert outcome.answer is Answer.REFUSED
    assert outcome.findings[0].rule.id.startswith("XDS-")


def test_a_mail_of_another_destination_is_not_sent(pki: Pki) -> None:
    with pytest.raises(TypeError):
        destination(pki).send(Prepared(built(), {}))


# --- what leaves -----------------------------------------------------------------------------------------------------


def test_the_archive_holds_the_bytes_that_were_validated(pki: Pki) -> None:
    mail = destination(pki).prepare(built(), context()).mail
    archive, pdf = attachments(mail.data).values()
    with ZipFile(BytesIO(archive)) as found:
        inside = found.read("IHE_XDM/SUBSET01/DOC0001.XML")
        metadata = found.read("IHE_XDM/SUBSET01/METADATA.XML")
    assert (inside, pdf) == (cda(), built().pdf)
    assert hashlib.sha1(cda()).hexdigest().encode() in metadata
    assert ins().matricule.encode() in metadata


@pytest.mark.parametrize(
    "address",
    ["2 79035121518989@patient.mssante.fr", "279035121518989@@Patient.MSSante.fr", "279035121518989@patient,fr"],
)
def test_a_malformed_address_of_a_citizen_is_refused_without_its_number(pki: Pki, address: str) -> None:
    with pytest.raises(errors.AddressMalformed) as caught:
        destination(pki).prepare(built(), context(recipients=to(address)))
    assert "79035121518989" not in f"{caught.value} {caught.value.message('fr')} {caught.value.values}"


def test_each_professional_is_written_to_once(pki: Pki) -> None:
    mail = destination(pki).prepare(built(), context(recipients=to(DOCTOR, DOCTOR.upper(), MAILBOX))).mail
    assert mail.recipients == (DOCTOR, MAILBOX)


def test_the_usager_is_written_to_at_the_address_of_the_qualified_ins_and_at_no_other(pki: Pki) -> None:
    given = context(recipients=to(DOCTOR))
    mail = destination(pki, **USAGER, message={"final": True}).prepare(built(), given).mail
    assert mail.recipients == (f"{ins().matricule}@patient.mssante.fr",)
    assert (read(mail.data)["X-MSS-MES"], ins().matricule in mail.message_id) == ("FIN", False)


def test_nothing_tells_the_number_of_a_person_but_the_mail_itself(pki: Pki) -> None:
    prepared = destination(pki, **USAGER).prepare(built(), context())
    assert ins().matricule not in f"{prepared.mail!r} {list(prepared.files)} {context()!r}"


def test_a_document_without_ins_leaves_without_one(pki: Pki) -> None:
    mail = destination(pki).prepare(built(without_ins()), context(ins=None)).mail
    archive = attachments(mail.data)["IHE_XDM.zip"]
    with ZipFile(BytesIO(archive)) as found:
        everything = b"".join(map(found.read, found.namelist()))
    assert read(mail.data)["X-MSS-INS"] == "N"
    assert b"1.2.250.1.213.1.4." not in everything


def test_a_mail_is_the_same_to_the_byte_when_it_is_made_again(pki: Pki) -> None:
    assert destination(pki).prepare(built(), context()).mail == destination(pki).prepare(built(), context()).mail


def test_a_replacement_answers_the_mail_that_carried_the_earlier_version(pki: Pki) -> None:
    opened = destination(pki)
    earlier = opened.prepare(built(), context()).mail
    later = replace(built(), ids=DocumentIds("2.25.2", "2.25.31415926535", 2, built().ids.unique_id, 1))
    mail = opened.prepare(later, context(replaces=built().ids.unique_id)).mail
    assert read(mail.data)["In-Reply-To"] == f"<{earlier.message_id}>"
    assert "[Annule et remplace]" in read(mail.data)["Subject"]
    assert mail.message_id != earlier.message_id


# --- sending ---------------------------------------------------------------------------------------------------------


def test_a_mail_that_was_taken_is_delivered_under_its_message_id(pki: Pki) -> None:
    with smtp_peer(server_context(pki, asks=True)) as peer, closing(destination(pki, peer.port, crl=True)) as opened:
        prepared = opened.prepare(built(), context())
        outcome = opened.send(prepared)
    assert (outcome.answer, outcome.reference) == (Answer.DELIVERED, prepared.mail.message_id)
    assert outcome.received == b"250 2.0.0 queued as 4XYZ"
    assert peer.mails == [prepared.mail.data] == list(prepared.files.values())


def test_a_refusal_is_an_outcome_and_what_passes_or_is_unknown_is_raised(pki: Pki) -> None:
    told = {"RCPT": (b"550 5.1.1 unknown", b"450 4.2.1 later", b"250 ok"), "END": CUT}
    with (
        smtp_peer(server_context(pki), **told) as peer,  # type: ignore[arg-type]
        closing(destination(pki, peer.port)) as opened,
    ):
        prepared = opened.prepare(built(), context())
        refused = opened.send(prepared)
        with pytest.raises(Retry):
            opened.send(prepared)
        with pytest.raises(errors.MaybeSent):
            opened.send(prepared)
    assert (refused.answer, refused.code, refused.findings[0].rule.id) == (Answer.REFUSED, "550 5.1.1", "MSS-020")


def test_who_is_refused_keeps_nobody_else_from_getting_it_and_is_told_with_the_outcome(pki: Pki) -> None:
    told = {"RCPT": (b"550 5.1.1 unknown", b"250 ok", b"452 4.5.3 too many recipients")}
    with smtp_peer(server_context(pki), **told) as peer, closing(destination(pki, peer.port)) as opened:
        prepared = opened.prepare(built(), context(recipients=tuple(map(Recipient, (DOCTOR, NURSE, PHARMACY)))))
        outcome = opened.send(prepared)
    assert (outcome.answer, peer.mails) == (Answer.DELIVERED, [prepared.mail.data])
    gone, later = outcome.untaken
    assert (gone.address, gone.code, gone.received) == (DOCTOR, "550 5.1.1", b"550 5.1.1 unknown")
    assert gone.finding is not None
    assert gone.finding.rule.id == "MSS-020"
    assert (later.address, later.code, later.finding) == (PHARMACY, "452 4.5.3", None)


@pytest.mark.parametrize("tried_at", [None, NOW - timedelta(days=1)])
def test_a_mail_cannot_be_asked_for_unless_it_was_told_since_its_try_that_it_arrived(
    pki: Pki, tried_at: datetime | None
) -> None:
    prepared = destination(pki).prepare(built(), context(tried_at=tried_at))
    assert destination(pki).resolve(prepared) is None
    asked: list[object] = []
    known = destination(pki, recorded=lambda *given: asked.append(given) is None).resolve(prepared)
    assert known is not None
    assert (known.answer, known.reference) == (Answer.ALREADY_THERE, prepared.mail.message_id)
    assert asked == [(prepared.mail.message_id, (DOCTOR,), tried_at)]


def test_what_was_told_before_a_try_whose_answer_is_lost_says_nothing_of_it(pki: Pki) -> None:
    asked: list[object] = []
    with (
        smtp_peer(server_context(pki), END=CUT) as peer,
        closing(destination(pki, peer.port, recorded=lambda *given: bool(asked.append(given)))) as opened,
    ):
        prepared = opened.prepare(built(), context(tried_at=NOW - timedelta(days=1)))
        with pytest.raises(errors.MaybeSent):
            opened.send(prepared)
        assert opened.resolve(prepared) is None
    assert asked == [(prepared.mail.message_id, (DOCTOR,), NOW)]


def test_it_is_a_destination(pki: Pki) -> None:
    opened: Destination = destination(pki)
    assert opened is not None


# --- opening and settings --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "host", "allowed"),
    [
        (Profile.SANDBOX, "localhost", True),
        (Profile.SANDBOX, "mss.operateur.fr", False),
        (Profile.QUALIFICATION, "127.0.0.1", False),
        (Profile.PRODUCTION, "LOCALHOST", False),
        (Profile.PRODUCTION, "mss.operateur.fr", True),
    ],
)
def test_a_profile_never_calls_the_servers_of_another(profile: Profile, host: str, allowed: bool) -> None:
    settings = MssanteSettings(host=host)
    for part in (settings.smtp, settings.imap):
        if allowed:
            assert endpoint(settings, part, profile).host == host
        else:
            with pytest.raises(errors.AddressOfOtherProfile):
                endpoint(settings, part, profile)


def test_what_cannot_work_is_told_before_any_connection(pki: Pki, tmp_path: Path) -> None:
    settings, own = MssanteSettings(host="localhost"), certificates(pki)
    with pytest.raises(errors.NilMissing):
        open_mssante(settings, Profile.SANDBOX, own, replace(SOFTWARE, nil=" "), [SENDER])
    with pytest.raises(errors.MailboxMalformed):
        open_mssante(settings, Profile.SANDBOX, own, SOFTWARE, [replace(SENDER, address="foyer@@x.fr")])
    with pytest.raises(CertificateExpired):
        open_mssante(settings, Profile.SANDBOX, certificates(pki, "client-expired"), SOFTWARE, [SENDER])
    with pytest.raises(errors.CiphersWrong):
        tls_context(settings.model_copy(update={"ciphers": "AUCUNE"}), own, now=NOW)
    wrong = tmp_path / "liste.xml"
    wrong.write_bytes(b"<html/>")
    with pytest.raises(errors.WhiteListUnreadable):
        trusted((), wrong)


def test_an_establishment_without_mailbox_writes_nothing(pki: Pki) -> None:
    silent = replace(SENDER, address="")
    opened = open_mssante(MssanteSettings(host="localhost"), Profile.SANDBOX, certificates(pki), SOFTWARE, [silent])
    with pytest.raises(errors.EstablishmentUnknown):
        opened.prepare(built(), context())


def test_a_password_is_needed_where_the_mailbox_is_opened_with_one(pki: Pki) -> None:
    with (
        smtp_peer(server_context(pki)) as peer,
        closing(destination(pki, peer.port, mailboxes={MAILBOX: {"auth": "login"}})) as opened,
        pytest.raises(errors.CredentialsMissing),
    ):
        opened.send(opened.prepare(built(), context()))


def test_the_settings_are_for_professionals_unless_they_say_otherwise() -> None:
    assert channel_of(MssanteSettings(host="x")) is Channel.MSSANTE_PRO
    assert channel_of(MssanteSettings.model_validate({"host": "x", **USAGER})) is Channel.MSSANTE_USAGER
    with pytest.raises(ValidationError):
        MssanteSettings.model_validate({"host": "x", "smtp": {"tls": "none"}})


# --- the trusted space, and what refusals mean -----------------------------------------------------------------------


def test_the_national_list_adds_its_domains_and_nothing_below_them(tmp_path: Path) -> None:
    listed = tmp_path / "liste.xml"
    listed.write_text(
        '<Liste xmlns="https://listeblanche.mssante.fr/schema"><Domaine><Nom>CHU-exemple.fr</Nom></Domaine>'
        "<Autre><Nom>ailleurs.fr</Nom></Autre></Liste>"
    )
    space = trusted(["MSSante.fr"], listed)
    assert [one for one in ("chu-exemple.fr", "x.mssante.fr", "mssante.fr.") if space.has(one)] == [
        "chu-exemple.fr",
        "x.mssante.fr",
        "mssante.fr.",
    ]
    assert not any(map(space.has, ("sub.chu-exemple.fr", "ailleurs.fr", "xmssante.fr", "")))
    # Where nothing else is said, the list is all there is.
    assert not trusted(MssanteSettings(host="x").domains, listed).has("exclu.mssante.fr")
    assert trusted(MssanteSettings(host="x").domains).has("exclu.mssante.fr")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (DOCTOR, True),
        ("o'neil+x@a-b.mssante.fr", True),
        ("a..b@x.fr", False),
        (".a@x.fr", False),
        ("a@x", False),
        ("a@-x.fr", False),
        ('"a b"@x.fr', False),
        ("a@x.fr\n", False),
        (f"{'a' * 250}@x.fr", False),
    ],
)
def test_what_an_address_is(text: str, right: bool) -> None:
    assert is_address(text) is right


OFFICIAL_CODES = (
    *(101, 111, 251, 252, 420, 421, 422, 431, 432, 441, 442, 450, 451, 452, 500, 501, 502, 503, 504),
    *(510, 512, 513, 523, 530, 541, 550, 551, 552, 553, 554),
)
"""ANS, volet "Transmission de document CDA en HL7 v2", list of SMTP error codes."""


@pytest.mark.parametrize("code", OFFICIAL_CODES)
def test_every_code_of_the_official_list_has_an_error_that_says_something(code: int) -> None:
    error = kind_of(code)(answer=str(code), words="…")
    assert str(code) in error.message("fr")
    assert error.action("en")


def test_an_enhanced_status_says_more_than_the_code() -> None:
    assert kind_of(550, "5.1.2") is errors.DomainRefused
    assert kind_of(550, "5.2.2") is errors.MailboxFull
    assert kind_of(0, "5.3.4") is errors.SizeRefused
    assert kind_of(0, "4.4.1") is errors.Busy
    assert kind_of(554, "5.7.1") is errors.Refused
