"""Encryption at rest: one data key for each dossier, wrapped by a key derived from the master key.

Destroying the wrapped key of a dossier makes all that was sealed with it unreadable. What is sealed is bound to its
place (table, column, a name of the row, version of the key), so that a value moved to another row does not open.

Small values stand in the row: version (1 byte), nonce (12 random bytes), AES-256-GCM with its tag. Large bodies stand
in files, in chunks with a nonce that counts and marks the last one, each file with its own key (the STREAM construction
of Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015, as used by age): chunks cannot be reordered, dropped or cut off.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from dui_bridge.journal.keys import derive
from dui_bridge.journal.records import Json

LARGE: Final = 1024 * 1024
"""A body above this many bytes stands in a file."""

_VERSION: Final = 1
_HEADER: Final = bytes([_VERSION])
_NONCE: Final = 12
_TAG: Final = 16
_CHUNK: Final = 64 * 1024
_KEY: Final = 32
_AT_HAND: Final = 256
"""So many keys of dossiers are kept open in memory."""


class Unsealable(ValueError):
    """A sealed value that does not open: damaged, moved from its place, or sealed with another key."""


class DataKey:
    """The key of one dossier, in clear; never stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(key)

    def seal(self, place: str, clear: bytes) -> bytes:
        """Args: place, `table:column:name of the row`, the same when it is opened."""
        return _seal(self._cipher, place, clear)

    def open(self, place: str, sealed: bytes) -> bytes:
        """Raises Unsealable."""
        return _open(self._cipher, place, sealed)

    def seal_json(self, place: str, clear: Mapping[str, Json]) -> bytes:
        return self.seal(place, json.dumps(clear, separators=(",", ":")).encode("ascii"))

    def open_json(self, place: str, sealed: bytes | None) -> dict[str, Json]:
        """Empty for None. Raises Unsealable."""
        if sealed is None:
            return {}
        value: dict[str, Json] = json.loads(self.open(place, sealed))
        return value

    def for_file(self, name: str) -> AESGCM:
        """The cipher of one file: its own key, so that its nonces may count."""
        return AESGCM(derive(self._key, f"file {name}"))


class Vault:
    """Wraps and unwraps the keys of dossiers, and keeps large sealed bodies in `spool`."""

    def __init__(self, master: bytes, spool: Path) -> None:
        self._wrapping = AESGCM(derive(master, "vault"))
        self._spool = spool
        # The documents of one dossier come after one another. What is erased is not asked for any more.
        self.key = lru_cache(_AT_HAND)(self._key)

    def make_key(self, name: str) -> tuple[bytes, DataKey]:
        """A new key for the dossier of this name (`Vault.name`): as it is stored, and in clear."""
        key = os.urandom(_KEY)
        return _seal(self._wrapping, f"dossier:wrapped_key:{name}", key), DataKey(key)

    def _key(self, name: str, wrapped: bytes) -> DataKey:
        """The key of a dossier. Raises Unsealable."""
        return DataKey(_open(self._wrapping, f"dossier:wrapped_key:{name}", wrapped))

    def write(self, key: DataKey, name: str, clear: bytes) -> None:
        """Writes the file `name`, sealed, 0600, and waits until it is on the disk. Raises OSError."""
        self._spool.mkdir(mode=0o700, exist_ok=True)
        cipher = key.for_file(name)
        last = max(0, len(clear) - 1) // _CHUNK
        view = memoryview(clear)
        descriptor = os.open(self._spool / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(_HEADER)
            for number in range(last + 1):
                chunk = view[number * _CHUNK : (number + 1) * _CHUNK]
                stream.write(cipher.encrypt(_counter(number, number == last), bytes(chunk), _HEADER))
            stream.flush()
            os.fsync(stream.fileno())
        _sync_folder(self._spool)

    def read(self, key: DataKey, name: str) -> bytes:
        """What `write` was given. Raises Unsealable (not there, cut off, changed) and OSError."""
        try:
            sealed = (self._spool / name).read_bytes()
        except FileNotFoundError:
            raise Unsealable("a file of the spool is missing") from None
        if sealed[:1] != _HEADER or len(sealed) <= _TAG:
            raise Unsealable("not a file of the spool")
        cipher, step = key.for_file(name), _CHUNK + _TAG
        last = (len(sealed) - 2) // step
        view = memoryview(sealed)[1:]
        parts = []
        for number in range(last + 1):
            try:
                chunk = bytes(view[number * step : (number + 1) * step])
                parts.append(cipher.decrypt(_counter(number, number == last), chunk, _HEADER))
            except (InvalidTag, ValueError):
                raise Unsealable("a file of the spool does not open") from None
        return b"".join(parts)

    def remove(self, name: str) -> None:
        """Removes a file; nothing when it is not there. Raises OSError."""
        (self._spool / name).unlink(missing_ok=True)

    def files(self) -> Iterator[Path]:
        """The files of the spool; one that no row names is the remainder of a crash."""
        if self._spool.is_dir():
            yield from sorted(path for path in self._spool.iterdir() if path.is_file())


def _seal(cipher: AESGCM, place: str, clear: bytes) -> bytes:
    nonce = os.urandom(_NONCE)
    return _HEADER + nonce + cipher.encrypt(nonce, clear, _bound(place))


def _open(cipher: AESGCM, place: str, sealed: bytes) -> bytes:
    if sealed[:1] != _HEADER or len(sealed) < 1 + _NONCE + _TAG:
        raise Unsealable("not a sealed value")
    try:
        return cipher.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], _bound(place))
    except InvalidTag:
        raise Unsealable("a sealed value does not open") from None


def _bound(place: str) -> bytes:
    return f"{place}:{_VERSION}".encode("utf-8", "surrogatepass")


def _counter(number: int, last: bool) -> bytes:
    return number.to_bytes(_NONCE - 1, "big") + bytes([last])


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
