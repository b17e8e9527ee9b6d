"""What each report means for the delivery that it is about."""

from __future__ import annotations

import pytest

from dui_bridge.connectors.mssante.reading import read_mail
from dui_bridge.findings import Who
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.inbox.receipts import receipts
from tests.mss_mails import (
    CITIZEN,
    DOCTOR,
    ERROR,
    SENT_ID,
    bounce,
    delivery,
    disposition,
    mail,
    recipient,
    with_documents,
)

PROCESSED = "automatic-action/MDN-sent-automatically; processed"


@pytest.mark.parametrize(
    ("data", "event", "cause", "whom", "suspect"),
    [
        (delivery(recipient("relayed", "2.0.0")), DeliveryEvent.ACKNOWLEDGE, "", DOCTOR, False),
        (delivery(recipient("delayed", "4.4.1")), None, "MSS-111", DOCTOR, False),
        (delivery(recipient("failed", "5.1.1")), DeliveryEvent.RETURN, "MSS-020", DOCTOR, True),
        (disposition(PROCESSED), DeliveryEvent.ACKNOWLEDGE, "", DOCTOR, False),
        (disposition(f"{PROCESSED}/error", f"Error: {ERROR}"), DeliveryEvent.RETURN, "MSS-132", DOCTOR, False),
        (bounce("Votre message", f"Patient non trouvé : {CITIZEN}"), DeliveryEvent.RETURN, "MSS-121", CITIZEN, False),
        (disposition("manual-action/MDN-sent-manually; deleted"), None, "", DOCTOR, False),
        (disposition("manual-action/MDN-sent-manually; denied"), None, "", DOCTOR, False),
        (disposition("automatic-action/MDN-sent-automatically; failed"), None, "", DOCTOR, False),
    ],
)
def test_a_report_moves_its_delivery(
    data: bytes, event: DeliveryEvent | None, cause: str, whom: str, suspect: bool
) -> None:
    (found,) = receipts(read_mail(data))
    assert (found.event, found.cause, found.recipient, found.suspect) == (event, cause, whom, suspect)
    assert found.references[0] == SENT_ID
    assert (found.who is Who.NOBODY) is (event is not DeliveryEvent.RETURN)


def test_a_report_about_several_recipients_gives_a_receipt_for_each() -> None:
    both = recipient("delivered", "2.0.0", address=CITIZEN) + recipient("failed", "5.2.2")
    found = list(receipts(read_mail(delivery(f"Reporting-MTA: dns; x\r\n\r\n{both}"))))
    assert [(one.recipient, one.event) for one in found] == [
        (CITIZEN, DeliveryEvent.ACKNOWLEDGE),
        (DOCTOR, DeliveryEvent.RETURN),
    ]


@pytest.mark.parametrize("data", [with_documents(), mail({"Subject": "Re: x"}, "Merci"), b""])
def test_other_mails_report_nothing(data: bytes) -> None:
    assert list(receipts(read_mail(data))) == []
