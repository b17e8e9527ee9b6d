from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dui_bridge.journal.records import DossierEntry, Fingerprints, NewVersion, PlannedDelivery, SeriesKey
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import BuiltDocument, Document, DocumentIds
from dui_bridge.model.states import DocumentState

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
    """Records one version of `series` in a journal, with unique id `2.25.<version>` and planned for the destination
    `file`, and returns its ids."""

    def call(
        journal: Journal,
        version: int,
        replaces: int | None = None,
        *,
        key: SeriesKey = series,
        ids: DocumentIds | None = None,
        at: datetime = AT,
    ) -> DocumentIds:
        ids = ids or DocumentIds(
            unique_id=f"2.25.{version}",
            set_id="2.25.1000",
            version=version,
            replaces=None if replaces is None else f"2.25.{replaces}",
            replaces_version=replaces,
        )
        data = b"<ClinicalDocument/>"
        built = BuiltDocument(
            document=Document(key.kind, key.doc_key, key.source, "D-0007", "010000024", "", DocumentState.BUILT),
            ids=ids,
            data=data,
            media_type="text/xml",
            sha1=hashlib.sha1(data).hexdigest(),
            sha256=hashlib.sha256(data).hexdigest(),
            versions={"bridge": "0.1", "mapping": "atlas 3"},
        )
        journal.record_versions(
            "r1",
            [
                NewVersion(
                    key,
                    built,
                    fingerprints=Fingerprints({"plans": "aa"}, f"m{version}"),
                    dossier=DossierEntry(
                        key.source, key.usager_key, "D-0007", "010000024", {"age": 40}, {"nom": "ab" * 8}
                    ),
                    facts={"signed": True},
                    deliveries=[PlannedDelivery("file", False)],
                )
            ],
            at=at,
        )
        return ids

    return call


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def stored(request: pytest.FixtureRequest, folder: Path, key: bytes) -> Iterator[Journal]:
    """A new journal on each of the databases."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    with Journal.open(folder, key, url=url) as opened:
        yield opened
