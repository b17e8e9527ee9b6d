"""Answers of the directory that are kept in a folder: one file a search, replaced as a whole.

They hold professionals and structures only, of a public directory. A file name is a digest and tells nobody's name.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from dui_bridge.connectors.annuaire.entries import Found, Wanted
from dui_bridge.errors import DuiBridgeError, FileUnusable, os_reasons

_FOUND: Final = TypeAdapter(Found)
_LARGEST: Final = 20_000_000


class Answers:
    """The folder; made when something is kept.

    Args:
        keep: what is older is not used, and removed.
    """

    def __init__(self, folder: Path, keep: timedelta) -> None:
        self._folder, self._keep = folder, keep

    def of(self, wanted: Wanted, now: datetime) -> Found | None:
        """What was answered to this search; None when nothing is kept that can be used. Raises FileUnusable."""
        return self._read(self._path(wanted), now)

    def keep(self, found: Found) -> None:
        """Replaces what was answered before. Raises FileUnusable."""
        path = self._path(found.wanted)
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
                stream.write(_FOUND.dump_json(found))
            part.replace(path)
        except OSError as error:
            raise FileUnusable(file=str(self._folder), **os_reasons(error)) from None

    def all(self, now: datetime) -> Iterator[Found]:
        """Everything that is kept, in no order; what is too old is removed. Raises FileUnusable."""
        for path in sorted(self._folder.glob("*.json")):
            found = self._read(path, now)
            if found is not None:
                yield found
            else:
                path.unlink(missing_ok=True)

    def _read(self, path: Path, now: datetime) -> Found | None:
        try:
            with path.open("rb") as stream:
                data = stream.read(_LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FileUnusable(file=str(path), **os_reasons(error)) from None
        try:
            found = _FOUND.validate_json(data)
        except (ValidationError, DuiBridgeError):
            return None  # of another version, or damaged: asked again
        return found if timedelta(0) <= found.age(now) <= self._keep else None

    def _path(self, wanted: Wanted) -> Path:
        known = json.dumps({name: value.casefold() for name, value in wanted.given_only().items()}, sort_keys=True)
        return self._folder / f"{hashlib.sha256(known.encode()).hexdigest()[:32]}.json"
