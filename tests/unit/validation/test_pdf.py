"""Findings of the PDF checks, on our own documents, on a vendor's, and on hostile bytes."""

import tracemalloc
import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO

import pikepdf
import pytest
from fpdf import FPDF
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Dictionary, Name, Pdf

from dui_bridge.findings import Severity
from dui_bridge.validation import pdf_rules as rules
from dui_bridge.validation.pdf import LARGEST, PdfReport, check_pdf
from tests.unit.pdf.dossiers import full_dossier, rendered


@cache
def our_document() -> bytes:
    return rendered(full_dossier()).data


@cache
def vendor_document() -> bytes:
    """A PDF with a standard font, not embedded, that declares nothing."""
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=12)
    pdf.text(20, 20, "Projet")
    return bytes(pdf.output())


def found(report: PdfReport) -> list[tuple[str, Severity]]:
    return [(finding.rule.id, finding.severity) for finding in report.findings]


def changed(data: bytes, change: Callable[[Pdf], None]) -> bytes:
    with pikepdf.open(BytesIO(data)) as pdf:
        change(pdf)
        output = BytesIO()
        pdf.save(output, compress_streams=False, fix_metadata_version=False)
        return output.getvalue()


def test_our_own_document_has_no_finding() -> None:
    report = check_pdf(our_document(), ours=True)

    assert report.findings == ()
    assert report.declared == "PDF/A-1b"
    assert report.pages == 5
    assert report.is_acceptable


def test_a_vendor_document_is_only_warned_about() -> None:
    report = check_pdf(vendor_document(), ours=False)

    assert found(report) == [("PDF-007", Severity.WARNING), ("PDF-008", Severity.WARNING)]
    assert report.is_acceptable


def test_the_same_made_by_us_is_in_error() -> None:
    report = check_pdf(vendor_document(), ours=True)

    assert found(report) == [("PDF-007", Severity.ERROR), ("PDF-008", Severity.ERROR)]
    assert not report.is_acceptable


def test_a_document_that_declares_another_part_is_not_pdf_a1() -> None:
    def declare(pdf: Pdf) -> None:
        pdf.Root.Metadata = pdf.make_stream(b'<x pdfaid:part="3" pdfaid:conformance="A"/>')

    report = check_pdf(changed(our_document(), declare), ours=False)

    assert found(report) == [("PDF-008", Severity.WARNING)]
    assert report.declared == "PDF/A-3a"


def test_a_font_inside_a_form_is_seen() -> None:
    def hide(pdf: Pdf) -> None:
        loose = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        form = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form)
        form.Resources = Dictionary(Font=Dictionary(F9=loose))
        pdf.pages[0].Resources.XObject = Dictionary(X1=form)

    assert found(check_pdf(changed(our_document(), hide), ours=False)) == [("PDF-007", Severity.WARNING)]


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b"", rules.EMPTY),
        (b"<html>", rules.NOT_A_PDF),
        (b"\0" * 5000, rules.NOT_A_PDF),
        (b"%PDF-1.4\nnothing more", rules.UNREADABLE),
        (b"%PDF-1.4\n%%EOF", rules.UNREADABLE),
    ],
)
def test_bytes_that_are_no_pdf_have_one_error(data: bytes, rule: object) -> None:
    report = check_pdf(data, ours=False)

    assert [finding.rule for finding in report.findings] == [rule]
    assert report.findings[0].is_error


def test_a_half_written_pdf_is_unreadable() -> None:
    half = our_document()[: len(our_document()) // 2]

    assert found(check_pdf(half, ours=False)) == [("PDF-003", Severity.ERROR)]


@pytest.mark.parametrize("user", ["", "secret"])
def test_an_encrypted_pdf_is_refused_even_when_it_opens_without_a_password(user: str) -> None:
    output = BytesIO()
    with pikepdf.open(BytesIO(vendor_document())) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(owner="owner", user=user))

    assert found(check_pdf(output.getvalue(), ours=False)) == [("PDF-004", Severity.ERROR)]


def test_a_pdf_without_page_is_refused() -> None:
    def empty(pdf: Pdf) -> None:
        del pdf.pages[:]

    assert found(check_pdf(changed(our_document(), empty), ours=False)) == [("PDF-003", Severity.ERROR)]


def test_a_pdf_with_a_wrong_cross_reference_table_is_repaired_and_told() -> None:
    data = our_document()
    at = data.rindex(b"startxref")

    report = check_pdf(data[:at] + b"startxref\n17\n%%EOF\n", ours=False)

    assert found(report) == [("PDF-006", Severity.WARNING)]


def test_a_file_beyond_the_limit_is_refused_unread() -> None:
    report = check_pdf(b"%PDF-1.4" + bytes(LARGEST), ours=False)

    assert found(report) == [("PDF-005", Severity.ERROR)]


def test_a_bomb_in_the_metadata_is_not_inflated() -> None:
    data = _with_raw_metadata(zlib.compress(bytes(200_000_000), 9))

    tracemalloc.start()
    report = check_pdf(data, ours=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found(report) == [("PDF-003", Severity.ERROR)]
    assert peak < 100_000_000


@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_raise(tail: bytes, ours: bool) -> None:
    assert not check_pdf(b"%PDF-1.4\n" + tail, ours=ours).is_acceptable


@given(st.lists(st.tuples(st.integers(0, 10**7), st.integers(0, 255)), min_size=1, max_size=60), st.integers(0, 10**7))
def test_no_damage_raises(changes: list[tuple[int, int]], cut: int) -> None:
    data = bytearray(our_document())
    for at, value in changes:
        data[at % len(data)] = value
    if cut % 3 == 0:
        del data[cut % len(data) :]

    report = check_pdf(bytes(data), ours=False)

    assert all(finding.message("fr") and finding.message("en") for finding in report.findings)


def test_rules_have_each_their_own_id() -> None:
    ids = [rule.id for rule in rules.PDF_RULES]

    assert ids == [f"PDF-{number:03d}" for number in range(1, len(ids) + 1)]


def _with_raw_metadata(compressed: bytes) -> bytes:
    with pikepdf.open(BytesIO(our_document())) as pdf:
        stream = pdf.make_stream(b"")
        stream.write(compressed, filter=Name.FlateDecode)
        pdf.Root.Metadata = stream
        output = BytesIO()
        pdf.save(output, stream_decode_level=pikepdf.StreamDecodeLevel.none, fix_metadata_version=False)
        return output.getvalue()
