"""Mails of invented documents, for the tests of MSSanté."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from dui_bridge.connectors.mssante.destination import MssanteDestination, Software
from dui_bridge.connectors.mssante.mailboxes import Secret, Sender, establishment_author
from dui_bridge.connectors.mssante.opening import Certificates, open_mssante
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.connectors.ports import Addressee as Recipient
from dui_bridge.connectors.ports import DeliveryContext
from dui_bridge.connectors.wire.certificates import Pkcs12
from dui_bridge.connectors.wire.tls import Trust
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import BuiltDocument, Document, DocumentIds
from dui_bridge.model.profile import Profile
from dui_bridge.model.states import DocumentState
from dui_bridge.sandbox.pki import PASSWORD, Pki
from tests.cda_dossiers import PDF
from tests.xds_deposits import cda, entry, ins

NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
FINESS = "330000019"
MAILBOX = "foyer.oeillet@structure-exemple.mssante.fr"
DOCTOR = "camille.durand@medecin.mssante.fr"
SOFTWARE = Software("Pont DUI", "1.0", "123456", "2.25.1618033", "Éditeur exemple")
SENDER = Sender(
    FINESS,
    "Foyer de vie L'Œillet",
    MAILBOX,
    establishment_author(FINESS, "Foyer de vie L'Œillet", responsible=f"3{FINESS}/PONT", family="Pont", given="Claude"),
    "05 00 00 00 01",
    "4 allée des Œillets, 33000 Bordeaux",
)


def built(
    data: bytes | None = None, *, finess: str = FINESS, dossier: str = "0042", pdf: bytes | None = PDF
) -> BuiltDocument:
    content, said = data or cda(), entry()
    document = Document(TypeDocument.PROJET_PERSONNALISE, "", "atlas", dossier, finess, "", DocumentState.BUILT)
    ids = DocumentIds(said.unique_id, "2.25.31415926535", 1)
    return BuiltDocument(document, ids, content, "text/xml", said.hash or "", hashlib.sha256(content).hexdigest(), pdf)


def context(**changes: object) -> DeliveryContext:
    return replace(DeliveryContext(ins(), recipients=(Recipient(DOCTOR, "Dr Camille Durand"),), at=NOW), **changes)  # type: ignore[arg-type]


def destination(
    pki: Pki,
    port: int = 587,
    *,
    client: str | None = "client-dmp",
    secret: Secret | None = None,
    recorded: Callable[..., bool] = lambda *_: False,
    crl: bool = False,
    sender: Sender = SENDER,
    **settings: object,
) -> MssanteDestination:
    """Opened for the sandbox, with the operator at this port of this machine."""
    smtp = {"port": port, "longest": 1, **settings.pop("smtp", {})}  # type: ignore[dict-item]
    given = MssanteSettings.model_validate({"host": "localhost", "timeout": 1, "smtp": smtp, **settings})
    own = certificates(pki, client, crl=crl)
    return open_mssante(
        given,
        Profile.SANDBOX,
        own,
        SOFTWARE,
        [sender],
        secrets=lambda _: secret,
        recorded=recorded,
        now=lambda: NOW,
    )


def certificates(pki: Pki, client: str | None = "client-dmp", *, crl: bool = False) -> Certificates:
    own = None if client is None else Pkcs12(pki.holder(client).pkcs12, PASSWORD)
    return Certificates(own, Trust((pki.ca,)), (pki.crl,) if crl else ())


def read(data: bytes) -> EmailMessage:
    """A mail as somebody else reads it."""
    found = message_from_bytes(data, policy=default)
    assert isinstance(found, EmailMessage)
    assert found.defects == []
    return found


def attachments(data: bytes) -> dict[str, bytes]:
    """Its files by name."""
    return {one.get_filename() or "": one.get_payload(decode=True) for one in read(data).iter_attachments()}  # type: ignore[misc]
