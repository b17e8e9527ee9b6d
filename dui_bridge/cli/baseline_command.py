"""`dui-bridge baseline`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Destination, Yes, at_desk, tell

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def baseline(
    before: Annotated[
        datetime | None,
        typer.Option(
            help="Documents dated before this day are known and not sent; without it the baselines are listed.",
            formats=["%Y-%m-%d"],
            metavar="AAAA-MM-JJ",
            show_default=False,
        ),
    ] = None,
    config: Config = SITE,
    destination: Destination = None,
    yes: Yes = False,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Say from which date on documents are sent; what is older is known and stays here, unless a backfill brings it.

    For a site whose past was sent by other means. Exit codes: 0 listed, shown or done; 2 there is no such destination,
    or the site, its policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.baselines import baseline as start_from
    from dui_bridge.pipeline.actions.baselines import baselines
    from dui_bridge.pipeline.reports.moments import given_day

    with at_desk(config, by, prepares=before is not None) as desk:
        done = baselines(desk) if before is None else start_from(desk, given_day(before), destination, confirmed=yes)
    tell(done, json=json)
