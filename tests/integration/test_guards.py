"""What a guard holds stays until a person decides: released it leaves, discarded it is forgotten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from demo_site import DemoSite, invoke
from small_site import small_site

from dui_bridge.pipeline import guard
from dui_bridge.pipeline.delivery import standing


@pytest.fixture
def site(tmp_path: Path) -> DemoSite:
    """A site that has read and delivered its one document."""
    small = small_site(tmp_path / "out")
    small.run()
    assert len(small.cdas()) == 1
    return small


def decide(site: DemoSite, what: str, run: str) -> None:
    ended = invoke("runs", what, run, "--reason", "vu avec l'établissement", "--config", str(site.config))
    assert ended.code == 0, ended.stderr


def status(site: DemoSite) -> dict[str, Any]:
    return dict(invoke("status", "--config", str(site.config), "--json").json)


def reuse_number(site: DemoSite) -> str:
    """The dossier number is given to another person; returns the run that is held."""
    site.edit("USAGERS.CSV", lambda text: text.replace("Laforêt;Laforêt", "Marchand;Marchand"))
    site.edit("USAGERS.CSV", lambda text: text.replace("17/05/2010", "03/02/2011"))
    ended = invoke("run", "--config", str(site.config), "--json")
    assert ended.code == 1, ended.stderr
    (summary,) = ended.json["sources"]
    assert summary["state"] == "held"
    return str(summary["run"])


def test_a_number_that_changed_person_makes_nothing_and_holds_the_run(site: DemoSite) -> None:
    before = site.documents()

    run = reuse_number(site)

    assert site.documents() == before
    told = status(site)
    assert told["states"] == {"quarantined": told["read"]}
    shown = invoke("runs", "show", run, "--config", str(site.config)).stdout
    assert "PIP-032" in shown or "changé de personne" in shown


def test_it_is_held_again_until_a_person_accepts_the_new_one(site: DemoSite) -> None:
    reuse_number(site)
    again = invoke("run", "--config", str(site.config), "--json")

    assert again.json["sources"][0]["state"] == "held"


def test_once_released_the_new_persons_documents_are_made_at_the_next_reading(site: DemoSite) -> None:
    decide(site, "release", reuse_number(site))

    assert site.run()["documents"]["built"] == 1
    assert len(site.cdas()) == 2


def test_once_discarded_the_number_is_still_the_first_persons(site: DemoSite) -> None:
    decide(site, "discard", reuse_number(site))
    site.edit("USAGERS.CSV", lambda text: text.replace("Marchand;Marchand", "Laforêt;Laforêt"))
    site.edit("USAGERS.CSV", lambda text: text.replace("03/02/2011", "17/05/2010"))

    assert site.run()["documents"]["unchanged"] == 1
    assert len(site.cdas()) == 1


def test_a_correction_of_the_name_alone_is_no_other_person(site: DemoSite) -> None:
    site.edit("USAGERS.CSV", lambda text: text.replace("Laforêt;Laforêt", "Laforest;Laforest"))

    assert site.run()["documents"]["built"] == 1


def test_what_an_added_destination_would_get_in_number_waits_until_a_person_says_so(
    site: DemoSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One document is many here: the number itself is the business of the unit tests."""
    monkeypatch.setattr(guard, "SMALLEST_SURGE", 0)
    monkeypatch.setattr(standing, "_MANY", replace(standing._MANY, above=0))
    site.config.write_text(f"{site.config.read_text()}  archive: {{kind: file, path: archive}}\n")
    folder = site.config.parent / "archive"

    added = invoke("run", "--config", str(site.config), "--json")
    told = invoke("status", "--config", str(site.config)).stdout
    brought = invoke("backfill", "--destination", "archive", "--yes", "--config", str(site.config))
    untouched = list(folder.rglob("*.xml"))
    site.run()

    assert added.json["delivered"]["held"] == {"archive": 1}
    assert "POL-009" in told
    assert "dui-bridge backfill start --destination archive" in told
    assert (brought.code, untouched) == (0, [])
    assert len(list(folder.rglob("*.xml"))) == 1
