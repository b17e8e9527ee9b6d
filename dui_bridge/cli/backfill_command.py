"""`dui-bridge backfill`."""

from __future__ import annotations

from typing import Annotated

import typer

from dui_bridge.cli.acting import (
    SITE,
    AsJson,
    By,
    Config,
    Destination,
    Finess,
    Type,
    WithDefault,
    Yes,
    at_desk,
    tell,
)
from dui_bridge.cli.tasks import add_task_commands

app = typer.Typer(
    cls=WithDefault,
    help="Bring what a start date, a baseline or a surge keeps back, so many a day, the oldest first.",
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback()
def _group() -> None:
    """Bring what a start date, a baseline or a surge keeps back, so many a day, the oldest first.

    `dui-bridge backfill --per-day 50` is short for `backfill start --per-day 50`.
    """


@app.command("start")
def start(
    per_day: Annotated[int, typer.Option(help="At most so many documents a day.", min=1, max=100_000)] = 50,
    config: Config = SITE,
    type_: Type = None,
    establishment: Finess = None,
    destination: Destination = None,
    yes: Yes = False,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Show how many documents a backfill would bring, and in how many days; with --yes, start it.

    What stood before a destination was added or put back, and waits for a decision (POL-009), is among them with
    --destination only. Everything else that policy asks still holds. Each reading, `serve` and `deliver` let it take
    its share of the day.
    Exit codes: 0 shown or started; 2 what is meant is not known, or the site, its policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.backfills import backfill
    from dui_bridge.pipeline.actions.desk import Scope

    with at_desk(config, by) as desk:
        done = backfill(desk, Scope(establishment, type_, destination), per_day, confirmed=yes)
    tell(done, json=json)


add_task_commands(app, "backfill")
