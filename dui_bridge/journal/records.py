"""What goes into the journal and comes out of it: plain frozen data, without SQLAlchemy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import DocumentIds


class RunState(StrEnum):
    """How a run stands. `interrupted` is written by the next run of the source, when the process was killed."""

    RUNNING = "running"
    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


class VersionState(StrEnum):
    """`built`: recorded, its bytes may or may not have left. `handed_over`: a destination has it."""

    BUILT = "built"
    HANDED_OVER = "handed_over"


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
    """The keyed fingerprints of a document: of what its plan read, part by part, and of what the mapping made of it."""

    raw: Mapping[str, str]
    mapped: str


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
        latest: the latest version recorded.
        handed_over: the latest version that a destination has, often the same; None when none left yet.
    """

    set_id: str
    finess: str
    generation: int
    latest: KnownVersion
    handed_over: KnownVersion | None

    @property
    def waiting(self) -> KnownVersion | None:
        """The latest version when it was recorded but not handed over: its ids come before new ones."""
        return self.latest if self.latest.state is VersionState.BUILT else None


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
    """One run. `counts` are the numbers of its summary, `versions` those of the bridge, the mapping and the tables."""

    id: str
    source: str
    export: str
    started_at: datetime
    ended_at: datetime | None
    state: RunState
    counts: Mapping[str, int]
    versions: Mapping[str, str]
