"""Deposits of invented documents, for the tests of XDS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from dui_bridge.data.codes import Coded
from dui_bridge.ins.gate import QualifiedIns, qualified_ins
from dui_bridge.model.profile import Profile
from dui_bridge.xds.entries import Author, Contents, DocumentEntry, Mask, SubmissionSet
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.submission import Submitted, deposit, signature_entry
from tests.cda_dossiers import FULL, built

ENTRY_UUID = "urn:uuid:0f4b8a56-0c1e-4c53-9c6b-4f1c6b1f7f00"
LOGICAL_ID = "urn:uuid:0f4b8a56-0c1e-4c53-9c6b-4f1c6b1f7f11"
SIGNATURE = b"<signature/>"

SENDER = Author(
    person="3330000019/PONT^Pont^DUI^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
    institutions=("Foyer de vie L'Œillet^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1330000019",),
)


@cache
def cda() -> bytes:
    return built()


def ins() -> QualifiedIns:
    found = qualified_ins(FULL.usager, Profile.SANDBOX)
    assert found is not None
    return found


def entry(masks: Iterable[Mask] = ()) -> DocumentEntry:
    return document_entry(cda(), ins(), masks=masks)


def lot() -> SubmissionSet:
    return SubmissionSet(
        unique_id="2.25.27182818284",
        patient_id=entry().patient_id,
        source_id="2.25.1618033",
        submission_time="20261122050000",
        content_type=Coded("SA16", "1.2.250.1.71.4.2.4", "Etablissement pour personnes handicapées"),
        authors=(SENDER,),
    )


def first_deposit(document: DocumentEntry | None = None, replaces: str | None = None) -> Contents:
    """A document and the signature of its lot."""
    sent = document or entry()
    signature = signature_entry(lot(), sent, unique_id="2.25.14142135", sha1="0" * 40, size=1)
    return deposit(lot(), [Submitted(sent, replaces)], signature)


def registered(masks: Iterable[Mask] = ()) -> DocumentEntry:
    """The document as a registry gives it back."""
    return replace(
        entry(masks),
        id=ENTRY_UUID,
        logical_id=LOGICAL_ID,
        version="1",
        status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved",
        repository_id="1.2.250.1.213.4.1.1.1.2",
    )
