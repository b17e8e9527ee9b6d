"""`dui-bridge review list|show|allow|refuse|delivered|ready|cancel|export|import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dui_bridge.cli.acting import (
    SITE,
    AsJson,
    By,
    Config,
    Finess,
    Reason,
    Type,
    WithDefault,
    at_desk,
    tell,
    tell_imported,
)
from dui_bridge.cli.language import language

if TYPE_CHECKING:
    from dui_bridge.pipeline.actions.desk import Desk


class _Listing(WithDefault):
    default = "list"


app = typer.Typer(
    cls=_Listing,
    help="Decide what only a person can: doubtful deliveries, and documents that policy asks about.",
    rich_markup_mode=None,
    add_completion=False,
)

Subject = Annotated[
    str, typer.Argument(metavar="ID", help="delivery-56, or document-34 for all of it that waits.", show_default=False)
]


@app.callback()
def _group() -> None:
    """Decide what only a person can: doubtful deliveries, and documents that policy asks about.

    `dui-bridge review` is short for `review list`.
    """


@app.command("list")
def list_(
    establishment: Finess = None,
    type_: Type = None,
    limit: Annotated[int, typer.Option(help="Show so many of each type; JSON has all.", min=1, max=100_000)] = 10,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """List what waits for a person, with the answers that are possible.

    A dossier number that changed person is decided with its run: `runs release` or `runs discard`. Exit codes: 0
    nothing waits; 1 something does; 2 the site, its policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.desk import Scope
    from dui_bridge.pipeline.actions.review_print import ReviewPage
    from dui_bridge.pipeline.actions.reviews import listed, questions

    with at_desk(config) as desk:
        desk.check(Scope(finess=establishment, doc_type=type_))
        found = questions(desk, establishment, language(), type_)
        page = ReviewPage(limit, desk.zone, language())
    done = listed(found)
    if json:
        tell(done, json=True)
    for line in page.lines(found):
        typer.echo(line)
    typer.echo(done.words(language()))
    raise typer.Exit(done.exit_code)


@app.command("show")
def show(subject: Subject, config: Config = SITE, json: AsJson = False) -> None:
    """Show one question with every rule that was asked about its document, and what was decided before.

    Exit codes: 0 shown; 2 nothing of this ID waits for a person, or the site, its policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.reviews import shown

    with at_desk(config) as desk:
        done = shown(desk, _waiting(desk, subject), language())
    tell(done, json=json)


@app.command("allow")
def allow(subject: Subject, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Let one version that policy asks about go where it asks; a new version is asked about again.

    It answers what is asked and nothing else: the other rules still hold. Whoever allows what the patient does not see
    yet undertakes to make it visible, and is named with --by (`dmp hidden`). Exit codes: 0 decided; 2 nothing is asked
    about it, nobody is named, or the site, its policy or the journal cannot be read.
    """
    _decide("allow", subject, reason, config, by, json)


@app.command("refuse")
def refuse(subject: Subject, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Keep one version that has not left from going there; a new version is asked about again.

    Exit codes: 0 decided; 2 it has left, or the site, its policy or the journal cannot be read.
    """
    _decide("refuse", subject, reason, config, by, json)


@app.command("delivered")
def delivered(subject: Subject, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Note that a doubtful delivery did arrive.

    Exit codes: 0 noted; 2 it is not doubtful, or the site, its policy or the journal cannot be read.
    """
    _decide("delivered", subject, reason, config, by, json)


@app.command("ready")
def ready(subject: Subject, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Have a doubtful delivery sent again, because it certainly did not arrive.

    Exit codes: 0 it will be sent; 2 it is not doubtful, its bytes are not kept any more, or the site, its policy or the
    journal cannot be read.
    """
    _decide("ready", subject, reason, config, by, json)


@app.command("cancel")
def cancel(subject: Subject, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Give up a delivery that is doubtful, refused, came back or has not left.

    Exit codes: 0 cancelled; 2 it has left, or the site, its policy or the journal cannot be read.
    """
    _decide("cancel", subject, reason, config, by, json)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file to write; new.", show_default=False)],
    establishment: Finess = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Write the questions as a spreadsheet, for the professional who decides in the DUI.

    To be filled in: the decision, who decided, and why. Exit codes: 0 written; 2 the file exists or cannot be written,
    or the site, its policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.desk import Scope
    from dui_bridge.pipeline.actions.sheet import export_sheet

    with at_desk(config, by) as desk:
        desk.check(Scope(finess=establishment))
        done = export_sheet(desk, file, establishment, language())
    tell(done, json=json)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file, filled in.", show_default=False)],
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Carry out the decisions of a spreadsheet, each line wholly or not at all; importing it twice changes nothing.

    Lines without a decision stay open. Exit codes: 0 every decision was carried out, now or before; 1 lines have a
    problem, told with their number; 2 the file is not such a list, or the site, its policy or the journal cannot be
    read.
    """
    from dui_bridge.pipeline.actions.sheet import import_sheet

    with at_desk(config, by) as desk:
        imported = import_sheet(desk, file)
    tell_imported(imported, json=json)


def _decide(choice: str, subject: str, reason: str, config: Path, by: str | None, json: bool) -> None:
    from dui_bridge.pipeline.actions.reviews import Choice, decide_all

    with at_desk(config, by) as desk:
        done = decide_all(desk, _waiting(desk, subject), Choice(choice), reason, single=subject.startswith("delivery-"))
    tell(done, json=json)


def _waiting(desk: Desk, subject: str) -> list[int]:
    from dui_bridge.cli.subjects import parse_subject
    from dui_bridge.pipeline.actions.errors import NothingToDecide

    named = parse_subject(subject)
    found = desk.deliveries(named.kind, named.number, named.text)
    if not found:
        raise NothingToDecide(subject=named.text)
    return found
