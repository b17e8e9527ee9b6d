"""Messages of INSi for tests: a fixed stamp and software, answers and faults as the service writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from dui_bridge.connectors.insi.messages import Logiciel, Stamp
from dui_bridge.model.insi import Demande

INSTANCE = UUID("ff67308e-039f-4158-9dcc-0a08a20ba35c")
SOFTWARE = Logiciel("IDAM_A_REMPLACER", "LOGICIEL", "2022", INSTANCE, "EMETTEUR_OU_DU_CERTIFICAT")
STAMP = Stamp(
    message=UUID("b3549edd-4ae9-472a-b26f-fd2fb4ef397f"),
    bam=UUID("db0184e1-c933-462b-acbd-8f24a4f8a338"),
    lps=UUID("596fa3a6-c56f-4b8f-96cf-2d89769fc332"),
    at=datetime(2022, 3, 1, 10, 29, 58, 604000, UTC),
)
ADRTROIS = Demande("ADRTROIS", ("DOMINIQUE",), "F", "1997-02-26")

_SOAP = "http://www.w3.org/2003/05/soap-envelope"


def soap(body: str, header: str = "") -> bytes:
    """An envelope around a body."""
    return f'<s:Envelope xmlns:s="{_SOAP}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'.encode()


def result(inside: str) -> bytes:
    """An answer with this inside RESULTAT."""
    return soap(f'<RESULTAT xmlns="http://www.cnamts.fr/INSiResultat">{inside}</RESULTAT>')


def fault(subcode: str, code: str = "", text: str = "", reason: str = "Refus.") -> bytes:
    """A fault; `code` and `text` are of its detail."""
    detail = f'<s:Detail><e:Erreur xmlns:e="urn:siram" code="{code}" severite="erreur">{text}</e:Erreur></s:Detail>'
    return soap(
        f"<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>s:{subcode}</s:Value></s:Subcode></s:Code>"
        f'<s:Reason><s:Text xml:lang="fr">{reason}</s:Text></s:Reason>{detail if code else ""}</s:Fault>'
    )
