"""The nouns of the inbox; what of them the journal is to keep is said at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from dui_bridge.findings import Finding
from dui_bridge.ins.traits import Traits


class Decision(StrEnum):
    """What becomes of a mail with documents. It is one for the whole mail: its sender gets one answer."""

    FILED = "filed"
    REVIEW = "review"
    REFUSED = "refused"


class Effect(StrEnum):
    """What a document does to those that came before."""

    NEW = "new"
    DUPLICATE = "duplicate"  # ignored
    REPLACES = "replaces"
    CANCELS = "cancels"


class KeptState(StrEnum):
    """How a document that came earlier stands."""

    FILED = "filed"
    REVIEW = "review"
    REFUSED = "refused"
    REPLACED = "replaced"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who a document is about, as it says itself.

    Args:
        matricule, oid: of the INS; empty without one.
        named: patientId of the metadata, number and OID of an INS; empty when these name none.
    """

    matricule: str = ""
    oid: str = ""
    traits: Traits = field(default=Traits("", "", "", "", "", ""), repr=False)
    named: tuple[str, str] = field(default=("", ""), repr=False)


@dataclass(frozen=True)
class ReceivedDocument:
    """A CDA document that came, with its terms.

    Args:
        unique_id: `root`, or `root^extension`; never empty: without one, the document is refused.
        set_id: as unique_id; empty without one. version: None without a number.
        replaces: unique ids.
        type_code, type_label, title, author: for a person; may be empty.
        created: when, aware; None when it does not say.
        data: the document, exactly as in the archive; empty of a PDF that came without one. pdf: one that came with it,
            when there is one.
        pdf_from: where the PDF stood; empty without one. Nothing says that one attached is what the document says.
        findings: of the check as received.
    """

    unique_id: str
    subject: Subject
    sha256: str
    data: bytes = field(repr=False)
    set_id: str = ""
    version: int | None = None
    replaces: tuple[str, ...] = ()
    type_code: str = ""
    type_label: str = ""
    title: str = field(default="", repr=False)
    author: str = field(default="", repr=False)
    created: datetime | None = None
    pdf: bytes | None = field(default=None, repr=False)
    pdf_from: Literal["", "archive", "attachment"] = ""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Arrival:
    """A mail with documents, opened. Nothing of it was judged yet.

    The journal keeps (sealed) the mail as it came, and one row: message_id digest, mailbox, sender, at, sha256 of the
    mail, decision, code answered, answered_at, cause.

    Args:
        sender: the address that it names; return_path: the one that it came from, `<>` of a machine, empty when the
            server did not keep it. mailbox: the address that it came to.
        at: when it came, aware.
        qualified: whether the sender says that the INS is qualified (X-MSS-INS); None when it does not say.
        cancels: the mail says that it cancels, and replaces by nothing.
        others: attached files that are none of the documents.
        findings: of the mail and of its archive.
    """

    message_id: str
    sender: str
    mailbox: str
    at: datetime
    documents: tuple[ReceivedDocument, ...]
    qualified: bool | None = None
    cancels: bool = False
    others: int = 0
    findings: tuple[Finding, ...] = ()
    return_path: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A dossier that may be meant.

    Args:
        dossier_id: in the journal. number: that the DUI shows.
        qualified: whether its INS may leave (`ins.gate`); matricule and oid are then those of the gate.
    """

    dossier_id: int
    source: str
    finess: str
    number: str
    qualified: bool
    matricule: str = field(default="", repr=False)
    oid: str = ""
    traits: Traits = field(default=Traits("", "", "", "", "", ""), repr=False)


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that came earlier.

    The journal keeps one row for each: id, arrival id, dossier_id (None before it is filed), digests of unique_id and
    set_id, version, digests of replaces, sha256, state, effect, replaced row, type_code, created, filed_at, laid name;
    sealed: unique_id, title, author, the bytes.
    """

    id: int
    unique_id: str
    sha256: str
    state: KeptState
    sender: str
    set_id: str = ""
    version: int | None = None
    replaces: tuple[str, ...] = ()
    dossier_id: int | None = None
    name: str = ""


class Known(Protocol):
    """What the journal answers; identities are asked by blind index."""

    def by_matricule(self, matricule: str) -> Sequence[Person]:
        """The dossiers with this number, qualified or not."""

    def by_traits(self, traits: Traits) -> Sequence[Person]:
        """The dossiers whose strict traits agree (`ins.compare.match`)."""

    def kept(self, document: ReceivedDocument) -> Sequence[Kept]:
        """Those of the same unique id or series, those that it replaces, and those that replace it; oldest first."""


@dataclass(frozen=True)
class Judged:
    """A document and what it does; `target` is the earlier document that it repeats, replaces or cancels."""

    document: ReceivedDocument
    effect: Effect
    target: Kept | None = None


@dataclass(frozen=True)
class Judgement:
    """What becomes of a mail.

    Args:
        cause: why it was refused or waits; None when filed.
        code: 900 to 906 of a refusal, else empty. An answer goes out when filed or refused, not while it waits.
        person: whose dossier it is filed in.
        candidates: dossiers for a person to choose from.
    """

    decision: Decision
    cause: Finding | None = None
    code: str = ""
    person: Person | None = None
    candidates: tuple[Person, ...] = ()
    documents: tuple[Judged, ...] = ()
