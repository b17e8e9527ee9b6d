"""What a search of the DMP found, as it is told."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from dui_bridge.data.codes import Coded
from dui_bridge.pipeline.dmp.consult_listing import listing, local
from dui_bridge.xds.entries import DocumentEntry, Mask
from dui_bridge.xds.submission import SIGNATURE_FORMAT
from dui_bridge.xds.vocabulary import ARCHIVED
from tests.xds_deposits import entry

PARIS = ZoneInfo("Europe/Paris")


def document(unique_id: str, created: str, **changes: object) -> DocumentEntry:
    return replace(entry(), unique_id=unique_id, creation_time=created, **changes)  # type: ignore[arg-type]


def test_what_the_person_laid_there_stands_apart_and_signatures_of_lots_nowhere() -> None:
    own = Coded("90", "1.2.250.1.213.1.1.4.1", "Document du patient")
    found = [
        document("1", "20261101"),
        document("2", "20261102", class_code=own),
        document("3", "20261103"),
        document("4", "20261104", format_code=SIGNATURE_FORMAT),
    ]

    made = listing("usager-1", found, PARIS, whole=True)

    assert [one["unique_id"] for one in made.rows] == ["3", "1"]
    assert [one["unique_id"] for one in made.by_person] == ["2"]


def test_a_line_tells_the_state_the_masks_and_that_there_is_more() -> None:
    hidden = document("1", "20261101", status=ARCHIVED).masked({Mask.PATIENT, Mask.PROFESSIONALS})

    first, line, more = listing("usager-1", [hidden], PARIS, whole=False).lines("fr")

    assert "usager-1" in first
    assert "archivé  MASQUE_PS INVISIBLE_PATIENT  1" in line
    assert "--since" in more


def test_what_a_registry_says_cannot_write_on_the_terminal() -> None:
    (row,) = listing("usager-1", [document("1", "2026", title="a\x1b[2Jb\nc")], PARIS, whole=True).rows

    assert row["title"] == "a�[2Jb�c"


@pytest.mark.parametrize(
    ("dtm", "told"),
    [
        ("20261103230000", "2026-11-04T00:00"),
        ("20260703220001", "2026-07-04T00:00"),
        ("202611031530", "2026-11-03T16:30"),
        ("20261103", "2026-11-03"),
        ("202611", "2026-11"),
        ("2026", "2026"),
        ("20261399", ""),
        ("", ""),
    ],
)
def test_times_are_told_as_the_site_lives_them(dtm: str, told: str) -> None:
    assert local(dtm, PARIS) == told
