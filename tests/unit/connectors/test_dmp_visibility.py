"""From whom a document may be hidden at the DMP, given from whom it is hidden there already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dui_bridge.connectors.dmp.errors import NotYetVisible
from dui_bridge.connectors.dmp.visibility_errors import AlreadyVisible, EarlierMasksUnknown, MasksTogether
from dui_bridge.errors import DuiBridgeError
from dui_bridge.model.exchange import Answer
from dui_bridge.xds.entries import Mask
from dui_bridge.xds.messages import read_submission
from dui_bridge.xds.purpose import Policy
from tests.dmp_world import TAKEN, Dmp, built, client, context, destination, found, professional
from tests.xds_deposits import ENTRY_UUID, ins, registered

DOCTOR = professional()
OLD = "2.25.31415926535.0"
PS, PATIENT, REPS = Mask.PROFESSIONALS, Mask.PATIENT, Mask.LEGAL_REPRESENTATIVES
REFERENCE = found(references=(ENTRY_UUID,))


def shown(*masks: Mask) -> object:
    return found(replace(registered(masks), unique_id=OLD))


def test_what_the_patient_does_not_see_is_not_masked_to_professionals_as_well() -> None:
    dmp = Dmp([TAKEN])
    with pytest.raises(MasksTogether) as caught:
        client(dmp).mask(registered({PATIENT}), [PS], ins(), DOCTOR)
    assert dmp.asked == []
    assert "unhide" in caught.value.action("fr")


def test_both_masks_go_where_the_dmp_takes_both_and_a_pair_that_is_there_is_not_judged() -> None:
    dmp = Dmp([TAKEN])
    opened = client(dmp)
    free = replace(opened, practice=replace(opened.practice, policy=Policy(both_masks=True)))
    free.mask(registered({PATIENT}), [PS], ins(), DOCTOR)
    opened.make_visible(registered({PATIENT, PS, REPS}), REPS, ins(), DOCTOR)
    sent = [read_submission(one.body).contents.entries[0].masks for one in dmp.asked]
    assert sent == [{PATIENT, PS}, {PATIENT, PS}]


@pytest.mark.parametrize(
    ("ours", "earlier", "sent"),
    [
        ((), (PS,), {PS}),
        ((PS,), (), {PS}),
        ((), (REPS,), {REPS}),
        ((PATIENT,), (PATIENT,), {PATIENT}),
        ((), (PATIENT,), {PATIENT}),
    ],
)
@pytest.mark.parametrize("by_reference", [False, True])
def test_a_new_version_is_hidden_from_whomever_the_earlier_one_is(
    ours: tuple[Mask, ...], earlier: tuple[Mask, ...], sent: set[Mask], by_reference: bool
) -> None:
    """Where the DMP names the earlier version alone, what was sent of it counts."""
    to, dmp = destination(REFERENCE if by_reference else shown(*earlier), TAKEN)  # type: ignore[arg-type]
    known = frozenset(earlier) if by_reference else None
    given = context(replaces=OLD, masks=frozenset(ours), earlier_masks=known, released_by="Dr Max Libre")
    assert to.send(to.prepare(built(), given)).answer is Answer.DELIVERED
    assert read_submission(dmp.asked[1].body).contents.entries[0].masks == sent


@pytest.mark.parametrize(
    ("ours", "earlier", "kind"),
    [
        ((PATIENT,), (), AlreadyVisible),
        ((REPS,), (PS,), AlreadyVisible),
        ((), (PATIENT,), NotYetVisible),
        ((), None, EarlierMasksUnknown),
    ],
)
def test_a_new_version_that_hides_too_much_or_is_hidden_from_nobody_knows_whom_is_refused(
    ours: tuple[Mask, ...], earlier: tuple[Mask, ...] | None, kind: type[DuiBridgeError]
) -> None:
    asked = REFERENCE if earlier is None else shown(*earlier)
    to, dmp = destination(asked, TAKEN)  # type: ignore[arg-type]
    given = context(replaces=OLD, masks=frozenset(ours), released_by="Dr Max Libre" if ours else "")
    outcome = to.send(to.prepare(built(), given))
    assert (outcome.answer, outcome.findings[0].rule.id, len(dmp.asked)) == (Answer.REFUSED, kind.code, 1)


def test_what_is_known_to_be_visible_is_refused_before_anything_leaves() -> None:
    to, dmp = destination(TAKEN)
    hidden = context(replaces=OLD, masks=frozenset({REPS}), earlier_masks=frozenset())
    with pytest.raises(AlreadyVisible, match="representative"):
        to.prepare(built(), hidden)
    assert dmp.asked == []
