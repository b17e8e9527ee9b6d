"""Values of a database as text, as the database writes them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeAlias

Value: TypeAlias = "str | bool | list[Value] | dict[str, Value] | None"


class Binary(Exception):
    """The value is bytes."""


def as_text(value: object) -> Value:
    """A value as text; None for NULL. Dates and times by ISO 8601, decimals with the digits that are stored.

    Lists and objects (arrays, JSON) stay what they are, their scalars as text.

    Raises:
        Binary: it is bytes.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        raise Binary
    if isinstance(value, list | tuple):
        return [as_text(item) for item in value]
    if isinstance(value, dict):
        return {str(name): as_text(item) for name, item in value.items()}
    return str(value)
