"""A source that can tell what changed: what a reading of changes counts for, and how far the next one goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from demo_site import DemoSite, invoke
from small_site import small_site

from dui_bridge.journal.records import DeliveryCase
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Record
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.assemble import AssembledMapping
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.policy.facts import LAST_READ, DocumentFacts, as_read
from dui_bridge.site.settings import load_site


class Telling:
    """The CSV source, as one that gives what changed since the reading that a number stands for."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.silent = self.incomplete = False
        self.due = False

    def over(self, source: Any) -> Telling:
        self._source = source
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)

    def records(self, cursor: str | None = None) -> Iterator[Record]:
        self.asked.append(cursor)
        yield from () if self.silent else self._source.records()

    def reads_whole(self, cursor: str | None) -> bool:
        return self.due or cursor is None

    def is_complete(self) -> bool:
        return not self.incomplete

    def next_cursor(self) -> str | None:
        return None if self.incomplete else f"{len(self.asked)}"


@pytest.fixture
def dui(monkeypatch: pytest.MonkeyPatch) -> Telling:
    telling = Telling()
    opened = AssembledMapping.open_source
    monkeypatch.setattr(
        AssembledMapping, "open_source", lambda self, path, **how: telling.over(opened(self, path, **how))
    )
    return telling


@pytest.fixture
def site(tmp_path: Path, dui: Telling) -> DemoSite:
    """A site that has read everything once."""
    small = small_site(tmp_path / "out")
    small.run()
    return small


def journal_of(site: DemoSite) -> Journal:
    return open_journal(load_site(site.config))


def last_kind(site: DemoSite) -> str:
    with journal_of(site) as journal:
        return journal.runs(limit=1)[0].kind


def gone(site: DemoSite) -> int:
    with journal_of(site) as journal, journal._access.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM item WHERE gone_at IS NOT NULL").scalar_one())


def give_number_to_another(site: DemoSite) -> None:
    """The run that follows is held."""
    site.edit("USAGERS.CSV", lambda text: text.replace("Laforêt;Laforêt", "Marchand;Marchand"))
    site.edit("USAGERS.CSV", lambda text: text.replace("17/05/2010", "03/02/2011"))
    invoke("run", "--config", str(site.config))


def test_what_changes_do_not_name_is_neither_gone_nor_a_drop(site: DemoSite, dui: Telling) -> None:
    dui.silent = True

    summary = site.run()

    assert (dui.asked, last_kind(site), gone(site)) == ([None, "1"], "changes", 0)
    assert summary["state"] == "done"


def test_a_person_may_ask_for_all_of_it(site: DemoSite, dui: Telling) -> None:
    site.run("--whole")

    assert (dui.asked, last_kind(site)) == ([None, None], "full")


def test_all_of_it_is_read_with_another_mapping(site: DemoSite, dui: Telling) -> None:
    text = site.mapping.read_text(encoding="utf-8")
    site.mapping.write_text(re.sub(r"(?m)^version: .*$", "version: 99", text), encoding="utf-8")

    site.run()
    site.run()

    assert dui.asked == [None, None, "2"]


def test_a_mapping_corrected_under_its_version_is_applied_to_all_once_says_so_and_sends_nothing(
    site: DemoSite, dui: Telling
) -> None:
    text = site.mapping.read_text(encoding="utf-8")
    site.mapping.write_text(f"# relu le 22\n{text}", encoding="utf-8")
    site.run()
    assert dui.asked == [None, "1"]  # a comment corrects nothing

    corrected = text.replace("{N: ENPREPARATION, C: ENCOURS", "{N: ENPREPARATION, C: TERMINE")
    assert corrected != text
    site.mapping.write_text(corrected, encoding="utf-8")
    told = invoke("run", "--config", str(site.config)).stdout
    summary = site.run()

    assert (dui.asked[2:], last_kind(site)) == ([None, "3"], "changes")
    assert "[PIP-015]" in told
    with journal_of(site) as journal:
        assert [run.counts.get("built", 0) for run in journal.runs(limit=4)] == [0, 0, 0, 1]
    assert summary["documents"]["would_differ"] == 1


def test_what_a_whole_reading_does_not_name_is_gone(site: DemoSite, dui: Telling) -> None:
    dui.silent = dui.due = True

    site.run()

    assert (last_kind(site), gone(site) > 0) == ("full", True)


def test_nothing_is_gone_because_a_list_could_not_be_had(site: DemoSite, dui: Telling) -> None:
    dui.silent = dui.due = dui.incomplete = True

    site.run()
    site.run()

    assert (gone(site), dui.asked) == (0, [None, "1", "1"])


def test_as_long_as_a_run_is_held_the_next_one_starts_where_it_did(site: DemoSite, dui: Telling) -> None:
    give_number_to_another(site)
    again = invoke("run", "--config", str(site.config), "--json").json["sources"][0]
    assert (again["state"], dui.asked) == ("held", [None, "1", "1"])

    invoke("runs", "release", again["run"], "--config", str(site.config))
    assert site.run()["documents"]["built"] == 1  # those of the new person are told again
    site.run()

    assert dui.asked[3:] == ["1", "4"]


def test_under_a_corrected_mapping_bytes_that_wait_keep_what_they_say_and_the_rest_counts_at_once(
    tmp_path: Path,
) -> None:
    """The bytes show the management's signature; nowhere do they hold an opposition, or from whom they are masked."""
    site = small_site(tmp_path / "out")
    invoke("pause", "dmp-essai", "--reason", "essai", "--config", str(site.config))
    site.run()
    made = waiting(site)

    text = site.mapping.read_text(encoding="utf-8")
    masks = "visibilite: {masque_ps: {from: ETAT, codes: {V: oui}}}"
    signatures = "    signatures:     [{qui: usager, le: DATE_SIGN_USAGER}, {qui: direction"
    corrected = text.replace(f"{signatures}, le: DATE_SIGN_DIR}}]", f"    {masks}\n{signatures}}}]")
    corrected = corrected.replace("{from: OPPO_DMP, as: oui_non}", "{from: OPPO_DMP, codes: {N: oui}}")
    site.mapping.write_text(corrected, encoding="utf-8")
    assert site.run()["documents"]["would_differ"] == 1

    case = waiting(site)
    kept = DocumentFacts.from_json(case.document)
    assert (kept.signed_on, kept.dated) == (date(2026, 2, 17), date(2026, 2, 17))
    assert (kept.masked_from_professionals, case.usager["opposition_dmp"]) == (True, True)
    read = as_read(case.document)
    assert read is not None
    assert (read.signed_on, read.dated, read.masked_from_professionals) == (None, date(2026, 2, 2), True)

    site.mapping.write_text(text, encoding="utf-8")
    assert site.run()["documents"]["unchanged"] == 1
    assert {**waiting(site).document, LAST_READ: {}} == {**made.document, LAST_READ: {}}
    assert as_read(waiting(site).document) is None


def waiting(site: DemoSite) -> DeliveryCase:
    """The projet personnalisé that is at the folder, and waits at the DMP's stand-in."""
    with journal_of(site) as journal:
        (case,) = journal.deliveries.cases("dmp-essai", tuple(DeliveryState))
    assert case.delivery.state not in (DeliveryState.DELIVERED, DeliveryState.ACKNOWLEDGED)
    return case
