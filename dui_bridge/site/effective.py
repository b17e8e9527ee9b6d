"""The configuration as it is applied: every default filled, every path absolute, every secret a reference only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dui_bridge.declared import load, plain
from dui_bridge.site.settings import Site


def effective(site: Site) -> dict[str, Any]:
    """The whole site as JSON values, in the order and with the keys of a site file; nothing secret is read."""
    shown: dict[str, Any] = site.declaration.model_dump(mode="json")
    shown["report"] = str(site.report)
    for written, establishment in zip(shown["establishments"], site.establishments, strict=True):
        written["oid_ipp"] = establishment.oid_ipp
        written["legal_authenticator"] = written["legal_authenticator"] or written["default_author"]
    without_nulls: dict[str, Any] = _without_nulls(shown)
    return without_nulls


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def written(path: Path) -> Any:
    """The file as it was written, every value as text. Raises FileUnusable, DeclarationInvalid."""
    return plain(load(path))


def as_yaml(values: Any) -> str:
    """The values as YAML, texts that look like numbers or dates quoted."""
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=120)
