"""Which answer of a mail server is which of our errors, as tables: enhanced status codes, then reply codes.

Sources: RFC 5321 §4.2.3 and RFC 3463 with its register; ANS, volet "Transmission de document CDA en HL7 v2" (list of
SMTP error codes). No text shows an address or a number of a person: a citizen's address is a matricule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from dui_bridge.connectors.mssante.errors import (
    AuthRefused,
    Busy,
    DomainRefused,
    MailboxFull,
    RecipientUnknown,
    Refused,
    SenderRefused,
    SizeRefused,
)
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Finding, Rule, Scope, Severity
from dui_bridge.ins.carriers import CITIZEN_MAIL

ENHANCED: Final[Mapping[str, type[DuiBridgeError]]] = {
    "1.0": RecipientUnknown,
    "1.1": RecipientUnknown,
    "1.2": DomainRefused,
    "1.3": RecipientUnknown,
    "1.4": RecipientUnknown,
    "1.6": RecipientUnknown,
    "1.10": DomainRefused,
    "2.0": RecipientUnknown,
    "2.1": RecipientUnknown,
    "2.2": MailboxFull,
    "2.3": SizeRefused,
    "3.4": SizeRefused,
}
"""Subject and detail of a status 5.x.y → our error."""

CODES: Final[Mapping[int, type[DuiBridgeError]]] = {
    101: Busy,
    111: Busy,
    510: RecipientUnknown,
    511: RecipientUnknown,
    512: DomainRefused,
    513: RecipientUnknown,
    523: SizeRefused,
    550: RecipientUnknown,
    551: RecipientUnknown,
    552: MailboxFull,
    553: RecipientUnknown,
}
"""A code about a recipient, without an enhanced status that says more → our error."""

WANTS_AUTH: Final = frozenset({530, 534, 535, 538})
"""Codes that are about who sends, at whichever step they come."""

_OF_SENDER: Final = frozenset({553, 554})
"""Codes that are about who sends when their status is one of policy (5.7.x)."""
_STATUS: Final = re.compile(r"([245])\.(\d{1,3}\.\d{1,3})(?!\.?\d)\s*", re.ASCII)
_ADDRESS: Final = re.compile(r"<?[^\s<>]+@[^\s<>,;:]+>?")
_NUMBER: Final = re.compile(r"\d[\dAB ]{8,22}\d", re.ASCII)
_LONGEST: Final = 300
_MOST_READ: Final = 2_000


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a server.

    Args:
        code: three digits; -1 for what is no answer of SMTP.
        status: enhanced, as `5.1.1`; empty without one.
        words: without addresses and numbers.
        raw: all that it said, up to a limit.
    """

    code: int
    status: str
    words: str
    raw: bytes = field(default=b"", repr=False)

    @property
    def answer(self) -> str:
        """Both codes, as a message shows them."""
        return f"{self.code} {self.status}".strip()

    @property
    def positive(self) -> bool:
        return 200 <= self.code < 300

    @property
    def transient(self) -> bool:
        """Not now: the same may be taken later."""
        return 400 <= self.code < 500


def read_reply(code: int, text: bytes) -> Reply:
    """An answer as `smtplib` gives it."""
    raw = text[:_MOST_READ]
    said = raw.decode("utf-8", "replace")
    found = _STATUS.match(said)
    status, words = (f"{found[1]}.{found[2]}", said[found.end() :]) if found else ("", said)
    return Reply(code, status, bare(words), b"%d %b" % (code, raw))


def kind_of(code: int, status: str = "") -> type[DuiBridgeError]:
    """What a refusal of a recipient or of a mail means, of a server or in a delivery report.

    Args:
        code: of three digits; 0 when only the status is known.
        status: enhanced, may be empty.
    """
    if status.startswith("4.") or (not status and 400 <= code < 500):
        return Busy
    return ENHANCED.get(status.partition(".")[2]) or CODES.get(code, Refused)


def fault_of_sender(reply: Reply, recipient: str) -> type[DuiBridgeError] | None:
    """What the refusal of a recipient says of us: mail servers (Postfix among them) tell there what they refuse of the
    client and of the sender. None: it is about the recipient.

    Args:
        recipient: its address: a server that names it means it.
    """
    if reply.code in WANTS_AUTH:
        return AuthRefused
    named = recipient.lower().encode() in reply.raw.lower()
    return SenderRefused if reply.code in _OF_SENDER and reply.status.startswith("5.7.") and not named else None


def bare(words: str) -> str:
    """Words of a server on one line, without addresses and long numbers; `—` for none."""
    text = _NUMBER.sub("…", _ADDRESS.sub("…", " ".join(words[:_MOST_READ].split())))
    return text[:_LONGEST] or "—"


def without_persons(address: str) -> str:
    """What somebody wrote as an address, without the number that the address of a citizen holds."""
    if CITIZEN_MAIL[1:] in address.lower():
        return f"…{CITIZEN_MAIL}"
    return _NUMBER.sub("…", address)[:_LONGEST]


def finding_of(error: DuiBridgeError) -> Finding:
    """A refusal as the finding of an outcome."""
    return Finding(rule_of(type(error)), values=error.values)


def rule_of(told: type[DuiBridgeError]) -> Rule:
    """An error as the rule of a finding."""
    texts = (told.en, told.fr, told.action_en, told.action_fr)
    return Rule(told.code, Severity.ERROR, Scope.DOCUMENT, *texts, told.who, "MSSanté")
