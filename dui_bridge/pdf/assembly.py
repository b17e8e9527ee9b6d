"""Pages → the bytes of a PDF/A-1b, with structure, outline, document information and XMP: same input, same bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import chain

import pikepdf
from pikepdf import Array, Dictionary, Name, ObjectStreamMode, Pdf

from dui_bridge.pdf.embedding import Embedding, embedding_for
from dui_bridge.pdf.page import PAGE_HEIGHT, PAGE_WIDTH, Bookmark, Colour, Element, Page, Run
from dui_bridge.pdf.tagging import MarkedContent, write_outline, write_structure
from dui_bridge.pdf.xmp import DocumentInformation, information_date, xmp_packet

LANGUAGE = "fr-FR"


@dataclass(frozen=True)
class Composition:
    """A document ready to be written: its pages, the structure tree that their marks belong to, its bookmarks."""

    pages: Sequence[Page]
    root: Element
    bookmarks: Sequence[Bookmark]


def assemble(composition: Composition, information: DocumentInformation) -> bytes:
    """The bytes of the document."""
    runs = [item for page in composition.pages for mark in page.marks for item in mark.items if isinstance(item, Run)]
    embedding = embedding_for(frozenset(chain.from_iterable(run.text for run in runs)))
    content = MarkedContent()
    with pikepdf.open(BytesIO(embedding.data)) as pdf:
        resources = pdf.make_indirect(Dictionary(Font=pdf.pages[0].obj.Resources.Font))
        del pdf.pages[0]
        for number, page in enumerate(composition.pages):
            stream = pdf.make_stream("\n".join(_operators(page, number, embedding, content)).encode("ascii"))
            sheet = Dictionary(
                Type=Name.Page, MediaBox=Array([0, 0, PAGE_WIDTH, PAGE_HEIGHT]), Resources=resources, Contents=stream
            )
            pdf.pages.append(pikepdf.Page(pdf.make_indirect(sheet)))
        write_structure(pdf, composition.root, content)
        write_outline(pdf, composition.bookmarks)
        _write_catalog(pdf, information)
        return _save(pdf)


def _operators(page: Page, number: int, embedding: Embedding, content: MarkedContent) -> Iterator[str]:
    colour: Colour | None = None
    for mark in page.marks:
        if mark.element is None:
            yield "/Artifact BMC"
        else:
            yield f"/{mark.element.role} <</MCID {content.next_id(number, mark.element)}>> BDC"
        for item in mark.items:
            if item.colour != colour:
                colour = item.colour
                yield "{:.3f} {:.3f} {:.3f} rg".format(*colour)
            if isinstance(item, Run):
                codes = embedding.codes[item.face]
                yield (
                    f"BT {embedding.resource_names[item.face]} {item.size:g} Tf "
                    f"{item.x:.2f} {PAGE_HEIGHT - item.baseline:.2f} Td "
                    f"<{''.join(map(codes.__getitem__, item.text))}> Tj ET"
                )
            else:
                bottom = PAGE_HEIGHT - item.top - item.height
                yield f"{item.x:.3f} {bottom:.3f} {item.width:.3f} {item.height:.3f} re f"
        yield "EMC"


def _write_catalog(pdf: Pdf, information: DocumentInformation) -> None:
    catalog = pdf.Root
    for key in ("/OpenAction", "/PageLayout"):
        if key in catalog:
            del catalog[key]
    catalog.Lang = LANGUAGE
    catalog.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    catalog.Metadata = pdf.make_stream(xmp_packet(information), Type=Name.Metadata, Subtype=Name.XML)
    date = information_date(information.created)
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary(
            Title=information.title,
            Author=information.author,
            Subject=information.subject,
            Creator=information.tool,
            Producer=information.tool,
            CreationDate=date,
            ModDate=date,
        )
    )


def _save(pdf: Pdf) -> bytes:
    # The identifier of the embedding was drawn at random, and its first half would stay: one is made from the content.
    del pdf.trailer.ID
    output = BytesIO()
    pdf.save(
        output,
        object_stream_mode=ObjectStreamMode.disable,
        force_version="1.4",
        deterministic_id=True,
        fix_metadata_version=False,
    )
    return output.getvalue()
