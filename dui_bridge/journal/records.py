"""What goes into the journal and comes out of it: plain frozen data, without SQLAlchemy."""

from __future__ import annotations  # noqa: I001 - one block for what is handed on

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal, TypeAlias

from dui_bridge.journal.addressee_records import Parted as Parted
from dui_bridge.journal.control_records import (
    AuditEntry as AuditEntry,
    Brake as Brake,
    Circuit as Circuit,
    Decided as Decided,
    KnownDecision as KnownDecision,
    KnownHold as KnownHold,
    KnownInformation as KnownInformation,
    KnownTask as KnownTask,
    OutboxEntry as OutboxEntry,
    OutboxRow as OutboxRow,
    Purged as Purged,
    TaskState as TaskState,
    Verdict as Verdict,
)
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import BuiltDocument, DocumentIds, Operation
from dui_bridge.model.states import DocumentState, DeliveryEvent, DeliveryState, RunState

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
ItemKind = Literal["usager", "document"]


class VersionState(StrEnum):
    """`built`: recorded, its bytes may or may not have left. `handed_over`: a destination has it. `discarded`: a person
    refused the run that made it, and nothing of it left: the next reading does not count it."""

    BUILT = "built"
    HANDED_OVER = "handed_over"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """What makes two builds versions of the same document.

    Args:
        site: the site's name in its configuration.
        source: the source's name there.
        kind: the type of document.
        doc_key: the DUI's own key of the document. Only a keyed digest of it is stored.
        usager_key: the DUI's local id of the usager. Only a keyed digest of it is stored.
    """

    site: str
    source: str
    kind: TypeDocument
    doc_key: str = field(repr=False)
    usager_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The keyed fingerprints of a document: of what its plan read, part by part, of what the mapping made of it, and of
    what policy reads of it (at most 16 characters)."""

    raw: Mapping[str, str]
    mapped: str
    facts: str = ""


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """One version that the journal holds. Times are aware, in UTC; `size` in bytes; `sha256` in hexadecimal."""

    ids: DocumentIds
    fingerprints: Fingerprints
    sha256: str
    size: int
    state: VersionState
    built_at: datetime
    run: str
    handed_over_at: datetime | None
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KnownSeries:
    """A series that the journal holds.

    Args:
        set_id: bare OID, kept from the first build even when the site's OID root changes.
        finess: the establishment at first build.
        generation: from 1; a further one is opened by a person, after an incident.
        latest: the latest version recorded, discarded or not: the next number follows its number.
        standing: the latest version that was not discarded; None when all were.
        replaced: the latest version that a destination has or may have, often the same: the next one replaces it. None
            when none left yet. One that is discarded is not among them.
    """

    set_id: str
    finess: str
    generation: int
    latest: KnownVersion
    standing: KnownVersion | None
    replaced: KnownVersion | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same document key was first built for another usager: an incident, never a new version.

    Args:
        set_id: the series that exists.
        latest_built_at: when its latest version was recorded.
    """

    set_id: str
    latest_built_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recorded version that was not handed over: a crash or a refusal came in between."""

    ids: DocumentIds
    kind: TypeDocument
    finess: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class KnownRun:
    """One run. `counts` are the numbers of its summary, `versions` those of the bridge, the mapping and the tables.

    `cause` says why it is held or failed, empty otherwise; `kind` is a `RunKind`.
    """

    id: str
    source: str
    export: str
    started_at: datetime
    ended_at: datetime | None
    state: RunState
    counts: Mapping[str, int]
    versions: Mapping[str, str]
    cause: str = ""
    kind: str = "full"


@dataclass(frozen=True, slots=True)
class AtStake:
    """What a decision about a held run concerns: deliveries that have not left, of the run itself and of `runs` earlier
    ones that were cut short and that no guard looked at before this run's."""

    deliveries: int
    cut_short: int
    runs: int


