"""Who and what is known here, for judging a mail: identities by blind index, documents by the digests of their ids."""

from __future__ import annotations

from collections.abc import Sequence

from dui_bridge.ins.gate import oid_of
from dui_bridge.ins.traits import Traits
from dui_bridge.journal.identity_records import IdentityState, KnownIdentity
from dui_bridge.journal.store import Journal
from dui_bridge.model.identite import StatutIdentite
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.identity.record import IdentityRecord, from_json
from dui_bridge.pipeline.inbox.matching import same_traits
from dui_bridge.pipeline.inbox.records import Kept, KeptState, Person, ReceivedDocument
from dui_bridge.pipeline.policy.facts import UsagerFacts


class JournalKnown:
    """What the journal of a site knows (`records.Known`).

    Args:
        mail: the mail that is judged: its own documents do not count as known.
    """

    def __init__(self, journal: Journal, profile: Profile, mail: int) -> None:
        self._journal, self._profile, self._mail = journal, profile, mail

    def by_matricule(self, matricule: str) -> Sequence[Person]:
        """The dossiers, still read, with this number of 15 characters."""
        found = (self._journal.identities.get(one) for one in self._journal.identities.with_matricule(matricule))
        return [person for one in found if one is not None and (person := self.person(one)) is not None]

    def by_traits(self, traits: Traits) -> Sequence[Person]:
        """The dossiers whose strict traits agree: traits without the same birth date never do."""
        return [
            person
            for one in self._journal.identities.holding(traits.date_naissance)
            if (person := self.person(one)) is not None and same_traits(person.traits, traits)
        ]

    def kept(self, document: ReceivedDocument) -> Sequence[Kept]:
        """Those of the same unique id or series, those that it replaces, and those that replace it; oldest first."""
        found = self._journal.inbox.kept(document.unique_id, document.set_id, document.replaces, self._mail)
        return [
            Kept(
                one.id,
                one.unique_id,
                one.sha256,
                KeptState(one.state),
                one.sender,
                one.set_id,
                one.version,
                one.replaces,
                one.dossier_id,
                one.name,
            )
            for one in found
        ]

    def person(self, known: KnownIdentity) -> Person | None:
        """The person of a dossier; None once it is erased, or when its identity cannot be read."""
        try:
            record = from_json(known.record)
        except ValueError:
            return None
        identite = record.counting
        matricule = identite.matricule or ""
        return Person(
            dossier_id=known.dossier_id,
            source=known.source,
            finess=known.finess or "",
            number=known.number,
            qualified=bool(matricule) and self._is_qualified(known, record),
            matricule=matricule,
            oid=oid_of(matricule, identite.oid, self._profile) if matricule else "",
            traits=identite.traits or record.locaux,
        )

    def _is_qualified(self, known: KnownIdentity, record: IdentityRecord) -> bool:
        """As the gate says for what leaves: the identity, and what the last reading made of the dossier."""
        if record.counting.statut is not StatutIdentite.QUALIFIEE or known.state is IdentityState.TO_DECIDE:
            return False
        dossier = self._journal.dossiers.get(known.dossier_id)
        return dossier is not None and UsagerFacts.from_json(dossier.facts).ins_qualified is True
