"""What is applied can be shown, and the schema of the file comes from the code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dui_bridge.data.codes import rows
from dui_bridge.site.effective import effective
from dui_bridge.site.forms import categories
from dui_bridge.site.schema import site_json_schema
from dui_bridge.site.settings import load_site

EXAMPLE = Path(__file__).parents[3] / "config" / "bridge.yaml"


def test_the_effective_configuration_has_its_defaults_filled() -> None:
    shown = effective(load_site(EXAMPLE))

    second = shown["establishments"][1]
    assert shown["report"] == "/var/lib/dui-bridge/report.html"
    assert second["timezone"] == "Europe/Paris"
    assert second["oid_ipp"].startswith("2.25.")
    assert second["legal_authenticator"] == second["default_author"]
    assert "finess_ej" in second
    assert "phone" not in second


def test_the_effective_configuration_shows_secrets_as_references_and_is_json() -> None:
    shown = effective(load_site(EXAMPLE))

    assert shown["master_key"] == {"file": str(EXAMPLE.parent / "secrets/master.key")}
    assert json.loads(json.dumps(shown)) == shown


def test_the_schema_describes_every_key() -> None:
    def undescribed(schema: dict[str, Any]) -> list[str]:
        models = {"": schema, **schema["$defs"]}
        return [
            f"{model}.{key}"
            for model, body in models.items()
            for key, value in body.get("properties", {}).items()
            if "description" not in value and key != "kind"
        ]

    schema = site_json_schema()

    assert undescribed(schema) == []
    assert schema["required"] == ["site", "profile", "data", "master_key", "establishments"]
    assert schema["additionalProperties"] is False


def test_every_category_with_a_facility_type_can_be_named() -> None:
    assert {row["categorie"] for row in rows("facility_by_category")} <= categories()
