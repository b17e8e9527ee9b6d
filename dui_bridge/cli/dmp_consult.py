"""`dui-bridge dmp search|get|mask|unhide|archive|web|acknowledge`: the DMP for a named professional."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Destination, Number, at_desk, tell, tell_imported
from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

if TYPE_CHECKING:
    from dui_bridge.connectors.psc.settings import Flow
    from dui_bridge.pipeline.actions.desk import Desk
    from dui_bridge.pipeline.delivery.destinations import OpenDestination
    from dui_bridge.pipeline.dmp.consult_actions import Change
    from dui_bridge.pipeline.dmp.consult_person import Asking

app = typer.Typer(rich_markup_mode=None)

Person = Annotated[
    str | None,
    typer.Argument(
        metavar="[ID]", help="Whose DMP: usager-12, or a document or delivery of theirs.", show_default=False
    ),
]
Document = Annotated[str, typer.Argument(metavar="UNIQUE_ID", help="As `search` shows it.", show_default=False)]
Professional = Annotated[
    str | None,
    typer.Option(
        help="Who asks, by their RPPS number; they sign in on their e-CPS.", metavar="RPPS", show_default=False
    ),
]
From = Annotated[
    str | None,
    typer.Option(
        "--finess", help="Where they practise; by default the dossier's establishment.", metavar="FINESS",
        show_default=False,
    ),
]  # fmt: skip
Secret = Annotated[
    bool, typer.Option("--secret", help="Under the secret connection of a minor: the representatives learn nothing.")
]
Situation = Annotated[
    int | None,
    typer.Option(help="Which of their practice situations, from 1, when several may be meant.", show_default=False),
]
Undo = Annotated[bool, typer.Option("--undo", help="Take it back.")]


def _day(told: str) -> Any:
    return typer.Option(help=told, formats=["%Y-%m-%d"], metavar="AAAA-MM-JJ", show_default=False)


class To(StrEnum):
    """Who sees a document from now on."""

    PATIENT = "patient"
    REPRESENTATIVES = "representatives"


class WebPage(StrEnum):
    """Pages of the site of the DMP."""

    DOCUMENTS = "documents"
    DASHBOARD = "dashboard"
    RECORD = "record"
    HISTORY = "history"
    VACCINATION = "vaccination"
    WISHES = "wishes"


@app.command("search")
def search(
    subject: Person = None,
    dossier: Number = None,
    professional: Professional = None,
    finess: From = None,
    secret: Secret = False,
    since: Annotated[datetime | None, _day("Only documents made on this day or later.")] = None,
    until: Annotated[datetime | None, _day("Only documents made on this day or earlier.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also what is archived or was replaced.")] = False,
    situation: Situation = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """List the documents of a person's DMP for a professional, who signs in (TD3.1a); audited.

    What the person laid there themselves is told apart. No document is opened. Exit codes: 0 listed; 1 the rules of
    access refuse; 2 the site does not declare what is needed, or a service refuses; 3 a service could not be reached.
    """
    from dui_bridge.pipeline.dmp.consult_actions import search as find
    from dui_bridge.pipeline.reports.moments import given_day

    with _asking(config, by, subject, dossier, professional, finess, secret, destination, json) as (desk, dmp, asked):
        found = find(
            desk,
            dmp,
            asked,
            _show,
            since=None if since is None else given_day(since),
            until=None if until is None else given_day(until),
            every=every,
            situation=situation,
        )
    if json:
        as_json(found.as_dict())
    else:
        for line in found.lines(language()):
            typer.echo(line)


@app.command("get")
def get(
    unique_id: Document,
    out: Annotated[Path, typer.Option(help="The file to write; it must not exist.", show_default=False)],
    subject: Person = None,
    dossier: Number = None,
    professional: Professional = None,
    finess: From = None,
    secret: Secret = False,
    situation: Situation = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Open one document of a person's DMP for a professional, who signs in (TD3.2); audited.

    It is kept only with the size and hash that the DMP registered, and when it carries the person's INS; what the DMP
    does not tell of them is said not to be verifiable. Exit codes: as those of search.
    """
    from dui_bridge.pipeline.dmp.consult_actions import get as fetch

    with _asking(config, by, subject, dossier, professional, finess, secret, destination, json, unique_id) as (
        desk,
        dmp,
        asked,
    ):
        done = fetch(desk, dmp, asked, _show, unique_id, out, situation=situation)
    tell(done, json=json)


