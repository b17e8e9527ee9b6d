"""Reads the parameters of a stored query (IHE ITI TF-2 §3.18.4.1.2.3.5: numbers, texts in quotes, lists)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lxml import etree

from dui_bridge.sandbox.dmp.words import QUERY, RIM

_TEXT: Final = re.compile(r"'((?:[^']|'')*)'")
_LIST: Final = re.compile(r"\(\s*'(?:[^']|'')*'(?:\s*,\s*'(?:[^']|'')*')*\s*\)")
_NUMBER: Final = re.compile(r"\d+", re.ASCII)
_ALONE: Final = frozenset(
    {
        "$XDSDocumentEntryPatientId",
        "$XDSSubmissionSetPatientId",
        "$patientId",
        "$XDSSubmissionSetEntryUUID",
        "$XDSSubmissionSetUniqueId",
    }
)


class NotAParameter(ValueError):
    """A value is not written as its parameter wants; the text is the name of the parameter."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A stored query.

    Args:
        parameters: each slot of a name is a group of values, one of which must hold; all the groups must.
    """

    id: str
    returned: str
    parameters: Mapping[str, tuple[frozenset[str], ...]]

    def one(self, name: str) -> str | None:
        """The value of a parameter that takes one."""
        groups = self.parameters.get(name)
        return None if not groups else next(iter(groups[0]), None)

    def all(self, name: str) -> frozenset[str]:
        """The values of a parameter, in whatever group."""
        return frozenset().union(*self.parameters.get(name, ()))


def read_query(request: etree._Element) -> Asked:
    """The query of an `AdhocQueryRequest`.

    Raises:
        NotAParameter: a value is written in another way.
    """
    option = request.find(f"{{{QUERY}}}ResponseOption")
    query = request.find(f"{{{RIM}}}AdhocQuery")
    parameters: dict[str, tuple[frozenset[str], ...]] = {}
    for slot in [] if query is None else query.findall(f"{{{RIM}}}Slot"):
        name = slot.get("name", "")
        written = [one.text or "" for one in slot.findall(f"{{{RIM}}}ValueList/{{{RIM}}}Value")]
        values = frozenset(value for text in written for value in _values(name, text.strip()))
        parameters[name] = (*parameters.get(name, ()), values)
    return Asked(
        "" if query is None else query.get("id", ""),
        "" if option is None else option.get("returnType", ""),
        parameters,
    )


def _values(name: str, text: str) -> list[str]:
    if name.endswith(("TimeFrom", "TimeTo")):
        quoted = _TEXT.fullmatch(text)
        number = quoted[1] if quoted else text
        if _NUMBER.fullmatch(number) is None:
            raise NotAParameter(name)
        return [number]
    if name in _ALONE:
        alone = _TEXT.fullmatch(text)
        if alone is None:
            raise NotAParameter(name)
        return [alone[1].replace("''", "'")]
    if _LIST.fullmatch(text) is None:
        raise NotAParameter(name)
    return [one.replace("''", "'") for one in _TEXT.findall(text)]
