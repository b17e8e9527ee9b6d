"""Two dossiers of one person: proposed to a person, never merged by the bridge.

Only a keyed digest of the strict traits is kept in memory, never the traits.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from array import array
from typing import Final

from dui_bridge.model.identite import Usager

_FIRST_SIZE: Final = 1_024
_END: Final = b"\xff"
"""After each number: a byte that no UTF-8 text holds."""


class Duplicates:
    """Remembers the persons seen during one reading."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._seen = _FirstSeen()

    def same_person(self, usager: Usager) -> str | None:
        """The dossier number already seen with the same birth name, given names, birth date and sex; else None."""
        traits = (usager.nom_naissance, usager.prenoms, usager.date_naissance, usager.sexe)
        if usager.anonyme or None in traits or len(usager.date_naissance or "") < 10:
            return None
        joined = "\x1f".join(folded(trait or "") for trait in traits)
        digest = hmac.digest(self._key, joined.encode(), hashlib.sha256)
        first = self._seen.first(int.from_bytes(digest[:8]), usager.identifiant_local)
        return first if first != usager.identifiant_local else None


class _FirstSeen:
    """Digest of 64 bits → the number that came with it first.

    A hash table in arrays (open addressing): some 40 bytes a person where a dict takes 200, in a run whose memory must
    not grow with the export.
    """

    def __init__(self) -> None:
        self._digests = array("Q", bytes(8 * _FIRST_SIZE))  # 0: nobody
        self._places = array("Q", bytes(8 * _FIRST_SIZE))
        self._numbers = bytearray()
        self._count = 0

    def first(self, digest: int, number: str) -> str:
        """The number given with this digest the first time."""
        digest = digest or 1
        slot = self._slot(digest)
        if self._digests[slot]:
            start = self._places[slot]
            return self._numbers[start : self._numbers.index(_END, start)].decode()
        self._digests[slot], self._places[slot] = digest, len(self._numbers)
        self._numbers += number.encode() + _END
        self._count += 1
        if 3 * self._count > 2 * len(self._digests):
            self._grow()
        return number

    def _slot(self, digest: int) -> int:
        """Where a digest stands, or would."""
        last = len(self._digests) - 1
        slot = digest & last
        while self._digests[slot] not in (0, digest):
            slot = (slot + 1) & last
        return slot

    def _grow(self) -> None:
        digests, places = self._digests, self._places
        self._digests = array("Q", bytes(16 * len(digests)))
        self._places = array("Q", bytes(16 * len(digests)))
        for digest, place in zip(digests, places, strict=True):
            if digest:
                slot = self._slot(digest)
                self._digests[slot], self._places[slot] = digest, place


def folded(text: str) -> str:
    """Upper case, no accents, hyphen and apostrophe as space (RNIV: how traits are compared)."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.upper().replace("-", " ").replace("'", " ").replace("’", " ").split())
