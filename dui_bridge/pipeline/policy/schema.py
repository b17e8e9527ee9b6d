"""The JSON Schema of a policy file, for editors."""

from __future__ import annotations

from typing import Any, Final

from dui_bridge.data.codes import rows
from dui_bridge.pipeline.policy.declaration import CHANNEL_KEYS, FINESS, KEYS, RECIPIENTS, REPLY_HOURS, TYPES
from dui_bridge.pipeline.policy.defaults import DOMAINS, Choice

_YES_OR_NO: Final = {"enum": ["yes", "no", True, False]}
"""An editor reads a bare yes as true; the bridge reads the word."""


def policy_json_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a policy file."""
    categories = sorted({row["category"] for row in rows("categories")})
    choices = {"$ref": "#/$defs/choices"}
    forms: dict[str, dict[str, Any]] = {
        "grace_after_exit": {"type": "string", "pattern": "^[0-9]{1,3}d$"},
        "author_without_rpps": {"enum": [Choice.AUTO.value, Choice.ASK.value]},
        "sensitive": {"type": "array", "items": {"enum": categories}},
        "anonymity_recorded": {"type": "array", "items": {"enum": list(DOMAINS)}},
        "never_titles": {"type": "array", "items": {"type": "string"}},
        "mailbox_age": {"type": "string", "pattern": "^[0-9]{1,3}d$"},
        "minors_asked": {"type": "array", "items": {"enum": list(DOMAINS)}},
        "treating_doctor_consent": {"type": "array", "items": {"enum": list(DOMAINS)}},
        "reply_within": _closed({one: {"type": "string", "pattern": f"^{REPLY_HOURS}$"} for one in RECIPIENTS}),
        "recipients": _closed(dict.fromkeys(TYPES, _closed(dict.fromkeys(RECIPIENTS, _YES_OR_NO)))),
        "all": choices,
        "domains": _closed(dict.fromkeys(DOMAINS, choices)),
        "categories": _closed(dict.fromkeys(categories, choices)),
        "establishments": {
            "type": "object",
            "patternProperties": {f"^{FINESS}$": choices},
            "additionalProperties": False,
        },
    }
    types = _closed({kind: {"enum": [choice.value for choice in Choice]} for kind in TYPES})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Policy file of dui-bridge",
        **_closed({key: {**forms[key], "description": told} for key, told in KEYS.items()}),
        "$defs": {"choices": _closed(dict.fromkeys(CHANNEL_KEYS, types))},
    }


def _closed(properties: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}
