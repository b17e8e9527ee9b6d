"""The INS of a person as the journal keeps their identity, whether or not a document was ever made for them."""

from __future__ import annotations

from dui_bridge.ins.effective import remembered
from dui_bridge.ins.gate import QualifiedIns, qualified_ins
from dui_bridge.journal.identity_records import IdentityState
from dui_bridge.journal.records import KnownDossier
from dui_bridge.journal.store import Journal
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.identity.record import from_json
from dui_bridge.pipeline.policy.facts import UsagerFacts


def kept_ins(journal: Journal, dossier: KnownDossier, profile: Profile) -> QualifiedIns | None:
    """What the gate lets out of the identity of a dossier now; None when it may not, or nothing of it is kept.

    A site that does not ask INSi keeps no identities. Of traits that are not INSi's, only the last reading knew which
    of them the mapping presumed: they count when the gate let them pass then.
    """
    facts, known = UsagerFacts.from_json(dossier.facts), journal.identities.get(dossier.id)
    if known is None or not known.record or known.state is IdentityState.TO_DECIDE or facts.anonymous:
        return None
    record = from_json(known.record)
    identite = record.counting
    if identite.traits is None and facts.ins_qualified is not True:
        return None
    return qualified_ins(remembered(identite, record.locaux), profile)
