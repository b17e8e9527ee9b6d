"""Where the crash suite kills the process: a test hook, dead in production.

Nothing happens at a point unless the environment names it in `DUI_BRIDGE_CRASH_AT` (`send.before`, or `send.before:3`
for the third time) and the process works for a site of the sandbox profile (`arm`).
"""

from __future__ import annotations

import os
import signal
from typing import Final

from dui_bridge.model.profile import Profile

VARIABLE: Final = "DUI_BRIDGE_CRASH_AT"

POINTS: Final = (
    "begin.before",  # a run of a source
    "begin.after",
    "record.before",  # the version, its bytes and its deliveries
    "record.after",
    "items.before",  # the states of what was read, page by page
    "items.after",
    "raw.before",  # the raw fingerprints of what changed without effect
    "raw.after",
    "gone.before",  # what was not read any more
    "gone.after",
    "end.before",  # of the run
    "end.after",
    "plan.before",  # what policy says, page by page
    "plan.after",
    "ask.before",  # asking a destination whether it has something
    "ask.after",
    "block.before",  # what policy forbids at the last moment
    "block.after",
    "start.before",  # ready → sending, with the end of the one before it
    "start.after",
    "send.before",
    "send.after",
    "finish.before",  # what became of it
    "finish.after",
    "brake.before",  # the state of the destination
    "brake.after",
    "outbox.before",  # what the DUI is to be told
    "outbox.after",
    "lay.before",  # the file of outcome rows
    "lay.after",
    "told.before",  # that the DUI was told
    "told.after",
)
"""`X.before` and `X.after`: of the commit, or of the call."""

RECEIVING: Final = (
    "keep.before",  # a mail that was fetched
    "keep.after",
    "tie.before",  # what a report says
    "tie.after",
    "inbox.before",  # laying documents for the DUI
    "inbox.after",
    "treat.before",  # what became of another mail
    "treat.after",
    "mark.before",  # that it is marked in the mailbox
    "mark.after",
    "answer.before",  # that an answer is being sent
    "answer.after",
    "answered.before",  # that it was
    "answered.after",
)
"""As `POINTS`, of a cycle of receiving (`pipeline.inbox.receive`)."""

_left: dict[str, int] = {}


def arm(profile: Profile) -> None:
    """Reads the environment; only a sandbox is ever killed."""
    _left.clear()
    wanted = os.environ.get(VARIABLE)
    if wanted and profile is Profile.SANDBOX:
        name, _, number = wanted.partition(":")
        _left[name] = int(number or 1)


def reached(name: str) -> None:
    """Ends the process by SIGKILL when it is told to end here."""
    if name in _left:
        _left[name] -= 1
        if _left[name] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
