"""What a homologation asks for of one deposit: the document, its metadata and signature, the checks, the messages."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Final
from uuid import UUID, uuid5

from lxml import etree

from dui_bridge.connectors.dmp.kept import KeptExchange
from dui_bridge.connectors.dmp.lots import Lot, make_lot
from dui_bridge.connectors.wire.durable import write_through
from dui_bridge.errors import FileUnusable, os_reasons
from dui_bridge.findings import Finding
from dui_bridge.journal.records import Json, KnownAttempt
from dui_bridge.model.exchange import Operation
from dui_bridge.pipeline.actions.desk import Desk, Done
from dui_bridge.pipeline.dmp.evidence_messages import deposit_of, exchanges_of, message_files, sent_lot
from dui_bridge.pipeline.dmp.evidence_suite import LACKS, suite_report, told
from dui_bridge.pipeline.dmp.opened import Dmp, Meant, carried
from dui_bridge.pipeline.reports.texts import text
from dui_bridge.validation.cda_rules import validate_cda
from dui_bridge.validation.official import official_checker
from dui_bridge.validation.rules import Use
from dui_bridge.xds.check import check
from dui_bridge.xds.messages import submit_objects
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.purpose import Purpose
from dui_bridge.xds.submission import SIGNATURE_ID

_ENTRIES: Final = UUID("b5e0c1f2-3a64-5c0e-9d27-6c1f0d8e4a91")
"""Of the ids that stand for those which only the DMP knows."""
NO_DEPOSIT: Final = f"{LACKS}no_deposit"
"""Key of a text: no message of the deposit is kept."""
_README: Final = """Preuves d'un dépôt au DMP, réunies par dui-bridge.
{lacks}
document.xml       le document, octet pour octet tel qu'il a été contrôlé et remis
{lot}
controles.json     ce que disent du document les règles du pont et la suite officielle (pack, schéma et Schematrons,
                   avec le résultat de chacun), et des métadonnées celles du pont
essais.json        chaque essai de remise : dates, résultat, codes et identifiants rendus
messages/          les échanges gardés, dans l'ordre, tels qu'envoyés et reçus ; `dui-bridge dmp decode` lit chacun. Le
                   numéro d'homologation y est remplacé par une marque après la signature de l'assertion : la valeur de
                   cette signature reste vérifiable, l'empreinte de l'assertion ne l'est plus

Ce dossier contient les données d'une personne : gardez-le en lieu sûr.
"""
_SENT: Final = """\
metadonnees.xml    les métadonnées XDS du lot, telles qu'envoyées
signature.xml      la signature du lot, telle qu'envoyée
vihf.xml           l'assertion (VIHF) du dépôt, telle qu'envoyée, numéro d'homologation masqué"""
_MADE_AGAIN: Final = """\
metadonnees.xml    les métadonnées XDS du lot, refaites à partir du document sans interroger le DMP : l'heure est celle
                   du dernier essai ; si le lot remplace une version (RPLC), l'entryUUID de celle-ci est conventionnel,
                   et un masquage posé au DMP sur elle n'y est pas repris
signature.xml      la signature du lot, refaite : même contenu, autre instant de signature"""


@dataclass(frozen=True)
class _LotFiles:
    """The lot as files, what is wrong with it, and how the zip tells of it."""

    files: Mapping[str, bytes]
    findings: Sequence[Finding]
    told: str


def evidence(desk: Desk, dmp: Dmp, deliveries: list[int], subject: str, out: Path) -> tuple[Done, list[str]]:
    """Writes the zip. Nothing is asked of the DMP.

    Returns:
        what was done, and the keys of the texts that say what a homologation will miss in it (exit code 1).
    Raises:
        NotForTheDmp, NothingWithIns, BytesGone; FileUnusable: it is there already, or cannot be written.
    """
    of, language = carried(desk, dmp.destination, deliveries, subject), desk.site.language
    built = of.sendable.built
    unique_id = built.ids.unique_id
    attempts = desk.journal.deliveries.attempts(of.case.delivery.id)
    exchanges = exchanges_of(desk.journal, unique_id)
    deposit = deposit_of(exchanges)
    lot, suite = _lot_files(desk, dmp, of, deposit, attempts), suite_report(official_checker(), built.data, language)
    lacks = [key for key in (suite.lacks, None if deposit else NO_DEPOSIT) if key is not None]
    checks = {
        "unique_id": unique_id,
        "sha1": built.sha1,
        "sha256": built.sha256,
        "document": [told(one, language) for one in validate_cda(built.data, Use.SENT)],
        "suite_officielle": suite.content,
        "metadonnees": [told(one, language) for one in lot.findings],
    }
    messages = dict(message_files(exchanges, built.data))
    tries = {"etat": of.case.delivery.state.value, "essais": [_tried(one) for one in attempts]}
    files = {
        "LISEZMOI.txt": _README.format(lacks=_incomplete(lacks, dmp.name), lot=lot.told).encode(),
        "document.xml": built.data,
        **lot.files,
        "controles.json": _json(checks),
        "essais.json": _json(tries),
        **messages,
    }
    _write(out, files)
    desk.audit("dmp evidence", unique_id, destination=dmp.name)
    values: dict[str, Json] = {
        "file": str(out),
        "unique_id": unique_id,
        "destination": dmp.name,
        "messages": sum(not name.endswith(".json") for name in messages),
        "lacks": [key.removeprefix(LACKS) for key in lacks],
    }
    return Done("dmp_evidence", values, exit_code=int(bool(lacks))), lacks


def _write(out: Path, files: Mapping[str, bytes]) -> None:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    try:
        write_through(out, made.getvalue(), over=False, mode=0o600)
    except OSError as error:
        raise FileUnusable(file=str(out), **os_reasons(error)) from None


def _incomplete(lacks: Sequence[str], destination: str) -> str:
    """What stands first in the zip's own words."""
    if not lacks:
        return ""
    return "\n".join(["", *(text(key, "fr").format(destination=destination) for key in lacks), ""])


def _lot_files(
    desk: Desk, dmp: Dmp, of: Meant, deposit: KeptExchange | None, attempts: Sequence[KnownAttempt]
) -> _LotFiles:
    """The lot as it was sent; made again when that was not kept."""
    sent = None if deposit is None else sent_lot(deposit, of.sendable.built.data)
    if sent is not None:
        policy = replace(dmp.client.practice.policy, secret_connection=of.context.secret_access)
        findings = check(sent.objects, Purpose.DEPOSIT, documents=sent.documents, policy=policy)
        files = {"metadonnees.xml": sent.metadata, "signature.xml": sent.signature, "vihf.xml": sent.assertion}
        return _LotFiles(files, findings, _SENT)
    lot = _made_again(dmp, of, attempts[-1].started_at if attempts else desk.now)
    metadata = etree.tostring(submit_objects(lot.contents), xml_declaration=True, encoding="UTF-8")
    files = {"metadonnees.xml": metadata, "signature.xml": lot.documents[SIGNATURE_ID]}
    return _LotFiles(files, lot.findings, _MADE_AGAIN)


def _made_again(dmp: Dmp, of: Meant, at: datetime) -> Lot:
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


def _tried(attempt: KnownAttempt) -> Mapping[str, Json]:
    return {
        "essai": attempt.number,
        "debut": attempt.started_at.isoformat(),
        "fin": None if attempt.ended_at is None else attempt.ended_at.isoformat(),
        "resultat": attempt.result,
        "code": attempt.code,
        "reference": attempt.reference,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()
