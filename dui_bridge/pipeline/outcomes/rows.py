"""One state of a document as the facts of an outcome row (`mappings.outcomes.SOURCES`). Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import uuid5
from zoneinfo import ZoneInfo

from dui_bridge.journal.records import DeliveryCase, Json, KnownItem
from dui_bridge.mappings.outcomes import Fact
from dui_bridge.pipeline.ids import NAMESPACE
from dui_bridge.pipeline.reports.causes import explain_cause

DOCUMENT_KEY: Final = "identifiant"
"""Where the facts of a document, and the detail of an item, keep the DUI's own key of it."""


def of_delivery(site: str, case: DeliveryCase, zone: ZoneInfo) -> dict[str, Fact]:
    """A delivery in the state in which it stands."""
    delivery = case.delivery
    return {
        "document.identifiant": _text(case.document.get(DOCUMENT_KEY)),
        "document.version": delivery.version,
        "destination": delivery.destination,
        "external_id": delivery.unique_id,
        "reference": delivery.reference or None,
        **_common(
            case.number, str(delivery.kind), delivery.finess, delivery.state, delivery.cause, delivery.who, None,
            delivery.since, zone, delivery.run,
        ),
        "row_id": _row_id(
            site, delivery.source, delivery.unique_id, delivery.destination, delivery.operation, delivery.state,
            delivery.cause, delivery.since.isoformat(),
        ),
    }  # fmt: skip


def of_document(site: str, item: KnownItem, zone: ZoneInfo) -> dict[str, Fact]:
    """A document that never got to a delivery, in the state in which its last reading left it."""
    key = _text(item.detail.get(DOCUMENT_KEY))
    values = item.detail.get("values")
    return {
        "document.identifiant": key,
        "document.version": None,
        "destination": None,
        "external_id": None,
        "reference": None,
        **_common(
            item.number, item.doc_type, item.finess, item.state, item.cause, item.who,
            {name: str(value) for name, value in values.items()} if isinstance(values, Mapping) else None,
            item.since, zone, item.run,
        ),
        "row_id": _row_id(
            site, item.source, item.number, item.doc_type or "", key or str(item.id), item.state, item.cause,
            item.since.isoformat(),
        ),
    }  # fmt: skip


def _common(
    number: str,
    kind: str | None,
    finess: str | None,
    state: str,
    cause: str,
    who: str,
    values: Mapping[str, str] | None,
    since: datetime,
    zone: ZoneInfo,
    run: str,
) -> dict[str, Fact]:
    french = explain_cause(cause, values, "fr", state=state, who=who)
    english = explain_cause(cause, values, "en", state=state, who=who)
    return {
        "dossier": number,
        "usager.identifiant_local": number,
        "document.type": kind,
        "establishment": finess,
        "state": str(state),
        "code": cause or None,
        "message_fr": french.message,
        "message_en": english.message,
        "action_fr": french.action,
        "action_en": english.action,
        "who_acts": str(french.who),
        "at": since.astimezone(zone).isoformat(timespec="seconds"),
        "run": run,
    }


def _text(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def _row_id(*components: str) -> str:
    """The same for the same state of the same document, whenever its row is made or written."""
    return str(uuid5(NAMESPACE, json.dumps(("outcome", *components))))
