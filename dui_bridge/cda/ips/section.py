"""A section: its templates, code and title, the narrative made from its table, and its entries."""

from __future__ import annotations

from collections.abc import Iterable

from dui_bridge.cda.ips.entry import Ids, templates
from dui_bridge.cda.xml import E, Element, clean, coded
from dui_bridge.data.ips import SectionType, section_types
from dui_bridge.model.tableaux import Column, Line, Table


def section(table: Table[object], ids: Ids, entries: Iterable[Element]) -> Element:
    """A section of the body; each entry is given without its `entry` element."""
    return section_of(section_types()[table.name], ids, clean(table.title), narrative(table), entries)


def section_of(
    kind: SectionType, ids: Ids, title: str, text: Element, entries: Iterable[Element], media: Iterable[Element] = ()
) -> Element:
    """A section from its parts."""
    return E.section(
        *templates(*kind.templates),
        ids.make(f"section/{kind.coded.code}"),
        coded("code", kind.coded),
        E.title(title),
        text,
        *(E.entry(entry) for entry in entries),
        *media,
    )


def absence_key(table: Table[object]) -> str:
    """The ID of the words that stand for an empty section."""
    return f"{table.name}-absence"


def narrative(table: Table[object]) -> Element:
    """The text of a section: a table with an ID on every row and value, or what is known when there is nothing."""
    if not table.lines:
        return E.text(E.paragraph(E.content(clean(table.absence), ID=absence_key(table))))
    columns = table.shown
    return E.text(
        E.table(
            E.thead(E.tr(*(E.th(column.title) for column in columns))),
            E.tbody(*(_row(line, columns) for line in table.lines)),
        )
    )


def _row(line: Line[object], columns: Iterable[Column]) -> Element:
    return E.tr(*(_cell(line, column) for column in columns), ID=line.key)


def _cell(line: Line[object], column: Column) -> Element:
    cell = E.td()
    for field in column.fields:
        if field in line.texts:
            if len(cell):
                cell.append(E.br())
            cell.append(E.content(clean(line.texts[field]), ID=f"{line.key}-{field}"))
    return cell
