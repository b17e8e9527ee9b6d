"""Everything that may leave now, of one site: its policy, its journal and its destinations put together.

`run`, `serve` and the commands of operators all send from here, so that none has a way around policy.
"""

from __future__ import annotations

import threading
from collections.abc import Collection

from dui_bridge.declared import Problems
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline.delivery.backfill import advance_backfills
from dui_bridge.pipeline.delivery.deliver import Delivered, deliver
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.plan import EVERYTHING
from dui_bridge.pipeline.delivery.worker import Tools
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.policy.declaration import load_policy
from dui_bridge.pipeline.policy.defaults import PolicyRules
from dui_bridge.site.settings import Site


def policy_of(site: Site) -> PolicyRules:
    """The defaults with what the site's policy files add. Raises FileUnusable, DeclarationInvalid."""
    problems = Problems(site.file.name)
    rules = load_policy(site.declaration.policy, problems)
    problems.check()
    return rules


def gate_of(site: Site, journal: Journal) -> Gate:
    """Policy as it stands, for one thread. Raises FileUnusable, DeclarationInvalid."""
    return Gate(site, journal, policy_of(site))


def send_due(
    site: Site,
    journal: Journal,
    steps: Steps,
    *,
    only: str | None = None,
    stop: threading.Event | None = None,
    patience: float = 5.0,
    at_once: bool = False,
    deliveries: Collection[int] | None = None,
) -> Delivered:
    """Asks policy about all that waits, sends what it lets go, and returns when nothing is left that is due.

    Args:
        only: the one destination to deal with.
        stop: once set, each destination finishes the delivery under way.
        patience: seconds that one waits for a rate limit or a short back-off.
        at_once: a destination that was left alone is tried now.
        deliveries: these and no other, of which policy was asked just now; None: all that waits.
    Raises:
        JournalUnusable, FileUnusable, DeclarationInvalid: nothing was sent.
    """
    rules = policy_of(site)
    if deliveries is not None:
        chosen = Tools(steps=steps, patience=patience, at_once=at_once, only=frozenset(deliveries))
        return deliver(site, journal, rules, chosen, only=only, states=(), stop=stop)
    tools = Tools(steps=steps, patience=patience, at_once=at_once)
    advance_backfills(site, journal, tools.clock())
    return deliver(site, journal, rules, tools, only=only, states=EVERYTHING, stop=stop)
