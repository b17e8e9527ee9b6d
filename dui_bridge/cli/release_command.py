"""`dui-bridge release`."""

from __future__ import annotations

import re
from typing import Annotated, Final

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

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}", re.ASCII)

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def release(
    what: Annotated[
        list[str] | None,
        typer.Argument(metavar="HOLD", help="The numbers of holds, or document-34.", show_default=False),
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
    """End holds: by their numbers, or with the same options as they were placed.

    What it kept back leaves in its order, where policy lets it. Exit codes: 0 released; 2 no such hold is in force, or
    the site or the journal cannot be read.
    """
    from dui_bridge.cli.subjects import document_number
    from dui_bridge.pipeline.actions.desk import Scope
    from dui_bridge.pipeline.actions.holds import holds_in_force
    from dui_bridge.pipeline.actions.holds import release as let_go

    with at_desk(config, by) as desk:
        numbers = [int(one) for one in what or () if _NUMBER.fullmatch(one)]
        others = [one for one in what or () if not _NUMBER.fullmatch(one)]
        document = document_number(" ".join(others) or None)
        scope = Scope(establishment, type_, destination, source, dossier, document)
        done = holds_in_force(desk) if list_ else let_go(desk, numbers, scope)
    tell(done, json=json)
