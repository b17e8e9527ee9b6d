"""Exports that are broken, cut, in another encoding or made to harm: one error or finding, nothing half written."""

from __future__ import annotations

import codecs
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from crash_site import crash_site
from demo_site import DemoSite, invoke
from small_site import assert_plain_words, small_site, speak, tree

from dui_bridge.connectors.csv.errors import NUL


@pytest.fixture
def small(tmp_path: Path) -> DemoSite:
    return small_site(tmp_path / "out")


def rewrite(name: str, change: Callable[[bytes], bytes]) -> Callable[[DemoSite], None]:
    def write(site: DemoSite) -> None:
        path = site.export(name)
        before = path.read_bytes()
        path.write_bytes(change(before))
        assert path.read_bytes() != before

    return write


def as_folder(site: DemoSite) -> None:
    site.export("PROJETS.CSV").unlink()
    site.export("PROJETS.CSV").mkdir()


def as_link_outside(site: DemoSite) -> None:
    outside = site.out.parent / "PROJETS.CSV"
    site.export("PROJETS.CSV").rename(outside)
    site.export("PROJETS.CSV").symlink_to(outside)


def as_link_to_itself(site: DemoSite) -> None:
    site.export("PROJETS.CSV").unlink()
    site.export("PROJETS.CSV").symlink_to("PROJETS.CSV")


def declare_utf8(site: DemoSite) -> None:
    text = site.mapping.read_text(encoding="utf-8")
    site.mapping.write_text(
        text.replace("    encoding: cp1252\n    sep", "    encoding: utf-8\n    sep"), encoding="utf-8"
    )


def to(encoding: str) -> Callable[[bytes], bytes]:
    return lambda data: data.decode("cp1252").encode(encoding)


def cut(data: bytes) -> bytes:
    return data[: data.rindex(b";") - 3]


def header_twice(data: bytes) -> bytes:
    return data.replace(b"NOM_JF;", b"NOM;", 1)


def more_people(site: DemoSite) -> None:
    """So many accents that they tell the encoding: it takes three lines."""
    [row] = site.export("USAGERS.CSV").read_text("cp1252").splitlines()[1:]
    site.edit("USAGERS.CSV", lambda text: text + "".join(f"{number}{row[1:]}\n" for number in range(2, 5)))


UNREADABLE: list[tuple[str, Callable[[DemoSite], None], str, str]] = [
    ("missing file", lambda site: site.export("PROJETS.CSV").unlink(), "not in the export", "absent de l'export"),
    ("cut in a row", rewrite("PROJETS.CSV", cut), "half written", "écrit à moitié"),
    ("empty file", rewrite("USAGERS.CSV", lambda data: b""), "the file is empty", "le fichier est vide"),
    ("blank file", rewrite("USAGERS.CSV", lambda data: b"\r\n\r\n"), "header line is blank", "en-tête est vide"),
    ("folder for a file", as_folder, "not an ordinary file", "n'est pas un fichier ordinaire"),
    ("link that leaves", as_link_outside, "not an ordinary file", "n'est pas un fichier ordinaire"),
    ("link to itself", as_link_to_itself, "cannot be read", "lecture impossible"),
    ("header twice", rewrite("USAGERS.CSV", header_twice), "'NOM' stands twice", "'NOM' figure deux fois"),
    (
        "a column gone",
        rewrite("USAGERS.CSV", lambda d: d.replace(b"PRENOMS", b"PRENOM", 1)),
        "missing column",
        "absente",
    ),
    ("UTF-8 declared cp1252", rewrite("USAGERS.CSV", to("utf-8")), "probably utf-8", "sans doute utf-8"),
    ("cp1252 declared UTF-8", declare_utf8, "not utf-8 text", "pas du texte utf-8"),
    ("UTF-16", rewrite("USAGERS.CSV", to("utf-16")), "probably utf-16", "sans doute utf-16"),
    ("UTF-16 without its mark", rewrite("USAGERS.CSV", to("utf-16-le")), "USAGERS.CSV", "USAGERS.CSV"),
    ("only NUL bytes", rewrite("USAGERS.CSV", lambda data: b"\0" * 5000), "USAGERS.CSV", "USAGERS.CSV"),
    ("random bytes", rewrite("USAGERS.CSV", lambda data: bytes(range(256)) * 40), "USAGERS.CSV", "USAGERS.CSV"),
]


