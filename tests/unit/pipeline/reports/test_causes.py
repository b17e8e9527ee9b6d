"""Every cause that the journal may hold has words: what it is, what to do, who acts, in both languages."""

from __future__ import annotations

import csv
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest

import dui_bridge
from dui_bridge.errors import DuiBridgeError
from dui_bridge.findings import Rule, Who
from dui_bridge.model.states import DeliveryState, DocumentState
from dui_bridge.pipeline.reports.causes import explain_cause

LANGUAGES = ("fr", "en")
UNKNOWN = {"fr": "ne sait pas expliquer", "en": "cannot explain"}


@cache
def every_code() -> tuple[str, ...]:
    """The id of every rule and the code of every error of the product, wherever it stands."""
    found: set[str] = set()

    def stated(value: object) -> None:
        value = getattr(value, "rule", value)
        if isinstance(value, Rule):
            found.add(value.id)
        elif isinstance(value, type) and issubclass(value, DuiBridgeError):
            found.add(value.code)
        elif isinstance(value, dict):
            stated(list(value.values()))
        elif isinstance(value, tuple | list):
            for one in value:
                stated(one)

    for module in _modules():
        for value in vars(importlib.import_module(module)).values():
            stated(value)
    return tuple(sorted(found))


def _modules() -> Iterator[str]:
    for module in pkgutil.walk_packages(dui_bridge.__path__, "dui_bridge."):
        if ".migrations" not in module.name and not module.name.startswith("dui_bridge.samples"):
            yield module.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_and_every_error_of_the_product_is_explained(language):
    explained = {code: explain_cause(code, None, language) for code in every_code()}

    assert len(explained) > 300
    assert [code for code, cause in explained.items() if UNKNOWN[language] in cause.message] == []
    assert [code for code, cause in explained.items() if not (cause.message and cause.action and cause.who)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_says_itself_what_to_do(language):
    errors = {
        error for module in _modules() for error in vars(importlib.import_module(module)).values() if _is_raised(error)
    }

    assert len(errors) > 60
    assert [error.code for error in errors if not (error.action_fr if language == "fr" else error.action_en)] == []


def _is_raised(value: object) -> bool:
    """Not a family, which only its members are raised of."""
    return isinstance(value, type) and issubclass(value, DuiBridgeError) and not value.code.endswith("-000")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_place_of_a_value_is_left_open(language):
    explained = [explain_cause(code, None, language) for code in every_code()]
    left_open = [one for one in explained if re.search(r"\{[a-z_]+\}|\{\{|\}\}", one.message + one.action)]

    # One rule speaks of braces.
    assert [one for one in left_open if not re.search(r"\{(column|colonne)\}", one.message)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [*DeliveryState, *DocumentState, "mapped"])
def test_a_state_without_a_cause_is_explained(state, language):
    cause = explain_cause("", None, language, state=state)

    assert cause.message
    assert cause.action


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_code_of_another_version_is_named(language):
    cause = explain_cause("ZZZ-999", None, language)

    assert "ZZZ-999" in cause.message
    assert cause.action


def test_a_name_that_a_mapping_gave_is_shown():
    assert explain_cause("sans_sejour", None, "fr", state="left_out").message == "sans_sejour"
    assert explain_cause("not selected (ETAT=B)", None, "fr", state="left_out").message == "non retenu (ETAT=B)"


def test_a_value_is_shown_when_it_is_given_and_left_out_when_it_is_not():
    assert (
        explain_cause("PIP-001", {"file": "a.pdf", "reason": "x"}, "en").message == "the file a.pdf cannot be read: x"
    )
    assert explain_cause("PIP-001", None, "en").message == "the file … cannot be read"


def test_a_value_with_braces_is_only_shown():
    cause = explain_cause("PIP-001", {"file": "{reason}", "reason": "{file}"}, "en")

    assert cause.message == "the file {reason} cannot be read: {file}"


def test_who_acts_is_as_the_journal_has_it():
    assert explain_cause("PIP-001", None, "fr", who="vendor").who is Who.VENDOR
    assert explain_cause("PIP-001", None, "fr", who="").who is Who.DUI


def test_the_table_of_words_is_complete():
    with files("dui_bridge.data").joinpath("causes.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream, delimiter=";"))

    assert [row for row in rows if None in row or None in row.values()] == []
    assert [row["key"] for row in rows if not (row["action_en"] and row["action_fr"])] == []
    assert [row["key"] for row in rows if not row["key"].startswith("who_") and not (row["en"] and row["fr"])] == []
    assert {row["key"] for row in rows} >= {f"who_{who}" for who in Who}


def test_a_rule_of_policy_is_explained_without_the_schematron_engine():
    code = (
        "import sys; from dui_bridge.pipeline.reports.causes import explain_cause; explain_cause('POL-040', None, 'fr');"
        "sys.exit(any(name in sys.modules for name in ('saxonche', 'fpdf', 'pikepdf', 'httpx')))"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_text_that_a_report_names_exists():
    reports = Path(str(files("dui_bridge.pipeline").joinpath("reports")))
    with files("dui_bridge.data").joinpath("texts.csv").open(encoding="utf-8") as stream:
        texts = {row["key"] for row in csv.DictReader(stream, delimiter=";")}
    named = {
        (path.name, key)
        for path in reports.glob("*.py")
        for key in re.findall(r"\b_?text\(\s*\"([a-z_]+)\"", path.read_text(encoding="utf-8"))
    }

    assert len(named) > 35
    assert sorted(one for one in named if one[1] not in texts) == []
    told = {
        f"one_{state}"
        for state in (*DeliveryState, "quarantined", "invalid", "left_out", "would_differ", "mapped", "built")
    }
    assert told - texts == set()
