"""`dui-bridge report`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def report(
    day: Annotated[
        datetime,
        typer.Option(
            help="Which day, in the site's time zone.", formats=["%Y-%m-%d"], metavar="AAAA-MM-JJ", show_default=False
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="The HTML file to write; by default day-AAAA-MM-JJ.html in `data`.", show_default=False),
    ] = None,
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    establishment: Annotated[
        str | None, typer.Option(help="Only this FINESS.", metavar="FINESS", show_default=False)
    ] = None,
) -> None:
    """Write one page on one day: what was read, what left, what did not and why.

    What waits is told as it stands now. Exit codes: 0 written; 2 the site or the journal cannot be read, or the file
    cannot be written.
    """
    from dui_bridge.journal.overview import Scope
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.day import as_html, bounds, day_of
    from dui_bridge.pipeline.reports.errors import check_establishment
    from dui_bridge.pipeline.reports.moments import given_day
    from dui_bridge.pipeline.run import write_report
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    check_establishment(site, establishment)
    zone, which = site.zone, given_day(day)
    scope = Scope(establishment, until=bounds(which, zone)[1])
    with open_journal(site) as journal, journal.overview.snapshot(scope) as seen:
        found = day_of(site, journal, seen, which, datetime.now(UTC), language())
    path = out or site.data / f"day-{which.isoformat()}.html"
    write_report(path, as_html(found, zone, language()))
    typer.echo(str(path))
