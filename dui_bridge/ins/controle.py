"""What a check of the identity against a document is worth (RNIV 1: only a document of high trust validates)."""

from __future__ import annotations

from functools import cache

from dui_bridge.data.codes import rows
from dui_bridge.model.identite import DocumentControle


def is_trusted(document: DocumentControle) -> bool:
    """Whether the document is one of high trust; so is one that is not named, which a professional answers for."""
    return document.type is None or document.type.value in _high_trust()


def is_probative(document: DocumentControle) -> bool:
    """Whether the check proves the identity: it has a day, and a document of high trust."""
    return document.le is not None and is_trusted(document)


@cache
def _high_trust() -> frozenset[str]:
    return frozenset(row["piece"] for row in rows("identity_documents") if row["haut"] == "oui")
