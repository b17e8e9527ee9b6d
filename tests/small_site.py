"""A site on a small export: one usager, one projet personnalisé. Quick enough to be broken in many ways."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from demo_site import DemoSite, invoke

import dui_bridge

SMALL_EXPORT = Path(dui_bridge.__file__).parent.parent / "samples" / "atlas-ph" / "tests" / "complet"
DMP = "  dmp: {start"
MAILS = "  # Mails to"
OTHERS = ("  serenia-ehpad:", "  passerelle-pds:")
DUMMY = (
    "  dmp-essai: {kind: dummy, plays: dmp, path: data/dmp-essai.sqlite, start: 2020-01-01, permanent: 2%, seed: 7}\n"
)
"""Plays the DMP, in a test that is about something else."""
READY_MADE, LEFT_OUT = "D1;1;08;", "D1;1;99;"
TEXTS = ("internal error", "Traceback", "erreur interne")


def small_site(out: Path, *, insi: bool = False, dmp: bool = False, mails: bool = False) -> DemoSite:
    """The demo's site, prepared and not run, with the small export instead of the sample; with INSi and mails when asked.

    Unless the DMP is asked for, a dummy stands in its place: nothing must run beside it.
    """
    site = DemoSite(out)
    shutil.copytree(_prepared().out, out, dirs_exist_ok=True)
    text = site.config.read_text(encoding="utf-8")
    lines = text[: None if mails else text.index(MAILS)].splitlines(keepends=True)
    left_out = [*OTHERS, *([] if insi else ["insi:"]), *([] if dmp else [DMP])]
    kept = "".join(line for line in lines if not line.startswith(tuple(left_out)))
    site.config.write_text(kept if dmp else f"{kept}{DUMMY}", encoding="utf-8")
    return site


@cache
def _prepared() -> DemoSite:
    """Made once a process."""
    site = DemoSite(Path(tempfile.mkdtemp(prefix="dui-bridge-small-site-")) / "out")
    atexit.register(shutil.rmtree, site.out.parent, ignore_errors=True)
    prepared = invoke("demo", "--prepare", "--out", str(site.out))
    assert prepared.code == 0, prepared.stderr
    for other in ("serenia-ehpad", "passerelle-pds"):
        shutil.rmtree(site.out / "export" / other)
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
