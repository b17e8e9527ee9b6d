"""Answers to mails that are not as they should be: the stand-in writes them all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies

from dui_bridge.sandbox.mssante.reports import Form, Outcome, citizen_bounce, delivery_report, receipt
from dui_bridge.sandbox.mssante.store import Recipient, Store, Taken

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TO = "dr.essai@medecin.mssante.fr"


def kept(folder: Path, content: bytes) -> Taken:
    store = Store(folder)
    try:
        return store.take(content, "a@esms.mssante.fr", [], "", "", NOW)
    finally:
        store.close()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(strategies.binary(max_size=200) | strategies.just(b"Subject: =?utf-8?q?=?=\r\nMessage-ID: <\r\n\r\n\xff"))
def test_any_mail_is_kept_and_answered(tmp_path: Path, content: bytes) -> None:
    mail = kept(tmp_path, content)
    assert mail.content == content
    written = [
        delivery_report(mail, Recipient(TO), Outcome.FAILED, "", NOW),
        citizen_bounce(mail, TO, "closed", NOW),
    ]
    answered = receipt(mail, TO, "902", Form.NEW, NOW)
    written += [] if answered is None else [answered[1]]
    assert all(message_from_bytes(one)["Message-ID"] for one in written)


@pytest.mark.parametrize(
    ("identifier", "name"),
    [("<a/../b@c>", "0001-a_.._b@c.eml"), ("<é\x01>", "0001-_.eml"), ("", "0001-sans-id.eml")],
)
def test_the_name_of_a_file_is_plain_whatever_the_identifier(tmp_path: Path, identifier: str, name: str) -> None:
    mail = kept(tmp_path, f"Message-ID: {identifier}\r\n\r\n".encode())
    assert (mail.path.parent, mail.path.name) == (tmp_path / "sent", name)
