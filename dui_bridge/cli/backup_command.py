"""`dui-bridge backup`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, actor
from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json, size

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def backup(
    out: Annotated[Path, typer.Option(help="The folder to make; it must not exist, or be empty.", show_default=False)],
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Copy the journal while it is in use: the database at one moment, and all that it names.

    The master key is not in the backup, and without it the backup cannot be read: keep it elsewhere. A journal on
    PostgreSQL is saved with pg_dump. Exit codes: 0 made; 2 it cannot be made, nothing is left of it; 3 the database of
    the journal does not answer.
    """
    from dui_bridge.journal import backup as backups
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.moments import moment
    from dui_bridge.pipeline.reports.texts import text
    from dui_bridge.site.secrets import read_secret
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    now, who = datetime.now(UTC), actor(by)
    url = read_secret(site.journal_url) if site.journal_url is not None else None
    with open_journal(site) as journal:
        # Before the copy, so that the copy holds it.
        journal.audit.add(who.by, who.origin, "backup", out.name, {}, now)
    made = backups.backup(site.data, site.key(), out.absolute(), now, url=url)
    if json:
        as_json({"folder": str(made.folder), "files": made.files, "bytes": made.bytes, "at": made.made_at.isoformat()})
        return
    at = moment(made.made_at, site.zone, language())
    typer.echo(
        text("backup_done", language()).format(
            at=at, folder=made.folder, files=made.files, size=size(made.bytes, language())
        )
    )
