"""An exchange with the DMP about one document, as it was sent and answered but for the secrets: who keeps it seals it.

The document itself is left out: whoever keeps exchanges has its bytes, and puts them back. What an answer brings beside
its message is left out as well.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from dui_bridge.connectors.wire.capture import shown_headers, without_secret

Keep = Callable[[str, bytes, datetime], object]
"""Keeps an exchange: uniqueId of the document that it is about, `KeptExchange.packed`, when it began (aware). It may
raise a DuiBridgeError."""


@dataclass(frozen=True, slots=True)
class KeptExchange:
    """One request, and what came back.

    Args:
        about: uniqueId of the document.
        at: aware. url: of the service. action: of WS-Addressing.
        headers: of the request, those that hold no secret.
        request: its body, or what stands in it before the document.
        after: what stands in it after the document; None when it carries none.
        status: of HTTP; None when no answer came that can be read.
        answer_headers, answer: its headers, and its message.
    """

    about: str
    at: datetime
    url: str
    action: str
    headers: Mapping[str, str]
    request: bytes = field(repr=False)
    after: bytes | None = field(default=None, repr=False)
    status: int | None = None
    answer_headers: Mapping[str, str] = field(default_factory=dict)
    answer: bytes | None = field(default=None, repr=False)

    def body(self, document: bytes) -> bytes:
        """The body of the request, with the document in its place when it carries it."""
        return self.request if self.after is None else self.request + document + self.after

    def without(self, secret: str) -> KeptExchange:
        """The same, with a mark where a secret stood."""
        request, after, answer = (
            None if one is None else without_secret(one, secret) for one in (self.request, self.after, self.answer)
        )
        return replace(self, request=request or b"", after=after, answer=answer)

    def packed(self) -> bytes:
        """What `unpacked` reads."""
        shown = replace(self, headers=shown_headers(self.headers), answer_headers=shown_headers(self.answer_headers))
        return zlib.compress(json.dumps(asdict(shown), default=_told).encode())


def unpacked(data: bytes) -> KeptExchange:
    """What `packed` made."""
    told = json.loads(zlib.decompress(data))
    read = {name: b64decode(told[name]) for name in ("request", "after", "answer") if told[name] is not None}
    return KeptExchange(**{**told, **read, "at": datetime.fromisoformat(told["at"])})


def _told(value: bytes | datetime) -> str:
    return b64encode(value).decode("ascii") if isinstance(value, bytes) else value.isoformat()
