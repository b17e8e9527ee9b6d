"""`explain`: what policy says of each delivery of a document, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from dui_bridge.findings import Language
from dui_bridge.journal.records import DeliveryCase, KnownItem
from dui_bridge.journal.store import Journal
from dui_bridge.model.exchange import Operation
from dui_bridge.pipeline.reports.errors import SubjectUnknown
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.pipeline.reports.trace import item_cause
from dui_bridge.pipeline.sending import gate_of
from dui_bridge.site.settings import Site


class Explainer:
    """Asks policy as the delivery does: with the site's rules, and what persons held, decided and declared.

    Raises, when it is made: DeclarationInvalid for a policy file that has errors.
    """

    def __init__(self, site: Site, journal: Journal, now: datetime, language: Language) -> None:
        self._gate = gate_of(site, journal)
        self._journal, self._now, self._language = journal, now, language

    def item(self, number: int, kind: str) -> list[dict[str, Any]]:
        """A document, or every document of an usager. Raises SubjectUnknown."""
        item = self._journal.items.get(number)
        if item is None or item.kind != kind:
            raise SubjectUnknown(subject=f"{kind}-{number}")
        if item.kind == "document":
            return [self._item(item)]
        documents = [
            self._journal.items.get(one.number) for one in self._journal.overview.documents_of(item.dossier_id)
        ]
        return [self._item(one) for one in documents if one is not None and one.gone_at is None]

    def delivery(self, number: int) -> dict[str, Any]:
        """The document of a delivery. Raises SubjectUnknown."""
        case = self._journal.deliveries.case(number)
        if case is None:
            raise SubjectUnknown(subject=f"delivery-{number}")
        return self._series(case.delivery.series_id)

    def version(self, unique_id: str) -> dict[str, Any]:
        """The document that has a version with this unique id. Raises SubjectUnknown."""
        series = self._journal.overview.series_of(unique_id)
        if series is None:
            raise SubjectUnknown(subject=unique_id)
        return self._series(series)

    def _series(self, series_id: int) -> dict[str, Any]:
        number = self._journal.overview.item_of(series_id)
        item = self._journal.items.get(number) if number is not None else None
        if item is not None:
            return self._item(item)
        return {"id": None, "type": None, "state": None, "cause": "", "rulings": self._rulings(series_id)}

    def _item(self, item: KnownItem) -> dict[str, Any]:
        rulings = self._rulings(item.series_id) if item.series_id is not None else []
        cause = "" if rulings else item_cause(item, self._language)["cause"]
        return {
            "id": f"document-{item.id}",
            "type": item.doc_type,
            "state": item.state,
            "cause": cause,
            "rulings": rulings,
        }

    def _rulings(self, series_id: int) -> list[dict[str, Any]]:
        """On the latest delivery to each destination, as things stand now; and on those after it for recipients who did
        not get it with that."""
        latest: dict[str, list[DeliveryCase]] = {}
        for delivery_id in self._journal.overview.deliveries_of(series_id):
            case = self._journal.deliveries.case(delivery_id)
            if case is not None and case.delivery.operation is Operation.SEND:
                latest.setdefault(case.delivery.destination, []).append(case)
            elif case is not None:
                latest[case.delivery.destination] = [case]
        return [self._ruling(case) for cases in latest.values() for case in cases]

    def _ruling(self, case: DeliveryCase) -> dict[str, Any]:
        ruling = self._gate.ruling(case, self._now)
        return {
            "delivery": f"delivery-{case.delivery.id}",
            "destination": case.delivery.destination,
            "version": case.delivery.version,
            "state": str(case.delivery.state),
            "verdict": str(ruling.verdict),
            "code": ruling.cause,
            "cause": ruling.message(self._language),
            "action": ruling.remedy(self._language),
            "who": str(ruling.who),
            "recipients": [
                {
                    "kind": str(one.recipient.kind),
                    "name": one.recipient.name,
                    "mailbox": one.recipient.mailbox or "",
                    "verdict": str(one.verdict),
                    "code": one.rule.id,
                    "words": one.message(self._language),
                }
                for one in ruling.recipients
            ],
            "steps": [
                {"rule": step.rule.id, "passed": step.passed, "words": step.words(self._language)}
                for step in ruling.steps
            ],
        }


def as_text(explained: dict[str, Any], language: Language) -> str:
    """One document, one chain a destination."""
    return "\n".join(_document(explained, language))


def _document(explained: dict[str, Any], language: Language) -> Iterator[str]:
    if explained["id"] is not None:
        yield "  ".join(filter(None, (explained["id"], explained["type"])))
    if not explained["rulings"]:
        yield f"  {text('explain_none', language)}"
        if explained["cause"]:
            yield f"  {text('label_why', language)} : {explained['cause']}"
        yield ""
    for one in explained["rulings"]:
        yield from _lines(one, language)


def _lines(one: dict[str, Any], language: Language) -> Iterator[str]:
    state = text(f"one_{one['state']}", language)
    yield f"{one['destination']}  {one['delivery']}, {text('version', language)} {one['version']}, {state}"
    yield f"  {text('verdict_' + one['verdict'], language).upper()} : {one['cause']} [{one['code']}]"
    if one["verdict"] != "allow":
        yield f"  {text('label_todo', language)} : {one['action']}"
        yield f"  {text('label_who', language)} : {text('who_' + one['who'], language)}"
    for to in one["recipients"]:
        whom = " ".join(filter(None, (text(f"to_{to['kind']}", language), to["name"], to["mailbox"])))
        yield f"    {'→' if to['verdict'] == 'allow' else '·'} {whom} : {to['words']} [{to['code']}]"
    for step in one["steps"]:
        mark = "✓" if step["passed"] else "✗"
        code = "" if step["passed"] else f" [{step['rule']}]"
        yield f"    {mark} {step['words']}{code}"
    yield ""
