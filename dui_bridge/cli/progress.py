"""Progress of long work: a bar on a terminal, JSON lines on standard error elsewhere. Neither ever shows a person."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from dui_bridge.pipeline.events import Steps


class JsonLines(Steps):
    """One JSON line a step; counts at most once a second."""

    def __init__(self) -> None:
        self._last = 0.0

    def event(self, name: str, **values: Any) -> None:
        sys.stderr.write(json.dumps({"event": name, **values}, ensure_ascii=False) + "\n")

    def advance(self, source: str, read: int, total: int | None) -> None:
        now = time.monotonic()
        if now - self._last >= 1.0:
            self._last = now
            self.event("progress", source=source, read=read, total=total)


class Bar(Steps):
    """A rich progress bar."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.display = Progress(*columns, console=Console(stderr=True), transient=True)
        self._tasks: dict[str, Any] = {}

    def event(self, name: str, **values: Any) -> None:
        """Steps other than counts are in the summary."""

    def advance(self, source: str, read: int, total: int | None) -> None:
        task = self._tasks.get(source)
        if task is None:
            task = self._tasks[source] = self.display.add_task(source, total=total)
        self.display.update(task, completed=read, total=total)


@contextmanager
def progress() -> Generator[Steps]:
    """The way of showing progress that fits where standard error goes."""
    if sys.stderr.isatty():
        bar = Bar()
        with bar.display:
            yield bar
    else:
        yield JsonLines()
