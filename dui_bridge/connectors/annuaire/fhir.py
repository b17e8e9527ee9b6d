"""One page of a search, as the FHIR API answers it (FHIR R4, Bundle `searchset`); what is not there is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dui_bridge.connectors.annuaire.errors import AnswerUnreadable
from dui_bridge.connectors.wire.json_text import NotJson, parse_json

Resource = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """Resources that fit, those that come with them (`_include`), and the address of the next page, else empty."""

    matches: tuple[Resource, ...]
    included: tuple[Resource, ...]
    next: str


def read_page(body: bytes) -> Page:
    """Raises AnswerUnreadable: it is no page of a search, so nothing of it is used."""
    try:
        found = parse_json(body.decode("utf-8"))
    except (NotJson, UnicodeDecodeError):
        raise AnswerUnreadable(reason="it is not JSON", reason_fr="ce n'est pas du JSON") from None
    if not isinstance(found, dict) or (found.get("resourceType"), found.get("type")) != ("Bundle", "searchset"):
        raise AnswerUnreadable(reason="it is not a FHIR bundle", reason_fr="ce n'est pas un bundle FHIR")
    matches: list[Resource] = []
    included: list[Resource] = []
    for entry in objects(found, "entry"):
        resource, mode = entry.get("resource"), text(one(entry, "search"), "mode")
        if isinstance(resource, dict) and mode != "outcome":
            (included if mode == "include" else matches).append(resource)
    links = (text(link, "url") for link in objects(found, "link") if text(link, "relation") == "next")
    return Page(tuple(matches), tuple(included), next(links, ""))


def problem(body: bytes) -> str:
    """What an OperationOutcome says is wrong; empty for another body."""
    try:
        found = parse_json(body.decode("utf-8", "replace"))
    except NotJson:
        return ""
    if not isinstance(found, dict) or found.get("resourceType") != "OperationOutcome":
        return ""
    said = (text(issue, "diagnostics") or text(one(issue, "details"), "text") for issue in objects(found, "issue"))
    return " ".join(filter(None, said))


def objects(of: Resource, name: str) -> Iterator[Resource]:
    """The objects of a list."""
    found = of.get(name)
    return (item for item in found if isinstance(item, dict)) if isinstance(found, list) else iter(())


def one(of: Resource, name: str) -> Resource:
    """An object; empty when it is not there."""
    found = of.get(name)
    return found if isinstance(found, dict) else {}


def text(of: Resource, name: str) -> str:
    """A text, or a number as it is written; without control characters or blanks around it."""
    found = of.get(name)
    return "".join(c for c in found if c.isprintable()).strip() if isinstance(found, str) else ""


def texts(of: Resource, name: str) -> list[str]:
    """The texts of a list."""
    found = of.get(name)
    return [text({"": item}, "") for item in found] if isinstance(found, list) else []


def reference(of: Resource, name: str) -> str:
    """`Type/id` of a reference, which may be absolute or name a version."""
    path, _, _ = text(one(of, name), "reference").partition("/_history/")
    return "/".join(path.split("/")[-2:])
