"""What was ever sealed in a journal, in clear: caught on its way in, whatever table it went to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from dui_bridge.journal.vault import DataKey, Vault


@contextmanager
def caught() -> Iterator[list[bytes]]:
    """All that is sealed between enter and exit."""
    kept: list[bytes] = []
    seal, write = DataKey.seal, Vault.write

    def sealing(key: DataKey, place: str, clear: bytes) -> bytes:
        kept.append(clear)
        return seal(key, place, clear)

    def writing(vault: Vault, key: DataKey, name: str, clear: bytes) -> None:
        kept.append(clear)
        write(vault, key, name, clear)

    with mock.patch.object(DataKey, "seal", sealing), mock.patch.object(Vault, "write", writing):
        yield kept
