"""Names of encodings."""

from __future__ import annotations

import codecs
from collections.abc import Collection


def canonical(name: str, known: Collection[str]) -> str | None:
    """Python's canonical name of an encoding, None when it is not one of those known."""
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return found if found in known else None
