"""Reads any captured message of the DMP for a person: SOAP or MIME, request or answer, or a bare part of one.

Values are as written; the homologation number is not shown, nor are traits in an answer of TD0.2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from lxml import etree

from dui_bridge.connectors.dmp.decode_defects import Json, defect, of_finding, remark
from dui_bridge.connectors.dmp.decode_framing import unframed
from dui_bridge.connectors.dmp.decode_parts import (
    assertion_json,
    bytes_of,
    contents_json,
    document_json,
    existence_json,
    existence_question_json,
    query_json,
    record_json,
    response_json,
    signature_json,
)
from dui_bridge.connectors.dmp.existence import V3
from dui_bridge.connectors.wire.capture import MARK
from dui_bridge.connectors.wire.mtom_reading import MtomAnswer
from dui_bridge.connectors.wire.net_errors import NotSoap
from dui_bridge.connectors.wire.soap import SOAP_1_1, SOAP_1_2, WSSE, Envelope, open_envelope
from dui_bridge.connectors.wire.vihf_reading import ASSERTION
from dui_bridge.errors import DuiBridgeError
from dui_bridge.xds.check import check
from dui_bridge.xds.entries import Contents, DocumentEntry
from dui_bridge.xds.forms import component
from dui_bridge.xds.lot import DS
from dui_bridge.xds.lot_reading import Verdict, read_lot_signature
from dui_bridge.xds.messages import NotXds, Submission, read_registry_response, read_submission
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.purpose import Policy, Purpose
from dui_bridge.xds.queries import read_adhoc_query, read_query_response
from dui_bridge.xds.retrieving import read_retrieve_request, read_retrieve_response
from dui_bridge.xds.submission import is_signature
from dui_bridge.xds.vocabulary import LCM, QUERY, RS, SIGNS, UPDATE_STATUS, XDSB
from dui_bridge.xmlsafe import XmlRefused, parse_xml

MAX_BYTES: Final = 200_000_000
_SIGNATURE: Final = f"{{{DS}}}Signature"
_SECURITY: Final = f"{{{WSSE}}}Security"
_DOCUMENT: Final = f"{{{V3}}}ClinicalDocument"
_RESOURCE: Final = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
_STRUCTURE: Final = "Identifiant_Structure"
_MASKED: Final = re.compile(rb"<\?xml[^>]*\?>" + re.escape(MARK))
_PATIENT: Final = 4
"""Components of a CX that say who it is; what follows varies."""


def decode(data: bytes) -> Json:
    """What a message holds, as JSON takes it.

    Args:
        data: an envelope or a multipart, with or without its headers of HTTP, or a body, an assertion (VIHF), a
            signature or a document alone.
    Returns:
        `kind` (request, answer, fault, assertion, signature, document, unknown), `message` (name of the body) and, as
        far as there are any: `soap`, `message_id`, `relates_to`, `action`, `assertion`, `submission_sets`, `entries`,
        `associations`, `references`, `status`, `errors`, `query`, `requested`, `documents`, `lot_signature`,
        `existence`, `fault`; `defects` (each with a code, where and what), and `remarks`, which are no defects.
    Raises:
        SpoolFailed: the temporary files cannot be written.
    """
    try:
        parts = unframed(data)
    except NotSoap as error:
        return _unknown("not_soap", reason=error.values["reason"])
    with parts:
        return _decoded(parts)


def _decoded(parts: MtomAnswer) -> Json:
    body, defects = _in_utf8(parts.body)
    try:
        root = parse_xml(body, max_bytes=MAX_BYTES, huge=True)
    except XmlRefused as refused:
        return _unknown("not_xml", reason=refused.reason, line=refused.line)
    read = _read(root, replace(parts, body=body))
    if _MASKED.match(body):
        # What stands in the place of its values says nothing of them; of the assertion nothing is left.
        left = {name: value for name, value in read.items() if name != "assertion"}
        return {**left, "defects": [], "remarks": [remark("masked")]}
    return {**read, "defects": [*defects, *read["defects"]]}


def _in_utf8(body: bytes) -> tuple[bytes, list[Json]]:
    """A message that declares no encoding and is not in UTF-8: some tools keep it in that of Windows."""
    if body.lstrip().startswith(b"<?xml"):
        return body, []
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace").encode(), [defect("not_utf8")]
    return body, []


def _read(root: etree._Element, parts: MtomAnswer) -> Json:
    if root.tag == _SECURITY:
        root = next(root.iterchildren(ASSERTION), root)
    if root.tag == ASSERTION:
        said, defects, remarks = assertion_json(root)
        return {"kind": "assertion", "message": "Assertion", "assertion": said, "defects": defects, "remarks": remarks}
    if root.tag == _DOCUMENT:
        # Its metadata as they would be derived; an INS leaves only through the gate, so that there is none.
        try:
            entries = [record_json(document_entry(parts.body, None, max_bytes=MAX_BYTES))]
        except DuiBridgeError as error:
            return _unknown("contract", reason=str(error))
        return {"kind": "document", "message": "ClinicalDocument", "entries": entries, "defects": [], "remarks": []}
    if root.tag == _SIGNATURE:
        try:
            found = read_lot_signature(parts.body, {})
        except XmlRefused as refused:
            return _unknown("not_xml", reason=refused.reason)
        # Its documents are not at hand: that their digests are absent is no defect.
        wrong = {found.value, *found.references.values()} != {Verdict.RIGHT}
        defects = [defect("lot_signature", found.id)] if wrong else []
        said = signature_json(found)
        return {"kind": "signature", "message": "Signature", "lot_signature": said, "defects": defects, "remarks": []}
    if etree.QName(root).namespace in {SOAP_1_1, SOAP_1_2}:
        try:
            message = open_envelope(parts.body, max_bytes=MAX_BYTES, huge=True)
        except NotSoap as error:
            return _unknown("not_soap", reason=error.values["reason"])
        return _enveloped(message, parts, old=etree.QName(root).namespace == SOAP_1_1)
    return _Body(root, parts).read()


def _enveloped(message: Envelope, parts: MtomAnswer, *, old: bool) -> Json:
    about: Json = {"soap": "1.1" if old else "1.2"}
    named = {"message_id": message.message_id, "relates_to": message.relates_to, "action": message.action}
    about |= {name: value for name, value in named.items() if value is not None}
    defects: list[Json] = [defect("soap_1_1")] if old else []
    remarks: list[Json] = []
    assertion = None if message.header is None else message.header.find(f".//{ASSERTION}")
    if assertion is not None:
        about["assertion"], wrong, remarks = assertion_json(assertion)
        defects += wrong
    if message.fault is not None:
        fault = {"code": message.fault.code, "subcodes": list(message.fault.subcodes), "reason": message.fault.reason}
        return {"kind": "fault", "message": "Fault", **about, "fault": fault, "defects": defects, "remarks": remarks}
    if message.body is None:
        return {**_unknown("unknown_body"), **about}
    read = _Body(message.body, parts).read()
    if read["kind"] == "request" and message.message_id is None:
        defects.append(defect("no_message_id"))
    if read["kind"] == "answer" and message.relates_to is None:
        defects.append(defect("no_relates_to"))
    defects += _beside(about.get("assertion"), read)
    return {**read, **about, "defects": [*defects, *read["defects"]], "remarks": [*remarks, *read["remarks"]]}


def _beside(assertion: Json | None, read: Json) -> list[Json]:
    """What an assertion and its message do not say alike."""
    if assertion is None:
        return []
    resource = assertion["attributes"].get(_RESOURCE, [""])[0]
    structure = assertion["attributes"].get(_STRUCTURE, [""])[0]
    found = []
    for one in read.get("submission_sets", ()):
        if _person(one["patient_id"]) != _person(resource):
            found.append(defect("assertion_patient", one["id"]))
        institutions = [each for author in one["authors"] for each in author["institutions"]]
        if institutions and structure not in {component(each, 10) for each in institutions}:
            found.append(defect("assertion_structure", one["id"]))
    return found


def _person(cx: str) -> str:
    return "^".join(cx.split("^")[:_PATIENT])


class _Body:
    """The body of a message, with the documents beside it."""

    def __init__(self, body: etree._Element, parts: MtomAnswer) -> None:
        self._body, self._parts = body, parts
        self._defects: list[Json] = []
        self._remarks: list[Json] = []

    def read(self) -> Json:
        """What it is and what it holds."""
        name = etree.QName(self._body)
        readers: Mapping[str, tuple[str, Callable[[], Json]]] = {
            f"{{{XDSB}}}ProvideAndRegisterDocumentSetRequest": ("request", self._submission),
            f"{{{LCM}}}SubmitObjectsRequest": ("request", self._submission),
            f"{{{QUERY}}}AdhocQueryRequest": ("request", lambda: {"query": query_json(read_adhoc_query(self._body))}),
            f"{{{QUERY}}}AdhocQueryResponse": ("answer", self._found),
            f"{{{XDSB}}}RetrieveDocumentSetRequest": ("request", self._requested),
            f"{{{XDSB}}}RetrieveDocumentSetResponse": ("answer", self._retrieved),
            f"{{{RS}}}RegistryResponse": ("answer", lambda: response_json(read_registry_response(self._body))),
            f"{{{V3}}}PRPA_IN201307UV02": ("request", lambda: {"existence": existence_question_json(self._body)}),
            f"{{{V3}}}PRPA_IN201308UV02": ("answer", lambda: {"existence": existence_json(self._body)}),
        }
        if name.text not in readers:
            kind = "answer" if name.localname.endswith("Response") else "request"
            if not (name.namespace or "").startswith("urn:si-dmp-"):
                return _unknown("unknown_body", root=name.text)
            return self._told(kind, {"fields": _fields(self._body)})
        kind, reader = readers[name.text]
        try:
            return self._told(kind, reader())
        except (NotXds, DuiBridgeError) as error:
            self._defects.append(defect("contract", reason=str(error)))
            return self._told(kind, {})

    def _told(self, kind: str, said: Json) -> Json:
        name = etree.QName(self._body).localname
        return {"kind": kind, "message": name, **said, "defects": self._defects, "remarks": self._remarks}

    def _submission(self) -> Json:
        given = read_submission(self._body)
        contents = given.contents
        found = {id: bytes_of(one, self._parts) for id, one in given.documents.items()}
        ids = {entry.id for entry in contents.entries}
        self._defects += [defect("document_without_entry", id) for id in found if id not in ids]
        self._defects += [defect("document_missing", id) for id, data in found.items() if data is None]
        documents = {id: data for id, data in found.items() if data is not None}
        said = {**contents_json(contents), "documents": [document_json({"id": id}, found[id]) for id in found]}
        self._check(given, contents, documents if found else None)
        signature = self._signature(contents, documents)
        return {**said, **({} if signature is None else {"lot_signature": signature})}

    def _check(self, given: Submission, contents: Contents, documents: Mapping[str, bytes] | None) -> None:
        # What the DMP takes of masks is its parameter: a message does not tell it.
        findings = check(given.objects, _purpose(contents), documents=documents, policy=Policy(both_masks=True))
        self._defects += [of_finding(one) for one in findings if one.is_error]
        self._remarks += [of_finding(one) for one in findings if not one.is_error]

    def _signature(self, contents: Contents, documents: Mapping[str, bytes]) -> Json | None:
        entry = next((one for one in contents.entries if is_signature(one) and one.id in documents), None)
        if entry is None:
            return None
        try:
            found = read_lot_signature(documents[entry.id], _by_oid(contents.entries, documents))
        except (XmlRefused, NotXds):
            self._defects.append(defect("lot_signature", entry.id))
            return None
        if not found.is_right:
            self._defects.append(defect("lot_signature", entry.id))
        return signature_json(found)

    def _found(self) -> Json:
        read = read_query_response(self._body)
        return {**response_json(read.response), "entries": [], **contents_json(read.contents)}

    def _requested(self) -> Json:
        asked = read_retrieve_request(self._body)
        return {
            "requested": [{"repository_id": one.repository_id, "unique_id": one.unique_id} for one in asked],
        }

    def _retrieved(self) -> Json:
        read = read_retrieve_response(self._body)
        documents = []
        for one in read.documents:
            names = {
                "unique_id": one.unique_id,
                "repository_id": one.repository_id,
                "mime_type": one.mime_type,
                "content_id": one.content.content_id or "",
            }
            data = bytes_of(one.content, self._parts)
            # A message that was kept without its parts has lost nothing of its own.
            if data is None and self._parts.attachments:
                self._defects.append(defect("document_missing", one.unique_id))
            documents.append(document_json(names, data))
        return {**response_json(read.response), "documents": documents}


def _purpose(contents: Contents) -> Purpose:
    kinds = {one.type for one in contents.associations}
    if UPDATE_STATUS in kinds:
        return Purpose.STATUS_UPDATE
    if SIGNS not in kinds and any(entry.logical_id is not None for entry in contents.entries):
        return Purpose.METADATA_UPDATE
    return Purpose.DEPOSIT


def _by_oid(entries: tuple[DocumentEntry, ...], documents: Mapping[str, bytes]) -> dict[str, bytes]:
    """The documents by uniqueId. An id that differs in nothing but case is taken: that defect is named elsewhere."""
    folded = {id.casefold(): data for id, data in documents.items()}
    return {one.unique_id: folded[one.id.casefold()] for one in entries if one.id.casefold() in folded}


def _fields(body: etree._Element) -> Json:
    """The texts of a small message, by the name of their element."""
    return {etree.QName(one).localname: (one.text or "").strip() for one in body.iter(etree.Element) if not len(one)}


def _unknown(code: str, **values: str | int) -> Json:
    return {"kind": "unknown", "message": "", "defects": [{**defect(code), **values}], "remarks": []}
