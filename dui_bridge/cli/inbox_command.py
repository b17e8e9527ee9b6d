"""`dui-bridge inbox list|show|file|refuse`."""

from __future__ import annotations

from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Number, Reason, Source, WithDefault, at_desk, tell
from dui_bridge.cli.language import language


class _Listing(WithDefault):
    default = "list"


app = typer.Typer(
    cls=_Listing,
    help="Decide about mails that came by MSSanté: file their documents, or refuse them.",
    rich_markup_mode=None,
    add_completion=False,
)

Mail = Annotated[str, typer.Argument(metavar="ID", help="mail-12, as `inbox list` shows it.", show_default=False)]


@app.callback()
def _group() -> None:
    """Decide about mails that came by MSSanté: file their documents, or refuse them.

    `dui-bridge inbox` is short for `inbox list`.
    """


@app.command("list")
def list_(
    all_: Annotated[bool, typer.Option("--all", help="Those that were treated, too.")] = False,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """List the mails that wait, the oldest first.

    Exit codes: 0 none waits for a person; 1 some do; 2 the site or the journal cannot be read.
    """
    from dui_bridge.journal.inbox_records import MailState
    from dui_bridge.pipeline.actions.inbox import WAITING, listed

    with at_desk(config) as desk:
        done = listed(desk, tuple(MailState) if all_ else WAITING, language())
    tell(done, json=json)


@app.command("show")
def show(mail: Mail, config: Config = SITE, json: AsJson = False) -> None:
    """Show one mail: what it brings, why it waits, the dossiers that may be meant, and what its sender was answered.

    Exit codes: 0 shown; 2 there is no such mail, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.inbox import shown

    with at_desk(config) as desk:
        done = shown(desk, mail, language())
    tell(done, json=json)


@app.command("file")
def file(
    mail: Mail,
    reason: Reason,
    dossier: Number = None,
    source: Source = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """File the documents of a mail that waits in a dossier; its sender is told at the next cycle. Audited.

    Without --dossier in the only one that may be meant. Exit codes: 0 filed; 2 it does not wait, brings nothing that
    can be filed, the dossier is not certain, or the DUI's inbox cannot be written.
    """
    from dui_bridge.pipeline.actions.inbox import file as put

    with at_desk(config, by) as desk:
        done = put(desk, mail, dossier, source, reason)
    tell(done, json=json)


@app.command("refuse")
def refuse(mail: Mail, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Refuse a mail that waits; the sender of documents is told at the next cycle (906). Audited.

    A mail without documents is closed, and nobody is told. Exit codes: 0 refused; 2 it does not wait, or the site or
    the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.inbox import refuse as turn_down

    with at_desk(config, by) as desk:
        done = turn_down(desk, mail, reason)
    tell(done, json=json)
