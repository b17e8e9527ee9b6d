"""Sealed bodies: in their row, or, when they are large, in a file of the spool."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime

from sqlalchemy import Connection

from dui_bridge.journal.access import Access
from dui_bridge.journal.dossiers import DossierKey
from dui_bridge.journal.queries import versions as queries
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.vault import LARGE, Unsealable, Vault


class Payloads:
    """Adds bodies within one transaction; files are on the disk before it commits, and orphans when it does not."""

    def __init__(self, access: Access, connection: Connection, dossier: DossierKey, at: datetime) -> None:
        self._vault, self._connection = access.vault, connection
        self._dossier, self._at = dossier, at

    def add(self, role: str, clear: bytes, sha256: str | None = None) -> str:
        """Seals a body and returns the name of its row. Args: role, `cda`, `pdf`, `request`, `answer` or `exchange`."""
        name = os.urandom(16).hex()
        if len(clear) > LARGE:
            self._vault.write(self._dossier.key, name, clear)
            body = None
        else:
            body = self._dossier.key.seal(_place(name), clear)
        queries.add_payload(
            self._connection,
            self._at,
            dossier_id=self._dossier.id,
            role=role,
            name=name,
            sha256=sha256 or hashlib.sha256(clear).hexdigest(),
            size=len(clear),
            body=body,
        )
        return name


def open_body(vault: Vault, dossier: DossierKey, row: Row, prefix: str) -> bytes | None:
    """The body of a payload whose columns stand under `<prefix>_…`; None when there is none or it is purged.

    Raises:
        Unsealable: it does not open, or is not what was recorded.
    """
    if row[f"{prefix}_id"] is None or row[f"{prefix}_purged_at"] is not None:
        return None
    name = row[f"{prefix}_name"]
    if row[f"{prefix}_in_file"]:
        clear = vault.read(dossier.key, name)
    else:
        clear = dossier.key.open(_place(name), row[f"{prefix}_body"])
    if hashlib.sha256(clear).hexdigest() != row[f"{prefix}_sha256"]:
        raise Unsealable("a body is not the one that was recorded")
    return clear


def _place(name: str) -> str:
    return f"payload:body:{name}"
