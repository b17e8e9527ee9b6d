"""A mail of which nobody knew whether it left is found again by the Message-ID that a report names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from demo_site import DemoSite

from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.inbox.doubtful import Doubtful
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.site.settings import Site, load_site


@pytest.fixture
def site(demo: DemoSite) -> Iterator[Site]:
    """The site of the demo, as if the stand-in of its operator still ran."""
    found = load_site(demo.config)
    files = [found.data / "sandbox" / f"{name}.url" for name in ("mssante", "mssante-imap")]
    for one in files:
        one.write_text("smtp://localhost:2525")
    yield found
    for one in files:
        one.unlink()


def test_a_mail_made_anew_has_the_message_id_under_which_it_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_journal(site) as journal:
        left = delivered(journal, "mssante")[:3]
        names = {"mssante": left}
        monkeypatch.setattr(journal.deliveries, "cases", lambda name, *_, **__: names.get(name, []))
        doubtful = Doubtful(site, journal)
        assert [doubtful.delivery_of(one.delivery.reference) for one in left] == [one.delivery.id for one in left]
        assert doubtful.has(left[0].delivery.id)
        assert doubtful.delivery_of("x@exemple.mssante.fr") is None


def delivered(journal: Journal, name: str) -> list[Any]:
    found = journal.deliveries.cases(
        name, (DeliveryState.DELIVERED, DeliveryState.ACKNOWLEDGED, DeliveryState.RETURNED)
    )
    assert found
    return found
