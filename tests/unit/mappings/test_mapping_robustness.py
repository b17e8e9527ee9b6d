"""Whatever a mapping or a row holds, the engine answers with findings: never with an exception of its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dui_bridge.errors import DeclarationInvalid
from dui_bridge.findings import Finding
from dui_bridge.mappings.compile import compile_mapping
from dui_bridge.mappings.mapped import ItemState
from dui_bridge.mappings.plan import Plan
from dui_bridge.model.exchange import Cell, Record, Row
from tests.unit.mappings.mapping_world import CONTEXT, MAPPING, SHAPE, check, document, load, projet, row, usager

LINES = MAPPING.splitlines()
WORDS = sorted(
    {word.strip("{}[],:\"'") for word in MAPPING.split()}
    | {"", "null", "each", "[]", "{}", "first_of", "one", "path", "lookup"}
)
PLAN: Plan = check()[0]
GOALS = (row("objectifs", LIBELLE="Marcher", BESOIN="1.1.3", ECHEANCE="01/01/2027"),)
FULL = usager(
    TEL1="0474000000",
    INS="x",
    contacts=(row("contacts", NOM="A", LIEN="PERE"), row("contacts", NOM="U", LIEN="UDAF")),
    projets=(projet(AUTEUR="E01", objectifs=GOALS), projet(VERSION="2")),
    documents=(document(), document(ID_DOC="D2")),
    evaluations=(row("evaluations", DATE="01/01/2026", GRILLE="G", items=(row("items", ITEM="a", VALEUR="1"),)),),
)


def readable(findings: tuple[Finding, ...] | list[Finding]) -> None:
    for finding in findings:
        assert finding.line("en")
        assert finding.line("fr")


@st.composite
def mutated_mappings(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.integers(0, 4)):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[draw(st.integers(0, len(lines) - 1))])
            case 2:
                words = lines[at].split(" ")
                words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
                lines[at] = " ".join(words)
            case 3:
                place = draw(st.integers(0, len(lines[at])))
                lines[at] = lines[at][:place] + draw(st.text(max_size=3)) + lines[at][place + 1 :]
            case _:
                lines[at] = lines[at].replace(draw(st.sampled_from(WORDS)) or " ", draw(st.sampled_from(WORDS)), 1)
        if not lines:
            break
    return "\n".join(lines)


@given(mutated_mappings())
def test_a_mutated_mapping_gives_findings_or_a_plan_that_works(text: str) -> None:
    try:
        mapping, problems = load(text)
    except DeclarationInvalid as error:
        readable(error.findings)
        return
    plan = compile_mapping(mapping, SHAPE, problems)
    readable(problems.findings)
    if not problems.has_errors:
        mapped = plan.apply(FULL, CONTEXT)
        readable(mapped.findings)


CELLS: st.SearchStrategy[Cell] = (
    st.none()
    | st.text(max_size=12)
    | st.sampled_from(
        ["31/02/1987", "00/00/1999", "05/06/20", "7,50012E+08", "10780054", "O", "Ga?tan", "..\\x", "\x00", "V", "99"]
    )
    | st.lists(st.text(max_size=2), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2)
)


@st.composite
def mutated_rows(draw: st.DrawFn, source: Row) -> Row:
    cells = dict(source.cells)
    for column in draw(st.lists(st.sampled_from([*cells, "NOM_JF", "FICHIER"]), max_size=4)):
        cells[column] = draw(CELLS)
    for column in draw(st.lists(st.sampled_from(list(cells)), max_size=1)):
        del cells[column]
    children = {
        alias: tuple(draw(mutated_rows(child)) for child in rows for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2]))))
        for alias, rows in source.children.items()
    }
    return replace(source, cells=cells, children=children)


@given(st.data())
def test_a_mutated_row_gives_findings_and_every_document_row_is_in_one_state(data: st.DataObject) -> None:
    root = data.draw(mutated_rows(FULL.root))
    mapped = PLAN.apply(Record("20145", root, FULL.lookup), CONTEXT)
    readable(mapped.findings)
    assert (mapped.dossier is None) is bool(mapped.held or mapped.left_out is not None)
    rows = Counter(id(child) for alias in ("projets", "documents") for child in root.children.get(alias, ()))
    assert Counter(id(item.row) for item in mapped.items) == rows
    for item in mapped.items:
        if item.state is ItemState.QUARANTINED:
            assert item.findings[0].is_error
        elif item.state is ItemState.MAPPED:
            assert mapped.dossier is not None
            assert getattr(mapped.dossier, item.list_name)[item.index].identifiant == item.key
        assert mapped.raw_parts(item)
    if mapped.dossier is not None:
        made = len(mapped.dossier.projets_personnalises) + len(mapped.dossier.documents)
        assert made == sum(item.state is ItemState.MAPPED for item in mapped.items)
