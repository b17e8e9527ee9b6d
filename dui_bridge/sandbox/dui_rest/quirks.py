"""What a real server does on a bad day, switched on one by one."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from dui_bridge.sandbox.troubles import TroubleQueue


@dataclass
class Fault:
    """One failure of the answers to some requests.

    Args:
        path: the requests whose path begins so.
        times: how many answers fail.
        after: how many are served before that.
        status: the HTTP status; None with `cut` or `delay` alone.
        retry_after: the header, in seconds or as an HTTP date.
        delay: seconds before the answer.
        cut: the connection ends in the middle of the body.
        body: instead of the answer, with `status`.
    """

    path: str
    times: int = 1
    after: int = 0
    status: int | None = None
    retry_after: str | None = None
    delay: float = 0.0
    cut: bool = False
    body: bytes = b""


@dataclass
class Quirks:
    """The habits of the server; all of them may be changed while it runs.

    Args:
        page_size: the most objects of a page.
        url_lifetime: seconds during which the address of a file is good.
        token_lifetime: seconds during which a token is good.
        drifts: after how many of the next pages a resident that was served is modified, and so moves to the end of the
            list: the cursor is an offset, and the resident at the seam is skipped.
        wrong_sha256: ids of documents whose file is not the one announced.
        faults: failures to come.
    """

    page_size: int = 200
    url_lifetime: float = 600.0
    token_lifetime: float = 3600.0
    drifts: int = 0
    wrong_sha256: set[str] = field(default_factory=set)
    faults: TroubleQueue[Fault] = field(default_factory=TroubleQueue)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def fail(self, *faults: Fault) -> None:
        """More failures to come."""
        self.faults.add(*faults)

    def next_fault(self, path: str) -> Fault | None:
        """The failure of this answer, counted as used."""
        return self.faults.take(lambda fault: path.startswith(fault.path))

    def takes_drift(self) -> bool:
        """Whether the data change now, counted as used."""
        with self._lock:
            if self.drifts <= 0:
                return False
            self.drifts -= 1
            return True
