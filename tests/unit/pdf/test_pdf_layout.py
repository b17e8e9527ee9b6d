"""Headings, paragraphs and tables over pages, and what readers of the bytes find: tags, outline, information."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dui_bridge.pdf.assembly import Composition, assemble
from dui_bridge.pdf.fonts import MissingGlyph
from dui_bridge.pdf.layout import BOTTOM, TOP, Column, Flow, Text
from dui_bridge.pdf.page import Box, Role, Run
from dui_bridge.pdf.xmp import DocumentInformation, information_date

INFORMATION = DocumentInformation("Titre", "IME Les Tilleuls", "Sujet", datetime(2026, 3, 12, 9, 30, tzinfo=UTC))


def written(flow: Flow) -> pikepdf.Pdf:
    return pikepdf.open(BytesIO(assemble(Composition(flow.pages, flow.root, flow.bookmarks), INFORMATION)))


def drawn_text(flow: Flow, page: int) -> list[str]:
    return [item.text for mark in flow.pages[page].marks for item in mark.items if isinstance(item, Run)]


def test_a_long_table_repeats_its_header_as_an_artifact() -> None:
    flow = Flow()
    flow.table((Column("Colonne", 1),), [(Text(f"ligne {n}"),) for n in range(80)])

    assert len(flow.pages) > 1
    first, second = (next(m for m in page.marks if isinstance(m.items[0], Run)) for page in flow.pages[:2])
    assert first.items[0].text == second.items[0].text == "Colonne"
    assert first.element is not None
    assert first.element.role is Role.TH
    assert second.element is None


def test_a_row_taller_than_a_page_is_split_and_stays_one_cell() -> None:
    flow = Flow()
    flow.table((Column("Colonne", 1),), [(Text("mot " * 6000),)])

    (cell,) = flow.root.children[0].children[1].children
    pages = [n for n, page in enumerate(flow.pages) if any(mark.element is cell for mark in page.marks)]
    assert len(pages) > 2
    assert sum(text.count("mot") for page in pages for text in drawn_text(flow, page)) == 6000
    for page in flow.pages:
        assert all(item.top < BOTTOM for mark in page.marks for item in mark.items if isinstance(item, Box))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text("ab \n", max_size=900), min_size=2, max_size=2), max_size=12))
def test_nothing_is_drawn_outside_the_text_area(rows: list[list[str]]) -> None:
    flow = Flow()
    for row in rows:
        flow.heading(2, Text(row[0][:50]))
        flow.paragraph(Text(row[1]))
        flow.table((Column("A", 0.3), Column("B", 0.7)), [[Text(cell) for cell in row]])

    for page in flow.pages:
        for item in (item for mark in page.marks for item in mark.items):
            top, bottom = (
                (item.top, item.top + item.height) if isinstance(item, Box) else (item.baseline - 9, item.baseline)
            )
            assert top >= TOP - 1
            assert bottom <= BOTTOM + 2


def test_a_heading_never_ends_a_page() -> None:
    flow = Flow()
    flow.y = BOTTOM - 40

    flow.heading(2, Text("Titre"))

    assert len(flow.pages) == 2


@given(st.text(st.characters(exclude_categories=()), max_size=60))
def test_no_character_stops_a_document(text: str) -> None:
    flow = Flow()
    flow.heading(1, Text(text))
    flow.fields([(text, Text(text))])
    flow.number_pages(Text(text))

    with written(flow) as pdf:
        assert len(pdf.pages) == len(flow.pages)


def test_each_missing_character_comes_back_with_its_place() -> None:
    flow = Flow()
    flow.paragraph(Text("中", "usager.nom_naissance"))
    flow.fields([("Titre", Text("a中b中", "titre"))])

    assert flow.missing == (MissingGlyph("中", "usager.nom_naissance"), MissingGlyph("中", "titre"))
    assert flow.missing[0].code_point == "U+4E2D"


def test_every_mark_is_reached_from_the_structure_tree_and_back() -> None:
    flow = Flow()
    flow.heading(1, Text("Titre"))
    flow.paragraph(Text("mot " * 3000))
    flow.table((Column("A", 0.5), Column("B", 0.5)), [(Text("a"), Text("b"))])
    flow.number_pages(Text("pied"))

    with written(flow) as pdf:
        root = pdf.Root.StructTreeRoot
        reached: set[tuple[int, int]] = set()

        def walk(element: pikepdf.Object) -> list[object]:
            below: list[object] = []
            for kid in element.K:
                if isinstance(kid, int):
                    reached.add((element.Pg.objgen[0], kid))
                elif kid.get("/Type") == "/MCR":
                    reached.add((kid.Pg.objgen[0], int(kid.MCID)))
                else:
                    below.append(walk(kid))
            return [str(element.S), *below]

        tree = walk(root.K)
        content = {
            (page.obj.objgen[0], int(operands[1].MCID))
            for page in pdf.pages
            for operands, operator in pikepdf.parse_content_stream(page)
            if str(operator) == "BDC"
        }
        numbers = root.ParentTree.Nums
        owners = {int(numbers[n]): numbers[n + 1] for n in range(0, len(numbers), 2)}

        assert tree == [
            "/Document",
            ["/H1"],
            ["/P"],
            ["/Table", ["/TR", ["/TH"], ["/TH"]], ["/TR", ["/TD"], ["/TD"]]],
        ]
        assert reached == content
        for page in pdf.pages:
            marks = {mcid for number, mcid in content if number == page.obj.objgen[0]}
            assert len(owners[int(page.obj.StructParents)]) == len(marks)


def test_the_outline_follows_the_levels_of_headings() -> None:
    flow = Flow()
    for level, title in ((1, "Un"), (2, "Deux"), (3, "Trois"), (2, "Quatre")):
        flow.heading(level, Text(title))

    with written(flow) as pdf, pdf.open_outline() as outline:
        (top,) = outline.root
        assert top.title == "Un"
        assert [item.title for item in top.children] == ["Deux", "Quatre"]
        assert [item.title for item in top.children[0].children] == ["Trois"]


def test_the_catalog_says_language_title_and_tagging() -> None:
    flow = Flow()
    flow.heading(1, Text("Titre"))

    with written(flow) as pdf:
        assert pdf.Root.Lang == "fr-FR"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert pdf.Root.MarkInfo.Marked
        assert pdf.docinfo["/Title"] == "Titre"
        assert pdf.docinfo["/CreationDate"] == "D:20260312093000+00'00'"
        with pdf.open_metadata() as metadata:
            assert metadata.pdfa_status == "1B"
            assert metadata["dc:title"] == "Titre"
            assert metadata["xmp:CreateDate"] == "2026-03-12T09:30:00+00:00"


def test_a_creation_date_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        DocumentInformation("t", "a", "s", datetime(2026, 3, 12))  # noqa: DTZ001 - this is what is refused


def test_dates_are_written_with_their_own_zone() -> None:
    assert information_date(datetime.fromisoformat("2026-07-01T08:00:00+02:00")) == "D:20260701080000+02'00'"
