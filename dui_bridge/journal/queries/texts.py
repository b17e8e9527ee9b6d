"""What a person typed, made to fit a column: PostgreSQL refuses what is too long and the character NUL."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, String


def fitted(column: Column[Any], text: str) -> str:
    """The text, cut at the length of the column, without what no database can hold (NUL, half a surrogate pair)."""
    kept = text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    kind = column.type
    return kept[: kind.length] if isinstance(kind, String) and kind.length else kept
