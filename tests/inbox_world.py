"""Dossiers and earlier documents as a journal would tell them, for the tests of the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from dui_bridge.connectors.mssante.reading import read_mail
from dui_bridge.findings import Finding
from dui_bridge.ins.traits import Traits, traits_of
from dui_bridge.pipeline.inbox.arrivals import arrival
from dui_bridge.pipeline.inbox.judging import judge
from dui_bridge.pipeline.inbox.matching import same_traits
from dui_bridge.pipeline.inbox.records import Arrival, Judgement, Kept, KeptState, Person, ReceivedDocument
from tests.cda_dossiers import FULL
from tests.mss_mails import DOCTOR, OWN, with_documents
from tests.xds_deposits import ins

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
FINESS = "330000019"
HERS = Person(7, "atlas", FINESS, "0042", True, ins().matricule, ins().oid, traits_of(FULL.usager))
SOMEBODY = replace(HERS, dossier_id=8, number="0043", matricule="", traits=replace(HERS.traits, nom_naissance="DURAND"))


@dataclass
class World:
    """What is known here."""

    people: Sequence[Person] = (HERS, SOMEBODY)
    earlier: Sequence[Kept] = ()
    asked: list[str] = field(default_factory=list)

    def by_matricule(self, matricule: str) -> Sequence[Person]:
        self.asked.append(matricule)
        return [one for one in self.people if one.matricule and one.matricule[:13] == matricule[:13]]

    def by_traits(self, traits: Traits) -> Sequence[Person]:
        return [one for one in self.people if same_traits(one.traits, traits)]

    def kept(self, document: ReceivedDocument) -> Sequence[Kept]:
        return self.earlier


def no_check(data: bytes) -> Sequence[Finding]:
    return ()


def came(data: bytes | None = None, **changes: object) -> Arrival:
    """A mail with one document, as it comes, or with some of it changed."""
    found = arrival(read_mail(with_documents() if data is None else data), mailbox=OWN, at=NOW, check=no_check)
    return replace(found, **changes)  # type: ignore[arg-type]


def document(**changes: object) -> ReceivedDocument:
    return replace(came().documents[0], **changes)  # type: ignore[arg-type]


def judged(given: Arrival, world: World | None = None, finess: str = FINESS) -> Judgement:
    return judge(
        given, world or World(), trusted=lambda address: address.lower().endswith(".mssante.fr"), finess=finess
    )


def kept(state: KeptState = KeptState.FILED, **changes: object) -> Kept:
    """The document of `came`, as it was kept before."""
    own = document()
    before = Kept(
        1, own.unique_id, own.sha256, state, DOCTOR, own.set_id, own.version, own.replaces, HERS.dossier_id, "n"
    )
    return replace(before, **changes)  # type: ignore[arg-type]
