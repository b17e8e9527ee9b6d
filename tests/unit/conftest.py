from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from action_world import Office, action_site
from delivery_world import KEY

from dui_bridge.journal.store import Journal


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A site to act upon, with its journal."""
    site = action_site(tmp_path)
    with Journal.open(site.data, KEY) as journal:
        yield Office(site, journal)
