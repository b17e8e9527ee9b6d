"""Hands documents to the DUI's inbox, a folder: PDF, CDA and last a JSON that says what they are and whose."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from dui_bridge.connectors.wire.laid_set import has_content, lay_set
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.journal.records import Json
from dui_bridge.pipeline.inbox.records import Arrival, Effect, Judged, Judgement, Person

_OID: Final = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*)){1,30}", re.ASCII)
_LONGEST_OID: Final = 64
_TOLD: Final = ".json"


def name_of(unique_id: str) -> str:
    """The name of the files of a document, without suffix: its OID, else a digest; nothing that leads elsewhere."""
    if len(unique_id) <= _LONGEST_OID and _OID.fullmatch(unique_id):
        return unique_id
    return f"id-{hashlib.sha256(unique_id.encode()).hexdigest()[:40]}"


def laid_files(judged: Judged, person: Person, arrival: Arrival, name: str) -> dict[str, bytes]:
    """The files of a document in the order in which they take their names.

    Whoever watches for `*.json` finds the others beside it. A cancellation is the JSON alone.
    """
    document = judged.document
    if judged.effect is Effect.CANCELS:
        # The document itself stays what was laid before.
        return {f"{name}.cancelled.json": _json(told(judged, person, arrival, {}))}
    pdf = {"pdf": f"{name}.pdf"} if document.pdf is not None else {}
    files = {f"{name}.pdf": document.pdf} if document.pdf is not None else {}
    cda = {"cda": f"{name}.xml"} if document.data else {}
    files |= dict.fromkeys(cda.values(), document.data)
    says = _json(told(judged, person, arrival, {**cda, **pdf}))
    return {**files, f"{name}.json": says}


def lay(inbox: Path, judgement: Judgement, arrival: Arrival) -> tuple[str, ...]:
    """Lays what a filed mail brings into `<inbox>/<source>/`; the names of the JSON that are now there.

    It may be called again after a crash, or for the same mail after a restore: what is there already is left as it is.
    Another document of the same identifier, which a person let in, stands beside the first under a name of its own.

    Args:
        judgement: filed, with its person; of duplicates nothing is laid.
    Raises:
        FileUnusable: nothing is half written, and nothing is ever written over.
    """
    person = judgement.person
    if person is None:
        return ()
    folder = inbox / name_of_source(person.source)
    laid = []
    for judged in judgement.documents:
        if judged.effect is Effect.DUPLICATE:
            continue
        try:
            laid.append(_lay_one(folder, judged, person, arrival))
        except OSError as error:
            raise FileUnusable(file=str(folder), **os_reasons(error)) from None
    return tuple(laid)


def _lay_one(folder: Path, judged: Judged, person: Person, arrival: Arrival) -> str:
    name = name_of(judged.document.unique_id)
    for one in (name, f"{name}-{judged.document.sha256[:16]}"):
        files = laid_files(judged, person, arrival, one)
        there = {file: has_content(folder, file, data) for file, data in files.items()}
        # A JSON that is there told of the same document, maybe with the time of another reading.
        if not any(same is False for file, same in there.items() if not file.endswith(_TOLD)):
            absent = {file: data for file, data in files.items() if there[file] is None}
            if absent:
                lay_set(folder, absent)
            return list(files)[-1]
    raise FileUnusable(
        file=str(folder / f"{name}.xml"),
        reason="another content has this name",
        reason_fr="un autre contenu porte ce nom",
    )


def name_of_source(source: str) -> str:
    """The folder of a source: its name in the site file, which has no separators."""
    return Path(source).name or "inbox"


def told(judged: Judged, person: Person, arrival: Arrival, files: Mapping[str, Json]) -> dict[str, Json]:
    """What a document is, whose, and in which mail it came, as the DUI is told.

    Args:
        files: `cda`, and `pdf` when there is one; `pdf` alone of what came without an archive; empty for a
            cancellation.
    """
    document, target = judged.document, judged.target
    return {
        "action": {Effect.REPLACES: "replace", Effect.CANCELS: "cancel"}.get(judged.effect, "new"),
        "dossier": {"source": person.source, "establishment": person.finess, "number": person.number},
        "document": {
            "unique_id": document.unique_id,
            "set_id": document.set_id,
            "version": document.version,
            "type": {"code": document.type_code, "label": document.type_label},
            "title": document.title,
            "author": document.author,
            "created": None if document.created is None else document.created.isoformat(),
        },
        "replaces": None if target is None else {"unique_id": target.unique_id, "name": target.name},
        "files": dict(files),
        "pdf_from": (document.pdf_from or None) if "pdf" in files else None,
        "mail": {
            "message_id": arrival.message_id,
            "from": arrival.sender,
            "mailbox": arrival.mailbox,
            "received": arrival.at.isoformat(),
            "other_attachments": arrival.others,
        },
        "remarks": list(_remarks(judged)),
    }


def _json(told: Mapping[str, Json]) -> bytes:
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def _remarks(judged: Judged) -> Iterator[str]:
    """The rules that the document breaks without being refused for it."""
    yield from dict.fromkeys(one.rule.id for one in judged.document.findings)
