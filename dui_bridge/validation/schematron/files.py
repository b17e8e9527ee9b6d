"""Files of a pack: inside its folder, whatever the case of their names.

Official suites are written on Windows: an include may differ from the file's name in case only.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path


def existing(file: Path, pack: Path) -> Path | None:
    """The file, found whatever the case of its name below `pack`; None when it is absent or outside of `pack`."""
    wanted, folder = Path(os.path.normpath(file)), Path(os.path.normpath(pack))
    if not wanted.is_relative_to(folder):
        return None
    if wanted.is_file():
        return wanted if wanted.resolve().is_relative_to(folder.resolve()) else None
    for step in wanted.relative_to(folder).parts:
        name = _names(folder).get(step.casefold())
        if name is None:
            return None
        folder /= name
    return folder if folder.is_file() else None


@lru_cache(maxsize=256)
def _names(folder: Path) -> dict[str, str]:
    return {entry.name.casefold(): entry.name for entry in folder.iterdir()} if folder.is_dir() else {}
