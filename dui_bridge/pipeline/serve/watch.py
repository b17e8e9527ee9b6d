"""The watched folder of a source: what is laid there is read at once, ahead of everything else.

A sub-folder laid there is one export; files laid there side by side are one export together. It is taken once nothing
of it has changed for a moment and it is complete as the mapping says (`complete`). From then on it stands in
`reading/<time>` and, once read, in `done/<time>` or `refused/<time>`: its own name, which may hold a person's, goes
nowhere else.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from dui_bridge.connectors.wire.export_folder import Complete
from dui_bridge.errors import FileUnusable, os_reasons

READING, DONE, REFUSED = "reading", "done", "refused"
STABLE: Final = timedelta(seconds=3)
"""How long nothing must have changed, as seen by the machine's own clock: those of a share may differ."""

_OWN: Final = frozenset({READING, DONE, REFUSED})
_UNFINISHED: Final = (".part", ".tmp", ".filepart", ".crdownload", "~")
_Seen: TypeAlias = tuple[tuple[str, int, int], ...]


class Watch:
    """The urgent folder of one source. One thread at a time.

    Args:
        folder: must be there; the sub-folders are made.
        complete: what the mapping says of a complete export; None: nothing.
        clock: gives aware times; names what is taken.
        monotonic: seconds.
    """

    def __init__(
        self,
        folder: Path,
        complete: Complete | None,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        stable: timedelta = STABLE,
    ) -> None:
        self._folder, self._complete, self._stable = folder, complete, stable
        self._clock, self._monotonic = clock, monotonic
        self._seen: dict[str, tuple[_Seen, float]] = {}

    def left(self) -> list[Path]:
        """What a process that was stopped had taken and not read to the end, the oldest first. Raises FileUnusable."""
        try:
            for name in sorted(_OWN):
                (self._folder / name).mkdir(mode=0o750, exist_ok=True)
            found = sorted(path for path in (self._folder / READING).iterdir() if path.is_dir())
            for path in found:
                if path.name.startswith("."):
                    self._lay_back(path)
            return [path for path in found if not path.name.startswith(".")]
        except OSError as error:
            raise FileUnusable(file=str(self._folder), **os_reasons(error)) from None

    def taken(self) -> list[Path]:
        """The exports that came since and are complete, each already out of the way. Raises FileUnusable."""
        try:
            groups = self._groups()
            ready = [name for name, paths in groups.items() if self._is_ready(name, paths)]
            self._seen = {name: seen for name, seen in self._seen.items() if name in groups}
            return [self._take(groups[name]) for name in ready]
        except OSError as error:
            raise FileUnusable(file=str(self._folder), **os_reasons(error)) from None

    def file(self, export: Path, kind: str) -> None:
        """Lays what was read aside: `DONE` or `REFUSED`. Raises FileUnusable."""
        try:
            export.rename(_free(self._folder / kind, export.name))
        except OSError as error:
            raise FileUnusable(file=str(self._folder), **os_reasons(error)) from None

    def _groups(self) -> dict[str, list[Path]]:
        """Each export that is being laid: a sub-folder under its name, the files together under an empty one."""
        groups: dict[str, list[Path]] = {}
        for path in sorted(self._folder.iterdir()):
            if path.name.startswith(".") or path.name in _OWN:
                continue
            if path.is_dir() and not path.is_symlink():
                groups[path.name] = [path]
            elif path.is_file():
                groups.setdefault("", []).append(path)
        return groups

    def _is_ready(self, name: str, paths: list[Path]) -> bool:
        seen, now = _state(paths), self._monotonic()
        before = self._seen.get(name)
        if before is None or before[0] != seen:
            self._seen[name] = (seen, now)
            return False
        if now - before[1] < self._stable.total_seconds():
            return False
        if not seen or any(file.endswith(_UNFINISHED) for file, _, _ in seen):
            return False
        if self._complete is None:
            return True
        marker, stable_for = self._complete.marker, self._complete.stable_for
        root = paths[0] if name else self._folder
        if marker is not None and str(root / marker).casefold() in (file.casefold() for file, _, _ in seen):
            return True
        return stable_for is not None and now - before[1] >= stable_for.total_seconds()

    def _take(self, paths: list[Path]) -> Path:
        target = _free(self._folder / READING, f"urgent-{self._clock().astimezone(UTC):%Y%m%dT%H%M%SZ}")
        if len(paths) == 1 and paths[0].is_dir():
            paths[0].rename(target)
            return target
        # Gathered under a name that nobody reads yet: a process that is stopped meanwhile leaves no half export.
        part = target.with_name(f".{target.name}")
        part.mkdir(mode=0o750)
        for path in paths:
            path.rename(part / path.name)
        part.rename(target)
        return target

    def _lay_back(self, part: Path) -> None:
        """Files that were being gathered when the process was stopped: they are gathered anew with the others."""
        for path in part.iterdir():
            path.rename(_free(self._folder, path.name))
        part.rmdir()


def _state(paths: list[Path]) -> _Seen:
    """Every file with its size and time of change, in nanoseconds; empty when there is none."""
    found: list[tuple[str, int, int]] = []
    for path in paths:
        inside = [path] if path.is_file() else [Path(here, name) for here, _, names in os.walk(path) for name in names]
        for file in inside:
            try:
                known = file.lstat()
            except FileNotFoundError:  # a temporary file of the exporter, gone since the listing
                continue
            found.append((str(file), known.st_size, known.st_mtime_ns))
    return tuple(sorted(found))


def _free(folder: Path, name: str) -> Path:
    """The next free name: two exports may come within one second."""
    number, target = 1, folder / name
    while target.exists() or target.with_name(f".{target.name}").exists():
        number += 1
        target = folder / f"{name}-{number}"
    return target
