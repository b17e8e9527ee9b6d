"""The JSON Schema of a site file, for editors; generated from the declaration."""

from __future__ import annotations

from typing import Any

from dui_bridge.site.declaration import SiteDeclaration


def site_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of `bridge.yaml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **SiteDeclaration.model_json_schema(mode="validation"),
        "title": "Site of dui-bridge",
    }
