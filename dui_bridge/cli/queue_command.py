"""`dui-bridge queue`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def queue(
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Its name.", show_default=False)],
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    limit: Annotated[int, typer.Option(help="List at most so many.", min=1, max=100_000)] = 50,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List what is about to leave for a destination, in that order, with the next time of each.

    Exit codes: 0 told; 2 there is no such destination, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.queue import as_dict, as_text, queue_of
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    with open_journal(site) as journal:
        found = queue_of(site, journal, destination, limit, datetime.now(UTC))
    if json:
        as_json(as_dict(found, language()))
    else:
        typer.echo(as_text(found, site.zone, language()))
