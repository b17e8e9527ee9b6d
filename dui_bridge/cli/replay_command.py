"""`dui-bridge replay`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from dui_bridge.cli.acting import (
    SITE,
    AsJson,
    By,
    Config,
    Destination,
    Finess,
    Source,
    Type,
    WithDefault,
    Yes,
    at_desk,
    local,
    tell,
)
from dui_bridge.cli.tasks import add_task_commands

app = typer.Typer(
    cls=WithDefault,
    help="Send again what was refused, came back or was cancelled; a preview first.",
    rich_markup_mode=None,
    add_completion=False,
)


@app.callback()
def _group() -> None:
    """Send again what was refused, came back or was cancelled; a preview first.

    `dui-bridge replay delivery-56` is short for `replay start delivery-56`.
    """


@app.command("start")
def start(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="document-34, delivery-56, usager-12, or a document's unique id.", show_default=False
        ),
    ] = None,
    config: Config = SITE,
    cause: Annotated[
        str | None, typer.Option(help="Only what stopped for this cause, as DLV-004.", show_default=False)
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="refused, returned, cancelled or delivered.", show_default=False)
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            help="Only what stopped on this day or later.",
            formats=["%Y-%m-%d"],
            metavar="AAAA-MM-JJ",
            show_default=False,
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            help="Only what stopped before this day.", formats=["%Y-%m-%d"], metavar="AAAA-MM-JJ", show_default=False
        ),
    ] = None,
    destination: Destination = None,
    establishment: Finess = None,
    type_: Type = None,
    source: Source = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also what was refused for good when nothing has changed since.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make documents again that would now be written otherwise.")
    ] = False,
    yes: Yes = False,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Show what sending again would do to each; with --yes, do it as a task that can be paused and cancelled.

    What is there already is never sent again; where a newer version goes, it goes instead; policy decides once more.
    What was refused for good goes again only when the site or its policy was changed since, or with --force; but what a
    DMP refused that was not open, at any time. By default what was refused or came back; what was cancelled must be
    named, by its ID, --cause or --state. The order of each usager is kept. With --rebuild: the documents that `status`
    counts as would_differ, at the next reading. Exit codes: 0 shown or done; 2 there is no such item, or the site, its
    policy or the journal cannot be read.
    """
    from dui_bridge.cli.subjects import parse_subject
    from dui_bridge.journal.selections import Selection
    from dui_bridge.model.states import DeliveryState
    from dui_bridge.pipeline.actions.desk import Scope
    from dui_bridge.pipeline.actions.errors import NotReplayable
    from dui_bridge.pipeline.actions.replays import SELECTABLE, preview, replay, wanted
    from dui_bridge.pipeline.actions.replays import rebuild as make_again
    from dui_bridge.pipeline.reports.errors import SubjectUnsuited

    with at_desk(config, by) as desk:
        named = parse_subject(subject) if subject is not None else None
        if state is not None and state not in SELECTABLE:
            raise NotReplayable(state=state, known=", ".join(SELECTABLE))
        if rebuild:
            if named is not None and named.kind != "document":
                raise SubjectUnsuited(subject=named.text, takes="document-34")
            scope = Scope(establishment, type_, None, source, None, named.number if named is not None else None)
            tell(make_again(desk, scope, confirmed=yes), json=json)
        asked = Selection(
            states=(DeliveryState(state),) if state is not None else None,
            causes=(cause,) if cause is not None else None,
            destination=destination,
            finess=establishment,
            doc_type=type_,
            source=source,
            since=local(since, desk),
            until=local(until, desk),
            ids=desk.deliveries(named.kind, named.number, named.text) if named is not None else None,
        )
        selection = wanted(desk, Scope(establishment, type_, destination, source), asked)
        done = (replay if yes else preview)(desk, selection, force=force)
    tell(done, json=json)


add_task_commands(app, "replay")
