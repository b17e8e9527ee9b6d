"""The parts of a message of the DMP as JSON takes them: entries, lots, queries, answers, assertions, signatures."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from dui_bridge.connectors.dmp.decode_defects import Json, defect, remark
from dui_bridge.connectors.dmp.existence import V3, read_existence
from dui_bridge.connectors.wire.mtom_reading import MtomAnswer
from dui_bridge.connectors.wire.vihf_reading import Verdict, read_vihf
from dui_bridge.xds.entries import Contents, DocumentEntry, SubmissionSet
from dui_bridge.xds.lot_reading import LotSignature
from dui_bridge.xds.messages import Attached, RegistryResponse
from dui_bridge.xds.queries import QueryId, StoredQuery

_DIRECT: Final = "DIRECTE"
_MODES: Final = ("Authentification_Mode", "Authentification_mode")


def contents_json(contents: Contents) -> Json:
    """Lots, entries, associations and references; what is empty is left out."""
    said = {
        "submission_sets": [record_json(one) for one in contents.sets],
        "entries": [record_json(one) for one in contents.entries],
        "associations": [{**asdict(one), "slots": dict(one.slots)} for one in contents.associations],
        "references": list(contents.references),
    }
    return {name: value for name, value in said.items() if value}


def record_json(record: DocumentEntry | SubmissionSet) -> Json:
    """An entry or a lot: every field, codes with their systems and names, the status in full."""
    fields = asdict(record)
    fields["others"] = {one.name: list(one.values) for one in record.others}
    return fields


def response_json(response: RegistryResponse) -> Json:
    """The status, and the errors and warnings in the words of the service."""
    errors = [
        {"code": one.code, "context": one.context, "severity": one.severity, "location": one.location}
        for one in response.errors
    ]
    return {"status": response.status, "errors": errors}


def query_json(query: StoredQuery) -> Json:
    """A stored query."""
    known = {one.value: one.name for one in QueryId}
    parameters = [{"name": one.name, "values": list(one.values)} for one in query.parameters]
    return {"id": query.id, "name": known.get(query.id, ""), "returned": query.returned, "parameters": parameters}


def existence_json(body: etree._Element) -> Json:
    """The answer of TD0.2, without the traits. Raises AnswerUnreadable."""
    return asdict(read_existence(body))


def existence_question_json(body: etree._Element) -> Json:
    """The question of TD0.2."""
    reason, patient = body.find(f".//{{{V3}}}reasonCode"), body.find(f".//{{{V3}}}patientIdentifier/{{{V3}}}value")
    return {
        "reason": "" if reason is None else reason.get("code", ""),
        "patient": {} if patient is None else {str(name): str(value) for name, value in patient.attrib.items()},
    }


def bytes_of(attached: Attached, parts: MtomAnswer) -> bytes | None:
    """The bytes of a document, wherever they stand; None when they do not."""
    if attached.data is not None:
        return attached.data
    found = None if attached.content_id is None else parts.attachment(f"cid:{attached.content_id}")
    if found is None:
        return None
    found.file.seek(0)
    return found.file.read()


def document_json(name: Mapping[str, str], data: bytes | None) -> Json:
    """A document of a message: its names, its size and its SHA-1, or that it is not there."""
    if data is None:
        return {**name, "present": False}
    sha1 = hashlib.sha1(data, usedforsecurity=False).hexdigest()
    return {**name, "present": True, "size": len(data), "sha1": sha1}


def signature_json(found: LotSignature) -> Json:
    """A signature of a lot, with its verdicts."""
    return {
        "id": found.id,
        "method": found.method,
        "signing_time": found.signing_time,
        "signatory": None if found.certificate is None else _subject(found.certificate),
        "value": found.value.value,
        "references": {uri: one.value for uri, one in found.references.items()},
        "manifest": {oid: one.value for oid, one in found.manifest.items()},
        "is_right": found.is_right,
    }


def assertion_json(assertion: etree._Element) -> tuple[Json, list[Json], list[Json]]:
    """An assertion, its defects, and remarks on it. The homologation number is not shown."""
    found = read_vihf(assertion)
    attributes = {name: list(values) for name, values in found.attributes.items()}
    said = {
        "id": found.identifier,
        "issued": found.issued,
        "issuer": found.issuer,
        "name_id": found.name_id,
        "authentication": found.authentication,
        "declaration": found.declaration,
        "not_on_or_after": found.not_on_or_after,
        "attributes": attributes,
        "signature": found.signature.value,
        "signature_value": found.value.value,
        "signature_reference": found.reference.value,
        "algorithm": found.algorithm,
        "signatory": "" if found.certificate is None else _subject(found.certificate.public_bytes(Encoding.DER)),
    }
    mode = next((attributes[name][0] for name in _MODES if attributes.get(name)), "")
    if found.signature is Verdict.BROKEN:
        return said, [defect("assertion_broken", found.identifier)], []
    if found.signature is Verdict.ABSENT and mode != _DIRECT:
        return said, [defect("assertion_unsigned", found.identifier)], []
    masked = found.signature is Verdict.MASKED
    return said, [], [remark("assertion_masked", found.identifier)] if masked else []


def _subject(der: bytes) -> str:
    """The name of a certificate; in base64 when nobody can read it."""
    try:
        return x509.load_der_x509_certificate(der).subject.rfc4514_string()
    except ValueError:
        return b64encode(der).decode("ascii")
