"""`mssante decode`: a mail in words, from what `connectors.mssante.decode` read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dui_bridge.findings import Language, shown

_STEP: Final = "  "
_LINE: Final = 255
_SIGNS: Final = {"failed": "✗", "not_integrated": "✗", "delayed": "…"}


def mail_lines(mail: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What the mail is, whose delivery it is about, what became of it at each recipient, what it brings."""
    yield " ".join(one for one in (mail["kind"], mail["code"]) if one)
    yield from _values(mail["message"])
    if mail["delivery"] is not None:
        yield f"{_STEP}delivery"
        yield from (f"{_STEP}{line}" for line in _values(mail["delivery"]))
    for one in mail["notices"]:
        parts = (one["told"], one["recipient"], one["code"], one["status"])
        yield f"{_STEP}{_SIGNS.get(one['told'], '✓')} {_line(*parts)}"
        if one["cause"]:
            yield f"{_STEP * 2}{one['message'][language]} [{one['cause']}]"
    for one in mail["documents"]:
        sign = "·" if one["taken"] else "✗"
        yield f"{_STEP}{sign} {_line(one['file'], one['title'], one['type'], one['unique_id'])}"


def _values(values: Mapping[str, Any]) -> Iterator[str]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _values(value)
            continue
        for one in value if isinstance(value, list) else [value]:
            if one:
                yield f"{_STEP}{name}: {shown(one, _LINE)}"


def _line(*parts: str | None) -> str:
    return "  ".join(shown(part, _LINE) for part in parts if part)
