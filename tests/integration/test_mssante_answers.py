"""What the stand-in of an operator answers, in forms of its own writing, is read rightly."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dui_bridge.connectors.mssante.notices import Told
from dui_bridge.connectors.mssante.reading import Kind, ReadMail, read_mail
from dui_bridge.sandbox.mssante.post import Correspondent, Post
from dui_bridge.sandbox.mssante.reports import BOUNCES, ERRORS, Form
from dui_bridge.sandbox.mssante.store import Recipient, Store
from tests.mss_mails import CITIZEN, DOCTOR, OWN, SUBJECT, mail

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SENT = mail(
    {"From": OWN, "To": DOCTOR, "Message-ID": "<sent@esms.mssante.fr>", "Disposition-Notification-To": OWN}, "corps"
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path)
    yield store
    store.close()


def answered(folder: Store, behaviour: Correspondent, *, notify: tuple[str, ...] = ("FAILURE",)) -> list[ReadMail]:
    """What comes back of a mail to somebody who behaves so."""
    post = Post(folder, lambda address: address == OWN, correspondents=[behaviour], clock=lambda: NOW)
    post.take(SENT, OWN, [Recipient(behaviour.address, notify)], "sent@esms.mssante.fr", "HDRS")
    return [read_mail(one.content) for one in folder.mails(OWN, "INBOX")]


def test_a_delivery_and_a_failure_later(folder: Store) -> None:
    (delivered,) = answered(folder, Correspondent(DOCTOR), notify=("SUCCESS", "FAILURE"))
    assert (delivered.kind, delivered.notices[0].told) == (Kind.DSN, Told.DELIVERED)
    _, failed = answered(folder, Correspondent(DOCTOR, diagnostic="552 5.2.2 boite pleine"))
    assert (failed.kind, failed.code) == (Kind.DSN, "552")
    assert failed.notices[0].cause is not None
    assert failed.notices[0].cause.id == "MSS-022"
    assert all(one.original and one.original.message_id == "sent@esms.mssante.fr" for one in (delivered, failed))


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("code", ERRORS)
def test_every_integration_error_in_every_form(folder: Store, code: str, form: Form) -> None:
    (found,) = answered(folder, Correspondent(DOCTOR, receipt=code, form=form))
    assert (found.kind, found.code, found.findings) == (Kind.INTEGRATION_ERROR, code, ())
    assert found.original is not None
    assert (found.original.message_id, found.original.recipients) == ("sent@esms.mssante.fr", (DOCTOR,))
    assert found.original.subject == SUBJECT


def test_a_receipt_of_integration(folder: Store) -> None:
    (found,) = answered(folder, Correspondent(DOCTOR, receipt="processed"))
    assert (found.kind, found.notices[0].told) == (Kind.MDN, Told.READ)


@pytest.mark.parametrize(
    ("reason", "cause"), [("closed", "MSS-120"), ("unknown", "MSS-121"), ("invalid", "MSS-122"), ("too_big", "MSS-023")]
)
def test_every_bounce_of_mon_espace_sante(folder: Store, reason: str, cause: str) -> None:
    (found,) = answered(folder, Correspondent(CITIZEN, bounce=reason))
    assert (found.kind, found.notices[0].cause and found.notices[0].cause.id) == (Kind.BOUNCE, cause)
    assert found.original is not None
    assert (found.original.message_id, found.original.recipients) == ("sent@esms.mssante.fr", (CITIZEN,))


def test_every_bounce_has_its_case() -> None:
    assert BOUNCES.keys() == {"closed", "unknown", "invalid", "too_big"}