@app.command("mask")
def mask(
    unique_id: Document,
    subject: Person = None,
    undo: Undo = False,
    dossier: Number = None,
    professional: Professional = None,
    finess: From = None,
    secret: Secret = False,
    situation: Situation = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Mask a document to professionals, at the person's request (TD3.3a); audited.

    Its authors and the treating doctor still see it, and can show it again (--undo). Exit codes: as those of search.
    """
    from dui_bridge.pipeline.dmp.consult_actions import Change

    with _asking(config, by, subject, dossier, professional, finess, secret, destination, json, unique_id) as asked:
        _change(asked, unique_id, Change.UNMASK if undo else Change.MASK, situation, json)


@app.command("unhide")
def unhide(
    unique_id: Document,
    subject: Person = None,
    to: Annotated[To, typer.Option(help="Who sees it from now on.")] = To.PATIENT,
    dossier: Number = None,
    professional: Professional = None,
    finess: From = None,
    secret: Secret = False,
    situation: Situation = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Make a document visible to the person or to the legal representatives, for good (TD3.3b); audited.

    Exit codes: as those of search.
    """
    from dui_bridge.pipeline.dmp.consult_actions import Change

    with _asking(config, by, subject, dossier, professional, finess, secret, destination, json, unique_id) as asked:
        what = Change.SHOW_PATIENT if to is To.PATIENT else Change.SHOW_REPRESENTATIVES
        _change(asked, unique_id, what, situation, json)


@app.command("archive")
def archive(
    unique_id: Document,
    subject: Person = None,
    undo: Undo = False,
    dossier: Number = None,
    professional: Professional = None,
    finess: From = None,
    secret: Secret = False,
    situation: Situation = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Archive a document, or take it out of the archive with --undo (TD3.3d); audited.

    Exit codes: as those of search.
    """
    from dui_bridge.pipeline.dmp.consult_actions import Change

    with _asking(config, by, subject, dossier, professional, finess, secret, destination, json, unique_id) as asked:
        _change(asked, unique_id, Change.UNARCHIVE if undo else Change.ARCHIVE, situation, json)


def delete_as(
    config: Path,
    by: str | None,
    subject: str,
    dossier: str | None,
    professional: str,
    finess: str | None,
    secret: bool,
    destination: str | None,
    reason: str,
    *,
    json: bool,
) -> None:
    """`dmp delete --professional`: `subject` is a unique id, of any document of the person's."""
    from dui_bridge.pipeline.dmp.consult_actions import Change

    with _asking(config, by, None, dossier, professional, finess, secret, destination, json, subject) as asked:
        _change(asked, subject, Change.DELETE, None, json, reason)


@app.command("web")
def web(
    subject: Person = None,
    dossier: Number = None,
    page: Annotated[WebPage, typer.Option(help="Which page.")] = WebPage.DOCUMENTS,
    air: Annotated[
        Path | None,
        typer.Option(
            help="Have them sign in here, and write to this new file the form that opens it in their name (TD0.10).",
            metavar="FILE",
            show_default=False,
        ),
    ] = None,
    professional: Professional = None,
    finess: From = None,
    secret: Secret = False,
    situation: Situation = None,
    destination: Destination = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Print the address of a person's DMP on its site for professionals, who sign in there (TD0.9); audited.

    It holds the INS: open it, and keep it in no file. With --air nobody signs in there: a page of this user's only
    brings what proves who they are, once; it holds the INS and the number of the site's homologation: open it at once,
    and delete it. The rules of access are the same as here. Exit codes: as those of search.
    """
    from dui_bridge.connectors.dmp.contextual import Page
    from dui_bridge.pipeline.dmp.consult_actions import web as address
    from dui_bridge.pipeline.dmp.consult_web import web_in_air

    if secret and air is None:
        raise typer.BadParameter("--secret goes with --air: who signs in on the site tells it there")
    pages = {
        WebPage.DOCUMENTS: Page.DOCUMENTS,
        WebPage.DASHBOARD: Page.TABLEAU_DE_BORD,
        WebPage.RECORD: Page.DOSSIER_PATIENT,
        WebPage.HISTORY: Page.HISTORIQUE,
        WebPage.VACCINATION: Page.VACCINATION,
        WebPage.WISHES: Page.VOLONTES_ET_DROITS,
    }
    with _asking(config, by, subject, dossier, professional, finess, secret, destination, json) as (desk, dmp, asked):
        if air is None:
            done = address(desk, dmp, asked, pages[page])
        else:
            done = web_in_air(desk, dmp, asked, _show, pages[page], air, situation=situation)
    tell(done, json=json)


@app.command("acknowledge")
def acknowledge(
    professional: Annotated[
        str, typer.Option(help="The RPPS number of who confirmed.", metavar="RPPS", show_default=False)
    ] = "",
    version: Annotated[str, typer.Option(help="Of the text that they read.", show_default=False)] = "",
    date: Annotated[datetime | None, _day("The day on which they confirmed; by default today.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="A CSV file of many: columns professional, version, date.", show_default=False),
    ] = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Record that a professional read and understood the rules of access to the DMP, as the DUI had them confirm.

    Without a record younger than the period of the site nobody consults the DMP. It stands in the audit. Exit codes: 0
    recorded; 1 a line of the file has a problem; 2 what was given, the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.dmp.consult_acknowledge import acknowledge as record
    from dui_bridge.pipeline.dmp.consult_acknowledge import acknowledge_all
    from dui_bridge.pipeline.reports.moments import given_day

    with at_desk(config, by, prepares=True) as desk:
        if file is not None:
            tell_imported(acknowledge_all(desk, file), json=json)
        done = record(desk, professional, version, None if date is None else given_day(date))
    tell(done, json=json)


@contextmanager
def _asking(
    config: Path,
    by: str | None,
    subject: str | None,
    dossier: str | None,
    professional: str | None,
    finess: str | None,
    secret: bool,
    destination: str | None,
    json: bool,
    unique_id: str | None = None,
) -> Iterator[tuple[Desk, OpenDestination, Asking]]:
    """The desk, the DMP, and who asks about whom; a refusal inside is told, and ends with 1.

    Args:
        unique_id: of the document that is meant: when it is one of ours, it tells whose DMP is meant.
    """
    from dui_bridge.cli.subjects import parse_subject, subjects
    from dui_bridge.pipeline.dmp.consult_errors import ConsultationRefused, WhichPerson
    from dui_bridge.pipeline.dmp.consult_person import asking, dossier_of
    from dui_bridge.pipeline.dmp.opened import dmp_of
    from dui_bridge.pipeline.reports.errors import SubjectUnsuited

    try:
        with at_desk(config, by) as desk:
            if subject is None and dossier is None and unique_id is None:
                raise WhichPerson
            if unique_id is not None and parse_subject(unique_id).kind != "version":
                raise SubjectUnsuited(subject=unique_id, takes="2.25.123456789")
            named = subjects(desk.journal, subject or unique_id, dossier)
            if len(named) != 1:
                raise WhichPerson
            one, dmp = named[0], dmp_of(desk.site, destination)
            whose = dossier_of(desk, one.kind, one.number, one.text)
            yield desk, dmp, asking(desk, dmp, whose, one.text, rpps=professional, finess=finess, secret=secret)
    except ConsultationRefused as refused:
        if json:
            as_json({"done": "refused", "refusals": findings_as_dicts(refused.refusals, language())})
        else:
            print_findings(refused.refusals, language())
        raise typer.Exit(refused.exit_code) from None


def _change(
    asked: tuple[Desk, OpenDestination, Asking],
    unique_id: str,
    what: Change,
    situation: int | None,
    json: bool,
    reason: str | None = None,
) -> None:
    from dui_bridge.pipeline.dmp.consult_actions import change

    desk, dmp, who = asked
    tell(change(desk, dmp, who, _show, unique_id, what, reason=reason, situation=situation), json=json)


def _show(flow: Flow, told: str) -> None:
    """On standard error: what is asked for stands on the other."""
    from dui_bridge.connectors.psc.settings import Flow
    from dui_bridge.pipeline.reports.texts import text

    key = "dmp_approve" if flow is Flow.CIBA else "dmp_browse"
    typer.echo(text(key, language()).format(digits=told, url=told), err=True)
