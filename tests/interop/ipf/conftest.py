"""One IPF for all tests of a process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dui_bridge.sandbox.pki import make_pki
from tests.ipf_peer import HARNESS, Ipf, running_ipf
from tests.java_harness import class_path


@pytest.fixture(scope="session")
def ipf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ipf]:
    """It is compiled once however many processes there are."""
    classes = class_path(HARNESS, tmp_path_factory)
    with running_ipf(classes, make_pki(tmp_path_factory.mktemp("ipf-pki"))) as running:
        yield running
