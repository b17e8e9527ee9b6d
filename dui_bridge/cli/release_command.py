"""`dui-bridge release`."""

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
    Number,
    Source,
    Type,
    at_desk,
    tell,
)

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def release(
    what: Annotated[
        str | None,
        typer.Argument(metavar="[HOLD]", help="The number of the hold, or document-34.", show_default=False),
    ] = None,
    config: Config = SITE,
    establishment: Finess = None,
    type_: Type = None,
    destination: Destination = None,
    source: Source = None,
    dossier: Number = None,
    list_: Annotated[bool, typer.Option("--list", help="Only list the holds in force.")] = False,
    by: By = None,
    json: AsJson = False,
) -> None:
    """End a hold: by its number, or with the same options as it was placed.

    What it kept back leaves in its order, where policy lets it. Exit codes: 0 released; 2 no such hold is in force, or
    the site or the journal cannot be read.
    """
    from dui_bridge.cli.subjects import document_number
    from dui_bridge.pipeline.actions.desk import Scope
    from dui_bridge.pipeline.actions.holds import holds_in_force
    from dui_bridge.pipeline.actions.holds import release as let_go

    number = int(what) if what is not None and what.isascii() and what.isdigit() else None
    document = document_number(what) if number is None else None
    scope = Scope(establishment, type_, destination, source, dossier, document)
    with at_desk(config, by) as desk:
        done = holds_in_force(desk) if list_ else let_go(desk, number, scope)
    tell(done, json=json)
