"""A site with its connector to the DMP, and the stand-in of the DMP, over mutual TLS: nothing between them is ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dui_bridge.connectors.dmp import DmpSettings
from dui_bridge.connectors.dmp.client import DmpClient
from dui_bridge.connectors.dmp.destination import DmpDestination
from dui_bridge.connectors.dmp.opening import Certificates, open_client
from dui_bridge.connectors.dmp.pace import Pace
from dui_bridge.connectors.wire.capture import Capture
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.model.profile import Profile
from dui_bridge.sandbox.dmp import DmpServer, Dossier, State, Trouble
from dui_bridge.sandbox.pki import PASSWORD, Pki, make_pki
from dui_bridge.xds.entries import DocumentEntry
from dui_bridge.xds.vocabulary import APPROVED
from tests.dmp_world import AUTOMATE, DOCTOR, FINESS, SOFTWARE, SYSTEM, professional
from tests.shared import shared_path
from tests.xds_deposits import entry, ins

SHARED = shared_path()
CONTRACT = None if SHARED is None else SHARED / "reference" / "xds" / "schema"
"""The official schemas, where they are: the stand-in then checks every message with them."""


@dataclass
class Site:
    """What deposits (`to`), the client below it, and where it all goes.

    Both use the same line: one process with one connection.
    """

    to: DmpDestination
    own: DmpClient
    server: DmpServer

    def kept(self) -> dict[str, bytes]:
        """The documents of the stand-in by their uniqueIds, without the signatures of lots."""
        folder = self.server.store.folder
        found = {one.stem: one.read_bytes() for one in folder.glob("*.xml") if not one.stem.endswith(".metadata")}
        return {name: data for name, data in found.items() if b"ClinicalDocument" in data}

    def entries(self, *statuses: str) -> list[DocumentEntry]:
        """What a doctor finds, without the signatures of lots."""
        found = self.own.search(ins(), professional(DOCTOR), statuses=statuses or (APPROVED,))
        return [one for one in found.contents.entries if one.mime_type == "text/xml" and one.title != "Source"]


def site_pki(folder: Path) -> Pki:
    """The certificates of the site and of the stand-in."""
    names = ("client-dmp", "sign-dmp", "sign-dmp-other-ca", "server")
    return make_pki(folder, names=names, structure=f"1{FINESS}")


def site_client(pki: Pki, url: str, seal: str = "sign-dmp", capture: Capture | None = None) -> DmpClient:
    """One process of the site; its connection is its own. `url` is the stand-in's."""
    own, signer = (Pkcs12(pki.holder(one).pkcs12, PASSWORD) for one in ("client-dmp", seal))
    settings = DmpSettings(base=f"{url}/", timeout=5)
    files = Certificates(own, signer, Trust((pki.ca,)))
    return open_client(settings, Profile.SANDBOX, files, SOFTWARE, system=SYSTEM, capture=capture)


def site_destination(client: DmpClient, *, asks: bool = True) -> DmpDestination:
    """What deposits over a client; `close` closes both. `asks` whether the DMP is open, before the first deposit."""
    return DmpDestination(client, {FINESS: AUTOMATE}, Pace(None), max_megabytes=50, ask_existence=asks)


@contextmanager
def open_site(
    pki: Pki,
    folder: Path,
    *troubles: Trouble,
    seal: str = "sign-dmp",
    state: State = State.OPEN,
    capture: Capture | None = None,
) -> Iterator[Site]:
    """Both, for the time of the block; documents lie in the folder."""
    dossiers = {entry().patient_id: Dossier(state)}
    with DmpServer(pki, folder, dossiers=dossiers, troubles=troubles, contract=CONTRACT) as server:
        client = site_client(pki, server.url, seal, capture)
        with closing(site_destination(client)) as to:
            yield Site(to, client, server)
