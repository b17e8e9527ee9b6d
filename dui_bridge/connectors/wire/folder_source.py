"""What the sources that read files have in common: one export is chosen, and what stands in it is opened."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Generic, Protocol, TypeVar

from dui_bridge.connectors.ports import Ready, Waiting
from dui_bridge.connectors.wire.export_folder import Complete, Export, choose
from dui_bridge.findings import Finding


class FolderSettings(Protocol):
    """What is declared of the folder of exports, as `export_folder.choose` takes it."""

    @property
    def folder(self) -> str | None: ...

    @property
    def complete(self) -> Complete | None: ...


S = TypeVar("S", bound=FolderSettings)


class FolderSource(ABC, Generic[S]):
    """A source whose export is a folder.

    Args:
        settings: its part of the mapping.
        path: the folder where the DUI writes its exports.
        used: alias → the columns (of nested data: the top-level keys) that the mapping reads. Others that are neither
            ignored nor forbidden are a finding. None says nothing of them.
        as_is: `path` is itself the export and complete: no dated folder, no end marker (the golden cases of a mapping).
    """

    def __init__(
        self, settings: S, path: Path, used: Mapping[str, Collection[str]] | None = None, *, as_is: bool = False
    ) -> None:
        self._settings, self._used = settings, used
        self._path, self._as_is = path, as_is
        self._export = Export(path) if as_is else None
        self._findings: list[Finding] = []

    def prepare(self, now: datetime) -> Ready | Waiting:
        """Chooses the newest complete export, at the time `now` (aware).

        Raises:
            FileMissing, NotAFile, FileDenied: a folder or declared file is missing or cannot be read.
        """
        self.close()
        if not self._as_is:
            folder, findings = choose(self._path, self._settings.folder, self._settings.complete, now)
            if folder is None:
                return Waiting(tuple(findings))
            self._findings.extend(findings)
            self._export = Export(folder)
        name = self._chosen.folder.name
        return Ready(name, records=self._check())

    @abstractmethod
    def _check(self) -> int | None:
        """How many records the chosen export has, None when that is not known; its declared files must be there.

        Raises:
            FileMissing, NotAFile, FileDenied.
        """

    def findings(self) -> tuple[Finding, ...]:
        """What belongs to no record; complete after `records`."""
        return tuple(self._findings)

    def open(self, ref: str) -> BinaryIO:
        """A file that a row names by a path relative to the export, with `/` or `\\`. Raises FileUnusable."""
        return self._chosen.open(ref)

    @property
    def _chosen(self) -> Export:
        if self._export is None:
            raise RuntimeError("prepare() has not chosen an export")
        return self._export

    def close(self) -> None:
        """Forgets what was read."""
        self._findings.clear()
