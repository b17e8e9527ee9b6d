"""Settles the identities of a source between two runs: the identity step alone, without any document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from dui_bridge.journal.errors import RunUnderWay
from dui_bridge.journal.identity_records import IdentityState
from dui_bridge.journal.keys import derive
from dui_bridge.journal.store import Journal
from dui_bridge.mappings.mapped import Mapped
from dui_bridge.pipeline.delivery.plan import ALSO_READY, plan
from dui_bridge.pipeline.errors import NotDeclared
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.identity.errors import VisitUnknown
from dui_bridge.pipeline.identity.people import people
from dui_bridge.pipeline.identity.step import Asked, IdentityStep
from dui_bridge.pipeline.reading import Reading, is_other_person, trait_digests
from dui_bridge.pipeline.results import SourceResult
from dui_bridge.pipeline.sending import gate_of
from dui_bridge.site.settings import Site

HELD: Final = "held"
_FOR_A_PERSON: Final = (IdentityState.TO_CHECK, IdentityState.TO_DECIDE, IdentityState.BLOCKED)


@dataclass(frozen=True)
class Qualified:
    """What became of the identities of a source.

    Args:
        result: `identities` counts them by state, and those of dossiers that are held; `insi_down`: what kept INSi from
            being asked.
    """

    result: SourceResult

    @property
    def exit_code(self) -> int:
        """That of what failed; else 1 when identities wait for a person."""
        if self.result.insi_down is not None:
            return self.result.insi_down.exit_code
        return int(any(self.result.identities[state] for state in _FOR_A_PERSON))


def qualify(
    site: Site, journal: Journal | None, source: str, asked: Asked, steps: Steps, *, dry_run: bool = False
) -> Qualified:
    """Reads a source and settles its identities; what they allow is built and leaves with the next run.

    What they do not allow any more is held back at once: policy is asked anew about all of the source that waits.

    Args:
        journal: None for a dry run of a site of which nothing is known yet.
        asked: with visits, only these dossiers are settled.
        dry_run: nobody is asked and nothing is written.
    Raises:
        NotDeclared: the site file does not declare `insi`.
        RunUnderWay: the source is being read.
        VisitUnknown: a visit is of no dossier of the export; the others are settled.
        DuiBridgeError: as `people`.
    """
    settings = site.declaration.insi
    if settings is None:
        raise NotDeclared(service="INSi", key="insi")
    key, result = derive(site.key(), "fingerprints"), SourceResult(source)
    reading = Reading(site, source, "", key, None, result)
    step = IdentityStep(site, settings, key, journal, result, asked, writes=not dry_run)
    missing = set(asked.visits)
    with nullcontext() if dry_run or journal is None else alone(journal, source):
        try:
            with step:
                for mapped in people(site, source, steps):
                    if asked.visits and mapped.key not in asked.visits:
                        continue
                    missing.discard(mapped.key)
                    if _is_held(mapped, journal, source, key):
                        result.identities[HELD] += 1
                    else:
                        step.of(mapped, reading.dossier(mapped))
                step.flush()
        finally:
            if not dry_run and journal is not None:
                plan(journal, gate_of(site, journal), datetime.now(UTC), source=source, states=ALSO_READY)
    if missing:
        raise VisitUnknown(source=source, number=", ".join(sorted(missing)))
    return Qualified(result)


@contextmanager
def alone(journal: Journal, source: str) -> Iterator[None]:
    """No run of the source meanwhile. Raises RunUnderWay: one is under way."""
    name = f"run {source}"
    with journal.lock(name) as taken:
        if not taken:
            holder = journal.access.database.locks.lock(name).holder()
            raise RunUnderWay(file=journal.access.name, source=source, process=holder)
        yield


def _is_held(mapped: Mapped, journal: Journal | None, source: str, key: bytes) -> bool:
    """Whether the dossier is not sure enough to say anything of its person: as a run holds it."""
    if mapped.dossier is None or mapped.establishment is None:
        return True
    known = None if journal is None else journal.dossiers.known(source, mapped.key)
    return known is not None and is_other_person(known.traits, trait_digests(mapped.dossier.usager, key))
