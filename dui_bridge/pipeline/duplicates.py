"""Two dossiers of one person: proposed to a person, never merged by the bridge.

Only a keyed digest of the strict traits is kept in memory, never the traits.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from dui_bridge.model.identite import Usager


class Duplicates:
    """Remembers the persons seen during one reading."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._seen: dict[bytes, str] = {}

    def same_person(self, usager: Usager) -> str | None:
        """The dossier number already seen with the same birth name, given names, birth date and sex; else None."""
        traits = (usager.nom_naissance, usager.prenoms, usager.date_naissance, usager.sexe)
        if usager.anonyme or None in traits or len(usager.date_naissance or "") < 10:
            return None
        folded = "\x1f".join(_fold(trait or "") for trait in traits)
        digest = hmac.digest(self._key, folded.encode(), hashlib.sha256)[:12]
        first = self._seen.setdefault(digest, usager.identifiant_local)
        return first if first != usager.identifiant_local else None


def _fold(text: str) -> str:
    """Upper case, no accents, hyphen and apostrophe as space (RNIV: how traits are compared)."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(bare.upper().replace("-", " ").replace("'", " ").replace("’", " ").split())
