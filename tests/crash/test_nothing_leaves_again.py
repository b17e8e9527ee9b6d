"""What must send nothing: an unchanged export, a new version of the bridge, a corrected mapping, retries turned on."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from demo_site import DemoSite, invoke
from small_site import small_site

from dui_bridge.errors import ServiceUnreachable
from dui_bridge.pipeline import assemble
from dui_bridge.sandbox.dummy import Counts, DummyDestination, DummyStore

STORE = "  rehearsal: {kind: dummy, path: data/rehearsal.sqlite"


def site_with(out: Path, failing: str = "") -> DemoSite:
    """A small site with a folder and a stand-in, after its first run."""
    site = small_site(out)
    text = site.config.read_text("utf-8")
    text = text[: text.index("destinations:")]
    text += f"destinations:\n  documents: {{kind: file, path: ../documents}}\n{STORE}{failing}}}\n"
    site.config.write_text(text, "utf-8")
    assert site.run()["documents"]["built"] == 1
    return site


def sent(site: DemoSite) -> tuple[Counts, dict[str, int]]:
    """What the stand-in counts, and when each file was written."""
    files = {path.name: path.stat().st_mtime_ns for path in (site.out / "documents").rglob("*") if path.is_file()}
    return DummyStore(site.config.parent / "data" / "rehearsal.sqlite").counts(), files


def test_an_unchanged_export_sends_nothing(tmp_path: Path) -> None:
    site = site_with(tmp_path / "out")
    before = sent(site)
    assert before[0] == Counts(1, 0, 1)

    for _ in range(2):
        assert site.run()["documents"]["unchanged"] == 1

    assert sent(site) == before


def test_a_new_version_of_the_bridge_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_with(tmp_path / "out")
    before = sent(site)

    monkeypatch.setattr(assemble, "__version__", "9.0.0")

    assert site.run()["documents"]["unchanged"] == 1
    assert sent(site) == before


def test_a_corrected_mapping_sends_nothing_and_says_what_would_differ(tmp_path: Path) -> None:
    site = site_with(tmp_path / "out")
    before = sent(site)

    text = site.mapping.read_text("utf-8")
    corrected = text.replace("etat_objectif: {codes: {N: ENPREPARATION, C: ENCOURS", "etat_objectif: {codes: {N: ENPREPARATION, C: TERMINE")  # fmt: skip
    assert corrected != text
    site.mapping.write_text(corrected, "utf-8")

    assert site.run()["documents"]["would_differ"] == 1
    assert sent(site) == before


@pytest.mark.parametrize("failing", ["permanent: 100%", "transient: 100%, retries: 0"])
def test_turning_retries_on_wakes_no_old_failure(tmp_path: Path, failing: str) -> None:
    site = site_with(tmp_path / "out", f", {failing}")
    before = sent(site)
    assert before[0] == Counts(0, 0, 1)

    text = site.config.read_text("utf-8")
    site.config.write_text(text.replace(f", {failing}", ", retries: 50"), "utf-8")
    site.run()
    assert invoke("deliver", "--config", str(site.config)).code in (0, 1)

    assert sent(site) == before


def test_one_that_hangs_all_along_does_not_keep_another_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By order, not by time: the one that hangs answers only after the other has everything."""
    site = small_site(tmp_path / "out")
    text = site.config.read_text("utf-8")
    text = text[: text.index("destinations:")]
    text += f"destinations:\n  hangs: {{kind: dummy, path: data/hangs.sqlite}}\n{STORE}}}\n"
    site.config.write_text(text, "utf-8")
    taken = threading.Event()
    send: Callable[..., object] = DummyDestination.send

    def one(destination: DummyDestination, offered: object) -> object:
        if destination._settings.path.name == "hangs.sqlite":
            assert taken.wait(60), "the other one waited for this one"
            raise ServiceUnreachable(service="hangs", reason="no answer")
        answer = send(destination, offered)
        taken.set()
        return answer

    monkeypatch.setattr(DummyDestination, "send", one)
    invoke("run", "--config", str(site.config))

    assert sent(site)[0] == Counts(1, 0, 1)
    assert DummyStore(site.config.parent / "data" / "hangs.sqlite").counts() == Counts(0, 0, 0)
