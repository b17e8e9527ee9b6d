"""The exchanges that the journal keeps about a deposit, as files, and what was sent in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from dui_bridge.connectors.dmp.client import TRANSACTIONS
from dui_bridge.connectors.dmp.decode_framing import unframed
from dui_bridge.connectors.dmp.decode_parts import bytes_of
from dui_bridge.connectors.dmp.existence import ACTION as EXISTENCE
from dui_bridge.connectors.dmp.kept import KeptExchange, unpacked
from dui_bridge.connectors.wire.net_errors import NotSoap
from dui_bridge.connectors.wire.soap import open_envelope
from dui_bridge.connectors.wire.vihf_reading import ASSERTION
from dui_bridge.journal.store import Journal
from dui_bridge.xds.ebrim import RegistryObject
from dui_bridge.xds.messages import NotXds, read_registry_response, read_submission
from dui_bridge.xds.submission import is_signature
from dui_bridge.xds.vocabulary import LCM

_REQUEST: Final = f".//{{{LCM}}}SubmitObjectsRequest"


@dataclass(frozen=True, slots=True)
class SentLot:
    """What a deposit carried besides its document, as it was sent.

    Args:
        metadata: the `lcm:SubmitObjectsRequest`.
        signature: of the lot.
        assertion: the VIHF, without the homologation number.
        objects: of the metadata; documents: by the id of their entry.
    """

    metadata: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    assertion: bytes = field(repr=False)
    objects: tuple[RegistryObject, ...] = field(repr=False)
    documents: dict[str, bytes] = field(repr=False)


def exchanges_of(journal: Journal, unique_id: str) -> list[KeptExchange]:
    """Those about a document, the oldest first. That its DMP is open (TD0.2) may have been asked for another document
    of the same person: the last such question before it is the first of them then."""
    every = [unpacked(one) for one in journal.exchanges.around(unique_id)]
    own = [one for one in every if one.about == unique_id]
    if own and not any(one.action == EXISTENCE for one in own):
        asked = [one for one in every if one.action == EXISTENCE and one.at <= own[0].at]
        return [*asked[-1:], *own]
    return own


def deposit_of(exchanges: list[KeptExchange]) -> KeptExchange | None:
    """The deposit that the DMP took, else the last one that was tried; None when none is kept."""
    tried = [one for one in exchanges if one.after is not None]
    taken = [one for one in tried if _was_taken(one)]
    return next(reversed(taken or tried), None)


def sent_lot(deposit: KeptExchange, document: bytes) -> SentLot | None:
    """What a deposit carried; None when the message is not one that can be read any more."""
    try:
        with unframed(deposit.body(document)) as parts:
            message = open_envelope(parts.body)
            if message.body is None or message.header is None:
                return None
            given = read_submission(message.body)
            documents = {id: bytes_of(one, parts) or b"" for id, one in given.documents.items()}
    except (NotSoap, NotXds):
        return None
    signature = next((documents[one.id] for one in given.contents.entries if is_signature(one)), b"")
    metadata, assertion = message.body.find(_REQUEST), message.header.find(f".//{ASSERTION}")
    return SentLot(_written(metadata), signature, _written(assertion), given.objects, documents)


def message_files(exchanges: list[KeptExchange], document: bytes) -> Iterator[tuple[str, bytes]]:
    """Each exchange: its request and its answer as they were, and a `.json` with what stood around them.

    Args:
        document: the one that the exchanges are about; it is put back where it was sent.
    """
    for number, one in enumerate(exchanges, 1):
        name = f"messages/{number:02}-{TRANSACTIONS.get(one.action, 'autre')}"
        around = {
            "date": one.at.isoformat(),
            "url": one.url,
            "action": one.action,
            "entetes_requete": one.headers,
            "statut_http": one.status,
            "entetes_reponse": one.answer_headers,
        }
        yield f"{name}.json", json.dumps(around, ensure_ascii=False, indent=1).encode()
        yield f"{name}-requete.{'xml' if one.after is None else 'mime'}", one.body(document)
        if one.answer is not None:
            yield f"{name}-reponse.xml", one.answer


def _was_taken(deposit: KeptExchange) -> bool:
    try:
        body = open_envelope(deposit.answer or b"").body
        return body is not None and read_registry_response(body).is_success
    except (NotSoap, NotXds):
        return False


def _written(element: etree._Element | None) -> bytes:
    return b"" if element is None else etree.tostring(element, xml_declaration=True, encoding="UTF-8", with_tail=False)
