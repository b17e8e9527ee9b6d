"""The PDF files of the export: PDF/A-1b as a careful DUI writes it, and the faulty ones."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pikepdf
from fpdf import FPDF

_WHEN = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
_PRODUCER = "Atlas PH (invented)"


def pdf_a(title: str, lines: list[str], author: str, producer: str = _PRODUCER) -> bytes:
    """A PDF/A-1b of one page with its font embedded. The same arguments give the same bytes."""
    pdf = FPDF(enforce_compliance="PDF/A-1B")
    pdf.set_creation_date(_WHEN)
    pdf.set_title(title)
    pdf.set_author(author)
    pdf.add_font("Sans", "", _font())
    pdf.add_page()
    _write(pdf, "Sans", title, lines)
    return _finish(bytes(pdf.output()), title, author, producer)


def plain_pdf(title: str, lines: list[str]) -> bytes:
    """An ordinary PDF 1.x: the font is not embedded and nothing says PDF/A."""
    pdf = FPDF()
    pdf.set_creation_date(_WHEN)
    pdf.set_title(title)
    pdf.add_page()
    _write(pdf, "Helvetica", title, lines)
    with pikepdf.open(BytesIO(bytes(pdf.output()))) as opened:
        del opened.trailer["/ID"]
        out = BytesIO()
        opened.save(out, deterministic_id=True)
    return out.getvalue()


def locked_pdf(title: str, lines: list[str]) -> bytes:
    """A PDF that asks for a password to be opened."""
    lock = pikepdf.Encryption(owner="atlas", user="atlas", R=3, aes=False, metadata=False)
    with pikepdf.open(BytesIO(plain_pdf(title, lines))) as opened:
        out = BytesIO()
        opened.save(out, encryption=lock, static_id=True)
    return out.getvalue()


def _font() -> Path:
    package = files("font_source_sans_pro")
    return Path(str(package / "files" / "SourceSansPro-Regular.ttf"))


def _write(pdf: FPDF, family: str, title: str, lines: list[str]) -> None:
    pdf.set_font(family, size=15)
    pdf.multi_cell(0, 8, title, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(3)
    pdf.set_font(family, size=11)
    for line in lines:
        pdf.multi_cell(0, 6, line, new_x="LMARGIN", new_y="NEXT")


def _finish(data: bytes, title: str, author: str, producer: str) -> bytes:
    """Information dictionary and XMP that agree, no random identifier, PDF 1.4."""
    with pikepdf.open(BytesIO(data)) as pdf:
        stamp = _WHEN.strftime("%Y-%m-%dT%H:%M:%S+00:00")
        for key in list(pdf.docinfo.keys()):
            del pdf.docinfo[key]
        pdf.docinfo["/Title"] = title
        pdf.docinfo["/Author"] = author
        pdf.docinfo["/Producer"] = producer
        pdf.docinfo["/CreationDate"] = _WHEN.strftime("D:%Y%m%d%H%M%S+00'00'")
        pdf.Root.Metadata = pdf.make_stream(
            _xmp(title, author, producer, stamp), Type=pikepdf.Name.Metadata, Subtype=pikepdf.Name.XML
        )
        if "/ID" in pdf.trailer:
            del pdf.trailer["/ID"]
        out = BytesIO()
        pdf.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            force_version="1.4",
            deterministic_id=True,
            fix_metadata_version=False,
        )
    return out.getvalue()


def _xmp(title: str, author: str, producer: str, stamp: str) -> bytes:
    title, author = escape(title, quote=False), escape(author, quote=False)
    return f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>1</pdfaid:part>\
<pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">\
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>\
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Producer>{producer}</pdf:Producer></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreateDate>{stamp}</xmp:CreateDate></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>""".encode()
