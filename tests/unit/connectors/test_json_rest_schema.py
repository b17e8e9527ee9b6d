"""The JSON Schemas of `source.json` and `source.rest` know the keys that the declarations read, and no other."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from dui_bridge.connectors.json import declaration as json_declaration
from dui_bridge.connectors.json import schema as json_schema
from dui_bridge.connectors.rest import declaration as rest_declaration
from dui_bridge.connectors.rest import schema as rest_schema
from tests.unit.connectors.rest_world import DECLARED


@pytest.mark.parametrize(
    ("described", "read"),
    [
        (json_schema.KEYS, json_declaration.KEYS),
        (json_schema.PART, json_declaration.PART_KEYS),
        (rest_schema.KEYS, rest_declaration.KEYS),
        (rest_schema.PART, rest_declaration.PART_KEYS),
        (rest_schema.PAGE, rest_declaration.PAGE_KEYS),
        (rest_schema.AUTH, rest_declaration.AUTH_KEYS),
        (rest_schema.CONTENT, rest_declaration.CONTENT_KEYS),
    ],
)
def test_the_same_keys(described: dict[str, object], read: tuple[str, ...]):
    assert sorted(described) == sorted(read)


def test_what_the_declarations_accept_is_valid():
    jsonschema.validate(yaml.safe_load(DECLARED), rest_schema.rest_json_schema())
    declared = yaml.safe_load(
        '{each: "residents[]", then: {documents: "documents/{id}.json"}, ignored: {residents: [a]}}'
    )
    jsonschema.validate(declared, json_schema.json_json_schema())


def test_a_misspelt_key_is_not():
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"each": "/residents", "fulll_every": "sunday"}, rest_schema.rest_json_schema())
