"""The independent judge, its own code loaded from the shared folder: the plain way of what `OfficialChecker` does."""

from __future__ import annotations

import sys
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree

from tests.shared import shared_path

SHARED = shared_path()
PACK = Path(SHARED or ".", "reference", "cisis")
EXAMPLES = sorted(p for p in PACK.glob("*/*.xml") if p.parent.name in {"ExemplesCDA", "tddui"})
NOT_ITS_MODEL = "01_Modeles_contenus_CDA.xml"
"""Carries the template of a VSM and is none."""

Hits = Counter[tuple[str, str]]


@cache
def judge() -> dict[str, Any]:
    """The names of the judge's module."""
    source = Path(SHARED or ".", "judges", "cda.py")
    names: dict[str, Any] = {"__name__": "judge"}
    before, sys.argv = sys.argv, ["judge", str(PACK)]
    try:
        exec(compile(source.read_text(), str(source), "exec"), names)
    finally:
        sys.argv = before
    return names


def schematrons_of(root: etree._Element, *, common_only: bool = False) -> list[str]:
    """The Schematrons of a document, as paths below `schematrons/`."""
    names = judge()
    templates = [t.get("root") for t in root.findall("{urn:hl7-org:v3}templateId")]
    models = [] if common_only else [names["MODEL"][t] for t in templates if t in names["MODEL"]]
    return [*names["COMMON"], *models]


class Judged:
    """A document as the judge parses it."""

    def __init__(self, file: Path) -> None:
        self.node = judge()["proc"].parse_xml(xml_file_name=str(file))

    def hits(self, schematron: str) -> Hits | None:
        """(location, message) of each hit; None when the Schematron raised."""
        names = judge()
        cache_ = names["cache"]
        if schematron not in cache_:
            text = names["to_xslt"](PACK / "schematrons" / schematron)
            cache_[schematron] = names["xslt"].compile_stylesheet(stylesheet_text=text)
        from saxonche import PySaxonApiError

        try:
            result = cache_[schematron].transform_to_string(xdm_node=self.node)
        except PySaxonApiError:
            return None
        elements = etree.fromstring(result.encode(), etree.XMLParser(huge_tree=True))
        return Counter((h.get("at", ""), " ".join("".join(h.itertext()).split())) for h in elements)
