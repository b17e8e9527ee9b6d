"""The téléservice INSi of a site: its settings, its certificate and what was declared, put together."""

from __future__ import annotations

from typing import Final
from uuid import NAMESPACE_URL, uuid5

from dui_bridge.connectors.insi.client import InsiService
from dui_bridge.connectors.insi.opening import open_service
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.errors import NotDeclared
from dui_bridge.pipeline.means import SiteMeans
from dui_bridge.site.settings import Site

INSI: Final = "INSi"


def open_insi(site: Site, capture: Capture | None = None) -> InsiService:
    """The service as the site file declares it; `close` it.

    Raises:
        NotDeclared: `insi`, a certificate, whom to trust or the IDAM is not declared.
        StandInMissing: a sandbox site whose stand-in does not run.
        DuiBridgeError: as `connectors.insi.opening.open_service`, and DeclarationInvalid for a secret.
    """
    settings, means = site.declaration.insi, SiteMeans(site, INSI)
    if settings is None:
        raise NotDeclared(service=INSI, key="insi")
    name, version = means.software()
    if settings.url is None and site.profile is Profile.SANDBOX:
        settings = settings.model_copy(update={"url": means.stand_in("insi")})
    return open_service(
        settings,
        site.profile,
        means.certificate("insi"),
        means.trust(),
        idam=means.idam(),
        nom=name,
        version=version,
        # The same for one installation and told to nobody else: the site's own id.
        instance=uuid5(NAMESPACE_URL, f"urn:dui-bridge:site:{site.id}"),
        crl=means.lists(),
        capture=capture,
    )
