"""What an error in a value stops, by the value's place in the model (spec: "Scope of an error")."""

from __future__ import annotations

from typing import Final

from dui_bridge.findings import Scope
from dui_bridge.model.dossier import DOCUMENT_NEEDS, IDENTITY_NEEDS
from dui_bridge.model.identite import SAFETY_FIELDS, STRICT_TRAITS

DOCUMENT_LISTS: Final = ("projets_personnalises", "documents")
"""Lists of which every row is a document, or says why not."""

ALL_SAFETY_FIELDS: Final = (
    *(f"usager.{name}" for name in sorted(SAFETY_FIELDS)),
    "sejours.date_sortie",
    "projets_personnalises.signatures",
)
"""Model paths that a mapping must map or declare absent."""

_HOLDS_DOSSIER: Final = (
    *(f"usager.{name}" for name in sorted(STRICT_TRAITS)),
    "usager.identifiant_local",
    *ALL_SAFETY_FIELDS,
    "documents.signatures",
)
# `fichier`: without it another document would be made than the one meant. `visibilite`, `connexion_secrete`: an unread
# mask must not unmask.
_HOLDS_DOCUMENT: Final = ("identifiant", "type", "fichier", "visibilite", "connexion_secrete")
_NEEDED: Final = {path for paths in DOCUMENT_NEEDS.values() for path in paths}


def plain_path(path: tuple[str, ...]) -> str:
    """`("projets_personnalises[]", "titre")` → `projets_personnalises.titre`."""
    return ".".join(part.removesuffix("[]") for part in path if part != "[]")


def scope_of(path: tuple[str, ...]) -> Scope:
    """What an error in the value at this path stops."""
    name = plain_path(path)
    if _within(name, _HOLDS_DOSSIER):
        return Scope.DOSSIER
    top, _, rest = name.partition(".")
    if top in DOCUMENT_LISTS and (_within(rest, _HOLDS_DOCUMENT) or name in _NEEDED or not rest):
        return Scope.DOCUMENT
    return Scope.VALUE


def scope_of_rows(path: tuple[str, ...]) -> Scope:
    """What an error in a whole row of a list stops."""
    top = path[0].removesuffix("[]")
    if top in DOCUMENT_LISTS:
        return Scope.DOCUMENT
    return Scope.DOSSIER if top == "sejours" else Scope.VALUE


def is_strict(path: tuple[str, ...]) -> bool:
    """Whether the value is a strict trait of identity (RNIV)."""
    name = plain_path(path)
    return _within(name, tuple(f"usager.{trait}" for trait in STRICT_TRAITS - {"lieu_naissance", "etablissement"}))


def needs_of(document_type: str) -> tuple[str, ...]:
    """Model paths of the usager that a document of this type cannot do without."""
    by_type = {kind.value: paths for kind, paths in DOCUMENT_NEEDS.items()}
    return tuple(path for path in by_type.get(document_type, IDENTITY_NEEDS) if path.startswith("usager."))


def _within(name: str, paths: tuple[str, ...]) -> bool:
    return any(name == path or name.startswith(f"{path}.") for path in paths)
