"""The words of the reports, in French and English."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from dui_bridge.findings import Language, Rule

_ASIDE = re.compile(r"\s*\([^()]*\{[a-z_]+\}[^()]*\)")
_PLACEHOLDER = re.compile(r"[\s'\"«]*\{[a-z_]+\}[\s'\"»]*")
_NAMED = re.compile(r"([a-z_ ]+?)((?:: | \().*)?")


@cache
def _texts() -> dict[str, tuple[str, str]]:
    with files("dui_bridge.data").joinpath("texts.csv").open(encoding="utf-8") as stream:
        return {row["key"]: (row["en"], row["fr"]) for row in csv.DictReader(stream, delimiter=";")}


def text(key: str, language: Language) -> str:
    """One text; a key without a text stands for itself (names that a mapping gave)."""
    both = _texts().get(key)
    return key if both is None else both[language == "fr"]


def cause(key: str, rules: Mapping[str, Rule], language: Language) -> str:
    """Why something was left out or quarantined, in words: a rule's message without its values, or the name given."""
    rule = rules.get(key)
    if rule is not None:
        message = _ASIDE.sub("", rule.fr if language == "fr" else rule.en)
        return f"{key}: {_PLACEHOLDER.sub(' … ', message).strip().rstrip(' .…:')}"
    named = _NAMED.fullmatch(key)
    return key if named is None else text(named[1], language) + (named[2] or "")
