"""Why a Schematron cannot be used."""

from __future__ import annotations


class SchematronUnusable(ValueError):
    """A Schematron cannot be read or compiled. The message is technical and holds nothing of a document.

    Args:
        file: the name of the Schematron, or of what it includes.
        reason: for whoever maintains the pack.
    """

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"{file}: {reason}")