@pytest.mark.parametrize(
    ("breaking", "en", "fr"), [case[1:] for case in UNREADABLE], ids=[case[0] for case in UNREADABLE]
)
def test_an_export_that_cannot_be_read_builds_nothing_and_is_told_once(
    small: DemoSite, breaking: Callable[[DemoSite], None], en: str, fr: str
) -> None:
    site = small
    more_people(site)
    breaking(site)
    for language, words in (("en", en), ("fr", fr)):
        speak(site, language)
        before = tree(site.out, journal=False)
        ran = invoke("run", "--config", str(site.config), "--source", "atlas-ph")
        assert ran.code == 2
        assert words in ran.stderr
        assert_plain_words(ran.stdout + ran.stderr)
        told = [line for line in ran.stderr.splitlines() if not line.startswith("{")]
        assert len(told) <= 2, told  # the error, and what to do
        assert tree(site.out, journal=False) == before
        site.config.write_text(site.config.read_text(encoding="utf-8").replace("language: en", "language: fr"), "utf-8")


def test_an_export_that_cannot_be_read_keeps_no_other_source_from_being_delivered(tmp_path: Path) -> None:
    site = small_site(tmp_path / "out")
    shutil.copytree(site.out / "export" / "atlas-ph", site.out / "export" / "other")
    text = site.config.read_text(encoding="utf-8")
    [line] = [line for line in text.splitlines(keepends=True) if line.startswith("  atlas-ph:")]
    other = line.replace("  atlas-ph:", "  other:").replace("export/atlas-ph", "export/other")
    site.config.write_text(text.replace(line, line + other), encoding="utf-8")
    site.export("USAGERS.CSV").unlink()

    ran = invoke("run", "--config", str(site.config))

    assert ran.code == 2
    assert "USAGERS.CSV" in ran.stderr
    assert site.cdas("other")
    assert not site.cdas("atlas-ph")


def test_the_next_run_after_an_unreadable_export_makes_everything(small: DemoSite) -> None:
    whole = small.export("PROJETS.CSV").read_bytes()
    small.export("PROJETS.CSV").write_bytes(cut(whole))
    assert invoke("run", "--config", str(small.config)).code == 2
    small.export("PROJETS.CSV").write_bytes(whole)
    assert small.run()["documents"]["built"] == 1


def documents_after(small: DemoSite, change: Callable[[bytes], bytes]) -> dict[str, bytes]:
    for path in sorted(small.export("USAGERS.CSV").parent.glob("*.CSV")):
        path.write_bytes(change(path.read_bytes()))
    small.run()
    return small.documents()


def mixed_line_ends(data: bytes) -> bytes:
    lines = data.split(b"\r\n")
    return b"".join(line + (b"\r\n", b"\n")[number % 2] for number, line in enumerate(lines[:-1]))


TOLERATED: dict[str, Callable[[bytes], bytes]] = {
    "mixed line ends": mixed_line_ends,
    "a UTF-8 mark before cp1252": lambda data: codecs.BOM_UTF8 + data,
    "no end of line at the end": lambda data: data.removesuffix(b"\r\n"),
    "blank lines at the end": lambda data: data + b"\r\n\r\n",
}


