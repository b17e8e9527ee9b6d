"""What counts as a change: two keyed fingerprints of a document, and what follows from comparing them. Pure.

- *raw*: of what the document's plan reads in the export, part by part;
- *mapped*: of what the mapping made of it.

A new version needs both to differ. When only the raw one differs, the DUI touched something that the document does not
show. When only the mapped one differs, the mapping, a table or the bridge changed, and nobody wants a year of documents
sent again for that. The key makes the fingerprints useless to guess a name or a date of birth from.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from dui_bridge.journal.keys import blind
from dui_bridge.journal.records import KnownSeries, KnownVersion, VersionState

Json: TypeAlias = "bool | int | float | str | list[Json] | tuple[Json, ...] | dict[str, Json] | None"

IDENTITY = "identity"
"""The raw part that says what the bridge itself knows of the person; empty while the DUI's own word counts."""
_PART_DIGITS = 16
"""64 bits of each part's HMAC-SHA256: enough to see a change, a quarter of the room in the journal."""


class Change(StrEnum):
    """What a document is, compared with what the journal knows."""

    NEW = "new"  # mint and build
    CHANGED = "changed"  # mint and build a version that takes the place of the one that stands
    UNCHANGED = "unchanged"
    WOULD_DIFFER = "would_differ"  # the same data, mapped or built otherwise: only a person asks for it


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with a document.

    Args:
        change: what it is.
        version: the known version that decided; None for `NEW`.
        refresh: raw parts to be stored anew for that version (`Journal.refresh_raw`); None when nothing changes.
    """

    change: Change
    version: KnownVersion | None = None
    refresh: Mapping[str, str] | None = None


def raw_parts(parts: Mapping[str, str], key: bytes) -> dict[str, str]:
    """Digests of what a plan reads, by the digest-safe name of the part.

    A part that is empty (a child alias without a row, a file that is not there) must be given all the same, as an empty
    text: a part that is missing means "this mapping does not read it", and its disappearance would go unseen.

    Args:
        parts: name → content. `alias` for the rows of one child file of the record, `alias/key` for a looked-up row,
            `file/path` for a file (its SHA-256 is content enough).
        key: the site's fingerprint key.
    Returns:
        name → 16 hexadecimal digits. What follows the first `/` of a name may be a person's (a key, the name of a scan)
        and is digested too.
    """
    return {_part_name(name, key): blind(key, "raw", name, content)[:_PART_DIGITS] for name, content in parts.items()}


def raw_differs(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether a part that both have differs. A part of one side only comes from a mapping that reads more or less."""
    return any(new[name] != digest for name, digest in old.items() if name in new)


def mapped_fingerprint(content: Json, key: bytes) -> str:
    """64 hexadecimal digits over the canonical JSON of the content: keys sorted, text as it is, UTF-8.

    Raises:
        TypeError: something in it is not JSON.
        ValueError: a number is not finite.
    """
    return _digest(b"mapped\0", content, key)


def facts_digest(facts: Mapping[str, object], key: bytes) -> str:
    """16 hexadecimal digits over what policy reads of a document. Raises as `mapped_fingerprint`."""
    return _digest(b"facts\0", facts, key)[:_PART_DIGITS]


def decide(known: KnownSeries | None, raw: Mapping[str, str], mapped: str) -> Decision:
    """What a document is, from what the journal knows of its series and its two fingerprints now.

    The version that stands is the latest recorded one, whether it has left or waits to leave: its bytes are in the
    journal. One that a person discarded with its run does not stand. One that nobody has yet gives way to any other
    content, were it the mapping alone that changed: it is replaced before it leaves, and nothing is sent twice.

    Raw parts are refreshed whenever no version is made, so that the next comparison is with the last export and not
    with the one that made the version. Otherwise a row that changed without effect would, months later, turn a change
    of the mapping alone into a new version; and a part that only the new mapping reads would never be watched. Parts
    that this mapping does not read are kept: a mapping that reads them again finds what they were.
    """
    standing = known.standing if known is not None else None
    if standing is None:
        return Decision(Change.NEW)
    refresh = refresh_raw(standing.fingerprints.raw, raw)
    if standing.fingerprints.mapped == mapped:
        return Decision(Change.UNCHANGED, standing, refresh)
    may_have_left = known is not None and known.replaced is not None and known.replaced.ids == standing.ids
    kept_here = standing.state is VersionState.BUILT and not may_have_left
    if kept_here or raw_differs(standing.fingerprints.raw, raw):
        return Decision(Change.CHANGED, standing)
    return Decision(Change.WOULD_DIFFER, standing, refresh)


def refresh_raw(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str] | None:
    """The parts to store for a version that stands: the new ones and those no longer read; None when equal."""
    merged = {**old, **new}
    return merged if merged != dict(old) else None


def _digest(kind: bytes, content: object, key: bytes) -> str:
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hmac.new(key, kind + text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _part_name(name: str, key: bytes) -> str:
    alias, slash, rest = name.partition("/")
    return f"{alias}/{blind(key, 'part', alias, rest)[:_PART_DIGITS]}" if slash else name
