"""Writes documents to a folder: whole or not at all, never over something else.

The PDF takes its name first and the CDA last, so that whoever watches for `*.xml` finds the PDF beside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dui_bridge.connectors.file.errors import OTHER_CONTENT, folder_unusable
from dui_bridge.connectors.ports import Prepared
from dui_bridge.findings import Finding
from dui_bridge.model.exchange import Answer, BuiltDocument, Outcome

_FILE_MODE = 0o640
_FOLDER_MODE = 0o750


def _now() -> datetime:
    return datetime.now(UTC)


class FileDestination:
    """The folder `<path>/<source>/`, one `<unique id>.xml` and, when the document has one, `<unique id>.pdf`.

    Args:
        path: the destination's folder; made when it does not exist.
        source: the name of the source, as the site gives it.
        clock: gives aware times.
    """

    def __init__(self, path: Path, source: str, clock: Callable[[], datetime] = _now) -> None:
        self.folder = path / source
        self._clock = clock

    def prepare(self, built: BuiltDocument) -> Prepared:
        """The files of a document in the order in which they take their names; no name holds anything of a person."""
        files = {f"{built.ids.unique_id}.pdf": built.pdf} if built.pdf is not None else {}
        return Prepared(built, {**files, f"{built.ids.unique_id}.xml": built.data})

    def send(self, prepared: Prepared) -> Outcome:
        """Writes what is not there yet, so that it may be called again after a crash.

        `REFUSED`, with nothing written, when another content has one of the names.

        Raises:
            FolderUnusable: the folder cannot be used; no file is half written.
        """
        try:
            state = {name: self._same(name, data) for name, data in prepared.files.items()}
            others = [name for name, same in state.items() if same is False]
            if others:
                return self._outcome(
                    Answer.REFUSED,
                    prepared,
                    tuple(Finding(OTHER_CONTENT, values={"file": str(self.folder / name)}) for name in others),
                )
            absent = {name: data for name, data in prepared.files.items() if state[name] is None}
            if not absent:
                return self._outcome(Answer.ALREADY_THERE, prepared)
            self._write(absent)
        except OSError as error:
            raise folder_unusable(self.folder, error) from None
        return self._outcome(Answer.DELIVERED, prepared)

    def resolve(self, prepared: Prepared) -> Outcome:
        """`ALREADY_THERE` when every file is there with the same SHA-256, else `ABSENT`. Raises FolderUnusable."""
        try:
            there = all(self._same(name, data) for name, data in prepared.files.items())
        except OSError as error:
            raise folder_unusable(self.folder, error) from None
        return self._outcome(Answer.ALREADY_THERE, prepared) if there else Outcome(Answer.ABSENT, self._clock())

    def _outcome(self, answer: Answer, prepared: Prepared, findings: tuple[Finding, ...] = ()) -> Outcome:
        reference = f"{self.folder.name}/{list(prepared.files)[-1]}"
        return Outcome(answer, self._clock(), reference, findings)

    def _same(self, name: str, data: bytes) -> bool | None:
        """Whether the file of that name has this content; None when there is no such file."""
        try:
            with (self.folder / name).open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256")
        except FileNotFoundError:
            return None
        return found.digest() == hashlib.sha256(data).digest()

    def _write(self, files: dict[str, bytes]) -> None:
        """Every file in full under a temporary name and on the disk; only then do they take their names."""
        self.folder.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        # A fixed temporary name: what a crash left is written over by the next try instead of staying for ever.
        temporary = {name: self.folder / f".{name}.part" for name in files}
        try:
            for name, data in files.items():
                _write_through(temporary[name], data)
            for name, part in temporary.items():
                part.replace(self.folder / name)
        finally:
            for part in temporary.values():
                with contextlib.suppress(OSError):
                    part.unlink(missing_ok=True)
        _sync_folder(self.folder)


def _write_through(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, _FILE_MODE), "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
