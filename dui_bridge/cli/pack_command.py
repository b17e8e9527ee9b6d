"""`dui-bridge pack add|list|remove`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json

app = typer.Typer(
    help="Add, list or remove official material (the CI-SIS suite, INSEE's places).",
    rich_markup_mode=None,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Add, list or remove official material (the CI-SIS suite, INSEE's places)."""


@app.command("add")
def add(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Folder of the official material.", show_default=False)],
) -> None:
    """Check the material at PATH and keep a copy of what is used of it; say what it lacks.

    Exit codes: 0 added and usable; 2 not usable, or not readable.
    """
    from dui_bridge.validation.packs import add_pack

    pack = add_pack(path)
    typer.echo(f"{pack.name}: {pack.folder}")
    _lacks(pack.lacks)


@app.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the packs and what each lacks.

    Exit code: 0.
    """
    from dui_bridge.validation.packs import home, list_packs

    packs = list_packs()
    if json:
        which = 1 if language() == "fr" else 0
        as_json(
            [
                {
                    "name": pack.name,
                    "kind": str(pack.kind),
                    "folder": str(pack.folder),
                    "fingerprint": pack.fingerprint,
                    "lacks": [texts[which] for texts in pack.lacks],
                }
                for pack in packs
            ]
        )
        return
    if not packs:
        none = "aucun pack dans" if language() == "fr" else "no pack in"
        typer.echo(f"{none} {home() / 'packs'}")
    for pack in packs:
        typer.echo(f"{pack.name}  {pack.kind}  {pack.fingerprint[:12]}  {pack.folder}")
        _lacks(pack.lacks)


@app.command("remove")
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As `pack list` shows it.", show_default=False)],
) -> None:
    """Remove a pack.

    Exit codes: 0 removed; 2 there is none of this name.
    """
    from dui_bridge.validation.packs import remove_pack

    remove_pack(name)


def _lacks(lacks: tuple[tuple[str, str], ...]) -> None:
    french = language() == "fr"
    for texts in lacks:
        typer.echo(f"  {'manque : ' if french else 'lacks: '}{texts[french]}")
