"""Headings, paragraphs and tables over A4 pages: everything is tagged, every text goes through the coverage check."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from dui_bridge.pdf.fonts import Face, MissingGlyph, prepare, width
from dui_bridge.pdf.linebreak import break_lines
from dui_bridge.pdf.page import PAGE_HEIGHT, PAGE_WIDTH, Bookmark, Box, Colour, Element, Page, Role, Run

MARGIN = 56.7
"""20 mm."""
TOP = 56.7
BOTTOM = PAGE_HEIGHT - 62.0
CONTENT_WIDTH = PAGE_WIDTH - 2 * MARGIN

INK: Colour = (0.13, 0.15, 0.18)
NAVY: Colour = (0.10, 0.23, 0.38)
GREY: Colour = (0.38, 0.42, 0.47)
RULE: Colour = (0.80, 0.83, 0.86)
TINT: Colour = (0.93, 0.95, 0.97)

_PAD_X = 5.0
_PAD_Y = 3.2
_LABEL_SHARE = 0.3


@dataclass(frozen=True)
class Style:
    """How text looks; sizes and distances in points."""

    face: Face = Face.REGULAR
    size: float = 10
    colour: Colour = INK
    before: float = 0
    after: float = 4

    @property
    def leading(self) -> float:
        return self.size * 1.3

    @property
    def rise(self) -> float:
        """From the top of a line to its baseline."""
        return self.size * 0.98


BODY = Style()
NOTE = Style(size=9, colour=GREY)
HEADINGS = {
    1: Style(Face.BOLD, 22, NAVY, before=0, after=6),
    2: Style(Face.BOLD, 14, NAVY, before=16, after=6),
    3: Style(Face.BOLD, 11.5, NAVY, before=12, after=3),
}
_HEADING_ROLES = {1: Role.H1, 2: Role.H2, 3: Role.H3}
_TABLE_HEAD = Style(Face.BOLD, 9, NAVY)
_TABLE_BODY = Style(size=9.5)
_TABLE_LABEL = Style(Face.BOLD, 9.5, NAVY)


@dataclass(frozen=True)
class Text:
    """Text of a document. `where` is its place in the model, given back with a character that could not be drawn."""

    text: str
    where: str = ""


def labelled(path: str, *values: tuple[str, str | None, str]) -> list[tuple[str, Text]]:
    """Rows for `Flow.fields` from (label, text, name of the field under `path`); what has no text is left out."""
    return [(label, Text(text, f"{path}.{name}")) for label, text, name in values if text]


@dataclass(frozen=True)
class Column:
    """A column: its header, and its share of the width."""

    header: str
    share: float


@dataclass(frozen=True)
class _Cell:
    element: Element
    x: float
    style: Style
    lines: tuple[str, ...]


@dataclass
class Flow:
    """A document being laid out, from top to bottom: `y` is where the next thing goes on the last page."""

    pages: list[Page] = field(default_factory=lambda: [Page()])
    root: Element = field(default_factory=lambda: Element(Role.DOCUMENT))
    bookmarks: list[Bookmark] = field(default_factory=list)
    y: float = TOP
    _missing: dict[MissingGlyph, None] = field(default_factory=dict)

    @property
    def page(self) -> Page:
        return self.pages[-1]

    @property
    def missing(self) -> tuple[MissingGlyph, ...]:
        """The characters that could not be drawn, in reading order, once for each place."""
        return tuple(self._missing)

    def prepare(self, text: Text) -> str:
        """The drawable form of a text; what is missing is kept for `missing`."""
        prepared = prepare(text.text)
        for character in prepared.replaced:
            self._missing[MissingGlyph(character, text.where)] = None
        return prepared.text

    def new_page(self) -> None:
        self.pages.append(Page())
        self.y = TOP

    def space(self, height: float) -> None:
        """Empty space, which a page break swallows."""
        if self.y > TOP:
            self.y += height

    def keep(self, height: float) -> None:
        """Starts a new page unless this height still fits."""
        if self.y + height > BOTTOM and self.y > TOP:
            self.new_page()

    def heading(self, level: int, text: Text, *, keep: float = 60, bookmark: str = "") -> None:
        """A heading of level 1 to 3, in the outline too (as `bookmark` when given).

        `keep` is the height of what must follow on the same page.
        """
        style = HEADINGS[level]
        prepared = self.prepare(text)
        lines = break_lines(prepared, style.face, style.size, CONTENT_WIDTH)
        self.keep(style.before + len(lines) * style.leading + keep)
        self.space(style.before)
        title = self.prepare(Text(bookmark, text.where)) if bookmark else prepared
        self.bookmarks.append(Bookmark(level, " ".join(title.split("\n")), len(self.pages) - 1, self.y))
        self._lines(self.root.child(_HEADING_ROLES[level]), lines, style, MARGIN)
        if level == 2:
            self.page.draw(None, Box(MARGIN, self.y + 1, CONTENT_WIDTH, 0.8, NAVY))
            self.y += 2
        self.y += style.after

    def paragraph(self, text: Text, style: Style = BODY) -> None:
        """A paragraph; nothing for an empty text."""
        if not text.text:
            return
        lines = break_lines(self.prepare(text), style.face, style.size, CONTENT_WIDTH)
        self.space(style.before)
        self._lines(self.root.child(Role.P), lines, style, MARGIN)
        self.y += style.after

    def figure(self, boxes: Sequence[Box], alternative: str) -> None:
        """Boxes drawn where they say on the current page, as a figure with its description; the flow does not move."""
        self.page.draw(self.root.child(Role.FIGURE, alternative=alternative), *boxes)

    def fields(self, rows: Sequence[tuple[str, Text]], *, right: float = 0) -> None:
        """Labels and values, as a table whose first column holds row headers. Nothing for no row.

        `right` points are left free at its right.
        """
        table = self.root.child(Role.TABLE) if rows else self.root
        for label, value in rows:
            row = table.child(Role.TR)
            elements = (row.child(Role.TH, scope="Row"), row.child(Role.TD))
            cells = self._cells(
                elements,
                (Text(label), value),
                (_LABEL_SHARE, 1 - _LABEL_SHARE),
                (_TABLE_LABEL, _TABLE_BODY),
                CONTENT_WIDTH - right,
            )
            self._row(cells, (), CONTENT_WIDTH - right)
        self.y += 6 if rows else 0

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Text]]) -> None:
        """A table whose header row is repeated on each page; a tall row is split. Nothing for no row."""
        if not rows:
            return
        table = self.root.child(Role.TABLE)
        shares = tuple(column.share for column in columns)
        head_row = table.child(Role.TR)
        head = self._cells(
            [head_row.child(Role.TH, scope="Column") for _ in columns],
            [Text(column.header) for column in columns],
            shares,
            (_TABLE_HEAD,) * len(columns),
            CONTENT_WIDTH,
        )
        self.keep(_height(head) + 2 * _TABLE_BODY.leading + 2 * _PAD_Y)
        self._head(head, repeated=False)
        for values in rows:
            row = table.child(Role.TR)
            elements = [row.child(Role.TD) for _ in columns]
            self._row(
                self._cells(elements, values, shares, (_TABLE_BODY,) * len(columns), CONTENT_WIDTH), head, CONTENT_WIDTH
            )
        self.y += 6

    def number_pages(self, footer: Text) -> None:
        """Draws the footer and `page n / N` on every page, as artifacts. To be called once, at the end."""
        style = Style(size=8, colour=GREY)
        left = break_lines(self.prepare(footer), style.face, style.size, CONTENT_WIDTH - 80)[0]
        for number, page in enumerate(self.pages, start=1):
            label = f"page {number} / {len(self.pages)}"
            baseline = PAGE_HEIGHT - 36
            page.draw(
                None,
                Box(MARGIN, baseline - 14, CONTENT_WIDTH, 0.5, RULE),
                Run(MARGIN, baseline, left, style.face, style.size, style.colour),
                Run(
                    MARGIN + CONTENT_WIDTH - width(label, style.face, style.size),
                    baseline,
                    label,
                    style.face,
                    style.size,
                    style.colour,
                ),
            )

    def _lines(self, element: Element, lines: Sequence[str], style: Style, x: float) -> None:
        """Lines of one element from `y` on, over as many pages as they need."""
        runs: list[Run] = []
        for line in lines:
            if self.y + style.leading > BOTTOM:
                self.page.draw(element, *runs)
                runs = []
                self.new_page()
            runs.append(Run(x, self.y + style.rise, line, style.face, style.size, style.colour))
            self.y += style.leading
        self.page.draw(element, *runs)

    def _cells(
        self,
        elements: Sequence[Element],
        texts: Sequence[Text],
        shares: Sequence[float],
        styles: Sequence[Style],
        total: float,
    ) -> tuple[_Cell, ...]:
        cells: list[_Cell] = []
        x = MARGIN
        for element, text, share, style in zip(elements, texts, shares, styles, strict=True):
            room = total * share
            lines = break_lines(self.prepare(text), style.face, style.size, room - 2 * _PAD_X)
            cells.append(_Cell(element, x + _PAD_X, style, lines))
            x += room
        return tuple(cells)

    def _head(self, head: Sequence[_Cell], *, repeated: bool) -> None:
        if not head:
            return
        self.page.draw(None, Box(MARGIN, self.y, CONTENT_WIDTH, _height(head), TINT))
        self._draw(head, _height(head), CONTENT_WIDTH, artifact=repeated)

    def _row(self, cells: Sequence[_Cell], head: Sequence[_Cell], total: float) -> None:
        """A row: on this page, else on the next one; split over pages when it is taller than half a page."""
        if self.y + _height(cells) > BOTTOM and _height(cells) < (BOTTOM - TOP) / 2:
            self.new_page()
            self._head(head, repeated=True)
        while self.y + _height(cells) > BOTTOM:
            leading = max(cell.style.leading for cell in cells)
            fitting = int((BOTTOM - self.y - 2 * _PAD_Y) / leading)
            if fitting >= 3:
                part = [_Cell(cell.element, cell.x, cell.style, cell.lines[:fitting]) for cell in cells]
                cells = [_Cell(cell.element, cell.x, cell.style, cell.lines[fitting:]) for cell in cells]
                self._draw(part, _height(part), total)
            self.new_page()
            self._head(head, repeated=True)
        self._draw(cells, _height(cells), total)

    def _draw(self, cells: Sequence[_Cell], height: float, total: float, *, artifact: bool = False) -> None:
        for cell in cells:
            runs = [
                Run(
                    cell.x,
                    self.y + _PAD_Y + index * cell.style.leading + cell.style.rise,
                    line,
                    cell.style.face,
                    cell.style.size,
                    cell.style.colour,
                )
                for index, line in enumerate(cell.lines)
            ]
            self.page.draw(None if artifact else cell.element, *runs)
        self.y += height
        self.page.draw(None, Box(MARGIN, self.y - 0.25, total, 0.5, RULE))


def _height(cells: Sequence[_Cell]) -> float:
    return max(len(cell.lines) * cell.style.leading for cell in cells) + 2 * _PAD_Y
