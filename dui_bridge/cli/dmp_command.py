"""`dui-bridge dmp …`: the DMP by hand, and its messages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Destination, Number, Reason, at_desk, tell
from dui_bridge.cli.dmp_consult import From, Professional, Secret, delete_as
from dui_bridge.cli.dmp_consult import app as consultation
from dui_bridge.cli.dmp_hidden import app as hidden
from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json
from dui_bridge.cli.progress import progress

if TYPE_CHECKING:
    from dui_bridge.pipeline.actions.desk import Desk
    from dui_bridge.pipeline.dmp.opened import Dmp

app = typer.Typer(
    help="Use the DMP by hand, and read its messages.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)
app.add_typer(consultation)
app.add_typer(hidden)

Id = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]", help="document-34, delivery-56, usager-12, or a document's unique id.", show_default=False
    ),
]


@app.callback()
def _dmp() -> None:
    """Use the DMP by hand, and read its messages."""


@app.command("exists")
def exists(
    subject: Id = None,
    dossier: Number = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Ask whether a person has a DMP that can be fed (TD0.2).

    It needs their qualified INS, and no document. Exit codes: 0 asked, whatever the answer; 1 the DMP refuses; 2 no INS
    of this person may leave, or the site does not declare what is needed; 3 the DMP could not be reached.
    """
    from dui_bridge.cli.subjects import subjects
    from dui_bridge.pipeline.dmp.consult_errors import WhichPerson
    from dui_bridge.pipeline.dmp.consult_person import dossier_of
    from dui_bridge.pipeline.dmp.structure import exists as ask

    with _opened(config, by, subject, dossier, destination) as (desk, dmp, found, named):
        whose = {dossier_of(desk, one.kind, one.number, one.text) for one in subjects(desk.journal, subject, dossier)}
        if len(whose) != 1:
            raise WhichPerson
        done = ask(desk, dmp, found, named, whose.pop())
    tell(done, json=json)


@app.command("deposit")
def deposit(
    subject: Id = None,
    dossier: Number = None,
    as_new: Annotated[
        bool, typer.Option("--as-new", help="What was refused because the version that it replaces is gone (DMP-021).")
    ] = False,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Deposit what waits of a document now, ahead of everything else; policy still decides (TD2.1).

    What the DMP has an earlier version of is replaced. With --as-new, a version whose earlier one somebody deleted from
    the DMP goes there as a new document; the DMP is asked once more before. Exit codes: 0 all of it arrived; 1
    something still waits; 2 nothing of it waits to go there, or the site does not declare what is needed; 3 the DMP
    could not be reached.
    """
    from dui_bridge.pipeline.dmp.structure import deposit as send
    from dui_bridge.pipeline.dmp.structure import deposit_as_new

    with _opened(config, by, subject, dossier, destination) as (desk, dmp, found, named), progress() as steps:
        done = (deposit_as_new if as_new else send)(desk, dmp, found, named, steps)
    tell(done, json=json)


@app.command("replace")
def replace(
    subject: Id = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Replace the version that the DMP has by the one that waits (TD2.1).

    Exit codes: as those of deposit, and 2 when the DMP has no earlier version.
    """
    from dui_bridge.pipeline.dmp.structure import replace as send

    with _opened(config, by, subject, None, destination) as (desk, dmp, found, named), progress() as steps:
        done = send(desk, dmp, found, named, steps)
    tell(done, json=json)


@app.command("delete")
def delete(
    subject: Id = None,
    reason: Reason = "",
    dossier: Number = None,
    professional: Professional = None,
    finess: From = None,
    secret: Secret = False,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Delete from the DMP a document that the structure deposited (TD3.3c); audited.

    With --professional, who signs in, any document that the DMP lets them delete: it is named by its unique id, whose
    it is by --dossier when it was not deposited from here. It is not deposited again by itself. Exit codes: 0 deleted,
    or gone already; 1 the DMP or the rules of access refuse; 2 it was never there, its bytes are not kept any more, or
    the site does not declare what is needed; 3 a service could not be reached.
    """
    if professional is not None:
        delete_as(config, by, subject or "", dossier, professional, finess, secret, destination, reason, json=json)
    from dui_bridge.pipeline.dmp.structure import delete as take_out

    with _opened(config, by, subject, None, destination) as (desk, dmp, found, named):
        done = take_out(desk, dmp, found, named, reason)
    tell(done, json=json)


@app.command("evidence")
def evidence(
    out: Annotated[Path, typer.Option(help="The zip to write; it must not exist.", show_default=False)],
    subject: Id = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Gather what a homologation asks for of one deposit: document, metadata, signature, checks, tries, messages.

    Messages are kept when the destination has a `capture` folder; they are as they were sent, but for the homologation
    number. The report of the official schema and Schematrons needs the official pack. Exit codes: 0 written, whole; 1
    written, and something is missing, which is named; 2 it cannot be written, or nothing of this document goes to the
    DMP.
    """
    from dui_bridge.pipeline.dmp.evidence import evidence as gather
    from dui_bridge.pipeline.reports.texts import text

    with _opened(config, by, subject, None, destination) as (desk, dmp, found, named):
        done, missing = gather(desk, dmp, found, named, out)
    for key in missing:
        typer.echo(text(key, language()).format(destination=done.values["destination"]), err=True)
    tell(done, json=json)


@contextmanager
def _opened(
    config: Path, by: str | None, subject: str | None, dossier: str | None, destination: str | None
) -> Iterator[tuple[Desk, Dmp, list[int], str]]:
    """The desk, the DMP, the deliveries of what was named, and its name."""
    from dui_bridge.cli.subjects import named_deliveries
    from dui_bridge.pipeline.dmp.opened import dmp_of, opened

    with at_desk(config, by) as desk:
        found, named = named_deliveries(desk, subject, dossier)
        with opened(desk, dmp_of(desk.site, destination)) as dmp:
            yield desk, dmp, found, named


@app.command("decode")
def decode(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A captured message.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="What it holds, as JSON.")] = False,
) -> None:
    """Tell what a captured message of the DMP holds: SOAP or MIME, request or answer, an assertion, a signature.

    Entries, codes, statuses, errors, the attributes of the assertion, the verdicts on signatures. The homologation
    number is never shown. Exit codes: 0 nothing is wrong with it; 1 it has defects, which are named; 2 the file cannot
    be read.
    """
    from dui_bridge.cli.reading import read_up_to
    from dui_bridge.connectors.dmp.decode import MAX_BYTES
    from dui_bridge.connectors.dmp.decode import decode as read_message
    from dui_bridge.pipeline.reports.dmp_message import message_lines

    message = read_message(read_up_to(file, MAX_BYTES))
    if json:
        as_json(message)
    else:
        for line in message_lines(message, language()):
            typer.echo(line)
    raise typer.Exit(int(bool(message["defects"])))
