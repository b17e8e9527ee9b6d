"""What the stand-in does on a bad day."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dui_bridge.sandbox.troubles import TroubleQueue


class Step(StrEnum):
    """Where a failure happens.

    Of SMTP: `GREETING`; `STARTTLS`, `AUTH`, `MAIL` and `RCPT`, the commands; `HANDSHAKE`, after the answer to STARTTLS
    (or before the greeting where TLS is implicit): it always cuts; `DATA`, in the middle of a mail; `END`, after its
    last line. The others are those of IMAP; `IMAP_FETCH` cuts in the middle of a mail.
    """

    GREETING = "greeting"
    STARTTLS = "starttls"
    HANDSHAKE = "handshake"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    END = "end"
    IMAP_GREETING = "imap-greeting"
    IMAP_STARTTLS = "imap-starttls"
    IMAP_HANDSHAKE = "imap-handshake"
    IMAP_AUTH = "imap-auth"
    IMAP_SELECT = "imap-select"
    IMAP_SEARCH = "imap-search"
    IMAP_FETCH = "imap-fetch"
    IMAP_STORE = "imap-store"
    IMAP_MOVE = "imap-move"


@dataclass
class Trouble:
    """One failure of some steps.

    Args:
        step: where.
        times: how many times.
        after: how many are served before that.
        answer: said instead of going on: a line of SMTP (`451 4.3.0 …`), or what follows the tag in IMAP (`NO …`).
        cut: the connection ends, after `answer` when there is one.
        kept: at `END`, the mail is taken all the same, reports and replies included.
        address: at `MAIL` or `RCPT`, only for this address.
        delay: seconds before anything else.
    """

    step: Step
    times: int = 1
    after: int = 0
    answer: str = ""
    cut: bool = False
    kept: bool = False
    address: str = ""
    delay: float = 0.0


class Troubles(TroubleQueue[Trouble]):
    """The failures to come."""

    def next(self, step: Step, address: str = "") -> Trouble | None:
        """The failure of this step, counted as used."""
        with self._lock:
            meant = [one for one in self._to_come if one.step is step and one.address.lower() in {"", address.lower()}]
            found = next((one for one in meant if one.times > 0), None)
            if found is not None and found.after > 0:
                found.after -= 1
                return None
            if found is not None:
                found.times -= 1
            return found
