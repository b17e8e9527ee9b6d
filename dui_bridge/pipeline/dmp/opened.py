"""The DMP of a site, opened for an operator; and what of ours is meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.context import Acting
from dui_bridge.connectors.dmp.errors import EstablishmentUnknown
from dui_bridge.connectors.dmp.opening import client_of_site
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.connectors.ports import DeliveryContext
from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.journal.records import DeliveryCase, Sendable
from dui_bridge.pipeline.actions.desk import Desk
from dui_bridge.pipeline.delivery.context import context_of
from dui_bridge.pipeline.delivery.destinations import OpenDestination, open_destinations
from dui_bridge.pipeline.delivery.gate import Gate
from dui_bridge.pipeline.dmp.errors import BytesGone, DmpNotDeclared, NotForTheDmp, NothingWithIns, WhichDmp
from dui_bridge.pipeline.policy.facts import UsagerFacts, seen_of
from dui_bridge.pipeline.reports.errors import check_destination
from dui_bridge.pipeline.sending import gate_of
from dui_bridge.site.settings import Site

KIND = "dmp"


@dataclass(frozen=True)
class Dmp:
    """The DMP of a site, for the structure itself (headless).

    Args:
        destination: of the site file.
        client: its transactions.
        acting: who calls, by FINESS of the establishment.
    """

    destination: OpenDestination
    client: DmpClient
    acting: dict[str, Acting]

    @property
    def name(self) -> str:
        return self.destination.name

    def of(self, finess: str) -> Acting:
        """Raises EstablishmentUnknown: nobody answers for it."""
        found = self.acting.get(finess)
        if found is None:
            raise EstablishmentUnknown(finess=finess)
        return found

    def about(self, meant: Meant) -> Acting:
        """Who calls about a delivery: under a secret connection where its document asks for one. Raises as `of`."""
        return replace(self.of(meant.case.delivery.finess), secret_access=meant.context.secret_access)


@dataclass(frozen=True)
class Meant:
    """A delivery of ours with what the DMP needs to speak of it.

    Args:
        ins: as the document carries it.
        stands: whether it may leave now: it still is that of the usager, and qualified.
    """

    case: DeliveryCase
    sendable: Sendable
    context: DeliveryContext
    ins: QualifiedIns
    stands: bool = True


def dmp_of(site: Site, name: str | None = None) -> OpenDestination:
    """The destination. Raises UnknownDestination, DmpNotDeclared, WhichDmp."""
    if name is not None:
        check_destination(site, name)
    found = {one: opened for one, opened in open_destinations(site).items() if opened.kind == KIND}
    if name is not None and name in found:
        return found[name]
    if name is not None or not found:
        raise DmpNotDeclared
    if len(found) > 1:
        raise WhichDmp(known=", ".join(found))
    return next(iter(found.values()))


@contextmanager
def opened(desk: Desk, destination: OpenDestination) -> Iterator[Dmp]:
    """Opens it for the time of the block. Raises FixConfiguration: something is not declared, or cannot be used."""
    settings = destination.settings
    if not isinstance(settings, DmpSettings):
        raise DmpNotDeclared
    client, acting = client_of_site(settings, destination.means(desk.journal))
    try:
        yield Dmp(destination, client, acting)
    finally:
        client.line.http.close()


def deliveries_to(desk: Desk, destination: OpenDestination, deliveries: Iterable[int], subject: str) -> list[int]:
    """Those that go there, in order. Raises NotForTheDmp: none does."""
    found = [one for one in deliveries if desk.case(one).delivery.destination == destination.name]
    if not found:
        raise NotForTheDmp(subject=subject, destination=destination.name)
    return found


def meant(desk: Desk, destination: OpenDestination, deliveries: Iterable[int], subject: str) -> Meant:
    """The latest of them that carries an INS which may leave now. Raises NotForTheDmp, NothingWithIns."""
    gate = gate_of(desk.site, desk.journal)
    for one in reversed(deliveries_to(desk, destination, deliveries, subject)):
        sendable = desk.journal.deliveries.sendable(one)
        if sendable is None or not _may_leave(gate, sendable.case):
            continue
        context = context_of(sendable, destination.channel, desk.journal)
        if context.ins is not None:
            return Meant(sendable.case, sendable, context, context.ins)
    raise NothingWithIns(subject=subject)


def carried(desk: Desk, destination: OpenDestination, deliveries: Iterable[int], subject: str) -> Meant:
    """The latest of them that carries an INS, whosever that turned out to be: what lies in the DMP of another person
    must be taken out of that one.

    Raises:
        NotForTheDmp, NothingWithIns; BytesGone: the latest cannot be read any more.
    """
    gate = gate_of(desk.site, desk.journal)
    for one in reversed(deliveries_to(desk, destination, deliveries, subject)):
        sendable = desk.journal.deliveries.sendable(one)
        if sendable is None:
            raise BytesGone(subject=f"delivery-{one}")
        context = context_of(sendable, destination.channel, desk.journal)
        if context.ins is not None:
            return Meant(sendable.case, sendable, context, context.ins, _may_leave(gate, sendable.case))
    raise NothingWithIns(subject=subject)


def _may_leave(gate: Gate, case: DeliveryCase) -> bool:
    """Whether the INS of a document still is that of its usager, and qualified."""
    usager = UsagerFacts.from_json(case.usager)
    return (
        bool(usager.ins_qualified) and not usager.anonymous and gate.ins_stands(case.delivery, seen_of(case.document))
    )
