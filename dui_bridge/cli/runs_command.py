"""`dui-bridge runs list|show|release|discard`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Reason, at_desk, tell
from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json

app = typer.Typer(
    help="List the runs, and decide about one that is held.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """List the runs, and decide about one that is held."""


@app.command("list")
def list_(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    source: Annotated[str | None, typer.Option(help="Only this source.", show_default=False)] = None,
    limit: Annotated[int, typer.Option(help="List at most so many.", min=1, max=10_000)] = 20,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the runs, the last one first.

    Exit codes: 0 listed; 2 the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.runs import as_dict, as_lines
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    with open_journal(site) as journal:
        found = journal.runs(source=source, limit=limit)
    if json:
        as_json([as_dict(run, language()) for run in found])
    else:
        typer.echo(as_lines(found, site.zone, language()))


@app.command("show")
def show(
    run: Annotated[str, typer.Argument(metavar="ID", help="As `runs list` shows it.", show_default=False)],
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show one run: what it read, its numbers, and why it is held.

    Exit codes: 0 shown; 2 there is no such run, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.errors import SubjectUnknown
    from dui_bridge.pipeline.reports.runs import as_dict, as_text
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    with open_journal(site) as journal:
        found, stake = journal.run(run), journal.at_stake(run)
    if found is None:
        raise SubjectUnknown(subject=run)
    if json:
        as_json(as_dict(found, language(), stake))
    else:
        typer.echo(as_text(found, site.zone, language(), stake))


Held = Annotated[str, typer.Argument(metavar="ID", help="As `runs list` shows it.", show_default=False)]


@app.command("release")
def release(
    run: Held,
    reason: Annotated[str, typer.Option(help="Why, for the audit; without any name of an usager.")] = "",
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Let what a held run made leave, where policy does; numbers that changed person are the new persons' from now on.

    The next reading makes the documents of such persons. Exit codes: 0 released; 2 it is not held, or the site, its
    policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.runs import release_run

    with at_desk(config, by) as desk:
        done = release_run(desk, run, reason)
    tell(done, json=json)


@app.command("discard")
def discard(run: Held, reason: Reason, config: Config = SITE, by: By = None, json: AsJson = False) -> None:
    """Cancel what a held run made: nothing of it leaves, and the next reading compares with what stood before.

    Exit codes: 0 discarded; 2 it is not held, or the site, its policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.runs import discard_run

    with at_desk(config, by) as desk:
        done = discard_run(desk, run, reason)
    tell(done, json=json)
