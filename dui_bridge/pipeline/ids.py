"""The identifiers that the bridge mints. Pure: the same arguments give the same id, on any machine.

Document ids are bare OIDs without extension (the DMP refuses `root^extension`): `2.25.<integer of a UUIDv5>`
(ITU-T X.667), or the same integer under an OID root that the site owns.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid5

from dui_bridge.journal.records import KnownSeries, SeriesKey
from dui_bridge.model.exchange import DocumentIds

NAMESPACE: Final = UUID("6f0c8f5e-3b1d-5c55-9d0a-8a2f6f0b7c41")
"""Part of every id ever made: never changed."""

UUID_ROOT: Final = "2.25"
"""The arc under which a UUID is an OID (ITU-T X.667)."""

MAX_OID: Final = 64
"""Characters of a document or set id (IHE ITI TF-3 4.2.3.2.26: XDSDocumentEntry.uniqueId)."""

MAX_ROOT: Final = MAX_OID - 1 - len(str(2**128 - 1))
"""Characters of a site's OID root, so that a dot and the largest UUID still follow: 24."""

_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")


def is_root(root: str) -> bool:
    """Whether ids can be made under this OID: well-formed, at least two arcs, at most `MAX_ROOT` characters."""
    return len(root) <= MAX_ROOT and _OID.fullmatch(root) is not None


def set_id(key: SeriesKey, generation: int, root: str = UUID_ROOT) -> str:
    """The id of a series, as a bare OID. Raises ValueError for a root that `is_root` refuses."""
    return _oid(root, "series", key.site, key.source, key.kind.value, key.doc_key, key.usager_key, str(generation))


def unique_id(site: str, series: str, version: int, content: str, root: str = UUID_ROOT) -> str:
    """The id of one version, as a bare OID.

    Args:
        site: the site's name.
        series: the set id.
        version: the journal's own counter.
        content: the keyed fingerprint of the mapped content, so that a version that was never handed over and one that
            took its number after a restored backup cannot share an id.
        root: an OID that the site owns.
    Raises:
        ValueError: for a root that `is_root` refuses.
    """
    return _oid(root, "version", site, series, str(version), content)


def mint(key: SeriesKey, known: KnownSeries | None, content: str, root: str = UUID_ROOT) -> DocumentIds:
    """The ids of the next version of a series; consumes nothing until `Journal.record_versions`.

    `replaces` names the latest earlier version that a destination has or may have: one that was recorded but never left
    is skipped, and its number with it.

    Args:
        key: the series.
        known: what the journal answered for it (`Journal.series_for`).
        content: the keyed fingerprint of the mapped content.
        root: an OID that the site owns; a known series keeps the set id that it has.
    Raises:
        ValueError: for a root that `is_root` refuses.
    """
    series = known.set_id if known is not None else set_id(key, 1, root)
    version = known.latest.ids.version + 1 if known is not None else 1
    left = known.replaced.ids if known is not None and known.replaced is not None else None
    return DocumentIds(
        unique_id=unique_id(key.site, series, version, content, root),
        set_id=series,
        version=version,
        replaces=left.unique_id if left is not None else None,
        replaces_version=left.version if left is not None else None,
    )


def run_id(at: datetime, randomness: bytes) -> str:
    """The id of a run: its start in UTC, then 4 random bytes or more, as in `20261121T020000Z-9f86d081`.

    Ids sort by time. Raises ValueError when `at` has no time zone.
    """
    if at.tzinfo is None:
        raise ValueError("a time without a time zone")
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{randomness.hex()}"


def _oid(root: str, *components: str) -> str:
    if not is_root(root):
        raise ValueError(f"not an OID of two arcs and at most {MAX_ROOT} characters: {root}")
    # JSON separates the components without doubt, and its ASCII form takes any text.
    return f"{root}.{uuid5(NAMESPACE, json.dumps(components)).int}"
