"""`trace`: the way of one usager, document or delivery, from the row of the export to the answers and the rows back.

Plain values, ready for JSON; `trace_print` makes lines of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from dui_bridge.findings import Language, Severity
from dui_bridge.journal.overview import OutcomeLine, VersionLine
from dui_bridge.journal.records import DeliveryCase, Json, KnownAttempt, KnownItem
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.answers import values_of
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.origins import read_origins
from dui_bridge.pipeline.reports.causes import explain_cause, is_code
from dui_bridge.pipeline.reports.errors import SubjectUnknown
from dui_bridge.pipeline.reports.holds import holds_of
from dui_bridge.pipeline.reports.inbox import addressees_of, awaited_of, proposed, receipts_of
from dui_bridge.pipeline.reports.status import STILL, closed_destinations, destination_status
from dui_bridge.site.settings import Site

Traced: TypeAlias = dict[str, Any]
"""Names → texts, numbers, lists and maps; times are ISO texts in UTC."""

_MAX_ORIGINS: Final = 2_000
_LONGEST_WORDS: Final = 400


def trace_item(site: Site, journal: Journal, item_id: int, language: Language, kind: str | None = None) -> Traced:
    """An usager with its documents, or a document with all that happened to it.

    Args:
        kind: what the item must be; None: either.
    Raises:
        SubjectUnknown: there is no such item.
    """
    item = journal.items.get(item_id)
    if item is None or kind not in (None, item.kind):
        raise SubjectUnknown(subject=f"{kind or 'item'}-{item_id}")
    documents = journal.overview.documents_of(item.dossier_id)
    state = next((one.state for one in documents if one.number == item_id), item.state)
    found = _item(journal, item, state, language)
    if item.kind == "usager":
        found["documents"] = [
            {"id": f"document-{one.number}", "type": one.doc_type, "state": one.state, "in_export": one.gone_at is None}
            for one in documents
        ]
    elif item.series_id is not None:
        found["versions"] = trace_series(site, journal, item.series_id, language)
        if state != item.state:
            found |= _told_by(found["versions"], state)
    return found


def _told_by(versions: Iterable[Traced], state: str) -> Traced:
    """Why a document is in the state of one of its deliveries: that one's cause, the first of them as in `status`."""
    deliveries = (one for version in versions for one in version["deliveries"] if one["state"] == state)
    first: Traced = min(deliveries, key=lambda one: int(one["id"].removeprefix("delivery-")), default={})
    return {name: first[name] for name in ("since", "code", "cause", "action", "who") if name in first}


def trace_delivery(site: Site, journal: Journal, delivery_id: int, language: Language) -> Traced:
    """The document of a delivery. Raises SubjectUnknown."""
    case = journal.deliveries.case(delivery_id)
    if case is None:
        raise SubjectUnknown(subject=f"delivery-{delivery_id}")
    return _of_series(site, journal, case.delivery.series_id, language)


def trace_version(site: Site, journal: Journal, unique_id: str, language: Language) -> Traced:
    """The document that has a version with this unique id. Raises SubjectUnknown."""
    series = journal.overview.series_of(unique_id)
    if series is None:
        raise SubjectUnknown(subject=unique_id)
    return _of_series(site, journal, series, language)


def trace_series(site: Site, journal: Journal, series_id: int, language: Language) -> list[Traced]:
    """Every version of a document, with its deliveries."""
    ids = journal.overview.deliveries_of(series_id)
    cases = [case for one in ids if (case := journal.deliveries.case(one)) is not None]
    outcomes = journal.overview.outcomes(ids)
    versions = journal.overview.versions(series_id)
    return [_version(site, journal, version, cases, outcomes, language) for version in versions]


def item_cause(item: KnownItem, language: Language) -> dict[str, str]:
    """Why an item is where it is, with the rejected value that a person must correct."""
    values = item.detail.get("values")
    known = {name: str(value) for name, value in values.items()} if isinstance(values, dict) else {}
    cause = explain_cause(item.cause, known, language, state=item.state, who=item.who)
    return {"code": item.cause, "cause": cause.message, "action": cause.action, "who": str(cause.who)}


def item_place(detail: Mapping[str, Json]) -> str:
    """`USAGERS.CSV:12:NAISSANCE`; empty when it is not known."""
    if not detail.get("file"):
        return ""
    column = f":{detail['column']}" if detail.get("column") else ""
    return f"{detail['file']}:{detail.get('row')}{column}"


def _of_series(site: Site, journal: Journal, series_id: int, language: Language) -> Traced:
    item = journal.overview.item_of(series_id)
    if item is not None:
        return trace_item(site, journal, item, language)
    return {"id": None, "kind": "document", "versions": trace_series(site, journal, series_id, language)}


def _item(journal: Journal, item: KnownItem, state: str, language: Language) -> Traced:
    run = journal.run(item.run)
    return {
        "id": f"{item.kind}-{item.id}",
        "kind": item.kind,
        "type": item.doc_type,
        "dossier": item.number,
        "source": item.source,
        "establishment": item.finess,
        "in_export": item.gone_at is None,
        "state": state,
        "since": item.since.isoformat(),
        **item_cause(item, language),
        "read": {
            "run": item.run,
            "export": run.export if run is not None else "",
            "at": run.started_at.isoformat() if run is not None else None,
            "place": item_place(item.detail),
            "mapping": item.detail.get("mapping"),
        },
    }


