"""The messages that carry records: submissions (ITI-41, ITI-57, METADATA.XML of an archive) and the answers to them.

Elements in and out: envelopes, MIME parts and the network are the connector's. A reader takes the element that its
name says and raises `NotXds` for another one; what is missing inside is empty.
Sources: IHE ITI TF-2 §3.41, §3.57; ebRS 3.0 (RegistryResponse); schemas XDS.b_DocumentRepository, lcm, rs.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from lxml import etree
from lxml.builder import ElementMaker

from dui_bridge.cda.xml import Element, clean, in_attribute
from dui_bridge.errors import AskService
from dui_bridge.xds.ebrim import DECLARED, RegistryObject, as_element, objects_text, read_objects
from dui_bridge.xds.entries import Contents
from dui_bridge.xds.records import to_contents, to_objects
from dui_bridge.xds.vocabulary import ERROR, LCM, NSMAP, RIM, RS, SUCCESS, WARNING, XDSB, XOP

_RS: Final = ElementMaker(namespace=RS, nsmap=NSMAP)
_CID: Final = "cid:"


class NotXds(AskService):
    """A message is not of the kind that was expected."""

    code = "XDS-902"
    en = "the answer is not a message of XDS that was expected here ({found})"
    fr = "la réponse n'est pas le message XDS attendu ici ({found})"
    action_en = "Nothing was filed. Ask the service with the time of the exchange."
    action_fr = "Rien n'a été classé. Interrogez le service en donnant l'heure de l'échange."


@dataclass(frozen=True, slots=True)
class Attached:
    """The bytes of a document of a message: inline, or in the MIME part of that Content-ID (without `<>`)."""

    content_id: str | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class RegistryError:
    """An error or warning of a registry, in its own words; `severity` is a URN, or what the service wrote."""

    code: str
    context: str = ""
    severity: str = ERROR
    location: str = ""

    @property
    def is_warning(self) -> bool:
        return self.severity == WARNING


@dataclass(frozen=True, slots=True)
class RegistryResponse:
    """What a registry or repository answers; `status` is a URN."""

    status: str
    errors: tuple[RegistryError, ...] = ()

    @property
    def is_success(self) -> bool:
        """Everything was done; there may be warnings."""
        return self.status == SUCCESS


@dataclass(frozen=True, slots=True)
class Submission:
    """A submission as received.

    Args:
        objects: as they stand, for `check`.
        documents: by the id of their entry, exactly as written.
    """

    objects: tuple[RegistryObject, ...]
    documents: Mapping[str, Attached]

    @property
    def contents(self) -> Contents:
        """The same as records."""
        return to_contents(self.objects)


def provide_and_register(objects: Iterable[RegistryObject], content_ids: Mapping[str, str]) -> bytes:
    """The `xdsb:ProvideAndRegisterDocumentSetRequest` of ITI-41, whose documents are in MIME parts; in UTF-8.

    Args:
        objects: of `records.to_objects`.
        content_ids: of the part of each document (without `<>`), by the id of its entry.
    """
    documents = "".join(
        f'<xdsb:Document id="{in_attribute(entry)}"><xop:Include xmlns:xop="{XOP}" '
        f'href="{_CID}{quote(content_id, safe="@.-_")}"/></xdsb:Document>'
        for entry, content_id in content_ids.items()
    )
    submitted = f"<lcm:SubmitObjectsRequest>{objects_text(objects)}</lcm:SubmitObjectsRequest>"
    name = "xdsb:ProvideAndRegisterDocumentSetRequest"
    return f"<{name}{DECLARED}>{submitted}{documents}</{name}>".encode()


def submit_objects(contents: Contents) -> Element:
    """The `lcm:SubmitObjectsRequest`: all of ITI-57, the metadata of ITI-41 and of an archive."""
    return as_element("lcm:SubmitObjectsRequest", objects_text(to_objects(contents)))


def read_submission(element: Element) -> Submission:
    """A `ProvideAndRegisterDocumentSetRequest` or a `SubmitObjectsRequest`.

    Raises:
        NotXds: it is neither.
    """
    if element.tag == f"{{{XDSB}}}ProvideAndRegisterDocumentSetRequest":
        request = element.find(f"{{{LCM}}}SubmitObjectsRequest")
    else:
        request = element
    if request is None or request.tag != f"{{{LCM}}}SubmitObjectsRequest":
        raise unexpected(element)
    listed = request.find(f"{{{RIM}}}RegistryObjectList")
    documents = {one.get("id", ""): read_attached(one) for one in element.iterfind(f"{{{XDSB}}}Document")}
    return Submission(() if listed is None else read_objects(listed), documents)


def registry_response(response: RegistryResponse) -> Element:
    """The `rs:RegistryResponse`."""
    return fill_response(_RS.RegistryResponse(), response)


def read_registry_response(element: Element) -> RegistryResponse:
    """A `RegistryResponse`, or what extends it: an `AdhocQueryResponse`.

    Raises:
        NotXds: it has no status.
    """
    status = element.get("status")
    if status is None:
        raise unexpected(element)
    errors = element.iterfind(f"{{{RS}}}RegistryErrorList/{{{RS}}}RegistryError")
    return RegistryResponse(
        status,
        tuple(
            RegistryError(
                one.get("errorCode", ""),
                one.get("codeContext", ""),
                one.get("severity", ERROR),
                one.get("location", ""),
            )
            for one in errors
        ),
    )


def fill_response(element: Element, response: RegistryResponse) -> Element:
    """Puts a status and its errors at the head of an answer; gives the same element."""
    element.set("status", clean(response.status))
    if response.errors:
        highest = WARNING if all(one.is_warning for one in response.errors) else ERROR
        listed = _RS.RegistryErrorList(*(_error(one) for one in response.errors), highestSeverity=highest)
        element.insert(0, listed)
    return element


def read_attached(element: Element) -> Attached:
    """The content of a `Document`: an `xop:Include`, else base64; neither when it can be read as neither."""
    include = element.find(f"{{{XOP}}}Include")
    if include is not None:
        href = include.get("href", "")
        # Servers escape the `:` of an URN in a Content-ID (RFC 2392): compare what it means, not how it is written.
        return Attached(unquote(href.removeprefix(_CID)) if href.startswith(_CID) else None)
    try:
        return Attached(data=b64decode("".join((element.text or "").split()), validate=True))
    except (binascii.Error, ValueError):
        return Attached()


def unexpected(element: Element) -> NotXds:
    """The error for an element that stands where another one should."""
    return NotXds(found=etree.QName(element).localname)


def _error(one: RegistryError) -> Element:
    attributes = {"errorCode": one.code, "codeContext": one.context, "severity": one.severity}
    if one.location:
        attributes["location"] = one.location
    return _RS.RegistryError({name: clean(value) for name, value in attributes.items()})
