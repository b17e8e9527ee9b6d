"""Searches as the API v2 answers them: its parameters by type of resource, and how each compares (FHIR R4, search).

A parameter that the API does not have, or does not serve yet (`mailbox-mss-type`), is refused as HAPI refuses it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Json = dict[str, Any]
Pairs = Sequence[tuple[str, str]]

TYPES: Final = ("Practitioner", "PractitionerRole", "Device", "Organization", "HealthcareService")
CONTROLS: Final = frozenset({"_count", "_total", "_elements", "_include", "_revinclude", "_format"})
_COMMON: Final = frozenset({"_id", "active", "identifier", "mailbox-mss"})
_PARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "Practitioner": _COMMON | {"family", "given", "name", "qualification-code"},
    "PractitionerRole": _COMMON | {"organization", "practitioner"},
    "Organization": _COMMON | {"name", "type", "address-postalcode", "partof"},
    "Device": _COMMON,
    "HealthcareService": _COMMON,
}
_LINKS: Final[Mapping[str, tuple[str, str]]] = {
    "PractitionerRole:organization": ("organization", "Organization"),
    "PractitionerRole:practitioner": ("practitioner", "Practitioner"),
}


class Refused(Exception):
    """The API does not accept the search; the text is that of its OperationOutcome."""


def matching(resources: Sequence[Json], kind: str, pairs: Pairs) -> list[Json]:
    """The resources of a type that fit all parameters. Raises Refused."""
    asked = [(name, value) for name, value in pairs if name not in CONTROLS]
    for name, _ in asked:
        if name.partition(":")[0] not in _PARAMETERS[kind]:
            known = sorted(_PARAMETERS[kind])
            raise Refused(f'HAPI-0524: Unknown search parameter "{name}" for resource type "{kind}". Valid: {known}')
    own = [one for one in resources if one["resourceType"] == kind]
    return [one for one in own if all(_fits(one, name, value) for name, value in asked)]


def linked(resources: Sequence[Json], matches: Sequence[Json], pairs: Pairs) -> list[Json]:
    """What comes with the matches: `_include`, and `_revinclude=PractitionerRole:…`; each once. Raises Refused."""
    found: dict[str, Json] = {}
    for name, value in pairs:
        if name == "_include":
            wanted = [_link(value)] if value != "*" else list(_LINKS.values())
            names = {one[field]["reference"] for one in matches for field, _ in wanted if field in one}
            found |= {_name(one): one for one in resources if _name(one) in names}
        elif name == "_revinclude":
            field, _ = _link(value)
            names = {_name(one) for one in matches}
            found |= {_name(one): one for one in resources if one.get(field, {}).get("reference") in names}
    return list(found.values())


def _link(value: str) -> tuple[str, str]:
    if value not in _LINKS:
        raise Refused(f"HAPI-0287: Invalid parameter value: {value}")
    return _LINKS[value]


def _name(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"


def _fits(resource: Json, parameter: str, value: str) -> bool:
    name, _, modifier = parameter.partition(":")
    return any(_is_one(resource, name, modifier, one) for one in _alternatives(value))


def _alternatives(value: str) -> Iterator[str]:
    """What commas separate; a sign after a backslash stands for itself."""
    for one in re.split(r"(?<!\\),", value):
        yield re.sub(r"\\([\\,|$])", r"\1", one)


def _is_one(resource: Json, name: str, modifier: str, value: str) -> bool:
    match name:
        case "_id":
            return bool(resource["id"] == value)
        case "active":
            return str(resource["active"]).lower() == value
        case "identifier":
            return any(_is_token(one["system"], one["value"], value) for one in resource.get("identifier", ()))
        case "mailbox-mss":
            points = (one for one in resource["telecom"] if "extension" in one)
            return any(_is_text(point["value"], modifier, value) for point in points)
        case "practitioner" | "organization":
            return str(resource.get(name, {}).get("reference", "")).rpartition("/")[2] == value.rpartition("/")[2]
        case "qualification-code" | "type":
            concepts = [one["code"] for one in resource.get("qualification", ())] or resource.get("type", [])
            return any(_is_token(c["system"], c["code"], value) for concept in concepts for c in concept["coding"])
        case "address-postalcode":
            return any(_is_text(one["postalCode"], modifier, value) for one in resource.get("address", ()))
    return any(_is_text(text, modifier, value) for text in _names(resource, name))


def _names(resource: Json, name: str) -> Iterator[str]:
    if isinstance(resource.get("name"), str):
        yield resource["name"]
        return
    for one in resource.get("name", ()):
        parts = {"family": [one["family"]], "given": one["given"]}
        yield from parts.get(name, [one["family"], *one["given"], *one["prefix"]])


def _is_token(system: str, code: str, value: str) -> bool:
    wanted, bar, rest = value.rpartition("|")
    return (not bar or wanted == system) and (rest in ("", code) if bar else rest == code)


def _is_text(text: str, modifier: str, value: str) -> bool:
    if modifier == "exact":
        return text == value
    return _plain(value) in _plain(text) if modifier == "contains" else _plain(text).startswith(_plain(value))


def _plain(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text.upper()) if not unicodedata.combining(c))
