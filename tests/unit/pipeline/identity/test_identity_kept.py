"""The INS of a person for whom no document was made: what the journal keeps of their identity, through the gate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from action_world import INFORMED, NOW, Office

from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.ins.matricule import INS_TEST
from dui_bridge.ins.statut import Attribut, Identite
from dui_bridge.ins.traits import Traits
from dui_bridge.journal.identity_records import IdentityEntry, IdentityState
from dui_bridge.journal.records import DossierEntry
from dui_bridge.model.identite import StatutIdentite
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.identity.kept import kept_ins
from dui_bridge.pipeline.identity.record import IdentityRecord, to_json
from dui_bridge.pipeline.policy.facts import UsagerFacts
from tests.xds_deposits import ins

MATRICULE = ins().matricule
TRAITS = Traits("SAIDI", "BENOIT", "BENOIT", "M", "2010-06-20", "42218")
QUALIFIED = Identite(StatutIdentite.QUALIFIEE, matricule=MATRICULE)
OF_THE_DUI, OF_INSI = IdentityRecord(QUALIFIED, TRAITS), IdentityRecord(replace(QUALIFIED, traits=TRAITS), TRAITS)
REFUSED = replace(INFORMED, ins_qualified=False)


def kept(
    office: Office,
    record: IdentityRecord,
    facts: UsagerFacts = INFORMED,
    state: IdentityState = IdentityState.QUALIFIED,
    profile: Profile = Profile.SANDBOX,
) -> QualifiedIns | None:
    entry = DossierEntry("atlas", "U1", "U1", None, facts.to_json(), {"nom": "aa" * 8})
    statut = record.identite.statut.value
    identity = IdentityEntry(statut, state, "", "nobody", "l" * 64, to_json(record), record.identite.matricule)
    office.journal.identities.store([(entry, identity)], NOW)
    dossier = office.journal.dossiers.known("atlas", "U1")
    assert dossier is not None
    return kept_ins(office.journal, dossier, profile)


def test_a_qualified_identity_gives_its_ins_without_any_document(office: Office) -> None:
    assert kept(office, OF_THE_DUI) == QualifiedIns(MATRICULE, INS_TEST)


def test_who_was_qualified_since_the_last_reading_is(office: Office) -> None:
    assert kept(office, OF_INSI, REFUSED) == QualifiedIns(MATRICULE, INS_TEST)


@pytest.mark.parametrize(
    ("record", "facts", "state"),
    [
        (OF_THE_DUI, REFUSED, IdentityState.QUALIFIED),
        (OF_INSI, replace(INFORMED, anonymous=True), IdentityState.QUALIFIED),
        (OF_INSI, INFORMED, IdentityState.TO_DECIDE),
        (replace(OF_INSI, twin=2), INFORMED, IdentityState.QUALIFIED),
        (replace(OF_INSI, identite=replace(QUALIFIED, statut=StatutIdentite.RECUPEREE)), INFORMED, "to_check"),
        (
            replace(OF_INSI, identite=replace(QUALIFIED, attributs=frozenset({Attribut.DOUTEUSE}))),
            INFORMED,
            IdentityState.QUALIFIED,
        ),
        (replace(OF_THE_DUI, locaux=replace(TRAITS, sexe="")), INFORMED, IdentityState.QUALIFIED),
    ],
    ids=["presumed", "anonymous", "to-decide", "twin", "not-checked", "doubtful", "incomplete"],
)
def test_the_gate_keeps_back_every_other(
    record: IdentityRecord, facts: UsagerFacts, state: IdentityState | str, office: Office
) -> None:
    assert kept(office, record, facts, IdentityState(state)) is None


def test_a_listed_test_matricule_does_not_leave_in_production(office: Office) -> None:
    assert kept(office, OF_INSI, profile=Profile.PRODUCTION) is None


def test_of_an_unknown_identity_nothing_is_known(office: Office) -> None:
    office.add(usager="U2")
    dossier = office.journal.dossiers.known("atlas", "U2")
    assert dossier is not None
    assert kept_ins(office.journal, dossier, Profile.SANDBOX) is None
