"""The mailboxes of a site are read again and again while `serve` stays."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from dui_bridge.connectors.mssante.errors import Busy
from dui_bridge.journal.inbox_records import MailState
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.inbox.receive import Cycle, Emptied
from dui_bridge.pipeline.serve import workers
from dui_bridge.pipeline.serve.workers import MailWorker, Work


class Told(Steps):
    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def event(self, name: str, **values: Any) -> None:
        self.events.append((name, values))


def test_each_cycle_is_told_and_what_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    told, stop = Told(), threading.Event()
    site = type("Site", (), {"destinations": {}})()
    work = Work(cast(Any, site), cast(Any, None), told, stop)
    failing, good = Cycle(), Cycle(mailboxes=[Emptied("a@x", 2)])
    failing.failed(Busy(answer="NO", words="plus tard"))
    good.treated[MailState.FILED] = 2
    cycles = [failing, good]

    def receive(*_: object, **__: object) -> Cycle:
        if len(cycles) == 1:
            stop.set()
        return cycles.pop(0)

    monkeypatch.setattr(workers, "receive", receive)
    MailWorker(work, every=0.01).work()
    assert told.events == [
        ("receiving_failed", {"code": Busy.code}),
        ("received", {"kept": 2, "inbox_filed": 2}),
    ]