@dataclass(frozen=True, slots=True)
class DossierEntry:
    """A dossier as it was read.

    Args:
        source: the source's name in the site's configuration.
        usager_key: the DUI's local id of the usager. Only a keyed digest of it is stored.
        number: the dossier number as the DUI shows it; stored sealed.
        finess: its establishment, 9 characters, None when unknown.
        facts: what policy reads of the usager; stored sealed.
        traits: trait → keyed digest, 16 hexadecimal digits or more.
    """

    source: str
    usager_key: str = field(repr=False)
    number: str = field(repr=False)
    finess: str | None
    facts: Mapping[str, Json] = field(repr=False)
    traits: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class KnownDossier:
    """A dossier that the journal holds. `facts` and `number` are empty once it is erased."""

    id: int
    source: str
    finess: str | None
    traits: Mapping[str, str]
    facts: Mapping[str, Json] = field(repr=False)
    number: str = field(repr=False)
    first_seen_at: datetime
    seen_at: datetime
    gone_at: datetime | None
    erased: bool


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """An usager or a document as a reading left it: in exactly one state.

    Args:
        kind: what it is.
        key: the DUI's own key. Only a keyed digest of it is stored.
        dossier: its dossier, the same for all items of one usager.
        series: of a document whose series may exist.
        doc_type: of a document.
        finess: its establishment, None when unknown.
        state: a `DocumentState`, or `mapped` for an usager.
        cause: a rule or error code; empty when nothing is to be said.
        who: who must act (`findings.Who`).
        detail: origin, mapping line, values of the message; stored sealed.
    """

    kind: ItemKind
    key: str = field(repr=False)
    dossier: DossierEntry
    series: SeriesKey | None
    doc_type: str | None
    finess: str | None
    state: str
    cause: str
    who: str
    detail: Mapping[str, Json] = field(repr=False)


@dataclass(frozen=True, slots=True)
class KnownItem:
    """An item that the journal holds. `since`: when it came into this state for this cause. `number`, `detail`: opened,
    empty once the dossier is erased. `gone_at`: no longer in a full reading."""

    id: int
    kind: ItemKind
    source: str
    dossier_id: int
    series_id: int | None
    doc_type: str | None
    finess: str | None
    run: str
    state: str
    cause: str
    who: str
    since: datetime
    gone_at: datetime | None
    detail: Mapping[str, Json] = field(repr=False)
    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Disappeared:
    """How many usagers and documents a full reading no longer gave, that the one before still did."""

    usagers: int
    documents: int


