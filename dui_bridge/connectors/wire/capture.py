"""Keeps what a service was sent and what it answered, without the persons and without the secrets.

Everything is masked but what is listed: a message that nobody has foreseen shows its structure and nothing else.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from lxml import etree

from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.xmlsafe import XmlRefused, parse_xml

_WSA: Final = "http://www.w3.org/2005/08/addressing"
_SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"

KEPT: Final = frozenset(
    {
        *(f"{{{_WSA}}}{name}" for name in ("Action", "MessageID", "RelatesTo", "To", "Address")),
        f"{{{_SOAP}}}Value",
        "faultcode",
    }
)
"""Elements of SOAP and WS-Addressing whose text and attributes are shown, in Clark notation. The words of a fault are
none: a service writes there whom it does not know."""

SECRETS: Final = frozenset(
    {
        *("IDAM", "Password", "Nonce", "BinarySecurityToken", "Assertion"),
        *("X509Certificate", "X509IssuerName", "X509SubjectName", "X509SerialNumber", "SignatureValue", "KeyValue"),
    }
)
"""Local names of elements of which not even the shape of the text is shown, nor of what is inside."""

_HEADERS: Final = frozenset({"content-type", "content-length", "date", "server", "connection", "transfer-encoding"})
_LONGEST_SHAPE: Final = 100
_NONE: Final[Mapping[str, Collection[str]]] = {}
_SECRET: Final = "***"  # noqa: S105 - stands in the place of one
MARK: Final = b"<?dui-bridge masked?>"
"""Stands before the root element of a masked message: whoever reads it judges none of its values."""
REMOVED: Final = b"***masque-par-dui-bridge***"
"""Stands in the place of a secret in a message that is otherwise as it was sent."""


class Capture:
    """Writes exchanges into a folder: `NNNN-request.xml`, `NNNN-answer.xml`, and for each a `.json` with its headers.

    Args:
        folder: made when it does not exist; readable by this user only. What is there already stays.
        kept: further elements to show, in Clark notation (`{namespace}name`): codes, labels, OIDs, versions.
        attributes: elements of which no more than these attributes is shown.
    Attributes:
        missed: answers that could not be written.
    """

    def __init__(
        self, folder: Path, *, kept: Collection[str] = (), attributes: Mapping[str, Collection[str]] = _NONE
    ) -> None:
        self._folder, self._kept, self._attributes = folder, KEPT | set(kept), attributes
        self.missed = 0

    def request(self, url: str, headers: Mapping[str, str], body: bytes | None, about: str = "") -> int:
        """Keeps a request; `about`: the id of the document that it is about. Returns the number of the exchange.

        Raises:
            FileUnusable.
        """
        parts = urlsplit(url)
        told: dict[str, object] = {"url": f"{parts.scheme}://{parts.hostname}{parts.path}"}
        told |= {"about": about} if about else {}
        facts = _json({**told, "headers": shown_headers(headers)})
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            number = self._open_next(facts)
            if body is not None:
                self._write(f"{number:04}-request.xml", masked(body, self._kept, self._attributes))
        except OSError as error:
            raise FileUnusable(file=str(self._folder), **os_reasons(error)) from None
        return number

    def answer(self, number: int, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Keeps the answer to a request. A full disk is counted in `missed`: it must not cost the answer itself."""
        try:
            self._write(f"{number:04}-answer.json", _json({"status": status, "headers": shown_headers(headers)}))
            self._write(f"{number:04}-answer.xml", masked(body, self._kept, self._attributes))
        except OSError:
            self.missed += 1

    def _open_next(self, facts: bytes) -> int:
        """The next number: whoever makes its file first has it, so that processes may share a folder."""
        number = len(list(self._folder.glob("*-request.json")))
        while True:
            number += 1
            try:
                self._write(f"{number:04}-request.json", facts)
            except FileExistsError:
                continue
            return number

    def _write(self, name: str, data: bytes) -> None:
        descriptor = os.open(self._folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)


def masked(message: bytes, kept: Collection[str] = KEPT, attributes: Mapping[str, Collection[str]] = _NONE) -> bytes:
    """A message with the shape of its values instead of them: `D'ARTAGNAN` is `X'XXXXXXXX`, 1960-01-01 `9999-99-99`.

    What is no XML (the page of a proxy, a multipart) is replaced by its length. What is XML is marked as masked.

    Args:
        kept: elements whose text and attributes are shown, in Clark notation.
        attributes: elements of which no more than these attributes is shown.
    """
    try:
        root = parse_xml(message)
    except XmlRefused:
        return f"*** {len(message)} bytes that are not XML\n".encode()
    etree.strip_tags(root, etree.Comment, etree.PI)
    secrets = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        is_secret = etree.QName(element).localname in SECRETS
        if event == "start":
            secrets += is_secret
            _mask(element, kept, attributes.get(str(element.tag), ()), secret=secrets > 0)
        else:
            secrets -= is_secret
            element.tail = _hidden(element.tail, secret=secrets > 0)
    declared, _, rest = etree.tostring(root, xml_declaration=True, encoding="UTF-8").partition(b"\n")
    return declared + MARK + b"\n" + rest


def without_secret(message: bytes, secret: str) -> bytes:
    """A message as it was sent but for a secret: its other bytes are untouched, so that its signatures can be read."""
    for written in {secret, escape(secret)} - {""}:
        message = message.replace(written.encode(), REMOVED)
    return message


def shown_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers of HTTP; of those that may hold a secret only the name."""
    return {name: value if name.lower() in _HEADERS else _SECRET for name, value in headers.items()}


def _mask(element: etree._Element, kept: Collection[str], attributes: Collection[str], *, secret: bool) -> None:
    if secret or element.tag not in kept:
        element.text = _hidden(element.text, secret=secret)
        for attribute, value in element.attrib.items():
            if secret or attribute not in attributes:
                element.set(attribute, _hidden(value, secret=secret) or "")


def _hidden(text: str | None, *, secret: bool) -> str | None:
    if text is None or not text.strip():
        return text
    if secret:
        return _SECRET
    return "".join(map(_shape, text)) if len(text) <= _LONGEST_SHAPE else f"*** {len(text)}"


def _shape(character: str) -> str:
    if character.isdigit():
        return "9"
    if character.isalpha():
        return "x" if character.islower() else "X"
    return character


def _json(facts: Mapping[str, object]) -> bytes:
    return json.dumps(facts, indent=1, ensure_ascii=False).encode()
