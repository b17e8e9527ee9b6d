"""Who is believed about a mail of ours: its operator and its recipient, of what became of it at that recipient."""

from __future__ import annotations

import pytest

from dui_bridge.connectors.mssante.reading import read_mail
from dui_bridge.connectors.mssante.settings import MssanteSettings
from dui_bridge.pipeline.inbox.believed import WrittenTo, is_believed, operator_domains
from dui_bridge.pipeline.inbox.receipts import receipts
from dui_bridge.pipeline.policy.facts import ins_digest
from tests.mss_mails import CITIZEN, DOCTOR, OWN, bounce, delivery, disposition, recipient

PROCESSED = "automatic-action/MDN-sent-automatically; processed"
FAILED = recipient("failed", "5.1.1", "smtp; 550 5.1.1 unknown")
OPERATOR = operator_domains(OWN, MssanteSettings(host="smtp.operateur.example", imap={"host": "Imap.autre.example"}))
MES = {"From": "notification@patient.mssante.fr", "Return-Path": "<ne-pas-repondre@patient.mssante.fr>"}
COLLEAGUE = "dr.leroy@medecin.mssante.fr"


def test_the_machines_of_an_operator_are_at_its_hosts_and_above_them() -> None:
    assert {
        "esms.mssante.fr", "smtp.operateur.example", "operateur.example", "imap.autre.example", "autre.example"
    } == OPERATOR  # fmt: skip


@pytest.mark.parametrize(
    ("report", "believed"),
    [
        (delivery(FAILED), True),
        (delivery(FAILED, {"From": "MAILER-DAEMON@gmail.com"}), True),
        (delivery(FAILED, {"Return-Path": "<bounces@OPERATEUR.example>"}), True),
        (delivery(FAILED, {"Return-Path": None, "From": "MAILER-DAEMON@esms.mssante.fr"}), True),
        (delivery(FAILED, {"Return-Path": None}), False),
        (delivery(FAILED, {"Return-Path": "<forger@gmail.com>", "From": "MAILER-DAEMON@esms.mssante.fr"}), False),
        (delivery(FAILED, {"Return-Path": "<x@notoperateur.example>"}), False),
        (bounce("Échec", "Adresse invalide."), True),
        (bounce("Échec", "Adresse invalide.", {"Return-Path": f"<{COLLEAGUE}>", "X-Failed-Recipients": DOCTOR}), False),
        (bounce("Votre message", "Messagerie fermée.", MES), True),
        (bounce("Votre message", f"La messagerie de {CITIZEN} est fermée.", MES), True),
        (bounce("Votre message", f"La messagerie de {COLLEAGUE} est fermée.", MES), False),
        (bounce("Votre message", "Messagerie fermée.", MES | {"Return-Path": "<forger@gmail.com>"}), False),
        (bounce("Votre message", "Messagerie fermée.", MES | {"Return-Path": f"<{CITIZEN}>"}), False),
        (bounce("Votre message", "Messagerie fermée.", MES | {"Return-Path": None}), True),
        (disposition(PROCESSED), True),
        (disposition(PROCESSED, headers={"From": DOCTOR.upper(), "Return-Path": "<>"}), True),
        (disposition(PROCESSED, headers={"Return-Path": None}), True),
        (disposition(PROCESSED, headers={"From": COLLEAGUE}), False),
        (disposition(PROCESSED, headers={"Return-Path": f"<{COLLEAGUE}>"}), False),
        (disposition(PROCESSED, headers={"From": f'"{DOCTOR}" <{COLLEAGUE}>', "Return-Path": "<>"}), False),
    ],
)
def test_a_report_is_believed_of_who_can_know(report: bytes, believed: bool) -> None:
    read = read_mail(report)
    assert [is_believed(read, one, OPERATOR) for one in receipts(read)] == [believed]


def test_the_person_is_known_by_the_matricule_of_the_document() -> None:
    person = WrittenTo(ins=ins_digest(CITIZEN.partition("@")[0]))
    assert person.has(CITIZEN.upper())
    assert person.has("")
    assert not person.has(CITIZEN.replace("279", "179"))
    assert not person.has(DOCTOR)
    professionals = WrittenTo(frozenset({DOCTOR}))
    assert professionals.has(f" {DOCTOR.upper()}")
    assert not any(map(professionals.has, ("", COLLEAGUE, CITIZEN)))
