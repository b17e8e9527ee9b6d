"""The Annuaire Santé of a site: its settings, its key and the folder of kept answers, put together."""

from __future__ import annotations

from typing import Final

from dui_bridge.connectors.annuaire.directory import Annuaire
from dui_bridge.connectors.annuaire.opening import open_annuaire
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.errors import NotDeclared
from dui_bridge.pipeline.means import SiteMeans
from dui_bridge.pipeline.proposals import answers_folder
from dui_bridge.site.settings import Site

ANNUAIRE: Final = "Annuaire Santé"


def open_directory(site: Site) -> Annuaire:
    """The directory as the site file declares it; `close` it.

    Raises:
        NotDeclared: `annuaire`, or its key, is not declared.
        StandInMissing: a sandbox site whose stand-in does not run.
        DuiBridgeError: as `connectors.annuaire.opening.open_annuaire`, and DeclarationInvalid for a secret.
    """
    settings, means = site.declaration.annuaire, SiteMeans(site, ANNUAIRE)
    if settings is None:
        raise NotDeclared(service=ANNUAIRE, key="annuaire")
    trust = Trust(system=True)
    if site.profile is Profile.SANDBOX:
        trust = means.trust()
        if settings.url is None:
            settings = settings.model_copy(update={"url": means.stand_in("annuaire")})
    return open_annuaire(settings, site.profile, means.annuaire_key(), trust, answers_folder(site))


def site_mailboxes(site: Site) -> tuple[str, ...]:
    """The mailboxes of MSSanté that the site file names, each once: of establishments, authors and authenticators."""
    found: list[str | None] = []
    for one in site.declaration.establishments:
        people = (one.default_author, one.legal_authenticator)
        found += [one.mailbox, *(person.courriel_mss for person in people if person is not None)]
    return tuple(dict.fromkeys(address.lower() for address in found if address))
