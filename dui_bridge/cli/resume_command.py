"""`dui-bridge resume`."""

from __future__ import annotations

from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, at_desk, tell

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def resume(
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Its name.", show_default=False)],
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Send to a destination again: one document goes first, the others follow when it has arrived.

    Ends a pause, and tries a destination again that was left alone after failures, or that refused an establishment. It
    sends nothing by itself: `serve`, `run` and `deliver` do. Exit codes: 0 resumed; 2 nothing stopped it, there is no
    such destination, the journal was restored and not reconciled, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.brakes import resume as go_on

    with at_desk(config, by) as desk:
        done = go_on(desk, destination)
    tell(done, json=json)
