"""How the dummy fails."""

from __future__ import annotations

from dui_bridge.errors import Retry
from dui_bridge.findings import Rule, Scope, Severity, Who


class DummyBusy(Retry):
    """It fails for now, as its probabilities say."""

    code = "DMY-001"
    en = "the dummy destination is busy"
    fr = "la destination factice est occupée"
    action_en = "Nothing: it is tried again."
    action_fr = "Rien : un nouvel essai suivra."


REFUSED = Rule(
    "DMY-002",
    Severity.ERROR,
    Scope.DOCUMENT,
    "the dummy destination refuses this document, as its probabilities say",
    "la destination factice refuse ce document, comme le veulent ses probabilités",
    "Nothing: this is a sandbox.",
    "Rien : c'est un bac à sable.",
    who=Who.DUI,
)
