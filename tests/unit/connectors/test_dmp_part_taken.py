"""PartialSuccess: what the DMP did is asked of it, and never guessed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.connectors.dmp import errors
from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.exchange import Answer
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.vocabulary import ARCHIVED, DELETED, PARTIAL_SUCCESS
from tests.dmp_world import Dmp, Reply, built, client, context, destination, found, lost, professional, refused
from tests.xds_deposits import ENTRY_UUID, ins, registered

DOCTOR = professional()
OURS, ABSENT = found(registered()), found()
OTHER = found(replace(registered(), hash="f" * 40))


def partly(code: str) -> Reply:
    return refused(code, "titre", PARTIAL_SUCCESS)


@pytest.mark.parametrize(
    ("there", "answer", "code"),
    [
        (OURS, Answer.ALREADY_THERE, ""),
        (ABSENT, Answer.REFUSED, "XDSRegistryMetadataError"),
        (OTHER, Answer.REFUSED, "XDSNonIdenticalHash"),
    ],
)
def test_a_deposit_that_was_taken_in_part_is_what_the_dmp_then_has(there: Reply, answer: Answer, code: str) -> None:
    to, dmp = destination(partly("XDSRegistryMetadataError"), there)
    outcome = to.send(to.prepare(built(), context()))
    assert (outcome.answer, outcome.code, len(dmp.asked)) == (answer, code, 2)
    assert (outcome.received == b"titre") is (code == "XDSRegistryMetadataError")


@pytest.mark.parametrize(
    ("code", "then", "kind"),
    [
        ("XDSRegistryMetadataError", lost, errors.Undecided),
        ("XDSRegistryMetadataError", refused("XDSRegistryError"), errors.Undecided),
        ("XDSDuplicateUniqueIdInRegistry", ABSENT, errors.Undecided),
        ("XDSRegistryBusy", ABSENT, errors.Busy),
    ],
)
def test_what_cannot_be_found_out_stays_doubtful_and_what_passes_is_tried_again(
    code: str, then: Reply, kind: type[DuiBridgeError]
) -> None:
    to, _ = destination(partly(code), then)
    with pytest.raises(kind):
        to.send(to.prepare(built(), context()))


def _mask(opened: DmpClient) -> None:
    opened.mask(registered(), [Mask.PROFESSIONALS], ins(), DOCTOR)


def _delete(opened: DmpClient) -> None:
    opened.delete(registered(), ins(), DOCTOR)


def _archive(opened: DmpClient) -> None:
    opened.archive(registered(), ins(), DOCTOR)


def _now(**values: object) -> Reply:
    return found(replace(registered(), **values))  # type: ignore[arg-type]


MASKED: DocumentEntry = registered([Mask.PROFESSIONALS])
REFERENCE = found(references=(ENTRY_UUID,))


@pytest.mark.parametrize(
    ("change", "then"),
    [
        (_mask, found(MASKED)),
        (_delete, ABSENT),
        (_delete, _now(status=DELETED)),
        (_archive, _now(status=ARCHIVED)),
    ],
)
def test_an_update_that_was_done_all_the_same_is_done(change: object, then: Reply) -> None:
    dmp = Dmp([partly("XDSRegistryError"), then])
    change(client(dmp))  # type: ignore[operator]
    assert len(dmp.asked) == 2


@pytest.mark.parametrize(
    ("change", "then", "kind"),
    [
        (_mask, OURS, errors.Refused),
        (_mask, ABSENT, errors.Refused),
        (_delete, OURS, errors.Refused),
        (_archive, OURS, errors.Refused),
        (_mask, REFERENCE, errors.Undecided),
        (_delete, lost, errors.Undecided),
    ],
)
def test_an_update_that_was_not_done_is_refused_in_the_words_of_the_dmp(
    change: object, then: Reply, kind: type[DuiBridgeError]
) -> None:
    with pytest.raises(kind, match="titre"):
        change(client(Dmp([partly("XDSRegistryError"), then])))  # type: ignore[operator]
