"""`dui-bridge deliver`."""

from __future__ import annotations

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Destination, at_desk
from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json
from dui_bridge.cli.progress import progress

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def deliver(
    config: Config = SITE,
    destination: Destination = None,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Send once all that is due and that policy lets go, without reading any export.

    For a site without `serve`, or to go on after `resume`, `release`, `replay` or `review`. Exit codes: 0 done; 2 the
    site, its policy, a destination or the journal cannot be used; 3 a service could not be reached.
    """
    from dui_bridge.pipeline.actions.desk import Scope
    from dui_bridge.pipeline.reports.summary import delivered_as_dict, delivered_as_lines
    from dui_bridge.pipeline.sending import send_due

    with at_desk(config, by) as desk:
        desk.check(Scope(destination=destination))
        with progress() as steps:
            delivered = send_due(desk.site, desk.journal, steps, only=destination)
        desk.audit("deliver", destination or "*", delivered=delivered.delivered)
    if json:
        as_json(delivered_as_dict(delivered))
    else:
        typer.echo("\n".join(delivered_as_lines(delivered, language())))
    raise typer.Exit(delivered.exit_code())
