"""What `purge` removes of a site, and what it keeps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from demo_site import invoke
from small_site import small_site

from dui_bridge.pipeline.opening import open_journal
from dui_bridge.pipeline.retention import purge
from dui_bridge.site.settings import load_site


def test_the_origins_of_a_document_go_with_its_bytes_and_not_before(tmp_path: Path) -> None:
    made = small_site(tmp_path)
    lines = made.config.read_text(encoding="utf-8").splitlines(keepends=True)
    made.config.write_text("".join(line for line in lines if "dmp-essai:" not in line), encoding="utf-8")
    made.run()
    site, now = load_site(made.config), datetime.now(UTC)
    origins = site.data / "origins"

    with open_journal(site) as journal:
        early = purge(site, journal, now + timedelta(days=29))
        kept = len(list(origins.glob("*.json")))
        late = purge(site, journal, now + timedelta(days=31))

    assert (early.purged.payloads, early.origins, kept) == (0, 0, 1)
    assert late.purged.payloads >= 1
    assert late.purged.failed == 0
    assert (late.origins, list(origins.glob("*.json"))) == (1, [])


def test_a_purge_by_hand_says_what_it_did_and_stands_in_the_audit(tmp_path: Path) -> None:
    made = small_site(tmp_path)
    made.run()

    purged = invoke("purge", "--config", str(made.config), "--json", "--by", "a.martin")
    listed = invoke("audit", "list", "--config", str(made.config))

    assert purged.code == 0
    assert purged.json == {"payloads": 0, "bytes": 0, "failed": 0, "origins": 0, "postponed": False}
    assert "a.martin" in listed.stdout
    assert "purge demo-les-tilleuls" in listed.stdout
