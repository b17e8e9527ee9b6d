"""What policy reads of a document, as its last reading gave it, though its bytes stay those of an earlier one."""

from __future__ import annotations

from collections.abc import Mapping

from dui_bridge.journal import dossiers
from dui_bridge.journal.access import Access
from dui_bridge.journal.queries import facts as queries
from dui_bridge.journal.records import Json
from dui_bridge.journal.vault import Unsealable
from dui_bridge.journal.versions import facts_place


def refresh(access: Access, facts: Mapping[str, tuple[Mapping[str, Json], str]]) -> None:
    """As `Journal.refresh_facts`."""
    if not facts:
        return
    with access.writing() as connection:
        for row in queries.of_versions(connection, list(facts)):
            read, digest = facts[row.unique_id]
            place = facts_place(row.unique_id)
            try:
                key = dossiers.unwrap(access.vault, row.dossier_id, row.source, row.usager_key, row.wrapped_key)
                if key is None:
                    continue
                known = key.key.open_json(place, row.facts)
            except Unsealable:
                # What cannot be opened cannot be sent either: that is told of its delivery, and stops no reading.
                continue
            queries.put(connection, row.id, key.key.seal_json(place, {**known, **read}), digest)
