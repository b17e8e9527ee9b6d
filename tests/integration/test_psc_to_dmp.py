"""From the approval on an e-CPS to a document of the DMP: the person who signed in is the one whom the DMP is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from dui_bridge.connectors.dmp.context import Acting, lot_author
from dui_bridge.connectors.dmp.errors import NotAllowed
from dui_bridge.connectors.dmp.rights import Transaction
from dui_bridge.connectors.psc import ciba
from dui_bridge.connectors.psc.calling import air_caller
from dui_bridge.pipeline.consultation.decision import (
    Acknowledgement,
    Consent,
    Wanted,
    may_consult,
)
from dui_bridge.pipeline.policy.facts import UsagerFacts
from dui_bridge.site.declaration import ConsultationSettings
from tests.dmp_site import open_site, site_pki
from tests.dmp_world import FINESS, STRUCTURE, built, context
from tests.psc_world import NATIONAL_ID, START, USERINFO, make
from tests.xds_deposits import cda, ins

DOCTOR_AND_SOCIAL_WORKER = [(USERINFO["SubjectRefPro"], True), ({"exercices": [{"codeProfession": ""}]}, False)]


@pytest.mark.parametrize(("described", "reads"), DOCTOR_AND_SOCIAL_WORKER)
def test_who_signs_in_reads_what_their_profession_may(described: object, reads: bool, tmp_path: Path) -> None:
    world = make()
    world.userinfo = (200, {**USERINFO, "SubjectRefPro": described, "SubjectRole": ["41^1.2.250.1.213.1.6.1.4"]})
    world.tokens = [world.granted()]
    psc = world.client()
    session = ciba.wait(psc, ciba.ask(psc, NATIONAL_ID), sleep=world.sleep)
    caller = air_caller(
        session, finess=FINESS, sector=STRUCTURE.sector, authentication=psc.settings.authentication_class
    )
    decision = may_consult(
        Wanted(Transaction.READ, by_hand=True),
        caller,
        UsagerFacts(ins_qualified=True),
        Acknowledgement(NATIONAL_ID, START - timedelta(days=1), "1"),
        Consent(informed=True, in_team=True),
        world.now,
        ConsultationSettings(),
    )
    assert decision.allowed is reads
    person = session.professional
    acting = Acting(caller, lot_author(caller, STRUCTURE.name, person.family, person.given))
    with open_site(site_pki(tmp_path), tmp_path / "dmp") as site:
        site.to.send(site.to.prepare(built(), context()))
        (found,) = site.entries()
        calls = len(site.server.calls)
        if reads:
            read = site.own.retrieve(found, ins(), acting, tmp_path / "read.xml")
            assert read.path.read_bytes() == cda()
        else:
            with pytest.raises(NotAllowed):
                site.own.retrieve(found, ins(), acting, tmp_path / "read.xml")
            assert len(site.server.calls) == calls
