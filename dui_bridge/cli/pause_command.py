"""`dui-bridge pause`."""

from __future__ import annotations

from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Reason, Until, at_desk, local, tell

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def pause(
    destination: Annotated[str, typer.Argument(metavar="DESTINATION", help="Its name.", show_default=False)],
    reason: Reason,
    config: Config = SITE,
    until: Until = None,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Stop sending to a destination; nothing is lost, everything waits in its order.

    What is being sent at this moment still ends. Exit codes: 0 paused; 2 there is no such destination, or the site or
    the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.brakes import pause as stop

    with at_desk(config, by, prepares=True) as desk:
        done = stop(desk, destination, reason, local(until, desk))
    tell(done, json=json)
