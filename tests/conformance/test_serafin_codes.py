"""Our table of SERAFIN-PH codes against the published value sets JDV_J282 to JDV_J285."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

from dui_bridge.mappings.conversions_fr import SERAFIN_OID, serafin_codes
from tests.shared import shared_path

SETS = {"J282": "prestation", "J283": "prestation", "J284": "prestation", "J285": "besoin"}


def _same(text: str) -> str:
    return " ".join(text.replace("’", "'").split())  # the sets disagree among themselves on apostrophes


def test_every_published_code_is_in_our_table_with_its_label_and_kind_and_nothing_else() -> None:
    shared = shared_path()
    if shared is None:
        pytest.skip("the official reference material is not beside the checkout")
    seen = set()
    for name, kind in SETS.items():
        (path,) = Path(shared, "reference/cisis/jeuxDeValeurs").glob(f"JDV_{name}_*.xml")
        for concept in etree.parse(path).iter("{urn:ihe:iti:svs:2008}Concept"):
            code = concept.get("code", "")
            ours, value = serafin_codes()[code]
            assert (ours, _same(value.libelle or "")) == (kind, _same(concept.get("displayName", "")))
            assert concept.get("codeSystem") == SERAFIN_OID == value.systeme
            seen.add(code)
    assert seen == set(serafin_codes())
