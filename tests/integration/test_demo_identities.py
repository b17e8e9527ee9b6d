"""The demo's persons at INSi: found at once, by the ladder, with other traits, not at all; and what waits."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from demo_site import DemoSite, invoke

import dui_bridge
from dui_bridge.journal.identity_records import KnownIdentity
from dui_bridge.journal.store import Journal
from dui_bridge.site.settings import load_site

README = Path(dui_bridge.__file__).parent.parent / "README.md"

Story = tuple[str, str, tuple[tuple[str, str], ...]]
"""State, cause, and the calls: step of the ladder and code."""

AT_ONCE, LADDER, DECIDE, BLOCKED = "found at once", "found by the ladder", "to decide", "blocked"
STORIES: dict[str, dict[str, Story]] = {
    AT_ONCE: {
        "Montel": ("qualified", "", (("first", "00"),)),
        "D'Amico": ("to_check", "INS-302", (("first", "00"),)),
    },
    LADDER: {
        "Achard": ("qualified", "", (("first", "02"), ("several_place", "00"))),
        "Bouchet": ("qualified", "", (("first", "01"), ("others", "01"), ("joined", "00"))),
    },
    DECIDE: {
        "Ferreira da Silva": ("to_decide", "INS-303", (("first", "01"), ("others", "00"))),
        "Crouzeix": ("to_decide", "INS-303", (("first", "00"),)),
    },
    BLOCKED: {
        "Hénon": ("blocked", "INS-104", ()),
        "Prévôt": ("blocked", "INS-105", ()),
        "Quayrat": ("blocked", "INS-106", ()),
        "Évrard": ("blocked", "INS-107", ()),
        "Urbanowicz": ("blocked", "INS-305", (("first", "01"),)),
        "Agostini": ("blocked", "INS-306", (("first", "02"),)),
    },
}


def identities(site: DemoSite) -> dict[str, Story]:
    """Of every dossier that has one, by the birth name in the DUI."""
    settings = load_site(site.config)
    found: dict[str, Story] = {}
    with Journal.open(settings.data, settings.key()) as journal:
        for state in journal.identities.states():
            for known in journal.identities.page([state]):
                calls = tuple((call.step, call.code) for call in journal.identities.calls(known.dossier_id))
                # Of two persons of one name, the one who waits.
                if str(known.state) != "qualified" or birth_name(known) not in found:
                    found[birth_name(known)] = (str(known.state), known.cause, calls)
    return found


def birth_name(known: KnownIdentity) -> str:
    local = known.record["locaux"]
    assert isinstance(local, dict)
    return str(local["nom_naissance"])


@pytest.fixture(scope="module")
def stories(demo: DemoSite) -> dict[str, Story]:
    return identities(demo)


@pytest.mark.parametrize("kind", STORIES)
def test_each_kind_of_answer_is_in_the_demo(stories: dict[str, Story], kind: str) -> None:
    assert {name: stories[name] for name in STORIES[kind]} == STORIES[kind]


def test_the_worklist_shows_every_identity_that_waits(demo: DemoSite, stories: dict[str, Story]) -> None:
    listed = invoke("ins", "worklist", "--json", "--config", str(demo.config))
    waiting = {name for name, (state, _, _) in stories.items() if state != "qualified"}

    assert listed.code == 1
    assert {row["local"]["nom_naissance"] for row in listed.json["rows"]} == waiting


def test_the_readme_shows_what_the_worklist_prints_after_the_demo(demo: DemoSite) -> None:
    block = README.read_text(encoding="utf-8").partition("```\nÀ DÉCIDER")[2].partition("```")[0]
    printed = undated(invoke("ins", "worklist", "--config", str(demo.config)).stdout).splitlines()
    shown = [line for line in undated(block).splitlines()[1:] if line.strip() not in ("", "[…]")]

    assert len(shown) > 20
    assert [line for line in shown if line not in printed] == []


def undated(text: str) -> str:
    return re.sub(r"\d\d/\d\d/\d{4} \d\d:\d\d", "…", text)


def test_without_the_stand_in_it_is_said_once_and_the_next_run_asks(tmp_path: Path) -> None:
    site = DemoSite(tmp_path / "out")
    invoke("demo", "--prepare", "--out", str(site.out))
    words = ("run", "--config", str(site.config), "--source", "serenia-ehpad")

    alone = invoke(*words)
    assert alone.code == 3
    assert (alone.stdout + alone.stderr).count("simulateur de INSi n'est pas lancé") == 1
    assert len(site.cdas("serenia-ehpad")) > 50
    assert identities(site)["Montel"] == ("retry", "CFG-121", ())

    with site.stand_ins():
        assert invoke(*words).code == 0
    assert identities(site)["Montel"] == STORIES[AT_ONCE]["Montel"]
