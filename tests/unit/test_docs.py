"""What is generated from the code is fresh, and nothing that a user can meet is missing from it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from dui_bridge.connectors.csv import declaration
from dui_bridge.findings import Rule
from dui_bridge.mappings import compile as compiler
from dui_bridge.mappings import conditions, golden, keywords, lists, objects, outcomes, tables, values
from dui_bridge.mappings.conversions import CONVERSIONS
from dui_bridge.mappings.document import TOP_KEYS
from dui_bridge.site.declaration import SiteDeclaration

DOCS = Path(__file__).parents[2] / "docs"


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generator = _generator()


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", generator.GENERATED)
def test_what_is_generated_is_as_the_code_says(name: str) -> None:
    written = (generator.PROJECT / name).read_text(encoding="utf-8")

    assert written == generator.GENERATED[name](), "run: make schemas"


def test_a_stale_page_is_named_and_a_fresh_one_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generator, "PROJECT", tmp_path)
    monkeypatch.setattr(generator, "GENERATED", {"docs/one.md": lambda: "new"})

    assert generator.main(["--check"]) == 1
    assert "docs/one.md" in capsys.readouterr().out
    assert not (tmp_path / "docs").exists()
    assert generator.main([]) == 0
    assert (tmp_path / "docs" / "one.md").read_text() == "new"
    assert generator.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (keywords.USAGER, compiler._USAGER_KEYS),
        (keywords.BLOCK, lists._BLOCK_KEYS),
        (keywords.OBJECT, (*objects._LOOKUP_KEYS, *objects._ONE_KEYS, "absent")),
        (keywords.VALUE, values.VALUE_KEYS),
        (keywords.CONDITION, (conditions._EXPRESSION, *conditions._TYPED)),
        (keywords.TABLE, tables._KEYS),
        (keywords.TEST, golden._KEYS),
        (keywords.OUTCOMES, outcomes._CSV_KEYS),
        (keywords.OUTCOMES_JSON, outcomes._JSON_KEYS),
        (keywords.OUTCOMES_REST, outcomes._REST_KEYS),
        (generator.csv_schema.KEYS, declaration.KEYS),
        (generator.csv_schema.FILE_KEYS, declaration.FILE_KEYS),
    ],
)
def test_the_words_told_are_the_words_read(told: dict[str, str], read: tuple[str, ...]) -> None:
    assert set(told) == set(read)


def test_every_word_at_the_top_and_every_conversion_stands_in_the_page() -> None:
    text = page("mapping.md")
    parameters = [parameter.name for conversion in CONVERSIONS.values() for parameter in conversion.parameters]

    assert [name for name in (*TOP_KEYS, *CONVERSIONS, *parameters) if f"`{name}`" not in text] == []


def test_every_key_of_a_site_file_stands_in_the_page() -> None:
    text = page("configuration.md")

    assert [key for key in SiteDeclaration.model_fields if f"`{key}`" not in text] == []
    assert "`destinations.name.path`" in text


def test_every_finding_and_error_stands_in_the_page() -> None:
    text = page("errors.md")
    codes = [*(generator._rule(row).id for row in generator.rules()), *(kind.code for kind in generator.errors())]

    assert len(codes) > 150
    assert [code for code in codes if f"`{code}`" not in text] == []


def test_every_finding_is_worded_in_both_languages() -> None:
    rules: list[Rule] = [generator._rule(row) for row in generator.rules()]

    assert [rule.id for rule in rules if not (rule.en and rule.fr)] == []
    assert [rule.id for rule in rules if bool(rule.remedy_en) != bool(rule.remedy_fr)] == []


def test_every_error_has_a_code_of_its_own_and_is_worded_in_both_languages() -> None:
    errors = generator.errors()
    codes = [kind.code for kind in errors]

    assert len(set(codes)) == len(codes)
    assert [kind.code for kind in errors if not (kind.en and kind.fr)] == []
    assert [kind.code for kind in errors if bool(kind.action_en) != bool(kind.action_fr)] == []
