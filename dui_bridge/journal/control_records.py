"""What steers deliveries and tells of them: brakes, decisions, holds, tasks, outcome rows, the audit, the keeping.

Plain frozen data; `records` gives it out as well. Times are aware, those that come out are in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from dui_bridge.model.exchange import Channel

if TYPE_CHECKING:
    from dui_bridge.journal.records import Json


class Circuit(StrEnum):
    """`open`: the destination failed too often and is left alone until `Brake.retry_at`."""

    CLOSED = "closed"
    OPEN = "open"


class Verdict(StrEnum):
    """What a person decided of a document that policy asks about."""

    ALLOW = "allow"
    REFUSE = "refuse"


class TaskState(StrEnum):
    """How a replay or a backfill stands; `cancelled` and `done` are for good."""

    RUNNING = "running"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Brake:
    """What slows or stops a destination. `gate` says what it amounts to.

    Args:
        paused_at, paused_by, reason, until: of a pause by a person (or a restore); None or empty without one.
        resumed: `probing` from the end of a pause to the next success.
        circuit: opened and closed by failures and successes.
        failures: in a row.
        last_code: of the last failure.
        retry_at: when an open circuit lets one item through.
        last_success_at: None when it never had any.
    """

    destination: str
    paused_at: datetime | None = None
    paused_by: str = ""
    reason: str = ""
    until: datetime | None = None
    resumed: Literal["", "probing"] = ""
    circuit: Circuit = Circuit.CLOSED
    failures: int = 0
    last_code: str = ""
    retry_at: datetime | None = None
    last_success_at: datetime | None = None

    def paused(self, now: datetime) -> bool:
        """Whether a pause lasts."""
        return self.paused_at is not None and (self.until is None or now < self.until)

    def gate(self, now: datetime) -> Literal["open", "probe", "shut"]:
        """What may leave now: anything, one item whose result is waited for, or nothing."""
        if self.paused(now):
            return "shut"
        if self.circuit is Circuit.OPEN:
            return "shut" if self.retry_at is not None and now < self.retry_at else "probe"
        return "probe" if self.resumed or self.paused_at is not None else "open"


def brake_of(destination: str, finess: str) -> str:
    """The name of the brake of one establishment at a destination; no destination has a space in its name."""
    return f"{destination} {finess}"


@dataclass(frozen=True, slots=True)
class Decided:
    """The latest decision of a person on a version for a destination, as policy reads it."""

    verdict: Verdict
    by: str


@dataclass(frozen=True, slots=True)
class KnownDecision:
    """What a person decided of one version for one destination."""

    id: int
    version_id: int
    destination: str
    verdict: Verdict
    by: str
    at: datetime
    reason: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownHold:
    """What a person keeps back. Each scope that is None means any; `covers` says whether something is meant."""

    id: int
    source: str | None
    finess: str | None
    doc_type: str | None
    destination: str | None
    dossier_id: int | None
    series_id: int | None
    reason: str = field(repr=False)
    by: str
    since: datetime
    until: datetime | None

    def covers(
        self, *, source: str, finess: str, doc_type: str, destination: str, dossier_id: int, series_id: int
    ) -> bool:
        """Whether a delivery with these values is kept back."""
        scopes = (
            (self.source, source),
            (self.finess, finess),
            (self.doc_type, doc_type),
            (self.destination, destination),
            (self.dossier_id, dossier_id),
            (self.series_id, series_id),
        )
        return all(scope is None or scope == value for scope, value in scopes)


@dataclass(frozen=True, slots=True)
class KnownInformation:
    """A declaration that all usagers of an establishment were informed of a channel on a day."""

    id: int
    finess: str
    channel: Channel
    day: date
    by: str
    evidence: str
    declared_at: datetime
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownTask:
    """A replay or a backfill. `parameters` and `progress` hold no personal data."""

    id: int
    kind: str
    state: TaskState
    parameters: Mapping[str, Json]
    progress: Mapping[str, Json]
    by: str
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A row that the DUI is to be told; `row` is stored sealed."""

    source: str
    dossier_id: int
    delivery_id: int | None
    row: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A row that waits, opened. `tries`: how often writing it failed."""

    id: int
    row: Mapping[str, Json] = field(repr=False)
    tries: int


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Who did what, when and from where. `digest` chains it to all before it."""

    id: int
    at: datetime
    who: str
    origin: str
    action: str
    subject: str
    details: Mapping[str, Json]
    digest: str


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge or an erasure removed.

    Args:
        payloads: whose bytes are gone.
        bytes: their size in clear.
        failed: files that could not be removed; they are tried again at the next purge.
        postponed: a backup is being made: nothing was done.
    """

    payloads: int
    bytes: int
    failed: int
    postponed: bool = False
