"""`dui-bridge inbox list|show|file|refuse|believe|answers|answered|answer-again`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Number, Reason, Source, WithDefault, at_desk, tell
from dui_bridge.cli.language import language


class _Code(StrEnum):
    """What a sender is answered."""

    VERSION = "900"
    AUTHOR = "901"
    UNKNOWN = "902"
    NO_INS = "903"
    OTHER_INS = "904"
    PARTIAL_INS = "905"
    OTHER = "906"


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
    from dui_bridge.pipeline.actions.inbox_list import WAITING, listed

    with at_desk(config) as desk:
        done = listed(desk, tuple(MailState) if all_ else WAITING, language())
    tell(done, json=json)


@app.command("show")
def show(
    mail: Mail,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Write the files of the mail (CDA, PDF, attachments) into this folder, for you alone. Audited.",
            metavar="FOLDER",
            show_default=False,
        ),
    ] = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Show one mail: what it brings or reports, why it waits, and what its sender was answered.

    The identity of its document stands beside that of each dossier that may be meant. Exit codes: 0 shown; 2 there is
    no such mail, a file of --out is there already or cannot be written, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.inbox_show import shown

    with at_desk(config, by) as desk:
        done = shown(desk, mail, language(), out)
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

    Without --dossier in the only one that may be meant. Of a mail without an archive the PDFs are filed as they are,
    and nobody is told. Exit codes: 0 filed; 2 it does not wait, brings nothing that
    can be filed, the dossier is not certain, or the DUI does not take it; 3 the DUI's API could not be reached.
    """
    from dui_bridge.pipeline.actions.inbox import file as put

    with at_desk(config, by) as desk:
        done = put(desk, mail, dossier, source, reason)
    tell(done, json=json)


@app.command("refuse")
def refuse(
    mail: Mail,
    reason: Reason,
    code: Annotated[
        _Code,
        typer.Option(
            help="What the sender of documents is answered: 900 wrong version, 901 author, 902 unknown patient, 903 no "
            "INS, 904 other INS, 905 partial INS, 906 another reason."
        ),
    ] = _Code.OTHER,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Refuse a mail that waits; the sender of documents is told at the next cycle. Audited.

    A mail without documents is closed, and nobody is told. Exit codes: 0 refused; 2 it does not wait, or the site or
    the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.inbox import refuse as turn_down

    with at_desk(config, by) as desk:
        done = turn_down(desk, mail, reason, code.value)
    tell(done, json=json)


@app.command("believe")
def believe(
    mail: Mail,
    reason: Reason,
    delivery: Annotated[
        str | None,
        typer.Option(
            help="What it is about, for a report that names nothing known here: delivery-56.",
            metavar="DELIVERY",
            show_default=False,
        ),
    ] = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Tie a report that was not believed to its delivery: a person knows that it is true. Audited.

    For one that comes from another mailbox than that which was written to. Exit codes: 0 tied; 2 it does not wait,
    reports nothing, its delivery is not known, or the site or the journal cannot be read.
    """
    from dui_bridge.cli.subjects import named_deliveries
    from dui_bridge.pipeline.actions.inbox import believe as trust

    with at_desk(config, by) as desk:
        about = None if delivery is None else named_deliveries(desk, delivery, None)[0]
        done = trust(desk, mail, about, reason)
    tell(done, json=json)


@app.command("answers")
def answers(config: Config = SITE, json: AsJson = False) -> None:
    """List the answers to senders that a person decides about: they may have left, or could not be sent.

    Exit codes: 0 there are none; 1 there are some; 2 the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.answers import undecided

    with at_desk(config) as desk:
        done = undecided(desk, language())
    tell(done, json=json)


@app.command("answered")
def answered(mail: Mail, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Note that the sender of a mail knows what became of it: its answer arrived, or was given by other means. Audited.

    Exit codes: 0 noted; 2 nothing is to be decided about its answer, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.answers import answered as note

    with at_desk(config, by) as desk:
        done = note(desk, mail, reason)
    tell(done, json=json)


@app.command("answer-again")
def answer_again(mail: Mail, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Have the answer to a mail sent again at the next cycle, because it certainly did not arrive. Audited.

    Exit codes: 0 it will be sent; 2 nothing is to be decided about its answer, or the site or the journal cannot be
    read.
    """
    from dui_bridge.pipeline.actions.answers import answer_again as again

    with at_desk(config, by) as desk:
        done = again(desk, mail, reason)
    tell(done, json=json)
