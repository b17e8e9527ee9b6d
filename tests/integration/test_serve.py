"""`dui-bridge serve`, as a service manager and a monitoring tool see it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from demo_site import DemoSite
from forked_command import Forked, forked
from small_site import SMALL_EXPORT, small_site

WAIT = 60.0
TRAITS = ("jean-dupont", "DUPONT", "DUMONTEL", "Traceback")


@dataclass
class Served:
    """A child process that serves a site."""

    site: DemoSite
    errors: Path
    port: int = 0
    process: Forked = field(init=False)

    def start(self) -> Served:
        with self.errors.open("wb") as stream:
            words = ("serve", "--config", str(self.site.config), "--port", "0")
            self.process = forked(*words, streams={1: stream.fileno(), 2: stream.fileno()})
        self.port = self.until(lambda: self.events("serving"))[0]["port"]
        return self

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = self.errors.read_text(encoding="utf-8").splitlines(keepends=True)
        told = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [one for one in told if one["event"] == name]

    def until(self, look: Callable[[], Any]) -> Any:
        """What it gives as soon as that is something."""
        end = time.monotonic() + WAIT
        while not (found := look()):
            assert self.process.poll() is None, self.errors.read_text(encoding="utf-8")
            assert time.monotonic() < end, self.errors.read_text(encoding="utf-8")
            time.sleep(0.02)
        return found

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(40)


@pytest.fixture
def site(tmp_path: Path) -> DemoSite:
    """A small site that is read every second, with a watched folder; nothing but a folder to send to."""
    made = small_site(tmp_path / "demo")
    text = made.config.read_text(encoding="utf-8")
    text = text.replace("path: ../export/atlas-ph}", "path: ../export/atlas-ph, every: 1s, urgent: ../urgent}")
    made.config.write_text(text, encoding="utf-8")
    (made.out / "urgent").mkdir()
    return made


@pytest.fixture
def served(site: DemoSite, tmp_path: Path) -> Iterator[Served]:
    child = Served(site, tmp_path / "errors")
    try:
        yield child.start()
    finally:
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGKILL)
            child.process.wait()


def test_it_reads_when_it_is_due_sends_answers_and_stops_when_it_is_told(served: Served) -> None:
    served.until(lambda: served.site.cdas())
    served.until(lambda: len(served.events("run_ended")) > 1)

    health, ready, strange = served.get("/health"), served.get("/ready"), served.get("/site/bridge.yaml")
    metrics = served.until(lambda: m if 'state="delivered"} 1' in (m := served.get("/metrics")[1]) else None)
    began = time.monotonic()
    code = served.stop()

    assert (health, ready) == ((200, "ok\n"), (200, "ready\n"))
    assert strange == (404, "not found\n")
    assert 'dui_bridge_deliveries{destination="documents",state="delivered"} 1\n' in metrics
    assert 'dui_bridge_source_last_success_timestamp_seconds{source="atlas-ph"}' in metrics
    assert 'dui_bridge_destination_last_success_timestamp_seconds{destination="documents"}' in metrics
    assert code == 0
    assert time.monotonic() - began < 15
    assert served.events("stopped")[0]["unfinished"] == 0


def test_what_is_laid_into_the_watched_folder_is_read_at_once_and_laid_aside(served: Served) -> None:
    served.until(lambda: served.site.cdas())
    shutil.copytree(SMALL_EXPORT, served.site.out / "urgent" / "jean-dupont")

    served.until(lambda: served.events("urgent_done"))
    served.until(lambda: len(served.site.cdas()) > 1)
    for name in ("USAGERS.CSV", "TERMINE.TXT"):
        (served.site.out / "urgent" / name).write_text("nothing of it", encoding="utf-8")
    served.until(lambda: served.events("urgent_refused"))

    served.stop()
    aside = served.site.out / "urgent"
    assert [len(list((aside / name).iterdir())) for name in ("done", "refused", "reading")] == [1, 1, 0]
    assert not [word for word in TRAITS if word in served.errors.read_text(encoding="utf-8")]


def test_a_second_one_of_the_same_site_does_not_start(served: Served, tmp_path: Path) -> None:
    second = Served(served.site, tmp_path / "second")

    with pytest.raises(AssertionError, match="SRV-003"):
        second.start()

    assert second.process.wait(10) == 2


def test_killed_at_any_moment_it_goes_on_where_it_was(served: Served, tmp_path: Path) -> None:
    served.until(lambda: served.events("run_started"))
    served.process.send_signal(signal.SIGKILL)
    served.process.wait()

    again = Served(served.site, tmp_path / "again").start()
    again.until(lambda: again.site.cdas())

    assert again.stop(signal.SIGINT) == 0
    assert len(again.site.cdas()) == 1


def test_a_site_that_was_put_back_is_not_ready(site: DemoSite, tmp_path: Path) -> None:
    from datetime import UTC, datetime

    from dui_bridge.journal.backup import mark_restored
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.site.settings import load_site

    loaded = load_site(site.config)
    with open_journal(loaded, make=True) as journal:
        mark_restored(journal, datetime.now(UTC), by="test", destinations=tuple(loaded.destinations))

    child = Served(site, tmp_path / "errors").start()
    try:
        child.until(lambda: len(child.events("run_ended")) > 1)
        assert child.get("/ready")[0] == 503
        assert "dui_bridge_restored 1\n" in child.get("/metrics")[1]
        assert child.get("/health")[0] == 200
        assert site.cdas() == {}
    finally:
        assert child.stop() == 0


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_second_signal_ends_it_at_once(served: Served) -> None:
    served.process.send_signal(signal.SIGTERM)
    served.process.send_signal(signal.SIGINT)

    # Either the first was all that it needed, or the second ended it.
    assert served.process.wait(10) in (0, 128 + signal.SIGINT, 128 + signal.SIGTERM)
