"""The Datamatrix INS: its content by the ANS format, and a symbol that an independent reader decodes."""

import pytest

from dui_bridge.ins.gate import QualifiedIns
from dui_bridge.model.identite import LieuNaissance, Usager
from dui_bridge.pdf.ins_datamatrix import datamatrix_boxes, datamatrix_content, datamatrix_modules

NIR = QualifiedIns("209077512000054", "1.2.250.1.213.1.4.8")
TEST = QualifiedIns("209077512000054", "1.2.250.1.213.1.4.10")
USAGER = Usager(
    identifiant_local="1",
    nom_naissance="D'ARTAGNAN-L'HERMITE",
    prenoms="Zoé-Anaïs MARIE",
    sexe="F",
    date_naissance="2009-07-14",
    lieu_naissance=LieuNaissance(cog="2A004"),
)


def test_the_content_is_header_then_blocks_with_separators_after_short_variable_ones() -> None:
    assert datamatrix_content(USAGER, NIR) == (
        "IS010000000000000000000000S1209077512000054S21.2.250.1.213.1.4.8\x1d"
        "S3ZOE-ANAIS MARIE\x1dS4D'ARTAGNAN-L'HERMITE\x1dS5FS614-07-2009S72A004"
    )


def test_an_oid_of_the_longest_length_has_no_separator() -> None:
    content = datamatrix_content(USAGER, TEST)

    assert content is not None
    assert "S21.2.250.1.213.1.4.10S3" in content


@pytest.mark.parametrize(
    "change",
    [
        {"prenoms": None},
        {"nom_naissance": "李"},
        {"nom_naissance": "A" * 101},
        {"sexe": "I"},
        {"date_naissance": "2009-07"},
        {"lieu_naissance": LieuNaissance()},
        {"lieu_naissance": LieuNaissance(cog="PARIS")},
    ],
)
def test_without_every_strict_trait_there_is_none(change: dict[str, object]) -> None:
    assert datamatrix_content(USAGER.model_copy(update=change), NIR) is None


@pytest.mark.parametrize("ins", [NIR, TEST])
def test_another_reader_finds_the_same_content(ins: QualifiedIns) -> None:
    zxingcpp = pytest.importorskip("zxingcpp", reason="zxing-cpp is not installed")
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    content = datamatrix_content(USAGER, ins)
    assert content is not None
    modules = datamatrix_modules(content)
    side = 4 * (len(modules) + 4)
    picture = image.new("L", (side, side), 255)
    for box in datamatrix_boxes(modules, 8, 8, 4):
        area = (int(box.x), int(box.top), int(box.x + box.width), int(box.top + box.height))
        picture.paste(0, area)

    (symbol,) = zxingcpp.read_barcodes(picture)

    assert symbol.bytes.decode("ascii") == content
