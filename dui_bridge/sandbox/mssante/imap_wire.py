"""The connection of an IMAP client: lines and literals, TLS, and the failures that are to come."""

from __future__ import annotations

import base64
import binascii
import socket
import ssl
import time
from typing import Final

from dui_bridge.sandbox.mssante.imap_words import BadCommand, literal, with_literal
from dui_bridge.sandbox.mssante.trouble import Step, Troubles
from dui_bridge.sandbox.tls import subject

_LONGEST_LINE: Final = 65536
_LARGEST_LITERAL: Final = 50 * 1024 * 1024
_SILENCE: Final = 60.0
"""Seconds without a byte after which a connection is given up."""


class Cut(Exception):
    """The connection ends here, as was asked."""


class Wire:
    """One connection.

    Raises:
        OSError: the client is gone, or the handshake was refused.
    """

    def __init__(self, connection: socket.socket, troubles: Troubles) -> None:
        connection.settimeout(_SILENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # answers are many short lines
        self._connection = connection
        self._reader = connection.makefile("rb")
        self._troubles = troubles

    @property
    def is_secure(self) -> bool:
        """Whether TLS is there."""
        return isinstance(self._connection, ssl.SSLSocket)

    @property
    def name(self) -> str:
        """The common name of the client's certificate; empty without one."""
        return subject(self._connection).get("commonName", "") if self.is_secure else ""

    def secure(self, context: ssl.SSLContext) -> None:
        """The handshake; what was sent before it is forgotten.

        Raises:
            Cut: there is none.
        """
        trouble = self._troubles.next(Step.IMAP_HANDSHAKE)
        if trouble is not None:
            time.sleep(trouble.delay)
            raise Cut
        self._reader.close()
        self._connection = context.wrap_socket(self._connection, server_side=True)
        self._reader = self._connection.makefile("rb")

    def close(self) -> None:
        """Ends it."""
        self._reader.close()
        self._connection.close()

    def say(self, line: str) -> None:
        """Sends a line."""
        self.send(line.encode("utf-8") + b"\r\n")

    def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._connection.sendall(data)

    def command(self) -> str | None:
        """A command with its literals as quoted strings; None when the client is gone, or sends too much."""
        whole = b""
        while line := self._line():
            announced = literal(line)
            if announced is None:
                return (whole + line).decode("latin-1")
            length, unasked = announced
            if length > _LARGEST_LITERAL:
                return None
            if not unasked:
                self.say("+ OK")
            whole += with_literal(line, self._reader.read(length))
        return None

    def ask(self, challenge: bytes = b"") -> bytes:
        """What the client answers to a challenge, both in base64 on the wire.

        Raises:
            BadCommand: it gives up, or the answer is no base64.
        """
        self.send(b"+ %s\r\n" % base64.b64encode(challenge))
        return decoded(self._line().strip())

    def suffer(self, step: Step, data: bytes = b"") -> None:
        """The failure of this step, if one is to come; half of the data is sent before a cut.

        Raises:
            BadCommand: its answer, to be said instead.
            Cut: the connection ends.
        """
        trouble = self._troubles.next(step)
        if trouble is None:
            return
        time.sleep(trouble.delay)
        if trouble.cut:
            self.send(data[: len(data) // 2])
            if trouble.answer:
                self.say(f"* BYE {trouble.answer}")
            raise Cut
        if trouble.answer:
            raise BadCommand(trouble.answer)

    def _line(self) -> bytes:
        """A line with its end; nothing when the client is gone, or sends too much."""
        line = self._reader.readline(_LONGEST_LINE)
        return line if line.endswith(b"\n") else b""


def decoded(sent: bytes) -> bytes:
    """The bytes of an answer in base64, of which `=` is the empty one.

    Raises:
        BadCommand: the client gives up, or it is none.
    """
    try:
        return b"" if sent == b"=" else base64.b64decode(sent, validate=True)
    except binascii.Error:
        raise BadCommand("BAD Base64 attendu") from None
