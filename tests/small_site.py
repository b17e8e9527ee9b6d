"""A site on a small export: one usager, one projet personnalisé. Quick enough to be broken in many ways."""

from __future__ import annotations

import shutil
from pathlib import Path

from demo_site import DemoSite, invoke

import dui_bridge

SMALL_EXPORT = Path(dui_bridge.__file__).parent.parent / "samples" / "atlas-ph" / "tests" / "complet"
READY_MADE, LEFT_OUT = "D1;1;08;", "D1;1;99;"
TEXTS = ("internal error", "Traceback", "erreur interne")


def small_site(out: Path, *, insi: bool = False) -> DemoSite:
    """The demo's site, prepared and not run, with the small export instead of the sample; with INSi when asked."""
    site = DemoSite(out)
    prepared = invoke("demo", "--prepare", "--out", str(out))
    assert prepared.code == 0, prepared.stderr
    lines = site.config.read_text(encoding="utf-8").splitlines(keepends=True)
    left_out = ("  serenia-ehpad:",) if insi else ("  serenia-ehpad:", "insi:")
    site.config.write_text("".join(line for line in lines if not line.startswith(left_out)), encoding="utf-8")
    folder = site.export("USAGERS.CSV").parent
    shutil.rmtree(folder)
    shutil.copytree(SMALL_EXPORT, folder)
    # Its ready-made document becomes one that the mapping leaves out: one document is built, not two.
    site.edit("DOCUMENTS.CSV", lambda text: text.replace(READY_MADE, LEFT_OUT))
    return site


def tree(folder: Path, *, journal: bool = True) -> dict[str, bytes | None]:
    """Everything under a folder: name → content, None for a folder. `journal` False: without the journal's folder."""
    found: dict[str, bytes | None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if journal or name.parts[:2] != ("site", "data"):
            found[str(name)] = path.read_bytes() if path.is_file() and not path.is_symlink() else None
    return found


def speak(site: DemoSite, language: str) -> None:
    """Chooses the language of the site's messages."""
    text = site.config.read_text(encoding="utf-8")
    site.config.write_text(text.replace("language: fr", f"language: {language}"), encoding="utf-8")


def assert_plain_words(text: str) -> None:
    """What an operator reads holds no trace of the code."""
    assert not [word for word in TEXTS if word in text], text
