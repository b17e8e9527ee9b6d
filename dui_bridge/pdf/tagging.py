"""The structure tree and the outline of a document, written into an open pikepdf document."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf

from dui_bridge.pdf.page import PAGE_HEIGHT, Bookmark, Element


@dataclass
class MarkedContent:
    """Which element each marked-content sequence of each page belongs to, filled while the pages are written."""

    by_page: dict[int, list[Element]] = field(default_factory=lambda: defaultdict(list))

    def next_id(self, page: int, element: Element) -> int:
        """Registers one more sequence of ``element`` on the page (index from 0) and returns its MCID."""
        self.by_page[page].append(element)
        return len(self.by_page[page]) - 1


def write_structure(pdf: Pdf, root: Element, content: MarkedContent) -> None:
    """Structure tree, parent tree, ``MarkInfo`` and the pages' ``StructParents`` (PDF Reference 1.4, §9.6 and §9.7)."""
    places: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for page, elements in content.by_page.items():
        for mcid, element in enumerate(elements):
            places[id(element)].append((page, mcid))
    written: dict[int, pikepdf.Object] = {}
    tree_root = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    tree_root.K = _write_element(pdf, root, tree_root, places, written)
    numbers: list[int | Array] = []
    for page, elements in sorted(content.by_page.items()):
        pdf.pages[page].obj.StructParents = page
        numbers += [page, Array([written[id(element)] for element in elements])]
    tree_root.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(numbers)))
    tree_root.ParentTreeNextKey = len(pdf.pages)
    pdf.Root.StructTreeRoot = tree_root
    pdf.Root.MarkInfo = Dictionary(Marked=True)


def _write_element(
    pdf: Pdf,
    element: Element,
    parent: pikepdf.Object,
    places: dict[int, list[tuple[int, int]]],
    written: dict[int, pikepdf.Object],
) -> pikepdf.Object:
    node = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name("/" + element.role), P=parent))
    written[id(element)] = node
    if element.alternative:
        node.Alt = element.alternative
    if element.scope:
        node.A = Dictionary(O=Name.Table, Scope=Name("/" + element.scope))
    own = places.get(id(element), [])
    kids: list[int | pikepdf.Object] = []
    if own:
        first_page = own[0][0]
        node.Pg = pdf.pages[first_page].obj
        kids += [
            mcid if page == first_page else Dictionary(Type=Name.MCR, Pg=pdf.pages[page].obj, MCID=mcid)
            for page, mcid in own
        ]
    kids += [_write_element(pdf, child, node, places, written) for child in element.children]
    node.K = Array(kids)
    return node


def write_outline(pdf: Pdf, bookmarks: Sequence[Bookmark]) -> None:
    """The outline, nested by level, shown when the document is opened."""
    if not bookmarks:
        return
    with pdf.open_outline() as outline:
        open_items: list[tuple[int, OutlineItem]] = []
        for bookmark, item in zip(bookmarks, _items(pdf, bookmarks), strict=True):
            while open_items and open_items[-1][0] >= bookmark.level:
                open_items.pop()
            (open_items[-1][1].children if open_items else outline.root).append(item)
            open_items.append((bookmark.level, item))
    pdf.Root.PageMode = Name.UseOutlines


def _items(pdf: Pdf, bookmarks: Sequence[Bookmark]) -> Iterable[OutlineItem]:
    for bookmark in bookmarks:
        target = Array([pdf.pages[bookmark.page].obj, Name.XYZ, 0, round(PAGE_HEIGHT - bookmark.top, 2), 0])
        yield OutlineItem(bookmark.title, target)
