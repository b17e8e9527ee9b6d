"""The téléservice INSi of a site: its settings, its certificate and what was declared, put together."""

from __future__ import annotations

from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from dui_bridge.connectors.insi.client import InsiService
from dui_bridge.connectors.insi.opening import open_service
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.findings import Place
from dui_bridge.model.profile import Profile
from dui_bridge.pipeline.identity.errors import InsiNotConfigured, StandInMissing
from dui_bridge.site.declaration import SecretReference
from dui_bridge.site.secrets import Secret, read_secret
from dui_bridge.site.settings import Site

STAND_IN: Final = Path("sandbox") / "insi.url"
"""In the data folder: the address of the stand-in of a sandbox site, as long as it runs."""


def open_insi(site: Site, capture: Capture | None = None) -> InsiService:
    """The service as the site file declares it; `close` it.

    Raises:
        InsiNotConfigured: `insi`, a certificate, whom to trust or the IDAM is not declared.
        StandInMissing: a sandbox site whose stand-in does not run.
        DuiBridgeError: as `connectors.insi.opening.open_service`, and DeclarationInvalid for a secret.
    """
    declared = site.declaration
    settings, certificates, software = declared.insi, declared.certificates, declared.software
    if settings is None:
        raise InsiNotConfigured(key="insi")
    if certificates is None or certificates.insi is None:
        raise InsiNotConfigured(key="certificates.insi")
    if certificates.trust is None:
        raise InsiNotConfigured(key="certificates.trust")
    if software is None or software.insi_idam is None or not software.name or not software.version:
        raise InsiNotConfigured(key="software (name, version, insi_idam)")
    if settings.url is None and site.profile is Profile.SANDBOX:
        settings = settings.model_copy(update={"url": _stand_in(site)})
    own = certificates.insi
    password = None if own.password is None else _secret(site, own.password)
    return open_service(
        settings,
        site.profile,
        Pkcs12(own.pkcs12, password),
        Trust((certificates.trust.ca,)),
        idam=_secret(site, software.insi_idam),
        nom=software.name,
        version=software.version,
        # The same for one installation and told to nobody else: the site's own id.
        instance=uuid5(NAMESPACE_URL, f"urn:dui-bridge:site:{site.id}"),
        crl=_lists(certificates.trust.crl),
        capture=capture,
    )


def _lists(crl: Path | None) -> tuple[Path, ...]:
    """The revocation lists: one file, or all those of a folder that the site keeps fresh."""
    if crl is None:
        return ()
    return tuple(sorted(path for path in crl.iterdir() if path.is_file())) if crl.is_dir() else (crl,)


def _stand_in(site: Site) -> str:
    path = site.data / STAND_IN
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise StandInMissing(file=str(path), config=str(site.file)) from None


def _secret(site: Site, reference: SecretReference) -> str:
    return read_secret(Secret(Place(site.file.name, 1, 1), reference.file, reference.env))
