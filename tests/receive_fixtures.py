"""The stand-in of an operator of MSSanté whose mailbox is read, and the empty journal of who reads it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dui_bridge.sandbox.mssante import MssanteServer
from dui_bridge.sandbox.pki import MAILBOX, Pki, make_pki


@pytest.fixture(scope="session")
def mail_pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"), names=("client-mss", "client-dmp", "client-other-ca", "server"))


@pytest.fixture(scope="module")
def mail_operator(mail_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MssanteServer]:
    with MssanteServer(mail_pki, tmp_path_factory.mktemp("operator")) as server:
        yield server


@pytest.fixture
def operator(mail_operator: MssanteServer) -> MssanteServer:
    """With nothing in the mailbox."""
    for one in mail_operator.mails(MAILBOX):
        mail_operator.store.expunge(MAILBOX, "INBOX", one.uid)
    return mail_operator


@pytest.fixture(scope="session")
def empty_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a new journal, to be copied."""
    from tests.receive_world import empty_journal

    folder = tmp_path_factory.mktemp("journal") / "data"
    empty_journal(folder)
    return folder
