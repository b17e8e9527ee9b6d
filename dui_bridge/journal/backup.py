"""Backups of a journal on SQLite, and putting one back.

A backup is a folder: a copy of the database at one moment, the files of the spool that it names, and `manifest.json`
with the SHA-256 of each, under an HMAC of the master key. The key itself is not in it: everything that was sealed stays
sealed, and a backup without the key is of no use.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from dui_bridge.journal import sqlite
from dui_bridge.journal.access import Access
from dui_bridge.journal.database import FILE_NAME, translated
from dui_bridge.journal.errors import (
    BackupElsewhere,
    BackupUnusable,
    JournalDamaged,
    JournalKeyWrong,
    JournalLocked,
    NotEmpty,
)
from dui_bridge.journal.keeping import LOCK
from dui_bridge.journal.keys import MINIMUM_BYTES, blind, derive
from dui_bridge.journal.lock import held
from dui_bridge.journal.queries import keeping, settings
from dui_bridge.journal.restoration import RESTORED_AT
from dui_bridge.journal.store import SPOOL, Journal

MANIFEST: Final = "manifest.json"
REASON: Final = "restored"
"""Why every destination of a restored journal is paused."""

_FORMAT: Final = 1
_BLOCK: Final = 1024 * 1024
_LONGEST_MANIFEST: Final = 256 * 1024 * 1024
_STAGE: Final = ".restoring"
_NAME: Final = re.compile(rf"{re.escape(FILE_NAME)}|{SPOOL}/[0-9a-f]{{32}}")


@dataclass(frozen=True)
class BackupReport:
    """A backup that was made: its folder, how many files and bytes, and the moment that was given."""

    folder: Path
    files: int
    bytes: int
    made_at: datetime


@dataclass(frozen=True)
class RestoreReport:
    """A journal that was put back: when its backup had been made, and the destinations that are paused."""

    folder: Path
    files: int
    bytes: int
    made_at: datetime
    paused: tuple[str, ...]


def backup(
    folder: Path, key: bytes, target: Path, at: datetime, *, wait: float = 10.0, url: str | None = None
) -> BackupReport:
    """Copies a journal while others use it; meanwhile nothing is purged.

    Args:
        folder: the site's data folder.
        key: the site's master key.
        target: a folder that does not exist, or is empty. It appears under its name once it is complete.
        at: the present, aware.
        wait: seconds to wait for another backup or a purge.
    Raises:
        BackupElsewhere: with `url`: the journal is on PostgreSQL.
        NotEmpty, JournalLocked, JournalUnwritable; JournalDamaged: the copy is not sound, or a file is missing.
    """
    with Journal.open(folder, key, wait, url) as journal:
        access = journal.access
        if access.database.on_server:
            raise BackupElsewhere(file=access.name)
        part = target.with_name(f"{target.name}.part")
        with translated(target), held(access.database.locks, LOCK, wait) as taken:
            if not taken:
                raise JournalLocked(file=access.name)
            _refuse_used(target)
            if part.exists():
                shutil.rmtree(part)
            with _removed_on_failure(part):
                part.mkdir(mode=0o700, parents=True)
                files = _copy(access, part)
                _write_manifest(part / MANIFEST, derive(key, "backup"), at, files)
                _sync(part)
                if target.exists():
                    target.rmdir()
                part.rename(target)
            _sync(target.parent)
    return BackupReport(target, len(files), sum(file["size"] for file in files.values()), at)


def restore(
    source: Path, into: Path, key: bytes, at: datetime, *, by: str, destinations: Collection[str] = ()
) -> RestoreReport:
    """Puts a backup back as a new data folder. Nothing appears there before all was checked.

    Every destination is paused: what was delivered after the backup is not known here, and `reconcile` has to ask.

    Args:
        source: the folder of the backup.
        into: a folder that does not exist, or is empty.
        key: the master key of the site that made it.
        at: the present, aware.
        by: who restores.
        destinations: those of the site file; those that the journal knows are paused as well.
    Raises:
        NotEmpty, BackupUnusable, JournalKeyWrong, JournalNewer, JournalUnwritable: nothing was restored.
    """
    if len(key) < MINIMUM_BYTES:
        raise JournalKeyWrong(file=str(source))
    made_at, files = _read_manifest(source, derive(key, "backup"))
    stage = into / _STAGE
    with translated(into):
        if into.exists() and [path.name for path in into.iterdir()] == [_STAGE]:
            shutil.rmtree(stage)  # what a restore that was killed has left
        _refuse_used(into)
        into.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _removed_on_failure(stage):
            (stage / SPOOL).mkdir(mode=0o700, parents=True)
            for name, file in files.items():
                _copy_checked(source, stage, name, file)
            with Journal.open(stage, key) as journal:
                paused = mark_restored(journal, at, by=by, destinations=destinations)
            _sync(stage / SPOOL)
            (stage / SPOOL).rename(into / SPOOL)
            # Last: a data folder without this file is none, so a restore that was cut off is never taken for one.
            (stage / FILE_NAME).rename(into / FILE_NAME)
            _sync(into)
        shutil.rmtree(stage)
    return RestoreReport(into, len(files), sum(file["size"] for file in files.values()), made_at, paused)


def mark_restored(journal: Journal, at: datetime, *, by: str, destinations: Collection[str] = ()) -> tuple[str, ...]:
    """Pauses every destination, and notes when the journal was put back (`restoration.Restoration`).

    `restore` does it; after PostgreSQL's own tools have put a journal back, it has to be done before anything else.

    Returns:
        the destinations that are paused.
    """
    journal.brakes.pause_all(REASON, by, at, destinations)
    with journal.access.writing() as connection:
        settings.put(connection, RESTORED_AT, at.isoformat())
    return tuple(brake.destination for brake in journal.brakes.all())


def _copy(access: Access, part: Path) -> dict[str, dict[str, Any]]:
    """Copies the database, then the files that the copy names; name → SHA-256 and size."""
    copied = part / FILE_NAME
    os.close(os.open(copied, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    if not sqlite.copy(access.database.reader, copied):
        raise JournalDamaged(file=access.name, reason="integrity")
    engine = sqlite.open_engine(copied, 0.0)
    try:
        with engine.begin() as connection:
            names = sorted(keeping.files(connection))
    finally:
        engine.dispose()
    (part / SPOOL).mkdir(mode=0o700)
    files = {FILE_NAME: _digest(copied)}
    for name in names:
        try:
            files[f"{SPOOL}/{name}"] = _copy_file(access.folder / SPOOL / name, part / SPOOL / name)
        except FileNotFoundError:
            raise JournalDamaged(file=access.name, reason=f"{SPOOL}/{name}") from None
    _sync(part / SPOOL)
    return files


def _copy_checked(source: Path, stage: Path, name: str, file: dict[str, Any]) -> None:
    try:
        found = _copy_file(source / name, stage / name)
    except FileNotFoundError:
        raise _unusable(source, f"{name} is missing", f"{name} manque") from None
    if found != file:
        raise _unusable(source, f"{name} is not as it was", f"{name} n'est plus tel quel")


def _copy_file(source: Path, target: Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    with source.open("rb") as stream, os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as copy:
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
            copy.write(block)
        copy.flush()
        os.fsync(copy.fileno())
    return {"sha256": digest.hexdigest(), "size": size}


def _digest(path: Path) -> dict[str, Any]:
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
        return {"sha256": hashlib.file_digest(stream, "sha256").hexdigest(), "size": path.stat().st_size}


def _write_manifest(path: Path, key: bytes, at: datetime, files: dict[str, dict[str, Any]]) -> None:
    content = {"format": _FORMAT, "made_at": at.isoformat(), "key": blind(key, "check"), "files": files}
    text = json.dumps({"content": content, "seal": _seal(key, content)}, indent=1, sort_keys=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def _read_manifest(source: Path, key: bytes) -> tuple[datetime, dict[str, dict[str, Any]]]:
    path = source / MANIFEST
    with translated(path):
        if not path.is_file():
            raise _unusable(source, f"it has no {MANIFEST}", f"pas de {MANIFEST}")
        if path.stat().st_size > _LONGEST_MANIFEST:
            raise _unusable(source, f"{MANIFEST} is too long", f"{MANIFEST} est trop long")
        text = path.read_bytes()
    try:
        manifest = json.loads(text)
        content, seal, check = manifest["content"], str(manifest["seal"]), str(manifest["content"]["key"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _unusable(source, f"{MANIFEST} cannot be read", f"{MANIFEST} est illisible") from None
    if not hmac.compare_digest(check.encode(), blind(key, "check").encode()):
        raise JournalKeyWrong(file=str(source))
    if not hmac.compare_digest(seal.encode(), _seal(key, content).encode()):
        raise _unusable(source, f"{MANIFEST} was changed", f"{MANIFEST} a été modifié")
    if content["format"] != _FORMAT:
        raise _unusable(source, "a newer version made it", "une version plus récente l'a faite")
    files: dict[str, dict[str, Any]] = content["files"]
    # What the key has sealed is ours; a name that leads elsewhere would all the same never be followed.
    if FILE_NAME not in files or not all(_NAME.fullmatch(name) for name in files):
        raise _unusable(source, f"{MANIFEST} cannot be read", f"{MANIFEST} est illisible")
    return datetime.fromisoformat(content["made_at"]), files


def _seal(key: bytes, content: Any) -> str:
    return blind(key, "manifest", json.dumps(content, sort_keys=True, separators=(",", ":")))


def _unusable(source: Path, en: str, fr: str) -> BackupUnusable:
    return BackupUnusable(file=str(source), reason=en, reason_fr=fr)


def _refuse_used(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(file=str(folder))


@contextmanager
def _removed_on_failure(folder: Path) -> Iterator[None]:
    with ExitStack() as failed:
        failed.callback(shutil.rmtree, folder, ignore_errors=True)
        yield
        failed.pop_all()


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
