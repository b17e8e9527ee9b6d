"""`quarantine`: each dossier and document that is held, with what must be corrected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dui_bridge.findings import Language
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.reports.status import DOSSIER_HELD
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.pipeline.reports.trace import item_cause, item_place


def held_items(journal: Journal, finess: str | None, language: Language) -> Iterator[dict[str, Any]]:
    """What is held of the last readings, usagers first. Documents that are held with their dossier are only counted,
    under its `documents`."""
    for item_id in journal.overview.stopped(finess, but=DOSSIER_HELD):
        item = journal.items.get(item_id)
        if item is None:
            continue
        followers = journal.overview.documents_of(item.dossier_id) if item.kind == "usager" else []
        yield {
            "id": f"{item.kind}-{item.id}",
            "kind": item.kind,
            "type": item.doc_type,
            "dossier": item.number,
            "source": item.source,
            "establishment": item.finess,
            "state": item.state,
            "place": item_place(item.detail),
            "mapping": item.detail.get("mapping"),
            **item_cause(item, language),
            "since": item.since.isoformat(),
            "documents": sum(one.state == "quarantined" and one.gone_at is None for one in followers),
        }


def as_text(held: Sequence[dict[str, Any]], language: Language) -> str:
    """A few lines for each."""
    return "\n".join(_lines(held, language))


def _lines(held: Sequence[dict[str, Any]], language: Language) -> Iterator[str]:
    if not held:
        yield text("quarantine_none", language)
    for one in held:
        mapping = f"  ← {one['mapping']}" if one["mapping"] else ""
        yield f"{one['id']}  {text('dossier', language)} {one['dossier']}  {one['place']}{mapping}"
        code = f" [{one['code']}]" if one["code"] else ""
        yield f"  {text('label_why', language):<12}{one['cause']}{code}"
        yield f"  {text('label_todo', language):<12}{one['action']}"
        yield f"  {text('label_who', language):<12}{text('who_' + one['who'], language)}"
    followers = sum(one["documents"] for one in held)
    if followers:
        yield text("quarantine_follow", language).format(number=followers)
