"""The DMP as a destination: never two deposits, never a lost one, nothing that may not leave."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dui_bridge.connectors.dmp import DmpSettings, errors, rest_of
from dui_bridge.connectors.dmp.lots import derived_oid
from dui_bridge.connectors.dmp.pace import Pace
from dui_bridge.connectors.ports import DeliveryContext, Destination, Prepared
from dui_bridge.connectors.wire.net_errors import NoAnswer
from dui_bridge.connectors.wire.vihf_reading import read_vihf
from dui_bridge.errors import DuiBridgeError
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.exchange import Answer
from dui_bridge.model.profile import Profile
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.messages import read_submission
from dui_bridge.xds.metadata import OtherPatient
from dui_bridge.xds.queries import read_adhoc_query
from dui_bridge.xds.vocabulary import REPLACES
from tests.dmp_world import (
    NOW,
    TAKEN,
    Reply,
    answering,
    built,
    context,
    destination,
    existing,
    fault,
    found,
    lost,
    plain,
    refused,
)
from tests.xds_deposits import ENTRY_UUID, cda, entry, ins, registered

OLD = "2.25.31415926535.0"
ABSENT, OURS = found(), found(registered())
OTHER = found(replace(registered(), hash="f" * 40))
REFERENCE = found(references=(ENTRY_UUID,))


# --- before anything leaves ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (DeliveryContext(None), errors.InsNotQualified),
        (context(masks=frozenset({Mask.PATIENT})), errors.NotYetVisible),
        (context(masks=frozenset({Mask.PATIENT}), released_by="  "), errors.NotYetVisible),
        (DeliveryContext(QualifiedIns("287033306300082", "1.2.250.1.213.1.4.8")), OtherPatient),
    ],
)
def test_what_may_not_leave_is_not_even_prepared(given: DeliveryContext, kind: type[DuiBridgeError]) -> None:
    to, dmp = destination(TAKEN)
    with pytest.raises(kind):
        to.prepare(built(), given)
    assert dmp.asked == []


def test_a_document_that_is_too_large_or_of_an_unknown_establishment_is_not_prepared() -> None:
    to, _ = destination(TAKEN)
    with pytest.raises(errors.TooLarge):
        to.prepare(built(b"x" * 50_000_001), context())
    with pytest.raises(errors.EstablishmentUnknown):
        to.prepare(built(finess="750000018"), context())


def test_a_document_without_a_canonical_form_is_not_prepared() -> None:
    to, dmp = destination(TAKEN)
    relative = cda().replace(b"<ClinicalDocument ", b'<ClinicalDocument xmlns:x="relative" ', 1)
    with pytest.raises(errors.MetadataRefused):
        to.prepare(built(relative), context())
    assert dmp.asked == []


def test_a_document_invisible_to_the_patient_leaves_when_somebody_will_release_it() -> None:
    to, dmp = destination(TAKEN)
    hidden = context(masks=frozenset({Mask.PATIENT}), released_by="Dr Claude Pont")
    assert to.send(to.prepare(built(), hidden)).answer is Answer.DELIVERED
    assert read_submission(dmp.asked[0].body).contents.entries[0].masks == {Mask.PATIENT}
    assert b"Dr Claude" not in dmp.asked[0].request.content


def test_bytes_that_are_not_those_that_were_built_are_refused_without_a_call() -> None:
    to, dmp = destination(TAKEN)
    outcome = to.send(to.prepare(replace(built(), sha1="0" * 40), context()))
    assert (outcome.answer, dmp.asked) == (Answer.REFUSED, [])


@pytest.mark.parametrize(("masks", "secret"), [({Mask.PATIENT, Mask.PROFESSIONALS}, False), (set(), True)])
def test_metadata_with_a_fault_are_refused_without_a_call(masks: set[Mask], secret: bool) -> None:
    to, dmp = destination(TAKEN)
    given = context(masks=frozenset(masks), released_by="Dr Pont", secret_access=secret)
    outcome = to.send(to.prepare(built(), given))
    assert (outcome.answer, dmp.asked) == (Answer.REFUSED, [])
    assert outcome.findings[0].rule.id.startswith("XDS-")


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (existing(response="NF"), "DMP-011"),
        (existing("terminated"), "DMP-012"),
        (existing(observation="OPPOSITION_ALIMENTATION"), "DMP-013"),
        (fault("DMPAccessDeniedByRightsService", "non"), "DMP-050"),
    ],
)
def test_a_record_that_cannot_be_fed_is_refused_after_one_question(reply: Reply, code: str) -> None:
    to, dmp = destination(reply, TAKEN, asks=True)
    outcome = to.send(to.prepare(built(), context()))
    assert (outcome.answer, outcome.findings[0].rule.id) == (Answer.REFUSED, code)
    assert dmp.actions == ["PRPA_IN201307UV02"]


def test_whether_the_record_is_open_is_asked_once_a_session_and_a_mere_interdiction_to_consult_is_no_obstacle() -> None:
    to, dmp = destination(existing(observation="OPPOSITION_ACCES_URGENCE"), TAKEN, asks=True)
    for _ in range(2):
        assert to.send(to.prepare(built(), context())).answer is Answer.DELIVERED
    assert dmp.actions == [
        "PRPA_IN201307UV02",
        "ProvideAndRegisterDocumentSet-b",
        "ProvideAndRegisterDocumentSet-b",
    ]


# --- a deposit -------------------------------------------------------------------------------------------------------


def test_what_leaves_is_what_was_built_and_its_lot_is_the_reference() -> None:
    to, dmp = destination(TAKEN)
    outcome = to.send(to.prepare(built(), context()))
    assert (outcome.answer, outcome.at) == (Answer.DELIVERED, NOW)
    assert outcome.reference == derived_oid(entry().unique_id, "lot")
    assert cda() in dmp.asked[0].request.content


def test_it_is_a_destination_of_the_pipeline_that_lets_nothing_out_without_a_context() -> None:
    to, _ = destination(TAKEN)
    port: Destination = to
    with pytest.raises(errors.InsNotQualified):
        port.prepare(built(), DeliveryContext())
    with pytest.raises(TypeError):
        port.send(Prepared(built(), {}))


def test_preparing_is_pure() -> None:
    to, dmp = destination(TAKEN)
    assert to.prepare(built(), context()) == to.prepare(built(), context())
    assert dmp.asked == []


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (lost, NoAnswer),
        (plain(b"", 503), errors.Busy),
        (refused("XDSRegistryBusy"), errors.Busy),
        (fault("", "panne", "Receiver"), errors.Undecided),
        (fault("DMPInvalidCertificate", "…"), errors.CertificateRefused),
    ],
)
def test_what_is_not_a_refusal_of_the_document_is_raised(reply: Reply, kind: type[DuiBridgeError]) -> None:
    to, dmp = destination(reply)
    with pytest.raises(kind):
        to.send(to.prepare(built(), context()))
    assert len(dmp.asked) == 1


@pytest.mark.parametrize(
    "code", ["XDSRegistryMetadataError", "XDSMissingDocument", "XDSUnknownPatientId", "DMPNouveau"]
)
def test_a_refusal_of_the_document_is_final_in_the_service_s_own_code(code: str) -> None:
    to, _ = destination(refused(code, "titre"))
    outcome = to.send(to.prepare(built(), context()))
    assert (outcome.answer, outcome.code, len(outcome.findings)) == (Answer.REFUSED, code, 1)


def test_the_words_of_a_refusal_are_kept_without_the_person() -> None:
    (name,) = [one.partition("|")[2].split("^")[0] for one in entry().source_patient_info if one.startswith("PID-5")][
        :1
    ]
    number = context().ins.matricule
    words = f"titre de {name.lower()} ({number}) trop long"
    to, _ = destination(refused("XDSRegistryMetadataError", words))
    assert to.send(to.prepare(built(), context())).received == "titre de … (…) trop long".encode()


def test_what_is_raised_does_not_name_the_person_either() -> None:
    (name,) = [one.partition("|")[2].split("^")[0] for one in entry().source_patient_info if one.startswith("PID-5")]
    to, _ = destination(fault("", f"PS et Structure non liés pour {name} {ins().matricule}"))

    with pytest.raises(errors.CallerRefused) as refusal:
        to.send(to.prepare(built(), context()))

    assert "PS et Structure non liés pour …" in str(refusal.value)
    assert name not in str(refusal.value)
    assert ins().matricule not in str(refusal.value)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [(OURS, Answer.ALREADY_THERE), (REFERENCE, Answer.ALREADY_THERE), (OTHER, Answer.REFUSED)],
)
def test_a_duplicate_is_a_success_with_our_hash_only(reply: Reply, answer: Answer) -> None:
    to, dmp = destination(refused("XDSDuplicateUniqueIdInRegistry"), reply)
    assert to.send(to.prepare(built(), context())).answer is answer
    assert len(dmp.asked) == 2


def test_a_duplicate_that_is_not_there_is_doubtful() -> None:
    to, _ = destination(refused("XDSDuplicateUniqueIdInRegistry"), ABSENT)
    with pytest.raises(errors.Undecided):
        to.send(to.prepare(built(), context()))


# --- a replacement ---------------------------------------------------------------------------------------------------


def _replaced(content: object) -> list[str]:
    return [one.target for one in read_submission(content).contents.associations if one.type == REPLACES]  # type: ignore[arg-type]


def test_a_replacement_names_the_entry_that_the_registry_has_now() -> None:
    fresh = "urn:uuid:0f4b8a56-0c1e-4c53-9c6b-4f1c6b1f7fff"
    old = replace(registered(), unique_id=OLD)
    to, dmp = destination(
        found(old), refused("XDSRegistryDeprecatedDocumentError"), found(replace(old, id=fresh)), TAKEN
    )
    assert to.send(to.prepare(built(), context(replaces=OLD))).answer is Answer.DELIVERED
    assert read_adhoc_query(dmp.asked[0].body).parameters[0].values == (OLD,)
    assert [_replaced(dmp.asked[place].body) for place in (1, 3)] == [[ENTRY_UUID], [fresh]]


def test_a_replacement_whose_earlier_version_is_not_there_waits_for_a_person() -> None:
    to, dmp = destination(ABSENT)
    outcome = to.send(to.prepare(built(), context(replaces=OLD)))
    assert (outcome.answer, outcome.findings[0].rule.id, len(dmp.asked)) == (Answer.REFUSED, "DMP-021", 1)


def test_a_replacement_that_is_overtaken_again_and_again_is_tried_later() -> None:
    old = found(replace(registered(), unique_id=OLD))
    to, dmp = destination(old, refused("XDSReplaceFailed"), old, refused("XDSReplaceFailed"))
    with pytest.raises(errors.ReplacedMeanwhile):
        to.send(to.prepare(built(), context(replaces=OLD)))
    assert len(dmp.asked) == 4


# --- a secret connection ---------------------------------------------------------------------------------------------

_SECRET = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"


@pytest.mark.parametrize(
    ("secret", "told"), [(True, ("INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13",)), (False, None)]
)
def test_every_call_about_a_document_of_a_secret_connection_says_so(secret: bool, told: tuple[str, ...] | None) -> None:
    hidden = frozenset({Mask.LEGAL_REPRESENTATIVES})
    old = found(replace(registered(hidden), unique_id=OLD))
    to, dmp = destination(existing(), old, TAKEN, OURS, asks=True)
    prepared = to.prepare(built(), context(replaces=OLD, masks=hidden, secret_access=secret))
    assert to.send(prepared).answer is Answer.DELIVERED
    to.resolve(prepared)
    assert [read_vihf(one.assertion).attributes.get(_SECRET) for one in dmp.asked] == [told] * 4


# --- asking ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        (ABSENT, Answer.ABSENT),
        (OURS, Answer.ALREADY_THERE),
        (REFERENCE, Answer.ALREADY_THERE),
        (OTHER, Answer.REFUSED),
    ],
)
def test_asking_tells_whether_the_dmp_has_these_very_bytes(reply: Reply, answer: Answer) -> None:
    to, dmp = destination(reply)
    assert to.resolve(to.prepare(built(), context())).answer is answer
    assert read_adhoc_query(dmp.asked[0].body).parameters[0].values == (entry().unique_id,)


@pytest.mark.parametrize("reply", [lost, plain(b"<html>", 500), answering(b"<x/>"), plain(b"", 200)])
def test_an_unreadable_answer_to_the_question_says_nothing(reply: Reply) -> None:
    to, _ = destination(reply)
    with pytest.raises(errors.Unanswered):
        to.resolve(to.prepare(built(), context()))


# --- how fast --------------------------------------------------------------------------------------------------------


def test_deposits_keep_their_distance() -> None:
    seconds, waited = [0.0], []

    def sleep(wait: float) -> None:
        waited.append(wait)
        seconds[0] += wait

    pace = Pace(4.0, monotonic=lambda: seconds[0], sleep=sleep)
    for _ in range(20):
        pace.before()
    assert seconds[0] == pytest.approx(19 / 4)
    assert len(waited) == 19


def test_a_deposit_waits_for_a_turn_that_others_may_have_taken() -> None:
    waits, waited = iter([0.3, 0.1, 0.0, 0.0]), []
    pace = Pace(4.0, lambda _: next(waits), sleep=waited.append)

    pace.before()
    pace.before()

    assert waited == [0.3, 0.1]


def test_the_stand_in_has_no_rate() -> None:
    waited: list[float] = []
    pace = Pace(None, monotonic=lambda: 1.0, sleep=waited.append)
    for _ in range(3):
        pace.before()
    assert waited == []


def test_the_training_platform_gets_its_number_of_documents_a_day_in_paris() -> None:
    paris = ZoneInfo("Europe/Paris")
    days: list[tuple[datetime, datetime]] = []

    def taken(begin: datetime, end: datetime) -> int:
        days.append((begin, end))
        return 20

    rest = rest_of(DmpSettings(), Profile.QUALIFICATION, taken, datetime(2026, 11, 22, 22, 30, tzinfo=UTC))

    assert days == [(datetime(2026, 11, 22, tzinfo=paris), datetime(2026, 11, 23, tzinfo=paris))]
    assert rest is not None
    assert (rest.until, rest.reason.code) == (datetime(2026, 11, 23, tzinfo=paris), "DMP-036")
    assert "20 documents" in rest.reason.message("fr")


@pytest.mark.parametrize(
    ("profile", "given", "taken", "rests"),
    [
        (Profile.QUALIFICATION, None, 19, False),
        (Profile.QUALIFICATION, 30, 29, False),
        (Profile.PRODUCTION, None, 30_000, False),
        (Profile.PRODUCTION, 30, 30, True),
        (Profile.SANDBOX, 1, 1, True),
    ],
)
def test_only_where_there_is_a_daily_number_does_it_rest(
    profile: Profile, given: int | None, taken: int, rests: bool
) -> None:
    found = rest_of(DmpSettings(daily_documents=given), profile, lambda *_: taken, NOW)
    assert (found is not None) is rests
