"""In CI nothing may skip: `DUI_BRIDGE_NO_SKIP=1` turns a skip into a failure. One demo, run once, is shared by all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path

import pytest
from demo_site import DemoSite, invoke
from hypothesis import settings
from sealed import caught

from dui_bridge.cli import language

pytest_plugins = ("mail_servers", "postgres_server", "receive_fixtures")

# Enough to find most slips in a suite that has minutes; a longer look: DUI_BRIDGE_EXAMPLES=1000.
settings.register_profile("bridge", max_examples=int(os.environ.get("DUI_BRIDGE_EXAMPLES", "25")), deadline=None)
settings.load_profile("bridge")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and os.environ.get("DUI_BRIDGE_NO_SKIP") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may skip: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def no_language_chosen() -> None:
    """The language that a site chose is kept for the process: here each test is one."""
    language._chosen.clear()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSite:
    """The demo as a newcomer gets it. Read only: a test that changes something takes `own_demo`."""
    site = DemoSite(tmp_path_factory.mktemp("demo") / "out")
    with caught() as site.sealed:
        site.first = invoke("demo", "--out", str(site.out))
    assert site.first.code == 0, site.first.stderr
    return site


@pytest.fixture
def own_demo(demo: DemoSite, tmp_path: Path) -> DemoSite:
    """A copy of the demo after its first run, to change at will."""
    copy = DemoSite(tmp_path / "out")
    shutil.copytree(demo.out, copy.out)
    copy.first = demo.first
    return copy


@pytest.fixture(scope="session", autouse=True)
def no_pack_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The packs that this user has installed play no part in the tests."""
    os.environ["DUI_BRIDGE_HOME"] = str(tmp_path_factory.mktemp("home"))
