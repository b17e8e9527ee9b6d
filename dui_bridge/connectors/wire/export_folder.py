"""Finds the export to read, says whether it is complete, and opens what stands in it: never anything outside it."""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO, TypeAlias

from dui_bridge.connectors.wire import export_rules as errors
from dui_bridge.errors import os_reasons
from dui_bridge.findings import Finding, did_you_mean


@dataclass(frozen=True, slots=True)
class Complete:
    """When an export may be read: its end marker is there, or nothing in it has changed for `stable_for`."""

    marker: str | None
    stable_for: timedelta | None


Listing: TypeAlias = dict[str, tuple[str, ...]]

_DRIVE = re.compile(r"^[A-Za-z]:")


def choose(
    path: Path, pattern: str | None, complete: Complete | None, now: datetime
) -> tuple[Path | None, list[Finding]]:
    """The newest complete export under `path`, and what a person should know of the wait.

    None when no export is complete yet: the findings then say for what the run waits. When only an older export is
    complete, that one is returned with a finding that names the newer.

    Args:
        pattern: of dated sub-folders; None when the files stand in `path` itself.
        complete: None when an export is always complete.
        now: aware.
    Raises:
        NotAFile, FileDenied: the folder is missing, is no folder, or may not be read.
    """
    if pattern is None:
        _names(path)  # says why when the folder cannot be read
        wait = _wait(path, complete, now)
        return (None, [wait]) if wait is not None else (path, [])
    dated = sorted(_dated(path, pattern), reverse=True)
    if not dated:
        return None, [Finding(errors.NO_EXPORT, values={"pattern": pattern, "folder": str(path)})]
    waits: list[Finding] = []
    for _, name in dated:
        wait = _wait(path / name, complete, now)
        if wait is None:
            older = {"newer": dated[0][1], "folder": name}
            return path / name, [Finding(errors.OLDER_READ, values=older), *waits] if waits else []
        waits.append(wait)
    return None, waits[:1]


def _names(folder: Path) -> list[str]:
    try:
        return [path.name for path in folder.iterdir()]
    except NotADirectoryError:
        raise errors.NotAFile(file=str(folder), expected="folder", expected_fr="dossier") from None
    except OSError as error:
        raise errors.FileDenied(file=str(folder), **os_reasons(error)) from None


def _dated(folder: Path, pattern: str) -> Iterator[tuple[date, str]]:
    form = re.escape(pattern).replace("AAAA", r"(?P<y>\d{4})").replace("MM", r"(?P<m>\d{2})")
    expression = re.compile(form.replace("JJ", r"(?P<d>\d{2})"), re.ASCII)
    for name in _names(folder):
        found = expression.fullmatch(name)
        if found is None or not (folder / name).is_dir():
            continue
        try:
            day = date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError:
            continue
        yield day, name


def _wait(folder: Path, complete: Complete | None, now: datetime) -> Finding | None:
    """What is still awaited of an export, None when it is complete."""
    if complete is None:
        return None
    values = {"folder": folder.name, "marker": "", "marker_fr": ""}
    if complete.marker is not None:
        if _find(folder, complete.marker) is not None:
            return None
        values |= {"marker": f"no {complete.marker}, and ", "marker_fr": f"pas de {complete.marker}, et "}
    if complete.stable_for is None:
        return Finding(errors.NO_MARKER, values={"folder": folder.name, "marker": complete.marker or ""})
    changed, name = _last_change(folder)
    age = timedelta(seconds=max(0, int(now.timestamp() - changed)))
    if age >= complete.stable_for:
        return None
    return Finding(errors.NOT_STABLE, values=values | {"file": name, "age": str(age), "wait": str(complete.stable_for)})


def _last_change(folder: Path) -> tuple[float, str]:
    def refuse(error: OSError) -> None:
        raise errors.FileDenied(file=str(error.filename), **os_reasons(error)) from None

    newest = (0.0, "")
    for here, _, names in os.walk(folder, onerror=refuse):
        for path in (Path(here), *(Path(here, name) for name in names)):
            try:
                changed = path.lstat().st_mtime
            except FileNotFoundError:  # a temporary file of the exporter, gone since the listing
                continue
            newest = max(newest, (changed, str(path.relative_to(folder)) if path != folder else "."))
    return newest


def _fold(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _listing(folder: Path) -> Listing:
    """The names of a folder by their folded form."""
    found: Listing = {}
    for path in folder.iterdir():
        folded = _fold(path.name)
        found[folded] = (*found.get(folded, ()), path.name)
    return found


def _find(folder: Path, relative: str, listing: Callable[[Path], Listing] = _listing) -> Path | None:
    """The file of that name, or the only one that differs by case or accent form; None for none or several."""
    path = folder
    for part in relative.split("/"):
        exact = path / part
        if not os.path.lexists(exact):
            try:
                names = listing(path).get(_fold(part), ())
            except OSError:
                return None
            if len(names) != 1:
                return None
            exact = path / names[0]
        path = exact
    return path


class Export:
    """One export folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._listing = lru_cache(maxsize=4)(_listing)  # a folder of many documents is listed once, not once a row
        self._inside = folder.resolve()

    def path(self, declared: str) -> Path:
        """A declared file, whatever the case of its name. Raises FileMissing, NotAFile or FileDenied."""
        path = _find(self.folder, declared, self._listing)
        if path is None:
            names = _names(self.folder)
            near = {"near": did_you_mean(declared, names), "near_fr": did_you_mean(declared, names, "fr")}
            raise errors.FileMissing(file=declared, folder=self.folder.name, **near)
        try:
            mode = path.stat().st_mode
            if not path.resolve().is_relative_to(self._inside) or not stat.S_ISREG(mode):
                raise errors.NotAFile(file=declared, expected="file", expected_fr="fichier")
            with path.open("rb"):
                return path
        except OSError as error:
            raise errors.FileDenied(file=declared, **os_reasons(error)) from None

    def open(self, ref: str) -> BinaryIO:
        """A file that a row names by a relative path, with `/` or `\\`. Raises PathRefused or PathNotFound."""
        relative = ref.strip().replace("\\", "/")
        parts = relative.split("/")
        while "." in parts:
            parts.remove(".")
        if not all(parts) or ".." in parts or "\0" in ref or _DRIVE.match(relative):
            raise errors.PathRefused
        try:
            path = _find(self.folder, "/".join(parts), self._listing)
            if path is None:
                raise errors.PathAbsent
            if not path.resolve(strict=True).is_relative_to(self._inside):
                raise errors.PathRefused
            if not stat.S_ISREG(path.stat().st_mode):
                raise errors.PathNotFound(reason="is not an ordinary file", reason_fr="n'est pas un fichier ordinaire")
            return path.open("rb")
        except FileNotFoundError:
            raise errors.PathAbsent from None
        except (OSError, RuntimeError) as error:  # RuntimeError: a loop of symbolic links
            why = os_reasons(error if isinstance(error, OSError) else OSError(errno.ELOOP, ""))
            raise errors.PathNotFound(
                reason=f"cannot be read ({why['reason']})", reason_fr=f"est illisible ({why['reason_fr']})"
            ) from None