def _version(
    site: Site,
    journal: Journal,
    version: VersionLine,
    cases: Iterable[DeliveryCase],
    outcomes: Iterable[OutcomeLine],
    language: Language,
) -> Traced:
    its_own = [case for case in cases if case.delivery.unique_id == version.unique_id]
    rows = list(outcomes)
    return {
        "version": version.version,
        "unique_id": version.unique_id,
        "replaces": version.replaces,
        "state": version.state,
        "sha256": version.sha256,
        "size": version.size,
        "media_type": version.media_type,
        "built_at": version.built_at.isoformat(),
        "run": version.run_id,
        "made_by": dict(version.versions),
        "origins": _origins(site, version.unique_id),
        "checks": _checks(journal, its_own),
        "deliveries": [_delivery(site, journal, case, rows, language) for case in its_own],
    }


def _origins(site: Site, unique_id: str) -> list[Traced]:
    """Where its values came from, one a row and column of the export, in that order."""
    found: dict[tuple[str, int, str], Traced] = {}
    for xpath, origin in list(read_origins(site.data, unique_id).items())[:_MAX_ORIGINS]:
        line = found.setdefault(
            (origin.file, origin.row, origin.column or ""),
            {
                "file": origin.file,
                "row": origin.row,
                "column": origin.column,
                "mapping": str(origin.mapping) if origin.mapping is not None else None,
                "written_at": [],
            },
        )
        line["written_at"].append(xpath)
    return [found[key] for key in sorted(found)]


def _checks(journal: Journal, cases: Iterable[DeliveryCase]) -> dict[str, int] | None:
    """How many findings of each severity its bytes have now; None once they are no longer kept."""
    from dui_bridge.pipeline.build import validate  # heavy: the schemas and the official suite

    for case in cases:
        sendable = journal.deliveries.sendable(case.delivery.id)
        if sendable is not None:
            found = Counter(finding.severity for finding in validate(sendable.built.data, rendered=False))
            return {str(severity): found[severity] for severity in Severity}
    return None


def _delivery(
    site: Site, journal: Journal, case: DeliveryCase, outcomes: Iterable[OutcomeLine], language: Language
) -> Traced:
    one, now = case.delivery, datetime.now(UTC)
    values = {"destination": one.destination, **holds_of(journal, one, now)}
    cause = explain_cause(one.cause, values, language, state=one.state, who=one.who)
    if one.state in STILL and not one.cause:
        opened = open_destinations(site).get(one.destination)
        stands = destination_status(opened, journal, journal.brakes.get(one.destination), {}, now)
        cause = closed_destinations([stands], now, language).get(one.destination, cause)
    answers, attempts = journal.deliveries.answers(one.id), journal.deliveries.attempts(one.id)
    return {
        "id": f"delivery-{one.id}",
        "destination": one.destination,
        "operation": str(one.operation),
        "urgent": one.urgent,
        "state": str(one.state),
        "code": one.cause,
        "cause": cause.message,
        "action": cause.action,
        "who": str(cause.who),
        "since": one.since.isoformat(),
        "not_before": one.not_before.isoformat() if one.not_before is not None else None,
        "reference": one.reference,
        **addressees_of(site, journal, case, language),
        "receipts": receipts_of(site, journal, case, language),
        "reply": awaited_of(journal, one.id),
        "other_mailboxes": proposed(site, journal, case, now),
        "attempts": [_attempt(attempt, answers.get(attempt.number), language) for attempt in attempts],
        "outcomes": [
            {
                "written_at": row.written_at.isoformat() if row.written_at is not None else None,
                "file": row.file,
                "tries": row.tries,
                "created_at": row.created_at.isoformat(),
            }
            for row in outcomes
            if row.delivery_id == one.id
        ],
    }


def _attempt(attempt: KnownAttempt, answer: bytes | None, language: Language) -> Traced:
    """A try. `cause`: the words of its code, when that is ours; `answer`: those of the service."""
    values = values_of(answer)
    cause = explain_cause(attempt.code, values, language).message if is_code(attempt.code) else None
    return {
        "number": attempt.number,
        "started_at": attempt.started_at.isoformat(),
        "ended_at": attempt.ended_at.isoformat() if attempt.ended_at is not None else None,
        "result": attempt.result,
        "code": attempt.code,
        "cause": cause,
        "reference": attempt.reference,
        "worker": attempt.worker,
        "answer": _words(answer) if values is None else _unsaid(values.get("words", ""), cause or ""),
    }


def _unsaid(words: str, cause: str) -> str | None:
    """The words of the service, unless the cause has them."""
    return words if any(one.isalnum() for one in words) and words not in cause else None


def _words(answer: bytes | None) -> str | None:
    """An answer that is text and no message of a protocol: what a service said of a refusal."""
    try:
        text = (answer or b"").decode()
    except UnicodeDecodeError:
        return None
    told = " ".join(text.split())
    return told[:_LONGEST_WORDS] if told.isprintable() and not told.startswith("<") and told else None
