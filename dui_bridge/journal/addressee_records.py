"""What the journal takes of the recipients of a mail."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AddresseeEntry:
    """A recipient, by what knows it again; the journal keeps digests of both.

    Args:
        who: what stays the same when the mailbox changes; empty where nothing does.
        address: of the mailbox; empty when there is none.
    """

    who: str = field(repr=False)
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class TurnedDown:
    """A recipient whom the destination refused for good.

    Args:
        cause, who: the rule, and who acts.
        code, answer: what the destination said; the answer is kept sealed.
        suspect: nothing more is sent to this address before somebody has looked.
    """

    addressee: AddresseeEntry
    cause: str
    who: str
    code: str
    answer: bytes = field(repr=False)
    suspect: bool


@dataclass(frozen=True, slots=True)
class Parted:
    """Of a mail that left, or may have: who has it, and who is to get it yet, each in a delivery of its own.

    Args:
        written: it was written to them.
        later: policy left them out, or they were not taken for now: one delivery that policy is asked about.
        cause, who: of that delivery: the rule that keeps all of them back; empty when it may leave.
        refused: for good: one delivery each, which a person sends again.
    """

    written: tuple[AddresseeEntry, ...]
    later: tuple[AddresseeEntry, ...] = ()
    cause: str = ""
    who: str = ""
    refused: tuple[TurnedDown, ...] = ()
