"""Writes the mails that wait for the demo at its MSSanté operator: `python samples/generate_mails.py [--out DIR]`.

An invented hospital writes twice to an IME of `atlas-ph`: once about a person whose INS and traits are those of the
dossier, once with another birth date beside the same INS. The same code gives the same bytes.
"""

from __future__ import annotations

import argparse
import base64
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from email import policy
from email.message import EmailMessage
from pathlib import Path
from typing import Final

from atlas_source.pdfs import pdf_a
from mails_source import letter

from dui_bridge.data.codes import Coded
from dui_bridge.ins.matricule import INS_TEST
from dui_bridge.xds.entries import Author, SubmissionSet
from dui_bridge.xds.metadata import document_entry
from dui_bridge.xds.xdm import FILE_NAME, XdmDocument, XdmSender, write

MAILBOX: Final = "ime.tilleuls@exemple.mssante.fr"
SENDER: Final = "pediatrie.furan@exemple.mssante.fr"
_IDS: Final = uuid.UUID("6f1e2b0a-6f0b-5c6e-8f0e-0f6d1c7a5b11")
"""Never changed: the ids of the letters stand on it."""


@dataclass(frozen=True)
class Told:
    """A person as the hospital knows them; `file` names the mail, without any trait."""

    file: str
    matricule: str
    nom: str
    prenom: str
    sexe: str
    born: str
    cog: str
    city: str


LETTERS: Final = (
    Told("lettre-1.eml", "112113818500043", "JACQUEMET", "RAPHAEL", "M", "20121103", "38185", "GRENOBLE"),
    # The dossier says the 22nd.
    Told("lettre-2.eml", "110050128300044", "BOEUF", "THEO", "M", "20100523", "01283", "OYONNAX"),
)


def mails() -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each mail."""
    for one in LETTERS:
        yield one.file, _mail(one)


def _mail(one: Told) -> bytes:
    born = f"{one.born[6:]}/{one.born[4:6]}/{one.born[:4]}"
    pdf = pdf_a(
        letter.TITLE,
        [f"{one.nom} {one.prenom}, né le {born}", *letter.LINES],
        letter.ORGANIZATION,
        "Logiciel hospitalier (invention)",
    )
    cda = letter.document(
        id=_oid(one.file, "document"),
        set_id=_oid(one.file, "series"),
        pdf=base64.b64encode(pdf).decode("ascii"),
        local=(_oid("patients", letter.STRUCTURE), f"P{one.file[7:8]}"),
        matricule=one.matricule,
        authority=INS_TEST,
        nom=one.nom,
        prenom=one.prenom,
        sexe=one.sexe,
        born=one.born,
        cog=one.cog,
        city=one.city,
    )
    message = EmailMessage(policy=policy.SMTP)
    message["Return-Path"] = f"<{SENDER}>"
    message["From"] = f"{letter.ORGANIZATION} <{SENDER}>"
    message["To"] = MAILBOX
    message["Date"] = "Fri, 20 Nov 2026 16:40:00 +0100"
    message["Message-ID"] = f"<{uuid.uuid5(_IDS, one.file).hex}@exemple.mssante.fr>"
    message["Subject"] = f"XDM/1.0/DDM+{letter.TITLE[:40]} {one.nom} {one.prenom} {born}"
    message["Disposition-Notification-To"] = SENDER
    message["X-MSS-NIL"] = "NIL-INVENTE"
    message["X-MSS-CODECDA"] = letter.CODE
    message["X-MSS-INS"] = "O"
    message.set_content("Veuillez trouver ci-joint un document de santé.\n\nService de pédiatrie\n")
    message.add_attachment(_archive(one, cda), maintype="application", subtype="zip", filename=FILE_NAME)
    message.add_attachment(pdf, maintype="application", subtype="pdf", filename="20261120_Lettre_de_liaison.pdf")
    message.set_boundary(f"bord-{uuid.uuid5(_IDS, one.file).hex}")
    return message.as_bytes()


def _archive(one: Told, cda: bytes) -> bytes:
    patient = f"{one.matricule}^^^&{INS_TEST}&ISO^NH"
    author = Author(
        person=f"{letter.RPPS}^{letter.FAMILY}^{letter.GIVEN}^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS",
        institutions=(f"{letter.ORGANIZATION}^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{letter.STRUCTURE}",),
    )
    lot = SubmissionSet(
        unique_id=_oid(one.file, "lot"),
        patient_id=patient,
        source_id=_oid("source", letter.STRUCTURE),
        submission_time="20261120154000",
        content_type=Coded("SA01", "1.2.250.1.71.4.2.4", "Etablissement public de santé"),
        authors=(author,),
    )
    sender = XdmSender(name=letter.ORGANIZATION, mail=SENDER, software="Logiciel hospitalier (invention)")
    return write([XdmDocument(cda, replace(document_entry(cda, None), patient_id=patient))], lot, sender)


def _oid(*names: str) -> str:
    return f"2.25.{uuid.uuid5(_IDS, '|'.join(names)).int}"


def main() -> None:
    """Writes them below a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "mssante" / "mails")
    folder = parser.parse_args().out / MAILBOX
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in mails():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
