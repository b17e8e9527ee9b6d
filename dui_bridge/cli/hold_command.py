"""`dui-bridge hold`."""

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
    Reason,
    Source,
    Type,
    Until,
    at_desk,
    local,
    tell,
)

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def hold(
    reason: Reason,
    document: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One document, as document-34.", show_default=False)
    ] = None,
    config: Config = SITE,
    establishment: Finess = None,
    type_: Type = None,
    destination: Destination = None,
    source: Source = None,
    dossier: Number = None,
    until: Until = None,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Keep back documents of an establishment, a type, a destination, a source, a dossier, or one document.

    Several options mean all of them together. What is being sent at this moment still ends; everything else waits, and
    leaves in its order after `release`. To stop a destination altogether: `pause`. Exit codes: 0 held; 2 what is meant
    is not known, or the site or the journal cannot be read.
    """
    from dui_bridge.cli.subjects import document_number
    from dui_bridge.pipeline.actions.desk import Scope
    from dui_bridge.pipeline.actions.holds import hold as keep_back

    with at_desk(config, by) as desk:
        scope = Scope(establishment, type_, destination, source, dossier, document_number(document))
        done = keep_back(desk, scope, reason, local(until, desk))
    tell(done, json=json)
