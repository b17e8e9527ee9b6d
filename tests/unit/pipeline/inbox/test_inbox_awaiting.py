"""Whom a reply is awaited from, and whether another mailbox is known of somebody whose own gave mails back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dui_bridge.declared import Problems
from dui_bridge.pipeline.inbox.awaiting import reply_hours
from dui_bridge.pipeline.policy.declaration import default_rules, load_policy
from dui_bridge.pipeline.policy.recipient_facts import Recipient, RecipientKind
from dui_bridge.pipeline.reports.inbox import proposed

K = RecipientKind
TODAY = date(2026, 11, 22)
PHARMACY = Recipient(K.PHARMACIE, name="Pharmacie du Port", finess="330000027", mailbox="old@p.mssante.fr")


def test_a_pharmacy_replies_within_two_days_and_nobody_else_is_awaited() -> None:
    assert reply_hours({K.PHARMACIE, K.EQUIPE}, default_rules()) == 48
    assert reply_hours({K.EQUIPE, K.MEDECIN_TRAITANT}, default_rules()) is None


@pytest.mark.parametrize(
    ("written", "hours", "wrong"),
    [
        ("{pharmacie: 24h, hopital: 72h}", {"pharmacie": 24, "hopital": 72}, 0),
        ("{pharmacie: 96h}", {"pharmacie": 48}, 0),
        ("{pharmacie: 2d}", {"pharmacie": 48}, 1),
        ("{coiffeur: 24h}", {"pharmacie": 48}, 1),
    ],
)
def test_a_site_may_want_replies_sooner_or_of_others(
    tmp_path: Path, written: str, hours: dict[str, int], wrong: int
) -> None:
    (tmp_path / "rules.yaml").write_text(f"reply_within: {written}\n")
    problems = Problems("policy")
    rules = load_policy([tmp_path / "rules.yaml"], problems)
    assert (dict(rules.reply_hours), len(problems.findings)) == (hours, wrong)


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (Recipient(K.STRUCTURE, name="Officine", finess="330000027", mailbox="new@p.mssante.fr"), ["new@p.mssante.fr"]),
        (Recipient(K.PHARMACIE, name="Pharmacie du Port", mailbox="new@p.mssante.fr"), ["new@p.mssante.fr"]),
        (Recipient(K.PHARMACIE, name="Pharmacie du Lac", mailbox="new@p.mssante.fr"), []),
        (Recipient(K.PHARMACIE, finess="330000027", mailbox="gone@p.mssante.fr", ends=date(2026, 1, 1)), []),
        (Recipient(K.PHARMACIE, finess="330000027"), []),
    ],
)
def test_another_mailbox_of_the_same_recipient_is_proposed(other: Recipient, found: list[str]) -> None:
    journal = SimpleNamespace(receipts=SimpleNamespace(suspects=lambda: {"old@p.mssante.fr"}))
    case = SimpleNamespace(usager={"recipients": [PHARMACY.to_json(), other.to_json()]})
    assert proposed(cast(Any, journal), cast(Any, case), TODAY) == found
