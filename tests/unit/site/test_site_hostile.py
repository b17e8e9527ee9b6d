"""Whatever is written in a site file, the answer is a site or findings with a place: never another error."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dui_bridge.findings import Place
from dui_bridge.site import rules
from dui_bridge.site.checks import check_site
from dui_bridge.site.declaration import SiteDeclaration
from dui_bridge.site.settings import load_site

EXAMPLE = Path(__file__).parents[3] / "config" / "bridge.yaml"
MACHINE = [  # said of what the file names, not of the file
    rules.SECRET_UNREADABLE,
    rules.MAPPING_MISSING,
    rules.NOT_A_FILE,
    rules.NOT_A_FOLDER,
]
KEYS = st.sampled_from(
    [*SiteDeclaration.model_fields, "finess", "name", "category", "kind", "path", "file", "env", "dmp", "[key]", "1"]
)
VALUES = st.recursive(
    st.none()
    | st.sampled_from(
        ["", "IME", "file", "dmp", "010000024", "{x}", "2026-12-01", "\x7f", "a\x00b", "\ud800", "é" * 200]
    ),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, VALUES, max_size=6))
def test_any_tree_is_a_site_or_findings_with_a_place(tmp_path: Path, tree: dict[str, object]) -> None:
    path = tmp_path / "bridge.yaml"
    path.write_text(json.dumps(tree), encoding="utf-8")

    findings = check_site(path)

    assert any(finding.is_error for finding in findings)
    for finding in findings:
        assert isinstance(finding.at, Place)
        assert finding.line("fr")
        assert finding.line("en")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_example_with_one_line_changed_is_a_site_or_findings(tmp_path: Path, data: st.DataObject) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    start = data.draw(st.integers(0, len(lines[number])))
    lines[number] = lines[number][:start] + data.draw(st.text(max_size=6)) + lines[number][start + 1 :]
    path = tmp_path / "bridge.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")

    findings = check_site(path)

    assert all(isinstance(finding.at, Place) and finding.line("fr") for finding in findings)
    if not any(finding.is_error and finding.rule not in MACHINE for finding in findings):
        assert load_site(path).establishments
