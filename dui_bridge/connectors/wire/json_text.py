"""Strict JSON: numbers stay text as written, and what a lenient reader would swallow leaves a mark."""

from __future__ import annotations

import json
from typing import Any


class NotJson(Exception):
    """The text is not JSON. `position` is the 0-based character where reading stopped; no value is shown."""

    def __init__(self, reason: str, position: int) -> None:
        self.reason, self.position = reason, position
        super().__init__(reason)


class Repeated(dict[str, Any]):
    """An object in which keys stand twice; they are in `names` and not in the object: neither value can be believed."""

    names: tuple[str, ...] = ()


class NotANumber:
    """`NaN` or `Infinity`, which JSON does not have (RFC 8259 §6)."""


def parse_json(text: str) -> object:
    """One JSON value: dict, list, str (numbers too, as written), True, False or None; `Repeated` and `NotANumber`
    where the text has them.

    Raises:
        NotJson: the text is no JSON value, or is nested deeper than the machine can follow.
    """
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise NotJson(error.msg, error.pos) from None
    except RecursionError:
        raise NotJson("nested too deeply", 0) from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    names = [name for name, _ in pairs]
    twice = tuple(name for name in found if names.count(name) > 1)
    kept = Repeated((name, value) for name, value in found.items() if name not in twice)
    kept.names = twice
    return kept


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=str, parse_float=str, parse_constant=lambda _: NotANumber()
)
