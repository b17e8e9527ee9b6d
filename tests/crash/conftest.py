"""The sites that are broken, each prepared once for all tests of a worker."""

from __future__ import annotations

import pytest
from crash_site import Prepared, changed_site, crash_site, prepared, warmed


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A site that never ran."""
    folder = tmp_path_factory.mktemp("fresh")
    return prepared(warmed(crash_site(folder / "site"), folder), folder)


@pytest.fixture(scope="session")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A site after its first run, to which everything has happened since."""
    folder = tmp_path_factory.mktemp("changed")
    return prepared(changed_site(folder / "site"), folder)
