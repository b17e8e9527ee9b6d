"""`dui-bridge mssante receive|send|mailboxes|suspects|confirm|decode`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Destination, Number, Reason, at_desk, tell
from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings
from dui_bridge.cli.progress import progress

app = typer.Typer(
    help="Use MSSanté by hand, and read its mails.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


@app.callback()
def _mssante() -> None:
    """Use MSSanté by hand, and read its mails."""


@app.command("receive")
def receive(config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Read the mailboxes once: reports are tied to their deliveries, documents filed, senders told.

    Whoever gave mails back is looked up in the Annuaire Santé, where the site asks it. Exit codes: 0 read; 1 something
    that came waits for a person; 2 a mailbox cannot be opened or the DUI's inbox cannot be written, or the site does
    not declare what is needed; 3 the operator, the Annuaire or the DUI's API could not be reached.
    """
    from dui_bridge.pipeline.actions.mail import receive_now

    with at_desk(config, by) as desk:
        done = receive_now(desk, language())
    tell(done, json=json)


@app.command("send")
def send(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="document-34, delivery-56, usager-12, or a document's unique id.", show_default=False
        ),
    ] = None,
    dossier: Number = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Send what waits of a document by MSSanté now, ahead of everything else; policy still decides.

    Exit codes: 0 all of it left; 1 something still waits; 2 nothing of it waits to go there, or the site does not
    declare what is needed; 3 the operator could not be reached.
    """
    from dui_bridge.cli.subjects import named_deliveries
    from dui_bridge.pipeline.actions.mail import send as send_mails

    with at_desk(config, by) as desk, progress() as steps:
        found, named = named_deliveries(desk, subject, dossier)
        done = send_mails(desk, found, named, destination, steps)
    tell(done, json=json)


@app.command("mailboxes")
def mailboxes(config: Config = SITE, json: AsJson = False) -> None:
    """List the mailboxes of the establishments: whether each opens, when it was last read, what nobody has seen.

    Exit codes: 0 all of them open; 2 one does not, or the site does not declare what is needed; 3 the operator could
    not be reached.
    """
    from dui_bridge.pipeline.actions.mail import mailboxes as look

    with at_desk(config) as desk:
        done = look(desk, language())
    tell(done, json=json)


@app.command("suspects")
def suspects(config: Config = SITE, json: AsJson = False) -> None:
    """List the addresses that mails came back from: nothing is sent there until somebody has looked.

    Other mailboxes of the same person or structure are proposed: those that the DUI holds, and what the Annuaire Santé
    answered when mails were last received. Record the right one in the DUI.

    Exit codes: 0 there are none; 1 there are some; 2 the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.mail import suspects as held

    with at_desk(config) as desk:
        done = held(desk, language())
    tell(done, json=json)


@app.command("confirm")
def confirm(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="As `suspects` shows it.", show_default=False)],
    reason: Reason,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Say that an address is right, although a mail came back from it: it is written to again. Audited.

    Exit codes: 0 noted; 2 no mail came back from it, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.mail import confirm as clear

    with at_desk(config, by) as desk:
        done = clear(desk, address, reason)
    tell(done, json=json)


@app.command("decode")
def decode(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A mail (.eml).", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="What it holds, as JSON.")] = False,
) -> None:
    """Tell what a mail is: documents, a report of delivery or of reading, an integration error, a bounce.

    With its code, its cause, and the delivery that it is about. Exit codes: 0 nothing is wrong with the mail itself; 1
    it has defects, which are named; 2 the file cannot be read.
    """
    from dui_bridge.cli.reading import read_up_to
    from dui_bridge.connectors.mssante.decode import MAX_BYTES
    from dui_bridge.connectors.mssante.decode import decode as read_mail
    from dui_bridge.pipeline.reports.mail_message import mail_lines

    mail, findings = read_mail(read_up_to(file, MAX_BYTES))
    if json:
        as_json({**mail, "findings": findings_as_dicts(findings, language())})
    else:
        for line in mail_lines(mail, language()):
            typer.echo(line)
        print_findings(findings, language(), indent="  ")
    raise typer.Exit(int(any(one.is_error for one in findings)))
