"""The DMP of a site: what the demo deposits, and what an operator does by hand."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pytest
from demo_site import DemoSite, Invocation, invoke

from dui_bridge.connectors.dmp.opening import open_of_site
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.pipeline.dmp.opened import dmp_of
from dui_bridge.pipeline.opening import open_journal
from dui_bridge.site.settings import load_site


def kept(site: DemoSite) -> dict[str, bytes]:
    """The documents that the stand-in of the DMP took."""
    folder = site.out / "sandbox" / "dmp"
    return {one.name: one.read_bytes() for one in folder.glob("*.xml") if not one.name.endswith(".metadata.xml")}


def delivered(site: DemoSite) -> list[tuple[int, str]]:
    """Deliveries that arrived there, with the source of each."""
    with sqlite3.connect(site.out / "site" / "data" / "journal.sqlite") as journal:
        query = "select id, source from delivery where destination = 'dmp' and state = 'delivered' order by id"
        return [(int(number), str(source)) for number, source in journal.execute(query)]


def dmp(site: DemoSite, *words: str) -> Invocation:
    with site.stand_ins():
        return invoke("dmp", *words, "--config", str(site.config))


def captured(site: DemoSite) -> Path:
    """Has the exchanges kept, and says where."""
    text = site.config.read_text(encoding="utf-8")
    changed = text.replace("  dmp: {start", "  dmp: {capture: data/messages, start")
    assert changed != text
    site.config.write_text(changed, encoding="utf-8")
    return site.out / "site" / "data" / "messages"


def test_thirty_documents_of_both_vendors_are_there_as_they_were_checked(demo: DemoSite) -> None:
    documents, there = demo.documents(), kept(demo)

    assert len(there) >= 30
    assert {name: documents[name] for name in there} == there
    sources = [source for _, source in delivered(demo)]
    assert min(sources.count(name) for name in ("atlas-ph", "serenia-ehpad")) >= 10


def test_status_and_the_dmp_count_the_same(demo: DemoSite) -> None:
    told = invoke("status", "--json", "--config", str(demo.config)).json
    (there,) = [one for one in told["destinations"] if one["destination"] == "dmp"]

    assert there["delivered"] == len(kept(demo))
    assert {name.removesuffix(".xml") for name in kept(demo)} == {
        one.name.removesuffix(".metadata.xml") for one in (demo.out / "sandbox" / "dmp").glob("*.metadata.xml")
    }


def test_deposits_of_all_processes_take_their_turn_in_the_journal(own_demo: DemoSite) -> None:
    site = load_site(own_demo.config)
    opened = dmp_of(site)
    assert isinstance(opened.settings, DmpSettings)
    own = opened.settings.model_copy(update={"base": "https://localhost:9/", "feeds_per_second": 1.0})
    with open_journal(site) as ours, open_journal(site) as theirs:
        destination = open_of_site(own, opened.means(ours))
        destination._pace.before()

        assert 0 < opened.means(theirs).turn("dmp feeds", 1.0) <= 1.0
        destination.close()


def test_an_operator_asks_deletes_and_gathers_the_evidence(own_demo: DemoSite, tmp_path: Path) -> None:
    messages = captured(own_demo)
    number = delivered(own_demo)[0][0]
    out = tmp_path / "preuves.zip"

    asked = dmp(own_demo, "exists", f"delivery-{number}", "--json")
    deleted = dmp(own_demo, "delete", f"delivery-{number}", "--reason", "mauvais document", "--json")
    again = dmp(own_demo, "delete", f"delivery-{number}", "--reason", "mauvais document")
    gathered = dmp(own_demo, "evidence", f"delivery-{number}", "--out", str(out))

    assert (asked.code, asked.json["dmp"]) == (0, "open")
    assert (deleted.code, again.code, gathered.code) == (0, 2, 1), deleted.stderr + gathered.stderr
    assert "[CFG-144]" in again.stderr
    assert all(word in gathered.stderr for word in ("dui-bridge pack add", "destinations.dmp.capture"))
    unique_id = deleted.json["unique_id"]
    with zipfile.ZipFile(out) as archive:
        assert archive.read("document.xml") == own_demo.documents()[f"{unique_id}.xml"]
        assert json.loads(archive.read("controles.json"))["unique_id"] == unique_id
        assert unique_id.encode() in archive.read("metadonnees.xml")
        shown = [archive.read(name) for name in archive.namelist() if name.startswith("messages/")]
    secret = (own_demo.config.parent / "secrets" / "dmp-homologation.txt").read_bytes().strip()
    assert any(b"DeletionRequested" in one or b"UpdateDocumentSet" in one for one in shown)
    assert all(secret not in one for one in (*shown, *(kept.read_bytes() for kept in messages.iterdir())))


def test_what_was_deleted_by_hand_is_settled_and_does_not_go_there_again(own_demo: DemoSite) -> None:
    number = delivered(own_demo)[0][0]
    assert dmp(own_demo, "delete", f"delivery-{number}", "--reason", "essai").code == 0

    own_demo.run()

    assert number not in [one for one, _ in delivered(own_demo)]
    told = invoke("trace", f"delivery-{number}", "--json", "--config", str(own_demo.config))
    assert "DLV-017" in told.stdout


@pytest.mark.parametrize("words", [("exists", "document-99999"), ("replace", "delivery-{}"), ("delete", "delivery-{}")])
def test_what_cannot_be_done_is_2_in_words(own_demo: DemoSite, words: tuple[str, str]) -> None:
    number = delivered(own_demo)[0][0]

    done = dmp(own_demo, words[0], words[1].format(number))

    assert done.code == 2
    assert "CFG-" in done.stderr
