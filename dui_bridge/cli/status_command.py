"""`dui-bridge status`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def status(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    establishment: Annotated[
        str | None, typer.Option(help="Only this FINESS.", metavar="FINESS", show_default=False)
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            help="List only what waits since this day or later.",
            formats=["%Y-%m-%d"],
            metavar="AAAA-MM-JJ",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Every item that waits, as JSON.")] = False,
) -> None:
    """Say what did not leave, why, what to do, and who acts.

    Exit codes: 0 nothing waits; 1 something waits, whether it is listed or not, or asks for a person; 2 the site or the
    journal cannot be read.
    """
    from dui_bridge.journal.overview import Scope
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.errors import check_establishment
    from dui_bridge.pipeline.reports.moments import given_moment
    from dui_bridge.pipeline.reports.status import gather
    from dui_bridge.pipeline.reports.status_print import as_text, write_json
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    check_establishment(site, establishment)
    zone, now = site.zone, datetime.now(UTC)
    begun = given_moment(since, zone) if since is not None else None
    with open_journal(site) as journal, journal.overview.snapshot(Scope(establishment, begun)) as seen:
        found = gather(site, journal, seen, now, language(), begun)
        if json:
            write_json(sys.stdout, site, found, seen, language())
        else:
            typer.echo(as_text(found, zone, language()))
    raise typer.Exit(0 if found.all_well else 1)
