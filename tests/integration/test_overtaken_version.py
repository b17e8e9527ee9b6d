"""A version that another one overtook while it was made is made again; what was found is told once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from small_site import small_site

from dui_bridge.findings import Finding, Rule, Scope, Severity, Who
from dui_bridge.journal.errors import JournalOvertaken
from dui_bridge.journal.store import Journal
from dui_bridge.pipeline import build, handover
from dui_bridge.pipeline.events import Steps
from dui_bridge.pipeline.run import RunOptions, run_site
from dui_bridge.site.settings import load_site

REMARK = Rule("TST-001", Severity.WARNING, Scope.DOCUMENT, "a remark", "une remarque", who=Who.DUI)


def test_its_findings_are_counted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = small_site(tmp_path / "out")
    recorded = Journal.record_versions
    monkeypatch.setattr(handover, "_TOGETHER", 1)
    tries: list[str] = []

    def overtaken(self: Journal, *given: Any, **named: Any) -> list[int]:
        tries.append("record")
        if len(tries) == 1:
            raise JournalOvertaken(file="journal")
        return recorded(self, *given, **named)

    monkeypatch.setattr(Journal, "record_versions", overtaken)
    monkeypatch.setattr(build, "validate", lambda data, rendered: (Finding(REMARK),))

    (source,) = run_site(load_site(site.config), RunOptions(source="atlas-ph"), Steps()).sources

    assert (len(tries), source.documents.states["built"]) == (2, 1)
    assert [group.count for group in source.groups.values() if group.finding.rule is REMARK] == [1]
