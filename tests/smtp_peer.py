"""A submission server on this machine with real TLS that answers what a test says, for the tests of the mail client."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import BinaryIO

CUT = b""
"""In the place of an answer: the connection is cut."""
SILENT = b"\0"
"""In the place of an answer: none comes."""
WITHIN = b"\1"
"""In the place of the answer to a mail: the connection is cut in the middle of it."""
FEATURES = (b"SIZE 30000000", b"DSN", b"AUTH EXTERNAL PLAIN XOAUTH2", b"8BITMIME")

USUAL: Mapping[str, Sequence[bytes]] = {
    "GREETING": (b"220 mss.test ESMTP",),
    "STARTTLS": (b"220 2.0.0 go ahead",),
    "AUTH": (b"235 2.7.0 welcome",),
    "CHALLENGED": (b"235 2.7.0 welcome",),
    "MAIL": (b"250 2.1.0 ok",),
    "RCPT": (b"250 2.1.5 ok",),
    "DATA": (b"354 go on",),
    "END": (b"250 2.0.0 queued as 4XYZ",),
    "RSET": (b"250 2.0.0 ok",),
    "QUIT": (b"221 2.0.0 bye",),
}


@dataclass
class SmtpPeer:
    """Where it listens, and what reached it. Of answers with several in turn the last one stays."""

    port: int
    answers: dict[str, list[bytes]]
    connections: int = 0
    commands: list[str] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)

    def answer(self, step: str) -> bytes:
        found = self.answers[step]
        return found.pop(0) if len(found) > 1 else found[0]

    def said(self, verb: str) -> list[str]:
        """The commands that begin with this verb."""
        return [one for one in self.commands if one.upper().startswith(verb)]


@contextmanager
def smtp_peer(
    context: ssl.SSLContext | None,
    *,
    implicit: bool = False,
    features: Sequence[bytes] = FEATURES,
    clear: Sequence[bytes] = (b"STARTTLS",),
    **answers: bytes | Sequence[bytes],
) -> Iterator[SmtpPeer]:
    """Listens for the time of the block.

    Args:
        features: offered once TLS is up; `clear` before.
        answers: by step (`MAIL`, `END`, …): one answer, or several in turn.
    """
    given = {step: (one,) if isinstance(one, bytes) else one for step, one in answers.items()}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = SmtpPeer(listener.getsockname()[1], {step: list(one) for step, one in {**USUAL, **given}.items()})
        stop = threading.Event()

        def serve() -> None:
            while True:
                plain, _ = listener.accept()
                if stop.is_set():
                    plain.close()
                    return
                found.connections += 1
                talk = _Talk(found, plain, context, features, clear)
                threading.Thread(target=talk.run, args=(implicit,), daemon=True).start()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield found
        finally:
            stop.set()
            socket.create_connection(("127.0.0.1", found.port)).close()
            thread.join(5)


class _Talk:
    def __init__(
        self,
        peer: SmtpPeer,
        plain: socket.socket,
        context: ssl.SSLContext | None,
        features: Sequence[bytes],
        clear: Sequence[bytes],
    ) -> None:
        self._peer, self._socket, self._context = peer, plain, context
        self._features, self._clear, self._secure = features, clear, False

    def run(self, implicit: bool) -> None:
        with suppress(OSError):  # a refusal by either side is what the test looks at, from the other end
            self._socket.settimeout(10)
            if implicit:
                self._wrap()
            self._converse()
        self._socket.close()

    def _wrap(self) -> None:
        assert self._context is not None
        self._socket = self._context.wrap_socket(self._socket, server_side=True)
        self._secure = True

    def _converse(self) -> None:
        if not self._reply("GREETING"):
            return
        reader = self._socket.makefile("rb")
        while line := reader.readline():
            command = line.decode().rstrip("\r\n")
            self._peer.commands.append(command)
            verb = command.partition(" ")[0].upper()
            if verb == "EHLO":
                offered = self._features if self._secure else self._clear
                lines = [b"mss.test", *offered]
                self._socket.sendall(
                    b"".join(b"250%b%b\r\n" % (b" " if one is lines[-1] else b"-", one) for one in lines)
                )
                continue
            answer = self._reply(verb if verb in USUAL else "CHALLENGED")
            if not answer:
                return
            if verb == "STARTTLS" and answer.startswith(b"220"):
                self._wrap()
                reader = self._socket.makefile("rb")
            if answer.startswith(b"354") and not self._mail(reader):
                return

    def _mail(self, reader: BinaryIO) -> bytes:
        if self._peer.answers["END"][0] == WITHIN:
            reader.readline()
            return b""
        lines = []
        while (line := reader.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return b""
        self._peer.mails.append(b"".join(lines))
        return self._reply("END")

    def _reply(self, step: str) -> bytes:
        """The answer that was given; empty when the connection is to be cut."""
        answer = self._peer.answer(step)
        if answer == SILENT:
            threading.Event().wait(3)
        if answer in (SILENT, CUT):
            return b""
        self._socket.sendall(answer + b"\r\n")
        return answer
