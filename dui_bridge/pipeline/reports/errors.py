"""What is wrong with what was asked about."""

from __future__ import annotations

from dui_bridge.errors import FixConfiguration
from dui_bridge.pipeline.errors import UnknownEstablishment
from dui_bridge.site.settings import Site


class SubjectUnreadable(FixConfiguration):
    """What was named is none of the forms of an id."""

    code = "CFG-060"
    en = "{subject} is not an id: usager-12, document-34, delivery-56, the id of a run, or a document's unique id"
    fr = "{subject} n'est pas un numéro : usager-12, document-34, delivery-56, l'id d'une exécution ou d'un document"
    action_en = "Ids are shown by `status`, `queue` and `quarantine`; a dossier is named by --dossier."
    action_fr = "Les numéros sont donnés par `status`, `queue` et `quarantine` ; un dossier se nomme par --dossier."


class SubjectUnknown(FixConfiguration):
    """The journal has nothing of this name."""

    code = "CFG-061"
    en = "the journal knows no {subject}"
    fr = "le journal ne connaît pas {subject}"
    action_en = "Ids are shown by `status`, `queue` and `quarantine`."
    action_fr = "Les numéros sont donnés par `status`, `queue` et `quarantine`."


class UnknownDestination(FixConfiguration):
    """The destination asked for is not one of the site."""

    code = "CFG-062"
    en = "{name} is not a destination of this site: {known}"
    fr = "{name} n'est pas une destination de ce site : {known}"


def check_establishment(site: Site, finess: str | None) -> None:
    """Raises UnknownEstablishment; None: any."""
    if finess is not None and site.establishment(finess) is None:
        raise UnknownEstablishment(finess=finess, known=", ".join(one.finess for one in site.establishments))


def check_destination(site: Site, name: str) -> None:
    """Raises UnknownDestination."""
    if name not in site.destinations:
        raise UnknownDestination(name=name, known=", ".join(site.destinations))
