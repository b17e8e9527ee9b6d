from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from delivery_world import AT, KEY, World

from dui_bridge.journal.store import Journal


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with Journal.open(tmp_path / "data", KEY) as journal:
        journal.start_run("r1", "atlas", "export", {"bridge": "0.1"}, AT)
        yield World(tmp_path, journal)
