"""What is laid into a watched folder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.errors import FileUnusable
from dui_bridge.pipeline.serve.watch import DONE, READING, Watch

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


class World:
    """A watched folder and the clock that its watch looks at."""

    def __init__(self, folder: Path, complete: Complete | None = None) -> None:
        self.folder, self.seconds = folder, 0.0
        folder.mkdir(exist_ok=True)
        self.watch = Watch(folder, complete, clock=lambda: AT, monotonic=lambda: self.seconds)
        assert self.watch.left() == []

    def lay(self, name: str, text: str = "x") -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def after(self, seconds: float) -> list[Path]:
        self.seconds += seconds
        return self.watch.taken()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "urgent")


def test_a_folder_is_taken_once_nothing_of_it_has_changed_for_a_moment(world: World) -> None:
    world.lay("export/USAGERS.CSV")
    assert world.after(0) == []
    world.lay("export/USAGERS.CSV", "longer")
    assert world.after(4) == []
    assert world.after(1) == []

    (taken,) = world.after(3)

    assert [path.name for path in taken.iterdir()] == ["USAGERS.CSV"]
    assert not (world.folder / "export").exists()
    assert world.after(10) == []


def test_the_name_that_it_was_given_goes_nowhere(world: World) -> None:
    world.lay("jean-dupont/USAGERS.CSV")
    world.after(0)

    (taken,) = world.after(4)
    world.watch.file(taken, DONE)

    assert taken.name == "urgent-20261122T020000Z"
    assert [path.name for path in (world.folder / DONE).iterdir()] == [taken.name]


def test_files_laid_side_by_side_are_one_export(world: World) -> None:
    world.lay("USAGERS.CSV")
    world.after(0)
    world.lay("DOCUMENTS.CSV")
    assert world.after(3) == []

    (taken,) = world.after(3)

    assert sorted(path.name for path in taken.iterdir()) == ["DOCUMENTS.CSV", "USAGERS.CSV"]


def test_two_exports_of_one_second_have_a_name_each(world: World) -> None:
    world.lay("one/USAGERS.CSV")
    world.lay("two/USAGERS.CSV")
    world.after(0)

    assert len({path.name for path in world.after(4)}) == 2


@pytest.mark.parametrize("name", ["export/USAGERS.CSV.part", "export/.hidden.tmp", "USAGERS.CSV.filepart"])
def test_what_is_still_being_copied_is_not_taken(world: World, name: str) -> None:
    world.lay(name)
    world.after(0)

    assert world.after(60) == []


def test_an_empty_folder_is_not_taken(world: World) -> None:
    (world.folder / "export").mkdir()
    world.after(0)

    assert world.after(60) == []


def test_an_end_marker_that_the_mapping_asks_for_is_waited_for(tmp_path: Path) -> None:
    world = World(tmp_path / "urgent", Complete("FIN.OK", None))
    world.lay("export/USAGERS.CSV")
    world.after(0)
    assert world.after(60) == []
    world.lay("export/FIN.OK")
    world.after(1)

    assert len(world.after(4)) == 1


def test_a_marker_inside_a_folder_is_none_of_the_files_beside_it(tmp_path: Path) -> None:
    world = World(tmp_path / "urgent", Complete("FIN.OK", None))
    world.lay("USAGERS.CSV")
    world.lay("export/FIN.OK")
    world.after(0)

    (taken,) = world.after(60)

    assert [path.name for path in taken.iterdir()] == ["FIN.OK"]


def test_without_its_marker_an_export_is_taken_when_it_is_stable_as_long_as_the_mapping_says(tmp_path: Path) -> None:
    world = World(tmp_path / "urgent", Complete("FIN.OK", timedelta(minutes=5)))
    world.lay("export/USAGERS.CSV")
    world.after(0)

    assert world.after(299) == []
    assert len(world.after(1)) == 1


def test_what_a_stopped_process_had_taken_is_read_at_the_next_start(world: World) -> None:
    world.lay("export/USAGERS.CSV")
    world.after(0)
    (taken,) = world.after(4)

    again = Watch(world.folder, None, clock=lambda: AT, monotonic=lambda: 0.0)

    assert again.left() == [taken]


def test_files_that_a_stopped_process_was_gathering_are_gathered_anew(world: World) -> None:
    half = world.folder / READING / ".urgent-20261121T000000Z"
    half.mkdir()
    (half / "USAGERS.CSV").write_text("x")
    world.lay("DOCUMENTS.CSV")

    assert world.watch.left() == []
    world.after(0)
    (taken,) = world.after(4)

    assert sorted(path.name for path in taken.iterdir()) == ["DOCUMENTS.CSV", "USAGERS.CSV"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    watch = Watch(tmp_path / "share", None, clock=lambda: AT, monotonic=lambda: 0.0)

    with pytest.raises(FileUnusable):
        watch.left()
    with pytest.raises(FileUnusable):
        watch.taken()
    assert not (tmp_path / "share").exists()
