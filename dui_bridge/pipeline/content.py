"""What of a dossier a document shows: the content that the mapped fingerprint is taken of."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from dui_bridge.cda.content import document_dates
from dui_bridge.model.accompagnement import DocumentPret, MembreEquipe
from dui_bridge.model.clinique import MedecinTraitant
from dui_bridge.model.dossier import Dossier
from dui_bridge.model.identite import Usager
from dui_bridge.model.types import Modele
from dui_bridge.pipeline.build import Subject
from dui_bridge.pipeline.fingerprints import Json

_OTHER_DOCUMENTS = frozenset({"projets_personnalises", "documents"})
_NOT_CLINICAL = frozenset({"decisions", "evaluations"})
_ADDRESSEES = frozenset({"destinataires"})
"""Where a document goes, and no document shows them."""
_CLINICAL = (
    frozenset(Dossier.model_fields) - _OTHER_DOCUMENTS - _NOT_CLINICAL - _ADDRESSEES - {"usager", "sejours", "equipe"}
)
_HEADER_ONLY = ("usager", "equipe")
_ONLY_FOR_POLICY: Final[Mapping[type[Modele], Collection[str]]] = {
    Usager: ("oppositions", "consentements", "archive"),
    MembreEquipe: ("courriel_mss_le",),
    MedecinTraitant: ("courriel_mss_le",),
    DocumentPret: ("destinataires",),
}
"""Fields that decide where a document goes, and that no document shows."""


def mapped_content(subject: Subject, file_sha256: str | None) -> Json:
    """The mapped values that a document is made from; the site's configuration is not among them.

    A projet personnalisé shows the dossier but for its other documents and its clinical part; a summary, the clinical
    part. A document that carries the vendor's file shows the identity, the team and the stay in its header, the item
    itself, and the file by its content, not by its name.
    """
    if subject.item is None:
        return {"dossier": _dossier(subject, _OTHER_DOCUMENTS | _ADDRESSEES | _NOT_CLINICAL)}
    item = _dump(subject.item)
    if subject.item.fichier is None:
        return {"item": item, "dossier": _dossier(subject, _OTHER_DOCUMENTS | _ADDRESSEES | _CLINICAL)}
    item.pop("fichier", None)
    dates = document_dates(subject.item)
    sejour = subject.dossier.sejour_on(dates.effective.isoformat() if dates is not None else None)
    return {
        "item": item,
        "file": file_sha256,
        "dossier": {name: _dump_all(getattr(subject.dossier, name)) for name in _HEADER_ONLY},
        "sejour": _dump(sejour) if sejour is not None else None,
    }


def _dossier(subject: Subject, without: frozenset[str]) -> Json:
    names = [name for name in type(subject.dossier).model_fields if name not in without]
    return {name: _dump_all(getattr(subject.dossier, name)) for name in names}


def _dump(value: Modele) -> dict[str, Json]:
    # A field that a later version of the model adds is absent from old dossiers: defaults are left out, so that it does
    # not make every document differ.
    without = set(_ONLY_FOR_POLICY.get(type(value), ()))
    return value.model_dump(mode="json", exclude_defaults=True, exclude=without)


def _dump_all(value: Modele | tuple[Modele, ...]) -> Json:
    return [_dump(one) for one in value] if isinstance(value, tuple) else _dump(value)
