"""`dui-bridge quarantine`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def quarantine(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    establishment: Annotated[
        str | None, typer.Option(help="Only this FINESS.", metavar="FINESS", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the dossiers and documents that are held: place in the export, cause, remedy, who acts.

    A rejected value is shown where a person must correct it. Exit codes: 0 nothing is held; 1 something is; 2 the site
    or the journal cannot be read.
    """
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.errors import check_establishment
    from dui_bridge.pipeline.reports.quarantine import as_text, held_items
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    check_establishment(site, establishment)
    with open_journal(site) as journal:
        held = list(held_items(journal, establishment, language()))
    if json:
        as_json(held)
    else:
        typer.echo(as_text(held, language()))
    raise typer.Exit(1 if held else 0)