@dataclass(frozen=True, slots=True)
class PlannedDelivery:
    """A destination that a version is to reach, to be recorded with it."""

    destination: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version of a document that is to be recorded, with all that stands around it.

    Args:
        facts: what policy reads of the document.
        deliveries: what is to happen to it; they are `planned`.
    """

    key: SeriesKey
    built: BuiltDocument
    fingerprints: Fingerprints
    dossier: DossierEntry
    facts: Mapping[str, Json] = field(repr=False)
    deliveries: Sequence[PlannedDelivery]


@dataclass(frozen=True, slots=True)
class KnownDelivery:
    """A delivery that the journal holds.

    Args:
        kind: the type of document.
        operation: what it does there; of one that has not left, as it looked when it was planned: it is settled when it
            is sent.
        since: when it came into this state for this cause.
        not_before: when it may leave at the earliest; None: now.
        tries: how many failed in its present life.
        sent_at: when the last try was committed, before its first byte.
        settled_at: when nothing was waited for any more.
        reference: how the destination names it.
        worker: who tried last.
        task: the replay or backfill that it belongs to.
        replayed_at: when its present life began, if a person had it sent again.
    """

    id: int
    version_id: int
    unique_id: str
    version: int
    kind: TypeDocument
    source: str
    destination: str
    operation: Operation
    finess: str
    urgent: bool
    state: DeliveryState
    cause: str
    who: str
    since: datetime
    not_before: datetime | None
    tries: int
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    reference: str
    worker: str | None
    task: int | None
    run: str
    dossier_id: int
    series_id: int
    replayed_at: datetime | None = None

    @property
    def sending(self) -> str:
        """What tells it from every other sending of the same version to the same destination; empty for the first.

        A try that is repeated, or of which nobody knows whether it left, is the same sending.
        """
        own = (f"delivery {self.id}",) if self.operation is Operation.SEND else ()
        again = () if self.replayed_at is None else (self.replayed_at.isoformat(),)
        return " ".join((*own, *again))


@dataclass(frozen=True, slots=True)
class KeptBack:
    """How deliveries that are more than `above` are kept back: blocked for a cause, until who acts decides."""

    cause: str
    who: str
    above: int = 0


GONE = "gone"
"""An item that the last full reading did not give any more."""

NOT_STANDING = frozenset({DocumentState.LEFT_OUT, DocumentState.QUARANTINED, DocumentState.INVALID, GONE})
"""What the last reading made of a document that does not leave any more, were it built and allowed before."""


@dataclass(frozen=True, slots=True)
class DeliveryCase:
    """A delivery with what policy reads: the facts of the usager and of the document, opened (empty once erased).

    `number` is that of the dossier, to be shown to an operator; `run_state` says whether a guard holds its run;
    `usager_read` and `document_read` what the last reading made of the two (item states, or `GONE`), None before one;
    `decided` the latest decision of a person on this version for this destination; `damaged`: number and facts are
    empty because they do not open; `policy_mark` is another one whenever a hold, a declaration, a baseline or an
    establishment that is refused changed.
    """

    delivery: KnownDelivery
    number: str = field(repr=False)
    usager: Mapping[str, Json] = field(repr=False)
    document: Mapping[str, Json] = field(repr=False)
    run_state: RunState
    usager_read: str | None = None
    document_read: str | None = None
    decided: Decided | None = None
    damaged: bool = False
    policy_mark: str | None = None

    @property
    def not_standing(self) -> str:
        """Why the last reading no longer gives it: `dossier_held`, an item state, or `GONE`; empty: it does."""
        if self.usager_read == DocumentState.QUARANTINED:
            return "dossier_held"
        return self.document_read if self.document_read in NOT_STANDING else ""

    @property
    def held(self) -> bool:
        """Whether a person has yet to release its run."""
        return self.run_state is RunState.HELD


@dataclass(frozen=True, slots=True)
class Sendable:
    """A delivery with the bytes that were checked: their SHA-256 is the one that was recorded.

    `built.document` has the dossier number and no key; it carries no findings.

    Args:
        brake: how the destination stood at the same moment.
        replaces_there: the unique id of the latest earlier version that this destination has; None when it has none.
            It may be another one than the `replaces` of the document, which knows all destinations.
    """

    case: DeliveryCase
    built: BuiltDocument = field(repr=False)
    brake: Brake
    replaces_there: str | None = None


DELETED_THERE: Final = "DLV-017"
"""Cause of a delivery whose document a person had deleted at its destination: what came before is no longer there."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """A delivery that could leave now, were it not that its bytes or its facts do not open."""

    delivery_id: int


@dataclass(frozen=True, slots=True)
class Finished:
    """How a try ended.

    Args:
        event: DELIVER, FAIL, REFUSE or LOSE.
        at: aware.
        cause: why, empty for a success.
        who: who must act.
        not_before: of a failure: when it may be tried again.
        reference: how the destination names it; when empty the one known stays.
        code: the service's own.
        result: a word for the attempt; the event's when empty.
        answer: the raw answer, kept sealed.
        parted: of a mail that left, or may have: who has it, and who is to get it yet.
    """

    delivery_id: int
    event: DeliveryEvent
    at: datetime
    cause: str = ""
    who: str = ""
    not_before: datetime | None = None
    reference: str = ""
    code: str = ""
    result: str = ""
    answer: bytes | None = field(default=None, repr=False)
    parted: Parted | None = None


@dataclass(frozen=True, slots=True)
class KnownAttempt:
    """One try of a delivery. `ended_at` and `result` are None while it is under way, or when its process died."""

    number: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    result: str | None
    code: str
    reference: str
