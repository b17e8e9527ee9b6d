"""The data of the server: a folder with `residents.json`, the documents, and the files that these name.

The documents stand in `documents/<resident>.json`, or all in `documents.json` with the `residentId` of each.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


class Store:
    """Residents and documents in memory; the folder is never written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self._residents = _list(folder / "residents.json", "residents")
        self._documents = _documents(folder)
        self._lock = threading.RLock()

    def residents(self, modified_since: datetime | None) -> list[Json]:
        """Those modified at or after a time, the oldest modification first."""
        with self._lock:
            found = [
                one
                for one in self._residents
                if modified_since is None or _stamp(one.get("dateModification")) >= modified_since
            ]
            return sorted(found, key=lambda one: (_stamp(one.get("dateModification")), str(one.get("id"))))

    def documents(self, resident: str) -> list[Json] | None:
        """The documents of a resident; None when there is no such resident."""
        with self._lock:
            if not any(one.get("id") == resident for one in self._residents):
                return None
            return [dict(one) for one in self._documents.get(resident, [])]

    def file(self, document: str) -> bytes | None:
        """The file of a document; None when there is none."""
        with self._lock:
            every = [one for documents in self._documents.values() for one in documents]
        for one in every:
            content = one.get("contenu")
            if one.get("id") != document or not isinstance(content, dict) or not content.get("url"):
                continue
            path = (self._folder / str(content["url"])).resolve()
            return path.read_bytes() if path.is_relative_to(self._folder) and path.is_file() else None
        return None

    def change(self, resident: str, now: datetime, **values: Any) -> None:
        """Modifies a resident; `dateModification` moves."""
        with self._lock:
            for one in self._residents:
                if one.get("id") == resident:
                    one.update(values, dateModification=now.isoformat())

    def add(self, resident: Json) -> None:
        """One more resident."""
        with self._lock:
            self._residents.append(resident)

    def set_documents(self, resident: str, documents: list[Json]) -> None:
        """Replaces the documents of a resident; his `dateModification` does not move."""
        with self._lock:
            self._documents[resident] = documents


def _documents(folder: Path) -> dict[str, list[Json]]:
    if not (folder / "documents.json").exists():
        return {path.stem: _list(path, "documents") for path in sorted((folder / "documents").glob("*.json"))}
    found: dict[str, list[Json]] = {}
    for one in _list(folder / "documents.json", "documents"):
        found.setdefault(str(one.pop("residentId", "")), []).append(one)
    return found


def _list(path: Path, key: str) -> list[Json]:
    data = json.loads(path.read_text(encoding="utf-8"))
    found: list[Json] = data[key] if isinstance(data, dict) else data
    return found


def _stamp(text: object) -> datetime:
    """A stamp with or without offset; without one it is taken as UTC, and a bad one as the beginning of time."""
    try:
        stamp = datetime.fromisoformat(str(text))
    except ValueError:
        return _BEGINNING
    return stamp if stamp.tzinfo is not None else stamp.replace(tzinfo=UTC)
