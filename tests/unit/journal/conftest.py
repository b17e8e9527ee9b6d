from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dui_bridge.journal.records import Fingerprints, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import DocumentIds

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)

Record = Callable[..., DocumentIds]


@pytest.fixture
def key() -> bytes:
    return bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "site" / "data"


@pytest.fixture
def journal(folder: Path, key: bytes) -> Iterator[Journal]:
    """An open journal in which the run `r1` of the source `atlas` is under way."""
    with Journal.open(folder, key) as opened:
        opened.start_run("r1", "atlas", "export", {"bridge": "0.1"}, AT)
        yield opened


@pytest.fixture
def series() -> SeriesKey:
    return SeriesKey("og-les-tilleuls", "atlas", TypeDocument.PROJET_PERSONNALISE, "PP-0042", "U-0007")


@pytest.fixture
def record(series: SeriesKey) -> Record:
    """Records one version of `series` in a journal, with unique id `2.25.<version>`, and returns its ids."""

    def call(journal: Journal, version: int, replaces: int | None = None, **changes: object) -> DocumentIds:
        ids = DocumentIds(
            unique_id=f"2.25.{version}",
            set_id="2.25.1000",
            version=version,
            replaces=None if replaces is None else f"2.25.{replaces}",
            replaces_version=replaces,
        )
        values: dict[str, object] = {
            "key": series,
            "ids": ids,
            "finess": "010000024",
            "fingerprints": Fingerprints({"plans": "aa"}, f"m{version}"),
            "sha256": "ab" * 32,
            "size": 1234,
            "versions": {"bridge": "0.1", "mapping": "atlas 3"},
            "at": AT,
        }
        journal.record_version("r1", **{**values, **changes})  # type: ignore[arg-type]
        return ids

    return call
