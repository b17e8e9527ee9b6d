"""When a run is held for a person: the export shrank, far more is to be sent than usual, or a local id changed person.

Pure. What a held run made stays in the journal and goes nowhere until `runs release` or `runs discard`.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Final

from dui_bridge.findings import Finding, Rule, Scope, Severity, Who
from dui_bridge.journal.records import KnownRun
from dui_bridge.model.states import RunKind, RunState
from dui_bridge.site.declaration import Guard
from dui_bridge.site.forms import factor, part

SMALLEST_DROP: Final = 5
"""Usagers: fewer than these may leave in one night."""
SMALLEST_SURGE: Final = 50
"""Documents: a site that usually makes two a night may make these without asking anybody."""
LOOKED_AT: Final = 10
"""The last runs that say what is usual."""

USAGERS_DROPPED: Final = Rule(
    "PIP-030",
    Severity.ERROR,
    Scope.RUN,
    "the export holds {now} usagers, the last one held {before}: probably an incomplete export.",
    "l'export contient {now} usagers, le précédent {before} : sans doute un export incomplet.",
    "Look at the export. `runs release` lets what was made leave; `runs discard` forgets it.",
    "Examinez l'export. `runs release` laisse partir ce qui a été produit ; `runs discard` l'oublie.",
    Who.IT,
)
DOCUMENTS_SURGED: Final = Rule(
    "PIP-031",
    Severity.ERROR,
    Scope.RUN,
    "{now} documents are to be sent, {before} is usual: probably a change in the DUI or in its export.",
    "{now} documents seraient envoyés, {before} d'habitude : sans doute un changement dans le DUI ou son export.",
    "Look at what changed. `runs release` lets them leave; `runs discard` forgets them.",
    "Cherchez ce qui a changé. `runs release` les laisse partir ; `runs discard` les oublie.",
    Who.IT,
)
PERSON_CHANGED: Final = Rule(
    "PIP-020",
    Severity.ERROR,
    Scope.DOSSIER,
    "this dossier number was another person's: birth name and birth date both changed.",
    "ce numéro de dossier était celui d'une autre personne : nom et date de naissance ont changé tous deux.",
    "Find out in the DUI whether the number was given again. The run is held; `runs release` accepts the new person.",
    "Vérifiez dans le DUI si le numéro a été réattribué. L'exécution est retenue ; `runs release` accepte la personne.",
    Who.IDENTITO,
)
PERSONS_CHANGED: Final = Rule(
    "PIP-032",
    Severity.ERROR,
    Scope.RUN,
    "{now} dossier number(s) changed person since the last reading.",
    "{now} numéro(s) de dossier ont changé de personne depuis la dernière lecture.",
    "See each of them with `quarantine`, then decide with `runs release` or `runs discard`.",
    "Voyez chacun avec `quarantine`, puis décidez par `runs release` ou `runs discard`.",
    Who.IDENTITO,
)


def held(
    guard: Guard, before: Sequence[KnownRun], usagers: int | None, documents: int, persons_changed: int
) -> Finding | None:
    """Why the run that just ended its reading is held, or None.

    Args:
        guard: the thresholds of the source.
        before: its earlier runs of the same kind, the latest first, this one not among them.
        usagers: read; None when only changes were: how many there are, nobody said.
        documents: built, and not yet sent.
        persons_changed: dossiers whose number changed person.
    """
    if persons_changed:
        return Finding(PERSONS_CHANGED, values={"now": str(persons_changed)})
    good = [run for run in before if run.state in (RunState.DONE, RunState.RELEASED)][:LOOKED_AT]
    if usagers is not None:
        if not good:
            return None
        last = good[0].counts.get("usagers_read", 0)
        if guard.usagers_drop is not None and last - usagers > max(SMALLEST_DROP, last * part(guard.usagers_drop)):
            return Finding(USAGERS_DROPPED, values={"now": str(usagers), "before": str(last)})
    if surges(guard, good, documents):
        return Finding(DOCUMENTS_SURGED, values={"now": str(documents), "before": str(_usual(good))})
    return None


def surges(guard: Guard, before: Sequence[KnownRun], documents: int) -> bool:
    """Whether so many documents at once are far more than usual.

    Args:
        before: the last regular runs of their source, of one kind, that a guard or a person let go.
    """
    if guard.new_documents is None:
        return False
    return documents > max(SMALLEST_SURGE, _usual(before) * factor(guard.new_documents))


def _usual(before: Sequence[KnownRun]) -> int:
    # The first run sends everything there is: it says nothing of what is usual. One of changes is never that first one.
    changes = RunKind.CHANGES
    later = [run.counts.get("built", 0) for run in before if run.kind == changes or run.counts.get("unchanged", 0)]
    return int(median(later)) if later else 0
