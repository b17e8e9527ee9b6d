"""`dui-bridge restore`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, actor
from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def restore(
    backup: Annotated[Path, typer.Argument(help="The folder that `backup` made.", show_default=False)],
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Put a backup back as the site's data folder, with every destination paused until `reconcile`.

    The data folder must not exist, or be empty: move a damaged one away first, and keep it. Every file is checked
    against the backup's own list before anything appears. A journal on PostgreSQL is put back with pg_restore, then
    `reconcile --put-back`. Exit codes: 0 restored; 2 it cannot be, nothing was changed.
    """
    from dui_bridge.journal import backup as backups
    from dui_bridge.journal.errors import BackupElsewhere
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.moments import moment
    from dui_bridge.pipeline.reports.texts import text
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    if site.journal_url is not None:
        raise BackupElsewhere(file="PostgreSQL")
    now, who = datetime.now(UTC), actor(by)
    done = backups.restore(backup, site.data, site.key(), now, by=who.by, destinations=tuple(site.destinations))
    with open_journal(site) as journal:
        details = {"made_at": done.made_at.isoformat()}
        journal.audit.add(who.by, who.origin, "restore", backup.name, details, now)
    if json:
        paused = list(done.paused)
        as_json(
            {"folder": str(done.folder), "files": done.files, "made_at": done.made_at.isoformat(), "paused": paused}
        )
        return
    typer.echo(
        text("restore_done", language()).format(
            made_at=moment(done.made_at, site.zone, language()),
            folder=done.folder,
            files=done.files,
            paused=", ".join(done.paused) or "-",
        )
    )
