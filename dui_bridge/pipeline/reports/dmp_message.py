"""`dmp decode`: a message of the DMP in words, from what `connectors.dmp.decode` read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dui_bridge.findings import Language

_APART: Final = ("kind", "message", "defects", "remarks")
_STEP: Final = "  "


def message_lines(message: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What the message is, what it holds (what is blank left out), and what is wrong with it."""
    yield " ".join(str(message[name]) for name in ("kind", "message") if message.get(name))
    yield from _tree({name: value for name, value in message.items() if name not in _APART}, _STEP)
    for sign, name in (("✗", "defects"), ("·", "remarks")):
        for one in message.get(name, ()):
            where = f" ({one['where']})" if one.get("where") else ""
            told = one.get("message", {}).get(language, "")
            yield f"{_STEP}{sign} {told}{where} [{one['code']}]"


def _tree(values: Mapping[str, Any], indent: str) -> Iterator[str]:
    for name, value in values.items():
        several = value if isinstance(value, list | tuple) else [value]
        for one in several:
            if one in (None, "", {}):
                continue
            if not isinstance(one, Mapping):
                yield f"{indent}{name}: {one}"
            elif set(one) == {"code", "system", "display"}:
                yield f"{indent}{name}: {one['code']} {one['display'] or ''} ({one['system']})"
            else:
                yield f"{indent}{name}"
                yield from _tree(one, indent + _STEP)
