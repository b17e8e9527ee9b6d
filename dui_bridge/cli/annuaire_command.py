"""`dui-bridge annuaire search|refresh|check`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, Config
from dui_bridge.cli.language import choose as choose_language
from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

if TYPE_CHECKING:
    from dui_bridge.connectors.annuaire.directory import Annuaire
    from dui_bridge.site.settings import Site

app = typer.Typer(
    help="Look up MSSanté mailboxes in the Annuaire Santé.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


@app.callback()
def _annuaire() -> None:
    """Look up MSSanté mailboxes in the Annuaire Santé."""


@app.command("search")
def search(
    rpps: Annotated[str, typer.Option(help="The RPPS of a professional.", show_default=False)] = "",
    nom: Annotated[str, typer.Option(help="The family name of a professional.", show_default=False)] = "",
    prenom: Annotated[str, typer.Option(help="The given name of a professional.", show_default=False)] = "",
    profession: Annotated[str, typer.Option(help="Code of the profession: 10, 21, 60…", show_default=False)] = "",
    specialty: Annotated[
        str,
        typer.Option(
            "--specialty", "--specialite", help="Code of the specialty (TRE_R38): SM26, SM42…", show_default=False
        ),
    ] = "",
    finess: Annotated[
        str, typer.Option(help="The FINESS of a structure, or where they practise.", show_default=False)
    ] = "",
    structure: Annotated[str, typer.Option(help="The name of a structure.", show_default=False)] = "",
    cp: Annotated[str, typer.Option(help="The postcode of the structure.", show_default=False)] = "",
    ville: Annotated[str, typer.Option(help="The town of the structure.", show_default=False)] = "",
    ask: Annotated[bool, typer.Option("--ask", help="Ask, even when a recent answer is kept.")] = False,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """Find the mailboxes of a professional or a structure, and tell which one would be written to.

    What is given must all fit; names may go on after what is given. Exit codes: 0 one mailbox is chosen; 1 none,
    several, or the answer is an old one; 2 the site or a criterion does not fit; 3 the directory does not answer.
    """
    from dui_bridge.connectors.annuaire.choose import choose
    from dui_bridge.connectors.annuaire.entries import Wanted
    from dui_bridge.pipeline.reports.directory import found_json, found_lines

    wanted = Wanted(
        rpps, nom, prenom, finess.upper(), structure, cp, ville, profession.upper(), specialty=specialty.upper()
    )
    with _directory(config) as (site, directory):
        found = directory.mailboxes(wanted, ask=ask)
        choice = choose(found, directory.settings)
        if json:
            findings = findings_as_dicts(choice.findings, language())
            as_json({**found_json(found, choice), "findings": findings})
        else:
            for line in found_lines(found, choice, site.zone, language()):
                typer.echo(line)
            print_findings(choice.findings, language())
    raise typer.Exit(int(choice.mailbox is None or found.stale))


@app.command("refresh")
def refresh(
    days: Annotated[int, typer.Option(help="Only answers that are so many days old.", min=0, max=30)] = 0,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """Ask again what was asked before, and name the mailboxes that went away or are new.

    Exit codes: 0 nothing went away; 1 a mailbox did; 2 the site does not fit; 3 the directory does not answer.
    """
    from datetime import timedelta

    from dui_bridge.pipeline.reports.directory import refreshed_json, refreshed_lines

    with _directory(config) as (_, directory):
        refreshed, stopped = directory.refresh(timedelta(days=days))
    if json:
        as_json(refreshed_json(refreshed))
    else:
        for line in refreshed_lines(refreshed, language()):
            typer.echo(line)
    if stopped is not None:
        raise stopped
    raise typer.Exit(int(any(one.gone for one in refreshed)))


@app.command("check")
def check(
    mailbox: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[MAILBOX]...", help="Addresses; by default those of the site file.", show_default=False
        ),
    ] = None,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """Tell of mailboxes whether the Annuaire Santé has them, and whose they are.

    Exit codes: 0 all are of somebody active; 1 one is not, or the site file names none; 2 the site or an address does
    not fit; 3 the directory does not answer.
    """
    from dui_bridge.connectors.annuaire.entries import Wanted
    from dui_bridge.pipeline.directory import site_mailboxes
    from dui_bridge.pipeline.reports.directory import checked_json, checked_lines, is_usable
    from dui_bridge.pipeline.reports.texts import text

    with _directory(config) as (site, directory):
        wanted = [Wanted(address=one) for one in mailbox or site_mailboxes(site)]
        checked = [directory.mailboxes(one, ask=True) for one in wanted]
    if json:
        as_json(checked_json(checked))
    else:
        for line in checked_lines(checked, language()) if checked else [text("annuaire_none_of_site", language())]:
            typer.echo(line)
    raise typer.Exit(int(not checked or not all(map(is_usable, checked))))


@contextmanager
def _directory(config: Path) -> Iterator[tuple[Site, Annuaire]]:
    from dui_bridge.pipeline.directory import open_directory
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose_language(site.language)
    directory = open_directory(site)
    try:
        yield site, directory
    finally:
        directory.close()
