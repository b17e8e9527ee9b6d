"""Documents recorded in a journal, for tests of what becomes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from sqlalchemy import func, select

from dui_bridge.journal.queries import deliveries as queries
from dui_bridge.journal.records import (
    DossierEntry,
    Fingerprints,
    Finished,
    Json,
    NewVersion,
    PlannedDelivery,
    SeriesKey,
)
from dui_bridge.journal.schema import delivery, document_version, series
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import BuiltDocument, Document, DocumentIds, Operation
from dui_bridge.model.states import DeliveryEvent, DeliveryState, DocumentState

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
RUN, SOURCE, FINESS = "r1", "atlas", "010000024"


def start_run(journal: Journal) -> None:
    journal.start_run(RUN, SOURCE, "export", {"bridge": "0.1"}, AT)


def record(
    journal: Journal,
    document: str = "PP-1",
    version: int = 1,
    *,
    usager: str = "U-1",
    destinations: Sequence[str] = ("dmp",),
    data: bytes = b"<ClinicalDocument/>",
    pdf: bytes | None = None,
    replaces: int | None = None,
    run: str = RUN,
    at: datetime = AT,
    facts: Mapping[str, Json] = MappingProxyType({"titre": "Projet"}),
    around: Mapping[str, Json] = MappingProxyType({"nom": "Lefèvre"}),
) -> int:
    """Records a version of a document and returns its row id; its run must be under way."""
    base = int.from_bytes(hashlib.sha256(document.encode()).digest()[:4])
    ids = DocumentIds(
        unique_id=f"2.25.{base}.{version}",
        set_id=f"2.25.{base}",
        version=version,
        replaces=None if replaces is None else f"2.25.{base}.{replaces}",
        replaces_version=replaces,
    )
    kind = TypeDocument.PROJET_PERSONNALISE
    built = BuiltDocument(
        document=Document(kind, document, SOURCE, f"D-{usager}", FINESS, "", DocumentState.BUILT),
        ids=ids,
        data=data,
        media_type="text/xml",
        sha1=hashlib.sha1(data).hexdigest(),
        sha256=hashlib.sha256(data).hexdigest(),
        pdf=pdf,
    )
    return journal.record_versions(
        run,
        [
            NewVersion(
                SeriesKey("og", SOURCE, kind, document, usager),
                built,
                fingerprints=Fingerprints({"plans": "aa"}, f"m{version}"),
                dossier=DossierEntry(SOURCE, usager, f"D-{usager}", FINESS, dict(around), {"nom": "ab" * 8}),
                facts=dict(facts),
                deliveries=[PlannedDelivery(name, False) for name in destinations],
            )
        ],
        at=at,
    )[0]


def add_delivery(
    journal: Journal,
    version: int,
    destination: str,
    operation: Operation = Operation.DEPOSIT,
    *,
    urgent: bool = False,
    task: int | None = None,
    at: datetime = AT,
) -> int:
    """Plans a further delivery of a version, as no run would; its row id."""
    with journal.access.writing() as connection:
        known = connection.execute(
            select(
                document_version.c.unique_id,
                document_version.c.dossier_id,
                document_version.c.run_id,
                series.c.source,
                series.c.finess,
            )
            .join_from(document_version, series, document_version.c.series_id == series.c.id)
            .where(document_version.c.id == version)
        )
        row = known.mappings().one()
        queries.add(connection, row, destination, operation, urgent=urgent, task_id=task, at=at)
        return int(connection.execute(select(func.max(delivery.c.id))).scalar_one())


def delivery_of(journal: Journal, version: int, destination: str = "dmp") -> int:
    """The row id of the delivery of a version to a destination."""
    for case in journal.deliveries.cases(destination, tuple(DeliveryState), limit=10_000):
        if case.delivery.version_id == version:
            return case.delivery.id
    raise LookupError(version)


def settle(
    journal: Journal,
    version: int,
    event: DeliveryEvent = DeliveryEvent.DELIVER,
    destination: str = "dmp",
    at: datetime = AT,
    answer: bytes | None = None,
) -> int:
    """Lets a planned delivery be allowed, sent, and end; its row id."""
    delivery = delivery_of(journal, version, destination)
    journal.deliveries.change([(delivery, DeliveryEvent.ALLOW, "", "")], at)
    assert journal.deliveries.start(delivery, "w1", at)
    journal.deliveries.finish(Finished(delivery, event, at, answer=answer))
    return delivery


def state_of(journal: Journal, delivery: int) -> DeliveryState:
    case = journal.deliveries.case(delivery)
    assert case is not None
    return case.delivery.state
