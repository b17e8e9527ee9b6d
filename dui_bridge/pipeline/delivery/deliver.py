"""Everything that may leave now, to every destination at once: one thread each, so that none waits for another."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from typing import Any

from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.store import Journal
from dui_bridge.model.states import DeliveryState
from dui_bridge.pipeline.delivery import points
from dui_bridge.pipeline.delivery.destinations import OpenDestination, open_destinations
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.delivery.plan import EVERYTHING, Planned, plan
from dui_bridge.pipeline.delivery.standing import Aligned, align
from dui_bridge.pipeline.delivery.worker import Tools, Worked, Worker
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.policy.defaults import PolicyRules
from dui_bridge.site.settings import Site


@dataclass(frozen=True)
class Delivered:
    """What one pass did.

    Args:
        worked: by destination, in the order of the site file.
        not_kept: destination → documents that it should have, whose bytes are not kept any more.
        held: destination → documents that it should have since it was added, so many that a person is asked first.
    """

    planned: Planned
    worked: Mapping[str, Worked]
    not_kept: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)

    @property
    def delivered(self) -> int:
        """How many arrived."""
        return sum(one.delivered for one in self.worked.values())

    @property
    def errors(self) -> dict[str, DuiBridgeError]:
        """Destination → what is wrong with it."""
        return {name: one.error for name, one in self.worked.items() if one.error is not None}

    def exit_code(self) -> int:
        """0, or that of what is wrong with a destination: what a person must correct comes before what may pass."""
        refusals = (error for one in self.worked.values() for error in one.refused_for.values())
        return min((error.exit_code for error in (*self.errors.values(), *refusals)), default=0)


class _OneAtATime(Steps):
    """Steps that several threads tell."""

    def __init__(self, steps: Steps) -> None:
        self._steps, self._lock = steps, threading.Lock()

    def event(self, name: str, **values: Any) -> None:
        with self._lock:
            self._steps.event(name, **values)


def deliver(
    site: Site,
    journal: Journal,
    rules: PolicyRules,
    tools: Tools,
    *,
    only: str | None = None,
    states: Collection[DeliveryState] = EVERYTHING,
    stop: threading.Event | None = None,
) -> Delivered:
    """Plans what a destination should have, asks policy, then sends what is ready.

    Args:
        tools: `name` is made here; `steps` is called from several threads, one at a time.
        only: the one destination to deal with.
        states: what policy is asked about (`plan.plan`).
        stop: once set, each destination finishes the delivery under way.
    Raises:
        JournalUnusable: policy could not be asked. When the journal fails a worker, that stands in `Worked.error`.
    """
    points.arm(site.profile)
    stop = stop or threading.Event()
    tools = replace(tools, steps=_OneAtATime(tools.steps), name=f"{socket.gethostname()[:40]}:{os.getpid()}")
    opened = {name: one for name, one in open_destinations(site).items() if only in (None, name)}

    def gate(*, fresh: bool = False) -> Gate:
        return Gate(site, journal, rules, fresh=fresh, at_once=tools.at_once)

    def work(destination: OpenDestination) -> Worked:
        try:
            return Worker(journal, gate(fresh=True), destination, tools).work(stop)
        except DuiBridgeError as error:
            return Worked(error=error)

    aligned = align(journal, site, gate(), tools.clock(), only=only) if states else Aligned()
    planned = plan(journal, gate(), tools.clock(), destination=only, states=states)
    if not opened:
        return Delivered(planned, {}, aligned.not_kept, aligned.held)
    with ThreadPoolExecutor(len(opened), thread_name_prefix="deliver") as threads:
        futures = {name: threads.submit(work, one) for name, one in opened.items()}
        try:
            wait(futures.values())
        except BaseException:
            # Interrupted, the caller waits for what is under way, and for nothing more.
            stop.set()
            raise
    worked = {name: future.result() for name, future in futures.items()}
    return Delivered(planned, worked, aligned.not_kept, aligned.held)
