"""What a homologation asks for of one deposit: the document, its metadata and signature, the checks, the messages."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from lxml import etree

from dui_bridge.connectors.dmp.lots import Lot, make_lot
from dui_bridge.connectors.dmp.settings import DmpSettings
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Finding, Language
from dui_bridge.model.exchange import Operation
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.dmp.opened import Dmp, Meant, carried
from dui_bridge.validation.cda_rules import validate_cda
from dui_bridge.validation.official import official_checker
from dui_bridge.validation.rules import Use
from dui_bridge.xds.messages import submit_objects
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.submission import SIGNATURE_ID

_ENTRIES: Final = UUID("b5e0c1f2-3a64-5c0e-9d27-6c1f0d8e4a91")
"""Of the ids that stand for those which only the DMP knows."""
_LONGEST: Final = 5_000_000
"""Bytes of a captured message."""
_README: Final = """Preuves d'un dépôt au DMP, réunies par dui-bridge.

document.xml       le document, octet pour octet tel qu'il a été contrôlé et remis
metadonnees.xml    les métadonnées XDS du lot, refaites à partir du document sans interroger le DMP : l'heure est celle
                   du dernier essai ; si le lot remplace une version (RPLC), l'entryUUID de celle-ci est conventionnel,
                   et un masquage posé au DMP sur elle n'y est pas repris (le message envoyé est dans messages/)
signature.xml      la signature du lot, refaite : même contenu, autre instant de signature
controles.json     ce que disent du document les règles du pont et la suite officielle (schémas, Schematrons)
essais.json        chaque essai de remise : dates, résultat, codes et identifiants rendus
messages/          les échanges gardés (réglage « capture » de la destination), valeurs et secrets masqués

Ce dossier contient les données d'une personne : gardez-le en lieu sûr.
"""


def evidence(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, out: Path) -> Done:
    """Writes the zip. Nothing is asked of the DMP.

    Raises:
        NotForTheDmp, NothingWithIns, BytesGone; FileUnusable: it is there already, or cannot be written.
    """
    of = carried(desk, dmp.destination, deliveries, subject)
    unique_id = of.sendable.built.ids.unique_id
    files = dict(_files(desk, dmp, of))
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    try:
        with out.open("xb") as stream:
            out.chmod(0o600)
            stream.write(made.getvalue())
    except OSError as error:
        raise FileUnusable(file=str(out), **os_reasons(error)) from None
    desk.audit("dmp evidence", unique_id, destination=dmp.name)
    messages = sum(name.startswith("messages/") and name.endswith(".xml") for name in files)
    return Done("dmp_evidence", {"file": str(out), "unique_id": unique_id, "messages": messages})


def _files(desk: Desk, dmp: Dmp, of: Meant) -> Iterator[tuple[str, bytes]]:
    built, language = of.sendable.built, desk.site.language
    attempts = desk.journal.deliveries.attempts(of.case.delivery.id)
    lot = _lot(dmp, of, attempts[-1].started_at if attempts else desk.now)
    yield "LISEZMOI.txt", _README.encode()
    yield "document.xml", built.data
    yield "metadonnees.xml", etree.tostring(submit_objects(lot.contents), xml_declaration=True, encoding="UTF-8")
    yield "signature.xml", lot.documents[SIGNATURE_ID]
    checks = {
        "unique_id": built.ids.unique_id,
        "sha1": built.sha1,
        "sha256": built.sha256,
        "document": [_told(one, language) for one in validate_cda(built.data, Use.SENT)],
        "suite_officielle": [_told(one, language) for one in official_checker().check(built.data)],
        "metadonnees": [_told(one, language) for one in lot.findings],
    }
    yield "controles.json", _json(checks)
    tries = [
        {
            "essai": one.number,
            "debut": one.started_at.isoformat(),
            "fin": None if one.ended_at is None else one.ended_at.isoformat(),
            "resultat": one.result,
            "code": one.code,
            "reference": one.reference,
        }
        for one in attempts
    ]
    yield "essais.json", _json({"etat": of.case.delivery.state.value, "essais": tries})
    yield from _messages(dmp, built.ids.unique_id)


def _lot(dmp: Dmp, of: Meant, at: datetime) -> Lot:
    entry = document_entry(of.sendable.built.data, of.ins, masks=of.context.masks)
    author = dmp.of(of.case.delivery.finess).author
    replaces = of.sendable.case.delivery.operation is Operation.REPLACE
    earlier = (of.context.replaces or of.sendable.built.ids.replaces) if replaces else None
    return make_lot(
        entry,
        of.sendable.built.data,
        author,
        dmp.client.practice,
        dmp.client.line.signer,
        at=at,
        replaces=None if earlier is None else f"urn:uuid:{uuid5(_ENTRIES, earlier)}",
        secret_access=of.context.secret_access,
    )


def _messages(dmp: Dmp, unique_id: str) -> Iterator[tuple[str, bytes]]:
    """The captured exchanges about a document: request, answer, and what stands around them."""
    settings = dmp.destination.settings
    folder = settings.capture if isinstance(settings, DmpSettings) else None
    if folder is None:
        return
    for request in sorted(folder.glob("*-request.json")):
        try:
            if json.loads(request.read_bytes()[:_LONGEST]).get("about") != unique_id:
                continue
        except (OSError, ValueError):
            continue  # being written, or not of ours
        number = request.name.partition("-")[0]
        for kept in sorted(folder.glob(f"{number}-*")):
            if kept.is_file() and kept.stat().st_size <= _LONGEST:
                yield f"messages/{kept.name}", kept.read_bytes()


def _told(finding: Finding, language: Language) -> Mapping[str, str]:
    return {
        "regle": finding.rule.id,
        "gravite": finding.severity.value,
        "message": finding.message(language),
        "ou": str(finding.path or ""),
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
