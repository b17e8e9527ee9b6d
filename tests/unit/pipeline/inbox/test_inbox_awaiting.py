"""Whom a reply is awaited from, and whether another mailbox is known of somebody whose own gave mails back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dui_bridge.connectors.annuaire.entries import Found, Mailbox, Owner, Wanted
from dui_bridge.connectors.annuaire.settings import AnnuaireSettings, Kind
from dui_bridge.declared import Problems
from dui_bridge.pipeline.inbox.awaiting import reply_hours
from dui_bridge.pipeline.policy.declaration import default_rules, load_policy
from dui_bridge.pipeline.policy.recipient_facts import Recipient, RecipientKind
from dui_bridge.pipeline.proposals import for_those_without, kept_answers, proposals

K = RecipientKind
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
    site = SimpleNamespace(declaration=SimpleNamespace(annuaire=None))
    facts = {"recipients": [PHARMACY.to_json(), other.to_json()]}
    held = {"old@p.mssante.fr"}
    known = proposals(cast(Any, site), cast(Any, facts), "OLD@p.mssante.fr", held, datetime(2026, 11, 22, tzinfo=UTC))
    assert known == dict.fromkeys(found, "dui")


def test_what_the_directory_was_asked_is_proposed_for_who_has_no_mailbox_in_the_kind_that_is_preferred(
    tmp_path: Path,
) -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    wanted = Wanted(rpps="10998011018")
    boxes = [
        Mailbox(f"{kind.value.lower()}@p.mssante.fr", Owner.PERSON, kind, "LEA MARTIN", "10998011018")
        for kind in (Kind.PER, Kind.CAB)
    ]
    doctor = Recipient(K.MEDECIN_TRAITANT, name="Dr Martin", rpps="10998011018")
    facts = {"recipients": [doctor.to_json(), Recipient(K.USAGER).to_json(), PHARMACY.to_json()]}
    for prefer, expected in (((Kind.PER, Kind.CAB), "per"), ((Kind.CAB,), "cab")):
        declared = SimpleNamespace(annuaire=AnnuaireSettings(prefer=prefer))
        site = cast(Any, SimpleNamespace(declaration=declared, data=tmp_path))
        answers = kept_answers(site)
        assert answers is not None
        answers.keep(Found(wanted, now, tuple(boxes), 1))
        assert for_those_without(site, cast(Any, facts), set(), now) == [f"{expected}@p.mssante.fr"]
