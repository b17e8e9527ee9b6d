"""Document information, and the same as XMP: PDF/A-1 wants both to agree (ISO 19005-1 §6.7.3)."""

from dataclasses import dataclass
from datetime import datetime

from lxml import etree
from lxml.builder import ElementMaker

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_X = "adobe:ns:meta/"
_DC = "http://purl.org/dc/elements/1.1/"
_XMP = "http://ns.adobe.com/xap/1.0/"
_PDF = "http://ns.adobe.com/pdf/1.3/"
_PDFAID = "http://www.aiim.org/pdfa/ns/id/"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT = f"{{{_RDF}}}about"

_rdf = ElementMaker(namespace=_RDF, nsmap={"rdf": _RDF})
_dc = ElementMaker(namespace=_DC, nsmap={"dc": _DC})
_xmp = ElementMaker(namespace=_XMP, nsmap={"xmp": _XMP})
_pdf = ElementMaker(namespace=_PDF, nsmap={"pdf": _PDF})
_pdfaid = ElementMaker(namespace=_PDFAID, nsmap={"pdfaid": _PDFAID})
_x = ElementMaker(namespace=_X, nsmap={"x": _X})


@dataclass(frozen=True)
class DocumentInformation:
    """What a reader shows of a document without opening it: no trait of a person.

    Texts are prepared, on one line (`fonts.prepare`); `created` is aware, in the zone to be shown.
    """

    title: str
    author: str
    subject: str
    created: datetime
    tool: str = "dui-bridge"

    def __post_init__(self) -> None:
        if self.created.tzinfo is None:
            raise ValueError("the creation date of a document needs a time zone")


def information_date(moment: datetime) -> str:
    """`D:20261121093000+01'00'` (PDF Reference 1.4, §3.8.2)."""
    zone = f"{moment:%z}"
    return f"D:{moment:%Y%m%d%H%M%S}{zone[:3]}'{zone[3:5]}'"


def xmp_packet(information: DocumentInformation) -> bytes:
    """The XMP packet: one `rdf:Description` for each namespace, declared there (Preflight looks nowhere else)."""
    moment = information.created.isoformat(timespec="seconds")
    descriptions = [
        _description("pdfaid", _PDFAID, _pdfaid.part("1"), _pdfaid.conformance("B")),
        _description(
            "dc",
            _DC,
            _dc.title(_rdf.Alt(_rdf.li(information.title, {_LANG: "x-default"}))),
            _dc.creator(_rdf.Seq(_rdf.li(information.author))),
            _dc.description(_rdf.Alt(_rdf.li(information.subject, {_LANG: "x-default"}))),
        ),
        _description("xmp", _XMP, _xmp.CreatorTool(information.tool), _xmp.CreateDate(moment), _xmp.ModifyDate(moment)),
        _description("pdf", _PDF, _pdf.Producer(information.tool)),
    ]
    body = etree.tostring(_x.xmpmeta(_rdf.RDF(*descriptions)), encoding="utf-8", xml_declaration=False)
    return b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' + body + b'\n<?xpacket end="w"?>'


def _description(prefix: str, namespace: str, *properties: etree._Element) -> etree._Element:
    description = etree.Element(f"{{{_RDF}}}Description", {_ABOUT: ""}, nsmap={"rdf": _RDF, prefix: namespace})
    description.extend(properties)
    return description