@pytest.mark.parametrize("change", TOLERATED.values(), ids=list(TOLERATED))
def test_what_any_editor_does_to_a_file_changes_no_document(
    small: DemoSite, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    changed = small_site(tmp_path / "changed")
    small.run()
    assert documents_after(changed, change) == small.documents()


def test_an_export_with_header_lines_only_is_read_and_counts_nothing(small: DemoSite) -> None:
    for path in small.export("USAGERS.CSV").parent.glob("*.CSV"):
        path.write_bytes(path.read_bytes().split(b"\r\n")[0] + b"\r\n")
    source = small.run()
    assert source["usagers"]["read"] == source["documents"]["read"] == 0
    assert source["documents"]["built"] == 0


def test_a_nul_byte_holds_its_dossier_and_no_other(tmp_path: Path) -> None:
    site = crash_site(tmp_path / "out")
    rewrite("USAGERS.CSV", lambda data: data.replace(b";01000;", b";010\x0000;", 1))(site)
    ran = invoke("run", "--config", str(site.config), "--json")
    assert ran.code == 0
    assert_plain_words(ran.stdout + ran.stderr)
    source = ran.json["sources"][0]
    assert source["usagers"]["quarantined"][NUL.id] == 1
    assert source["documents"]["built"] == 2


PATHS = [
    r"..\..\..\site\secrets\master.key",
    "../../../site/secrets/master.key",
    "/etc/passwd",
    r"C:\Windows\win.ini",
    r"\\serveur\partage\projet.pdf",
    "//serveur/partage/projet.pdf",
    "DOCS/../../../../site/bridge.yaml",
    "DOCS/lien.pdf",
    "DOCS/dossier-lien/master.key",
    "DOCS",
    "DOCS/absent.pdf",
    "DOCS/pas-un.pdf",
    "DOCS/vide.pdf",
    "DOCS/tronque.pdf",
    "file:///etc/passwd",
    "a" * 5000,
    "~/x.pdf",
    "%2e%2e/%2e%2e/x.pdf",
]


@pytest.mark.parametrize("path", PATHS, ids=[str(number) for number in range(len(PATHS))])
def test_a_file_that_is_no_pdf_inside_the_export_quarantines_its_document(small: DemoSite, path: str) -> None:
    docs = small.export("DOCS")
    (docs / "lien.pdf").symlink_to(small.out / "site" / "secrets" / "master.key")
    (docs / "dossier-lien").symlink_to(small.out / "site" / "secrets", target_is_directory=True)
    (docs / "pas-un.pdf").write_bytes(b"PK\x03\x04 a letter in another format" * 50)
    (docs / "vide.pdf").write_bytes(b"")
    (docs / "tronque.pdf").write_bytes(next(docs.glob("*.PDF")).read_bytes()[:-900])
    small.edit("PROJETS.CSV", lambda text: text.replace(";17/02/2026;E01;", f";17/02/2026;E01;{path}"))
    source = small.run()
    assert source["documents"]["built"] == 0
    assert sum(source["documents"]["quarantined"].values()) == 1
    assert not list((small.out / "documents").rglob("*"))
    assert "master.key" not in small.report or "master.key" in path  # the value itself may be shown, to be corrected
    key = (small.out / "site/secrets/master.key").read_text(encoding="ascii").strip()
    assert key not in small.report


def test_markup_in_a_cell_stays_text_in_the_document_and_in_the_report(small: DemoSite) -> None:
    attack = "<script>alert(1)</script><!ENTITY x SYSTEM 'file:///etc/passwd'>&x;]]>"
    small.edit("OBJECTIFS.CSV", lambda text: text.replace("Apprivoiser l'eau", attack.replace(";", ",")))
    small.edit("OBJECTIFS.CSV", lambda text: text.replace("1.3.4.1", "<b>1.3</b>"))
    assert small.run()["documents"]["built"] == 1
    assert "<script>" not in small.report
    assert "<b>1.3</b>" not in small.report
    (name,) = small.cdas()
    assert invoke("cda", "validate", str(small.out / "documents" / "atlas-ph" / name)).code == 0
