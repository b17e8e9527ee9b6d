"""What a registry finds wrong, and the answer that says it (ebRS 3.0; codes: IHE ITI TF-3 §4.2.4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from dui_bridge.sandbox.dmp.words import FAILURE, QUERY, RIM, RS, SEVERITY, SUCCESS, XDSB

_NSMAP: Final = {"rs": RS, "rim": RIM, "query": QUERY, "xds": XDSB}


@dataclass(frozen=True, slots=True)
class Problem:
    """An error, or a warning: its code and its context, with no personal data."""

    code: str
    context: str
    warning: bool = False


def metadata(context: str) -> Problem:
    """An error in the metadata, as the registry answers it."""
    return Problem("XDSRegistryMetadataError", context)


def made(tag: str) -> etree._Element:
    """An element with the prefixes of XDS."""
    return etree.Element(tag, nsmap=_NSMAP)


def registry_response(problems: Sequence[Problem], status: str | None = None) -> etree._Element:
    """The `rs:RegistryResponse`; without a status, a failure when there is an error."""
    return fill(made(f"{{{RS}}}RegistryResponse"), problems, status)


def fill(response: etree._Element, problems: Sequence[Problem], status: str | None = None) -> etree._Element:
    """Puts a status and its problems at the head of an answer; gives the same element."""
    failed = any(not one.warning for one in problems)
    response.set("status", status or (FAILURE if failed else SUCCESS))
    if problems:
        listed = made(f"{{{RS}}}RegistryErrorList")
        listed.set("highestSeverity", SEVERITY + ("Error" if failed else "Warning"))
        for one in problems:
            error = etree.SubElement(listed, f"{{{RS}}}RegistryError")
            error.set("errorCode", one.code)
            error.set("codeContext", one.context)
            error.set("severity", SEVERITY + ("Warning" if one.warning else "Error"))
            error.set("location", "")
        response.insert(0, listed)
    return response
