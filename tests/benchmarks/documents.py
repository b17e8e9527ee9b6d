"""Documents built from a mapped export, against only writing what is already made."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from itertools import islice
from pathlib import Path
from time import process_time
from typing import Any, BinaryIO

import pikepdf
from lxml import etree
from processes import Failed
from reading import assembled, mapped

from dui_bridge.cda.needs import document_needs
from dui_bridge.errors import FileUnusable
from dui_bridge.ins.gate import qualified_ins
from dui_bridge.model.accompagnement import TypeDocument
from dui_bridge.model.exchange import DocumentIds
from dui_bridge.pipeline.build import Body, Subject, digests, make_body, make_cda, validate
from dui_bridge.site.settings import load_site

_IDS = DocumentIds(unique_id=f"2.25.{2**127}", set_id=f"2.25.{2**127 + 1}", version=1)


def subjects(config: Path, most: int) -> list[Subject]:
    """The projects of the export that a site renders, at most that many. Raises Failed when there is none."""
    site = load_site(config)
    found: list[Subject] = []
    for one in mapped(site, assembled(site)):
        if one.dossier is None or one.establishment is None:
            continue
        for index, projet in enumerate(one.dossier.projets_personnalises):
            path = f"projets_personnalises[{index}]"
            needs = document_needs(one.dossier, projet, one.establishment, path)
            if projet.fichier is None and not any(finding.is_error for finding in needs):
                ins = qualified_ins(one.dossier.usager, site.profile)
                kind, key = TypeDocument.PROJET_PERSONNALISE, projet.identifiant
                found.append(Subject(kind, key, one.dossier, projet, path, one.establishment, ins))
    if not found:
        raise Failed("the export has no project to render")
    return list(islice(found, most))


def measure_cda(chosen: Sequence[Subject], runs: int) -> dict[str, Any]:
    """Header and CDA around a PDF that is ready, against `etree.tostring` of the finished trees."""
    ready = [(subject, make_body(subject, _no_file)) for subject in chosen]
    trees = [etree.fromstring(make_cda(subject, _IDS, body).data) for subject, body in ready]

    def ours() -> None:
        for subject, body in ready:
            make_cda(subject, _IDS, body)

    def floor() -> None:
        for tree in trees:
            _written(tree)

    return {"documents": len(ready), **_in_turn(ours, floor, runs)}


def measure_rendered(chosen: Sequence[Subject], runs: int) -> dict[str, Any]:
    """PDF, CDA, checks and digests, against only writing again the PDF and the tree that came out."""
    made = [_render(subject) for subject in chosen]
    finished = [(body.pdf, etree.fromstring(cda)) for body, cda in made]

    def ours() -> None:
        for subject in chosen:
            _render(subject)

    def floor() -> None:
        for pdf, tree in finished:
            with pikepdf.open(BytesIO(pdf)) as opened:
                opened.save(BytesIO(), deterministic_id=True)
            _written(tree)

    return {"documents": len(chosen), **_in_turn(ours, floor, runs)}


def _render(subject: Subject) -> tuple[Body, bytes]:
    body = make_body(subject, _no_file)
    cda = make_cda(subject, _IDS, body).data
    digests(cda)
    errors = [finding for finding in validate(cda, rendered=True) if finding.is_error]
    if errors:
        raise Failed(f"a document is invalid: {errors[0].rule.id}")
    return body, cda


def _written(tree: etree._Element) -> bytes:
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def _in_turn(ours: Callable[[], None], floor: Callable[[], None], runs: int) -> dict[str, list[float]]:
    """Seconds of processor of each pass, the floor's in turn with ours so that both see the same machine.

    One pass of each goes before: the rates are warm.
    """
    ours()
    floor()
    seconds: dict[str, list[float]] = {"ours": [], "floor": []}
    for _ in range(runs):
        for name, work in (("floor", floor), ("ours", ours)):
            started = process_time()
            work()
            seconds[name].append(process_time() - started)
    return seconds


def _no_file(ref: str) -> BinaryIO:
    raise FileUnusable(file=ref, reason="only projects without a file are rendered")
