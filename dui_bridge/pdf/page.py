"""What stands on a page, as data: runs of text and filled boxes, of an element of the structure tree or of none.

Coordinates are points from the top left corner of an A4 page, downwards.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from dui_bridge.pdf.fonts import Face

PAGE_WIDTH = 595.28
PAGE_HEIGHT = 841.89

#: Red, green and blue, 0 to 1.
Colour = tuple[float, float, float]


class Role(StrEnum):
    """Standard structure types (PDF Reference 1.4, §9.7.4)."""

    DOCUMENT = "Document"
    H1 = "H1"
    H2 = "H2"
    H3 = "H3"
    P = "P"
    TABLE = "Table"
    TR = "TR"
    TH = "TH"
    TD = "TD"
    FIGURE = "Figure"


@dataclass(eq=False)
class Element:
    """A node of the structure tree. Leaves own what is drawn, over one or more pages; the others own `children`."""

    role: Role
    children: list["Element"] = field(default_factory=list)
    alternative: str = ""
    scope: str = ""

    def child(self, role: Role, *, alternative: str = "", scope: str = "") -> "Element":
        """A new last child; `scope` is `Row` or `Column`, for a TH; `alternative` describes a figure."""
        element = Element(role, alternative=alternative, scope=scope)
        self.children.append(element)
        return element


@dataclass(frozen=True, slots=True)
class Run:
    """Prepared one-line text, its left end and baseline."""

    x: float
    baseline: float
    text: str
    face: Face
    size: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle, `top` being its upper edge. Rules are thin boxes."""

    x: float
    top: float
    width: float
    height: float
    colour: Colour


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked-content sequence; an artifact (rule, fill, repeated header, page number) when it has no element."""

    element: Element | None
    items: tuple[Run | Box, ...]


@dataclass
class Page:
    """The marks of a page in reading order."""

    marks: list[Mark] = field(default_factory=list)

    def draw(self, element: Element | None, *items: Run | Box) -> None:
        if items:
            self.marks.append(Mark(element, items))


@dataclass(frozen=True)
class Bookmark:
    """An entry of the outline: level 1 to 3, page index from 0, distance of its target from the top of the page."""

    level: int
    title: str
    page: int
    top: float
