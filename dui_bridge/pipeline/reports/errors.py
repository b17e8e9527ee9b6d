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


class SubjectUnsuited(FixConfiguration):
    """A run where a document is meant, or an usager where one document is."""

    code = "CFG-088"
    en = "{subject} cannot be named here, only such as {takes}"
    fr = "{subject} ne peut pas être désigné ici, seulement ce qui s'écrit comme {takes}"
    action_en = (
        "`dui-bridge trace {subject}` tells what belongs to it; `runs release` and `runs discard` decide of a run."
    )
    action_fr = (
        "`dui-bridge trace {subject}` dit ce qui en relève ; `runs release` et `runs discard` décident d'une exécution."
    )


class UnknownDestination(FixConfiguration):
    """The destination asked for is not one of the site."""

    code = "CFG-062"
    en = "{name} is not a destination of this site: {known}"
    fr = "{name} n'est pas une destination de ce site : {known}"
    action_en = "Name one of them, as the site file does."
    action_fr = "Indiquez l'une d'elles, comme dans le fichier de site."


class DayOutOfReach(FixConfiguration):
    """A slip of the hand, or someone who means for ever."""

    code = "CFG-087"
    en = "{day} is not in the years {first} to {last}"
    fr = "{day} n'est pas dans les années {first} à {last}"
    action_en = "Give a day of these years; where nothing is to begin or end, leave the option out."
    action_fr = "Donnez un jour de ces années ; si rien ne doit commencer ou finir, omettez l'option."


def check_establishment(site: Site, finess: str | None) -> None:
    """Raises UnknownEstablishment; None: any."""
    if finess is not None and site.establishment(finess) is None:
        raise UnknownEstablishment(finess=finess, known=", ".join(one.finess for one in site.establishments))


def check_destination(site: Site, name: str) -> None:
    """Raises UnknownDestination."""
    if name not in site.destinations:
        raise UnknownDestination(name=name, known=", ".join(site.destinations))
