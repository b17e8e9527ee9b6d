"""From where an operator acts: the site, its journal, who acts and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from dui_bridge.findings import Language
from dui_bridge.journal.records import DeliveryCase, Json
from dui_bridge.journal.selections import Selection
from dui_bridge.journal.store import Journal
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.pipeline.actions.errors import ReasonMissing, UnknownType
from dui_bridge.pipeline.delivery.plan import ALSO_READY, Planned, plan
from dui_bridge.pipeline.errors import UnknownSource
from dui_bridge.pipeline.reports.errors import (
    SubjectUnknown,
    SubjectUnsuited,
    check_destination,
    check_establishment,
)
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.pipeline.sending import gate_of
from dui_bridge.site.settings import Site


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where (host and terminal); `named`: they told who they are, it is not the system's user."""

    by: str
    origin: str
    named: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """What is meant; None: any.

    Args:
        number: of a dossier, as the DUI shows it.
        document: of an item, as `document-34` names it.
    """

    finess: str | None = None
    doc_type: str | None = None
    destination: str | None = None
    source: str | None = None
    number: str | None = field(default=None, repr=False)
    document: int | None = None

    @property
    def is_empty(self) -> bool:
        return self == Scope()


@dataclass(frozen=True)
class Done:
    """What an action did, or would do.

    Args:
        what: `act_<what>` is its text.
        values: of the text, and for machines.
        rows: what it was done to, one object each.
        told: the same for a person, where machines are given other words; None where they are not.
        counts: what it would do, name → how many; `act_<name>` is the text of each.
        exit_code: 1 when something still waits for a person.
        notes: what else is to be said, from the same values; `act_<name>` is the text of each.
    """

    what: str
    values: Mapping[str, Json] = field(default_factory=dict)
    rows: tuple[Mapping[str, Json], ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    exit_code: int = 0
    notes: tuple[str, ...] = ()
    told: tuple[Mapping[str, Json], ...] | None = None

    def words(self, language: Language) -> str:
        """What was done, then one line for each note, and for each count that is not 0."""
        lines = [text(f"act_{one}", language).format_map(dict(self.values)) for one in (self.what, *self.notes)]
        lines += [f"{number:>6}  {text(f'act_{name}', language)}" for name, number in self.counts.items() if number]
        return "\n".join(lines)

    def as_dict(self) -> dict[str, Json]:
        """For machines."""
        rows: list[Json] = [dict(row) for row in self.rows]
        return {"done": self.what, **self.values, **self.counts, "rows": rows}


@dataclass(frozen=True)
class Desk:
    """What every action works with. `now` is aware."""

    site: Site
    journal: Journal
    actor: Actor
    now: datetime

    @property
    def zone(self) -> tzinfo:
        """In which times are told and given."""
        return self.site.zone

    def audit(self, action: str, subject: str, **details: Json) -> None:
        """One row of the audit; details that are None are left out."""
        given = {name: value for name, value in details.items() if value is not None}
        self.journal.audit.add(self.actor.by, self.actor.origin, action, subject, given, self.now)

    def ask_policy(
        self, *, source: str | None = None, destination: str | None = None, dossier: int | None = None
    ) -> Planned:
        """Lets policy look again at what has not left, so that what was done counts at once."""
        return plan(
            self.journal,
            gate_of(self.site, self.journal),
            self.now,
            source=source,
            destination=destination,
            dossier=dossier,
            states=ALSO_READY,
        )

    def check(self, scope: Scope) -> None:
        """Raises UnknownEstablishment, UnknownDestination, UnknownSource, UnknownType."""
        check_establishment(self.site, scope.finess)
        if scope.destination is not None:
            check_destination(self.site, scope.destination)
        if scope.source is not None and scope.source not in self.site.sources:
            raise UnknownSource(source=scope.source, known=", ".join(self.site.sources))
        if scope.doc_type is not None and scope.doc_type not in set(TypeDocument):
            raise UnknownType(name=scope.doc_type, known=", ".join(TypeDocument))

    def dossiers(self, number: str) -> list[int]:
        """The dossiers, of any source, with this number. Raises SubjectUnknown."""
        items = [self.journal.items.get(one) for one in self.journal.overview.usager_items(number)]
        if not items:
            raise SubjectUnknown(subject=f"--dossier {number}")
        return list(dict.fromkeys(one.dossier_id for one in items if one is not None))

    def series(self, document: int) -> int:
        """The series of a document by the number of its item. Raises SubjectUnknown."""
        item = self.journal.items.get(document)
        if item is None or item.kind != "document" or item.series_id is None:
            raise SubjectUnknown(subject=f"document-{document}")
        return item.series_id

    def case(self, delivery_id: int) -> DeliveryCase:
        """Raises SubjectUnknown."""
        case = self.journal.deliveries.case(delivery_id)
        if case is None:
            raise SubjectUnknown(subject=f"delivery-{delivery_id}")
        return case

    def deliveries(self, kind: str, number: int, unique_id: str) -> list[int]:
        """The deliveries of what a person named: a delivery, a document, all of an usager, a version.

        Raises:
            SubjectUnsuited: it is a run.
            SubjectUnknown: there is nothing of this name.
        """
        if kind == "run":
            raise SubjectUnsuited(subject=unique_id, takes="document-34, delivery-56, usager-12")
        if kind == "delivery":
            return [self.case(number).delivery.id]
        if kind == "document":
            return self.journal.overview.deliveries_of(self.series(number))
        if kind == "usager":
            item = self.journal.items.get(number)
            if item is None or item.kind != "usager":
                raise SubjectUnknown(subject=f"usager-{number}")
            return self.journal.selections.ids(Selection(dossier_id=item.dossier_id))
        series = self.journal.overview.series_of(unique_id)
        if series is None:
            raise SubjectUnknown(subject=unique_id)
        cases = (self.case(one) for one in self.journal.overview.deliveries_of(series))
        return [case.delivery.id for case in cases if case.delivery.unique_id == unique_id]


def given(reason: str) -> str:
    """The reason, without what surrounds it. Raises ReasonMissing when it is blank."""
    if not reason.strip():
        raise ReasonMissing()
    return reason.strip()
