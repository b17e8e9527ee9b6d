"""INSEE's files of communes and countries as a pack."""

from __future__ import annotations

from pathlib import Path

import pytest

from dui_bridge.errors import FileUnusable
from dui_bridge.ins.birthplace import birthplace, shipped
from dui_bridge.validation import cog_pack
from dui_bridge.validation.packs import Kind, PackUnusable, add_pack, list_packs, places, recognise, remove_pack

HISTORY = """COM,TNCC,NCC,NCCENR,LIBELLE,DATE_DEBUT,DATE_FIN
74011,1,ANNECY LE VIEUX,Annecy-le-Vieux,Annecy-le-Vieux,1943-01-01,2017-01-01
74093,0,CRAN GEVRIER,Cran-Gevrier,Cran-Gevrier,1943-01-01,2017-01-01
01004,1,AMBERIEU,Ambérieu,Ambérieu,1943-01-01,1955-03-31
01004,1,AMBERIEU EN BUGEY,Ambérieu-en-Bugey,Ambérieu-en-Bugey,1955-03-31,
"""
YEAR = """TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT
COM,01004,84,01,01D,011,1,AMBERIEU EN BUGEY,Ambérieu-en-Bugey,Ambérieu-en-Bugey,0101,
ARM,75114,11,75,75C,751,0,PARIS 14,Paris 14e Arrondissement,Paris 14e Arrondissement,ZZ,75056
"""
COUNTRIES = """COG,CRPAY,LIBCOG,LIBENR,DATE_DEBUT,DATE_FIN
99115,,Tchécoslovaquie,République fédérale tchèque et slovaque,1943-01-01,1993-01-01
"""


@pytest.fixture
def insee(tmp_path: Path) -> Path:
    folder = tmp_path / "insee"
    folder.mkdir()
    (folder / "v_commune_depuis_1943.csv").write_text(HISTORY, encoding="utf-8")
    (folder / "v_commune_2026.csv").write_text(YEAR, encoding="utf-8-sig")
    (folder / "v_pays_territoire_depuis_1943.csv").write_text(COUNTRIES, encoding="utf-8")
    (folder / "v_region_2026.csv").write_text("REG\n")
    return folder


def test_the_files_of_insee_are_a_pack(insee: Path, tmp_path: Path) -> None:
    assert recognise(insee) == (Kind.COG, insee)
    pack = add_pack(insee, tmp_path)
    assert (pack.name, list_packs(tmp_path)) == ("cog", (pack,))
    assert not (pack.folder / "v_region_2026.csv").exists()
    assert [english for english, _ in pack.lacks] == [
        "only 4 communes: a code that is not among them is not called wrong"
    ]


def test_a_former_commune_is_known_by_the_pack_at_its_time(insee: Path, tmp_path: Path) -> None:
    assert places(tmp_path) is shipped()
    add_pack(insee, tmp_path)
    known = places(tmp_path)
    born, late, former = (
        birthplace("74093", known, "1990-01-01"),
        birthplace("74093", known, "2020-01-01"),
        birthplace("01004", known, "1950-01-01"),
    )
    assert born is not None
    assert late is not None
    assert former is not None
    assert (born.nom, born.known, late.known, former.nom) == ("Cran-Gevrier", True, False, "Ambérieu")
    assert [place.code for place in known.named("Cran Gevrier")] == ["74093"]


def test_the_first_day_of_the_history_is_no_beginning(insee: Path, tmp_path: Path) -> None:
    add_pack(insee, tmp_path)
    read = birthplace("74011", places(tmp_path), "1936-04-12")
    assert read is not None
    assert (read.nom, read.known) == ("Annecy-le-Vieux", True)


def test_what_the_pack_has_not_comes_from_the_bridge(insee: Path, tmp_path: Path) -> None:
    add_pack(insee, tmp_path)
    known = places(tmp_path)
    assert [len(known.with_code(code)) for code in ("01004", "75114", "63113", "99115", "99352")] == [2, 1, 1, 1, 1]


def test_an_absent_code_is_wrong_only_when_all_communes_are_there(
    insee: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_pack(insee, tmp_path)
    part = birthplace("63998", places(tmp_path))
    monkeypatch.setattr(cog_pack, "_ALL_COMMUNES", 4)
    whole = birthplace("63998", places(tmp_path))
    assert part is not None
    assert whole is not None
    assert (part.known, whole.known) == (None, False)
    overseas = birthplace("98735", places(tmp_path))
    assert overseas is not None
    assert overseas.known is None


def test_what_is_absent_is_told(insee: Path, tmp_path: Path) -> None:
    (insee / "v_commune_depuis_1943.csv").write_bytes(b"COM,LIBELLE\n01004,Amb\xe9rieu\n")
    (insee / "v_pays_territoire_depuis_1943.csv").unlink()
    lacks = "\n".join(english for english, _ in add_pack(insee, tmp_path).lacks)
    assert "v_commune_depuis_1943.csv: not usable" in lacks
    assert "former ones are not known" in lacks
    assert "the bridge's own list serves" in lacks


def test_files_without_a_code_and_a_name_are_no_pack_and_leave_the_old_one(insee: Path, tmp_path: Path) -> None:
    first = add_pack(insee, tmp_path)
    for file in insee.glob("v_*.csv"):
        file.write_text("A;B\n1;2\n")
    with pytest.raises(PackUnusable, match=r"v_commune_depuis_1943\.csv: not usable"):
        add_pack(insee, tmp_path)
    assert list_packs(tmp_path) == (first,)
    remove_pack("cog", tmp_path)
    assert places(tmp_path) is shipped()


def test_a_pack_that_cannot_be_read_is_an_error_of_its_own(
    insee: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(file: Path) -> None:
        raise PermissionError(13, "Permission denied")

    add_pack(insee, tmp_path)
    monkeypatch.setattr(cog_pack, "_places", refused)
    with pytest.raises(FileUnusable):
        places(tmp_path)
