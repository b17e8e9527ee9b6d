"""A fact of the body leads back to its field of the dossier."""

from __future__ import annotations

import pytest
from lxml import etree

from dui_bridge.cda.ips import build_ips, ips_content
from dui_bridge.cda.ips.origins import body_paths
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.types import Modele
from tests.cda_dossiers import IDS
from tests.ips_dossiers import EHPAD, MAXIMAL, NOT_ASKED

CONTENT = ips_content(MAXIMAL, TypeDocument.DLU, EHPAD, IDS, None)
ROOT = etree.fromstring(build_ips(CONTENT))
PATHS = body_paths(CONTENT, ROOT)


def plain(xpath: str) -> str:
    """The XPath with every step in any namespace."""
    steps = [step.partition("[") for step in xpath.strip("/").split("/")[1:]]
    return "/".join(f"*[local-name()='{name}']{bracket}{index}" for name, bracket, index in steps)


def first(xpath: str) -> etree._Element | None:
    found = ROOT.xpath(f"({plain(xpath)})[1]")
    assert isinstance(found, list)
    return found[0] if found and isinstance(found[0], etree._Element) else None


@pytest.mark.parametrize(
    ("model_path", "attribute", "value"),
    [
        ("problemes[0].cim10", "code", "G30.9"),
        ("problemes[1].debut", "value", "2010"),
        ("problemes[3].fin", "value", "20250201"),
        ("allergies[0].atc", "code", "J01CA04"),
        ("traitements[0].cis", "code", "62080626"),
        ("traitements[1].voie", "code", "20066000"),
        ("actes[0].ccam", "code", "NEKA020"),
        ("dispositifs[0].emdn", "code", "J010104"),
        ("vaccinations[0].date", "value", "20261014"),
        ("constantes[8].date", "nullFlavor", "UNK"),
    ],
)
def test_the_place_of_a_field_holds_its_value(model_path: str, attribute: str, value: str) -> None:
    (xpath,) = [place for place, path in PATHS.items() if path == model_path]
    element = first(xpath)
    assert element is not None
    assert element.get(attribute) == value


def test_every_path_is_one_of_the_dossier() -> None:
    assert PATHS
    for path in PATHS.values():
        value: object = MAXIMAL
        for step in path.replace("]", "").split("."):
            name, _, index = step.partition("[")
            assert isinstance(value, Modele)
            assert name in type(value).model_fields, path
            value = getattr(value, name)
            if index and isinstance(value, tuple):
                value = value[int(index)]


def test_a_section_that_says_why_it_is_empty_comes_from_no_fact() -> None:
    content = ips_content(NOT_ASKED, TypeDocument.DLU, EHPAD, IDS, None)
    assert body_paths(content, etree.fromstring(build_ips(content))) == {}
