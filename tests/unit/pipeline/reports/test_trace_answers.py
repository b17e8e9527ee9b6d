"""What a destination said of a refusal, in the way of a document."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from action_world import NOW, Office

from dui_bridge.connectors.dmp.errors import Busy, StructureRefused
from dui_bridge.connectors.file.errors import FolderUnusable
from dui_bridge.errors import DuiBridgeError
from dui_bridge.journal.records import Finished
from dui_bridge.model.states import DeliveryEvent
from dui_bridge.pipeline.delivery.answers import failed
from dui_bridge.pipeline.reports.trace import Traced, trace_delivery
from dui_bridge.pipeline.reports.trace_print import as_text

SAID = "titre trop long"


def refused(office: Office, answer: bytes | None) -> Traced:
    """The way of a document that was refused so."""
    delivery = office.add()
    assert office.journal.deliveries.start(delivery, "w", NOW)
    end = Finished(delivery, DeliveryEvent.REFUSE, NOW, cause="DMP-020", who="dui", result="refused", answer=answer)
    office.journal.deliveries.finish(end)
    return trace_delivery(office.site, office.journal, delivery, "fr")


def told(traced: Traced) -> list[object]:
    return [one["answer"] for version in traced["versions"] for one in version["deliveries"][0]["attempts"]]


def test_the_words_of_a_refusal_stand_below_its_try(office: Office) -> None:
    lines = [one.strip() for one in as_text(refused(office, SAID.encode()), UTC, "fr").splitlines()]

    (tried,) = [number for number, one in enumerate(lines) if "1. " in one]
    assert lines[tried + 1] == SAID


@pytest.mark.parametrize("answer", [None, b"", b"\xff\x00", b"<Envelope>DUPONT</Envelope>", b"a\x1b[2Jb"])
def test_what_is_no_text_is_not_shown(office: Office, answer: bytes | None) -> None:
    assert told(refused(office, answer)) == [None]


@pytest.mark.parametrize(
    ("error", "cause", "answer"),
    [
        (
            StructureRefused(answer="Sender", words=SAID),
            f"le DMP n'accepte pas la structure appelante (Sender) : {SAID}",
            None,
        ),
        (Busy(answer="XDSRegistryBusy", words=SAID), "le DMP est momentanément indisponible (XDSRegistryBusy)", SAID),
        (Busy(answer="HTTP 503"), "le DMP est momentanément indisponible (HTTP 503)", None),
        (
            FolderUnusable(file="/out", reason="full", reason_fr="plein"),
            "/out : les documents ne peuvent pas être remis : plein",
            None,
        ),
    ],
)
def test_what_was_raised_has_its_words_too(
    office: Office, error: DuiBridgeError, cause: str, answer: str | None
) -> None:
    verdict, delivery = failed(error, last=False), office.add()
    assert office.journal.deliveries.start(delivery, "w", NOW)
    end = Finished(delivery, verdict.event, NOW, verdict.cause, code=verdict.code, answer=verdict.answer)
    office.journal.deliveries.finish(end)

    traced = trace_delivery(office.site, office.journal, delivery, "fr")
    (attempt,) = traced["versions"][0]["deliveries"][0]["attempts"]

    assert (attempt["code"], attempt["cause"], attempt["answer"]) == (error.code, cause, answer)
    assert cause in as_text(traced, UTC, "fr")


def test_what_was_said_is_sealed_and_purged_with_the_rest(office: Office) -> None:
    refused(office, SAID.encode())
    assert SAID.encode() not in b"".join(one.read_bytes() for one in office.site.data.rglob("*") if one.is_file())

    office.journal.keeping.purge(NOW + timedelta(days=900), timedelta(days=1), timedelta(days=1))

    assert office.journal.deliveries.answers(1) == {}
