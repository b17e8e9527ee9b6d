"""What policy reads of the versions that are known, sealed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from dui_bridge.journal.queries.prepared import Prepared
from dui_bridge.journal.schema import document_version, dossier

_SET = Prepared(
    update(document_version)
    .where(document_version.c.id == bindparam("which"))
    .values(facts=bindparam("facts"), facts_digest=bindparam("digest"))
)


def of_versions(connection: Connection, unique_ids: Sequence[str]) -> Sequence[Any]:
    """Rows of `id`, `unique_id`, `facts` and what opens them; without versions that have none, or whose dossier is
    erased."""
    return connection.execute(
        select(
            document_version.c.id,
            document_version.c.unique_id,
            document_version.c.facts,
            document_version.c.dossier_id,
            dossier.c.source,
            dossier.c.usager_key,
            dossier.c.wrapped_key,
        )
        .join_from(document_version, dossier, document_version.c.dossier_id == dossier.c.id)
        .where(
            document_version.c.unique_id.in_(unique_ids),
            document_version.c.facts.is_not(None),
            dossier.c.wrapped_key.is_not(None),
        )
    ).all()


def put(connection: Connection, version_id: int, facts: bytes, digest: str) -> None:
    _SET.run(connection, which=version_id, facts=facts, digest=digest)
