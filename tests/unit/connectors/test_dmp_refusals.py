"""Every answer of the DMP becomes one error that says what to do."""

from __future__ import annotations

import pytest

from dui_bridge.connectors.dmp import errors
from dui_bridge.connectors.dmp.refusals import REGISTRY, TEXTS, finding_of, of_fault, of_registry
from dui_bridge.connectors.wire.soap import Fault
from dui_bridge.errors import AnswerLost, AskService, DuiBridgeError, FixConfiguration, FixData, Retry
from dui_bridge.xds import error_codes
from dui_bridge.xds.messages import RegistryError, RegistryResponse
from dui_bridge.xds.vocabulary import FAILURE, PARTIAL_SUCCESS, WARNING

CODES = {
    "XDSUnknownPatientId": FixData,
    "XDSPatientIdDoesNotMatch": FixData,
    "XDSDuplicateUniqueIdInRegistry": AskService,
    "XDSNonIdenticalHash": FixData,
    "XDSDocumentUniqueIdError": FixData,
    "XDSMissingDocument": FixData,
    "XDSMissingDocumentMetadata": FixData,
    "XDSRegistryMetadataError": FixData,
    "XDSRepositoryMetadataError": FixData,
    "XDSRegistryDeprecatedDocumentError": Retry,
    "XDSRegistryBusy": Retry,
    "XDSRepositoryBusy": Retry,
    "XDSRegistryError": AskService,
    "XDSRepositoryError": AskService,
    "XDSTooManyResults": AskService,
    "XDSStoredQueryMissingParam": AskService,
    "XDSStoredQueryParamNumber": AskService,
    "XDSUnknownStoredQuery": AskService,
}


def answer(*found: tuple[str, str], status: str = FAILURE) -> RegistryResponse:
    return RegistryResponse(status, tuple(RegistryError(code, context) for code, context in found))


@pytest.mark.parametrize(("code", "family"), CODES.items())
def test_each_code_of_the_dmp_is_mapped_to_its_family(code: str, family: type[DuiBridgeError]) -> None:
    assert code in REGISTRY
    assert isinstance(of_registry(answer((code, "…"))), family)


def test_each_code_that_our_own_checks_foresee_is_mapped() -> None:
    foreseen = {value for name, value in vars(error_codes).items() if name.isupper() and isinstance(value, str)}
    assert {one for one in foreseen if one.startswith("XDS") or one.endswith("Exception")} <= set(REGISTRY)


def test_each_error_has_a_code_of_its_own_and_words_in_both_languages() -> None:
    given = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, DuiBridgeError)]
    classes = [one for one in given if one.__module__ == errors.__name__]
    assert len({one.code for one in classes}) == len(classes) > 25
    for one in classes:
        texts = (one.en, one.fr, one.action_en, one.action_fr)
        assert all(texts), one
        assert one.en != one.fr, one


def test_an_unknown_code_is_for_the_service_with_its_own_words() -> None:
    error = of_registry(answer(("DMPInconnu", "Quota du jour atteint")))
    assert (type(error), error.message("fr")) == (
        errors.Refused,
        "le DMP a refusé (DMPInconnu) : Quota du jour atteint",
    )


def test_a_refusal_counts_before_what_would_pass_by_itself_and_warnings_do_not_count() -> None:
    warning = RegistryError("XDSRegistryMetadataError", "…", WARNING)
    mixed = answer(("XDSRegistryBusy", "…"), ("XDSUnknownPatientId", "…"))
    assert isinstance(of_registry(mixed), errors.PatientUnknown)
    assert isinstance(of_registry(RegistryResponse(PARTIAL_SUCCESS, (warning,))), errors.Refused)


@pytest.mark.parametrize(("text", "kind"), TEXTS)
def test_known_words_say_more_than_their_code(text: str, kind: type[DuiBridgeError]) -> None:
    assert type(of_registry(answer(("XDSRepositoryError", f"Erreur : {text.upper()}.")))) is kind
    assert type(of_fault(Fault("Sender", (), text))) is kind


@pytest.mark.parametrize(
    ("fault", "taken", "kind"),
    [
        (Fault("Sender", ("DMPInvalidCertificate",), ""), True, errors.CertificateRefused),
        (Fault("Sender", ("DMPAccessDeniedByRightsService",), ""), True, errors.AccessDenied),
        (Fault("Sender", ("DMPAutre",), ""), True, errors.Refused),
        (Fault("Receiver", (), ""), True, errors.Undecided),
        (Fault("Receiver", (), ""), False, errors.Busy),
    ],
)
def test_a_fault_is_a_refusal_unless_the_service_failed(fault: Fault, taken: bool, kind: type[DuiBridgeError]) -> None:
    error = of_fault(fault, taken=taken)
    assert type(error) is kind
    assert isinstance(error, AnswerLost | AskService | FixConfiguration | Retry)


def test_the_words_of_the_service_are_given_without_a_person() -> None:
    text = "INS 187033306399942 (1 87 03 33 063 999 42, 1870333063999) inconnu de 1.2.250.1.213.4.1.1.1.2, mars"
    message = str(of_registry(answer(("XDSRegistryError", text)), ("mars",)))
    assert message.endswith(": INS … (…, …) inconnu de 1.2.250.1.213.4.1.1.1.2, …")


def test_a_refusal_is_told_as_a_finding_of_the_same_code() -> None:
    finding = finding_of(errors.TooLarge(most="50 MB", most_fr="50 Mo"))
    assert (finding.rule.id, finding.is_error) == ("DMP-016", True)
    assert finding.message("fr") == "le document dépasse 50 Mo : il n'a pas été déposé"
