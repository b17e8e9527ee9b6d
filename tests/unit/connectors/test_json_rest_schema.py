"""The JSON Schemas of the sources with nested data and of databases know the keys that the declarations read, and no other."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from dui_bridge.connectors.json import declaration as json_declaration
from dui_bridge.connectors.json import schema as json_schema
from dui_bridge.connectors.rest import declaration as rest_declaration
from dui_bridge.connectors.rest import schema as rest_schema
from dui_bridge.connectors.sql import declaration as sql_declaration
from dui_bridge.connectors.sql import schema as sql_schema
from dui_bridge.connectors.xml import declaration as xml_declaration
from dui_bridge.connectors.xml import schema as xml_schema
from tests.unit.connectors.rest_world import DECLARED


@pytest.mark.parametrize(
    ("described", "read"),
    [
        (json_schema.KEYS, json_declaration.KEYS),
        (json_schema.PART, json_declaration.PART_KEYS),
        (xml_schema.KEYS, xml_declaration.KEYS),
        (xml_schema.PART, xml_declaration.PART_KEYS),
        (sql_schema.QUERY, sql_declaration.QUERY_KEYS),
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

    declared = yaml.safe_load(
        "{each: DOSSIER, lists: [DOC], attributes: plain, repair: [html_entities, bare_ampersand], above: STRUCTURE,"
        " then: {documents: {each: 'DOCS.DOC[]', key: id, keep: {last_by: version}}}, forbidden: {DOSSIER: [NATION]}}"
    )
    jsonschema.validate(declared, xml_schema.xml_json_schema())
    declared = yaml.safe_load(
        "{url: {file: base.url}, usagers: 'select * from u',"
        ' projets: {query: select 1, of: usagers, "on": num, key: id}, ignored: {usagers: [a]}}'
    )
    jsonschema.validate(declared, sql_schema.sql_json_schema())


@pytest.mark.parametrize(
    ("declared", "schema"),
    [
        ({"each": "/residents", "fulll_every": "sunday"}, rest_schema.rest_json_schema()),
        ({"each": "DOSSIER", "list": ["DOC"]}, xml_schema.xml_json_schema()),
        ({"each": "DOSSIER", "repair": ["html_entitys"]}, xml_schema.xml_json_schema()),
        ({"each": "DOSSIER", "then": {"docs": {"each": "DOC[]", "on": "num"}}}, xml_schema.xml_json_schema()),
        ({"url": "postgresql://u:p@h/b", "usagers": "select 1"}, sql_schema.sql_json_schema()),
        ({"url": {"env": "U"}, "usagers": {"qeury": "select 1"}}, sql_schema.sql_json_schema()),
        ({"url": {"env": "U"}, "usagers": {"query": "select 1", "of": "x"}}, sql_schema.sql_json_schema()),
    ],
)
def test_what_they_refuse_is_not(declared: dict[str, object], schema: dict[str, object]):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(declared, schema)
