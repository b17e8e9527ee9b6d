"""`xdm show`: an archive of MSSanté, for a machine or for a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from dui_bridge.findings import Finding, shown
from dui_bridge.xds.entries import DocumentEntry, SubmissionSet
from dui_bridge.xds.xdm_content import content_findings
from dui_bridge.xds.xdm_reading import Archive, ArchivedDocument

_TRAITS: Final = frozenset({"source_patient_info", "others"})
"""What may name the patient: whoever opens an archive here looks at its metadata, not at a dossier."""
_LINE: Final = 255
"""Most characters of a name that are shown."""


def archive_findings(archive: Archive) -> tuple[Finding, ...]:
    """What is wrong with an archive, with the metadata of each of its lots, and between these and the documents."""
    metadata = (one for lot in archive.lots for one in lot.findings)
    documents = (one for document in archive.documents for one in content_findings(document))
    return (*archive.findings, *metadata, *documents)


def archive_json(archive: Archive) -> dict[str, Any]:
    """The names of the files as they stand in the zip, and each lot with its documents; no trait of the patient."""
    lots = [
        {
            "metadata": lot.metadata,
            "submission_set": None if lot.submission is None else _record(lot.submission),
            "documents": [_document(one) for one in lot.documents],
        }
        for lot in archive.lots
    ]
    return {"files": list(archive.names), "lots": lots}


def archive_lines(archive: Archive) -> Iterator[str]:
    """The same in short, in no language: names, then the documents of each lot; ✗ stands for one that was not taken."""
    yield from (shown(name, _LINE) for name in archive.names)
    for lot in archive.lots:
        ids = () if lot.submission is None else (lot.submission.submission_time, lot.submission.unique_id)
        yield _line(lot.metadata, *ids)
        for one in lot.documents:
            kind = one.entry.type_code
            taken = "✗" if one.data is None else str(len(one.data))
            code = "" if kind is None else f"{kind.code} {kind.display}"
            yield "  " + _line(one.name or one.entry.id, taken, one.entry.title, code, one.entry.unique_id)


def _line(*parts: str | None) -> str:
    return "  ".join(shown(part, _LINE) for part in parts if part)


def _document(one: ArchivedDocument) -> dict[str, Any]:
    """A document: its file, whether it was taken, what the file is, and its entry."""
    data = one.data
    return {
        "file": one.name,
        "taken": data is not None,
        "bytes": None if data is None else len(data),
        "sha1": None if data is None else hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        "entry": _record(one.entry),
    }


def _record(record: DocumentEntry | SubmissionSet) -> dict[str, Any]:
    return {
        name: value for name, value in asdict(record).items() if name not in _TRAITS and value not in (None, "", ())
    }
