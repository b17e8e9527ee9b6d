"""The stand-in of the DMP takes the official schemas from the reference material that the environment names."""

from __future__ import annotations

from pathlib import Path

import pytest

from dui_bridge.demo.stand_ins import SHARED, shared_schemas
from dui_bridge.errors import FileUnusable
from dui_bridge.sandbox.dmp.contract import Contract


def test_they_are_used_where_they_are_there(tmp_path: Path) -> None:
    assert shared_schemas({}) is shared_schemas({SHARED: str(tmp_path)}) is None
    (schemas := tmp_path / "reference" / "xds" / "schema").mkdir(parents=True)
    assert shared_schemas({SHARED: str(tmp_path)}) == schemas


def test_a_schema_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable, match=r"XDS\.b_DocumentRepository\.xsd"):
        Contract(tmp_path)
