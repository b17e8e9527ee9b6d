"""`dui-bridge send-now`."""

from __future__ import annotations

from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Number, at_desk, tell
from dui_bridge.cli.progress import progress

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command("send-now")
def send_now(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="document-34, delivery-56, usager-12, or a document's unique id.", show_default=False
        ),
    ] = None,
    dossier: Number = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Send what waits of one document now, ahead of everything else; policy and pauses still decide.

    Of an usager or a dossier, all its documents. A destination that was left alone after failures is tried once. Exit
    codes: 0 all of it arrived; 1 something still waits; 2 nothing of it waits to leave, or the site, its policy or the
    journal cannot be read; 3 a service could not be reached.
    """
    from dui_bridge.cli.subjects import named_deliveries
    from dui_bridge.pipeline.actions.send_now import send_now as send

    with at_desk(config, by) as desk:
        found, named = named_deliveries(desk, subject, dossier)
        with progress() as steps:
            done = send(desk, found, named, steps)
    tell(done, json=json)
