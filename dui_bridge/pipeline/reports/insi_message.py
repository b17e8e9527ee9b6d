"""`ins decode`: a message of INSi in words, from what `connectors.insi.decode` read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from dui_bridge.findings import Language
from dui_bridge.pipeline.reports.texts import text

_LABEL: Final = 16
_SHOWN: Final = ("operation", "security", "message_id", "relates_to", "code", "libelle")


def message_lines(message: Mapping[str, Any], language: Language) -> Iterator[str]:
    """What the message is, what it holds, and what is odd about it."""
    yield text(f"insi_kind_{message['kind']}", language)
    for name in _SHOWN:
        if name in message:
            yield _labelled(name, message[name])
    for name in ("contexts", "traits", "individu"):
        if name in message:
            yield from _tree(message[name])
    if "fault" in message:
        yield from _fault(message["fault"], language)
    for remark in message["remarks"]:
        values = {name: value for name, value in remark.items() if name != "code"}
        told = ", ".join(f"{name}={value}" for name, value in values.items())
        words = text(f"insi_remark_{remark['code']}", language)
        yield f"  ! {words}{f' ({told})' if told else ''}"


def _fault(fault: Mapping[str, Any], language: Language) -> Iterator[str]:
    yield _labelled("fault", " / ".join([fault["role"], *fault["subcodes"]]))
    yield _labelled("reason", fault["reason"])
    for detail in fault["details"]:
        yield _labelled("detail", ", ".join(f"{name}={value}" for name, value in detail.items() if value))
    yield f"  {fault['message'][language]} [{fault['error']}]"
    yield f"  {fault['action'][language]}"


def _tree(values: Mapping[str, Any], indent: str = "  ") -> Iterator[str]:
    """Names and values, what is inside indented."""
    for name, value in values.items():
        several = value if isinstance(value, list) else [value]
        for one in several:
            if isinstance(one, Mapping):
                yield f"{indent}{name}"
                yield from _tree(one, indent + "  ")
            else:
                yield f"{indent}{name:<{_LABEL}}{one}"


def _labelled(name: str, value: object) -> str:
    return f"  {name:<{_LABEL}}{value}"
