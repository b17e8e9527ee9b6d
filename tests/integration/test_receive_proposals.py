"""A mailbox that a mail came back from: another one of the same person is proposed within the cycle that learns it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dui_bridge.connectors.annuaire.errors import Unavailable
from dui_bridge.journal.inbox_records import MailState
from dui_bridge.journal.store import Journal
from dui_bridge.sandbox.annuaire import KEY, AnnuaireServer, Trouble
from dui_bridge.sandbox.mssante import MssanteServer
from dui_bridge.sandbox.pki import Pki
from tests import delivery_world
from tests.demo_site import invoke
from tests.mss_mails import DOCTOR, SENT_ID, delivery, recipient, with_documents
from tests.receive_world import Reception, empty_journal, receive_site

RPPS, OTHER = "10998011117", "remi.bertheas@exemple.mssante.fr"
FAILED = delivery(recipient("failed", "5.1.1", "smtp; 550 5.1.1 unknown"))


def test_a_directory_that_fails_stops_nothing_and_the_next_cycle_is_told_of_another_mailbox(
    tmp_path: Path, mail_pki: Pki
) -> None:
    folder, pki = tmp_path, mail_pki
    (folder / "annuaire.key").write_text(KEY)
    (folder / "annuaire.key").chmod(0o600)
    empty_journal(folder / "data")
    with (
        AnnuaireServer(pki, troubles=[Trouble(status=503)]) as annuaire,
        MssanteServer(pki, folder / "operator") as operator,
    ):
        site = receive_site(
            folder,
            pki,
            operator.addresses,
            annuaire={"url": annuaire.url, "tries": 1},
            software={
                "name": "Pont",
                "version": "1.0",
                "mssante_nil": "NIL-42",
                "annuaire_key": {"file": "annuaire.key"},
            },
        )
        with Journal.open(site.data, delivery_world.KEY) as journal:
            here = Reception(site, journal, operator, now=datetime.now(UTC) - timedelta(minutes=5))
            here.knows_her()
            here.sent(SENT_ID, rpps=RPPS)

            failed = here.came(FAILED, with_documents())

            assert [type(one) for one in failed.errors] == [Unavailable]
            assert [one.state for one in here.mails()] == [MailState.TIED, MailState.FILED]
            assert (len(here.answers()), here.seen()) == (1, [True, True])
        config = str(site.file)
        assert _told(config) == ({}, "0")

        assert invoke("mssante", "receive", "--config", config).code == 0

        assert _told(config) == ({OTHER: "annuaire"}, "1")
        asked = len(annuaire.calls)
        assert invoke("mssante", "receive", "--config", config).code == 0
        assert len(annuaire.calls) == asked, "what was answered since is not asked again"
        assert f"{OTHER}=annuaire" in invoke("mssante", "suspects", "--config", config).stdout
        assert OTHER in invoke("trace", "delivery-1", "--config", config).stdout
        assert "autre boîte" in invoke("status", "--config", config).stdout


def _told(config: str) -> tuple[Any, str]:
    """What `suspects` proposes for the doctor, and how many proposals `status` tells of."""
    (held,) = json.loads(invoke("mssante", "suspects", "--config", config, "--json").stdout)["rows"]
    assert held["address"] == DOCTOR
    alerts = json.loads(invoke("status", "--config", config, "--json").stdout)["alerts"]
    (alert,) = [one for one in alerts if one["alert"] == "suspect"]
    return held["proposed"], str(alert["message"]).rpartition("connue pour ")[2]
