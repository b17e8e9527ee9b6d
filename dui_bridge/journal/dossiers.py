"""Dossiers: one usager of one source, with the key that seals all that the journal keeps of this person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from dui_bridge.journal.access import Access
from dui_bridge.journal.keys import blind
from dui_bridge.journal.queries import dossiers as queries
from dui_bridge.journal.queries.prepared import Row
from dui_bridge.journal.records import DossierEntry, Json, KnownDossier
from dui_bridge.journal.vault import DataKey, Vault


@dataclass(frozen=True, slots=True)
class DossierKey:
    """A dossier whose values can be sealed and opened. `name` binds them to it: its source and digest."""

    id: int
    name: str
    key: DataKey = field(repr=False)

    def number(self, sealed: bytes) -> str:
        """The dossier number. Raises Unsealable."""
        return self.key.open(f"dossier:number:{self.name}", sealed).decode("utf-8", "surrogatepass")

    def facts(self, sealed: bytes | None) -> dict[str, Json]:
        """What policy reads of the usager. Raises Unsealable."""
        return self.key.open_json(f"dossier:facts:{self.name}", sealed)


class Dossiers:
    """What the journal knows of dossiers. Every method may raise a `JournalUnusable`."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def known(self, source: str, usager_key: str) -> KnownDossier | None:
        """The dossier of the DUI's local id of an usager; None when it was never read."""
        with self._access.reading() as connection:
            row = queries.by_key(connection, source, usager_digest(self._access.key, usager_key))
            return None if row is None else _known(self._access.vault, row)

    def get(self, dossier_id: int) -> KnownDossier | None:
        """By the id that items and deliveries give."""
        with self._access.reading() as connection:
            row = queries.by_id(connection, dossier_id)
            return None if row is None else _known(self._access.vault, row)

    def accept_traits(self, dossier_id: int, traits: Mapping[str, str]) -> bool:
        """A person says that the number is now that of the person with these traits (trait → keyed digest).

        Returns:
            False when there is no such dossier.
        """
        with self._access.writing() as connection:
            return queries.set_traits(connection, dossier_id, traits)


def usager_digest(key: bytes, usager_key: str) -> str:
    """What stands for the DUI's local id of an usager."""
    return blind(key, "usager", usager_key)


def dossier_key(vault: Vault, row: Row) -> DossierKey | None:
    """The key of a dossier, from its row; None once it is erased. Raises Unsealable."""
    return unwrap(vault, row["id"], row["source"], row["usager_key"], row["wrapped_key"])


def unwrap(vault: Vault, dossier_id: int, source: str, digest: str, wrapped: bytes | None) -> DossierKey | None:
    """As `dossier_key`, from the columns of its row."""
    if wrapped is None:
        return None
    name = f"{source}:{digest}"
    return DossierKey(dossier_id, name, vault.key(name, wrapped))


def find_key(connection: Connection, vault: Vault, dossier_id: int) -> DossierKey | None:
    """The key of the dossier with this id; None when it is erased. Raises Unsealable."""
    row = queries.by_id(connection, dossier_id)
    return None if row is None else dossier_key(vault, row)


def ensure(
    connection: Connection, vault: Vault, entry: DossierEntry, digest: str, known: Row | None, at: datetime
) -> DossierKey:
    """The key of a dossier, added when it is new; what is known of it stays as the last reading left it.

    Args:
        digest: `usager_digest` of the entry's usager.
        known: what `queries.dossiers.wrapped_key` gave.
    """
    name = f"{entry.source}:{digest}"
    dossier_id, wrapped = (None, None) if known is None else (known["id"], known["wrapped_key"])
    if dossier_id is not None and wrapped is not None:
        return DossierKey(dossier_id, name, vault.key(name, wrapped))
    key, values = _sealed(vault, name, entry, None, at)
    if dossier_id is None:
        dossier_id = queries.add(
            connection, {**values, "source": entry.source, "usager_key": digest, "first_seen_at": at}
        )
    else:
        queries.refresh(connection, [{**values, "which": dossier_id}])
    return DossierKey(dossier_id, name, key)


def record(
    connection: Connection, access: Access, source: str, entries: Sequence[DossierEntry], at: datetime
) -> dict[str, DossierKey]:
    """Stores what was read of dossiers of one source; their keys by the DUI's local id.

    A dossier that was erased and is read again gets a new key: what was sealed before stays unreadable. An entry
    without facts and traits is of a dossier that is held: what is known of it stays.
    """
    digests = {entry.usager_key: usager_digest(access.key, entry.usager_key) for entry in entries}
    known = queries.wrapped_keys(connection, source, list(digests.values()))
    new: list[Mapping[str, Any]] = []
    seen: list[Mapping[str, Any]] = []
    kept: list[int] = []
    keys: dict[str, tuple[str, DataKey]] = {}
    for entry in entries:
        digest = digests[entry.usager_key]
        dossier_id, wrapped = known.get(digest, (None, None))
        if dossier_id is not None and wrapped is not None and not entry.facts and not entry.traits:
            name = f"{source}:{digest}"
            keys[entry.usager_key] = (name, access.vault.key(name, wrapped))
            kept.append(dossier_id)
            continue
        key, values = _sealed(access.vault, f"{source}:{digest}", entry, wrapped, at)
        keys[entry.usager_key] = (f"{source}:{digest}", key)
        if dossier_id is None:
            new.append({**values, "source": source, "usager_key": digest, "first_seen_at": at})
        else:
            seen.append({**values, "which": dossier_id})
    ids = {digest: dossier_id for digest, (dossier_id, _) in known.items()}
    if new:
        ids |= queries.add_all(connection, new)
    if seen:
        queries.refresh(connection, seen)
    if kept:
        queries.see_again(connection, kept, at)
    return {local: DossierKey(ids[digests[local]], name, key) for local, (name, key) in keys.items()}


def _sealed(
    vault: Vault, name: str, entry: DossierEntry, wrapped: bytes | None, at: datetime
) -> tuple[DataKey, dict[str, Any]]:
    """The key of a dossier, a new one when it has none, and the columns of what was read of it."""
    if wrapped is None:
        wrapped, key = vault.make_key(name)
    else:
        key = vault.key(name, wrapped)
    return key, {
        "finess": entry.finess,
        "wrapped_key": wrapped,
        "number": key.seal(f"dossier:number:{name}", entry.number.encode("utf-8", "surrogatepass")),
        "facts": key.seal_json(f"dossier:facts:{name}", entry.facts),
        "traits": dict(entry.traits),
        "seen_at": at,
        "gone_at": None,
    }


def _known(vault: Vault, row: Row) -> KnownDossier:
    key = dossier_key(vault, row)
    return KnownDossier(
        id=row["id"],
        source=row["source"],
        finess=row["finess"],
        traits=row["traits"],
        facts=key.facts(row["facts"]) if key is not None else {},
        number=key.number(row["number"]) if key is not None else "",
        first_seen_at=row["first_seen_at"],
        seen_at=row["seen_at"],
        gone_at=row["gone_at"],
        erased=key is None,
    )
