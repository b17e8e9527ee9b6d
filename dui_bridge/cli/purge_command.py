"""`dui-bridge purge`."""

from __future__ import annotations

from datetime import UTC, datetime

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, actor
from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json, size

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def purge(
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Remove the bytes that `retention` of the site file no longer keeps; ids, hashes and states stay.

    `serve` does it every night. Exit codes: 0 done; 1 a file could not be removed (it is tried again), or a backup is
    being made; 2 the site or the journal cannot be used; 3 the database of the journal does not answer.
    """
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.texts import text
    from dui_bridge.pipeline.retention import purge as purge_site
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    now, who = datetime.now(UTC), actor(by)
    with open_journal(site) as journal:
        kept = purge_site(site, journal, now)
        purged = kept.purged
        numbers = {"payloads": purged.payloads, "bytes": purged.bytes, "failed": purged.failed, "origins": kept.origins}
        journal.audit.add(who.by, who.origin, "purge", site.id, {**numbers, "postponed": purged.postponed}, now)
    if json:
        as_json({**numbers, "postponed": purged.postponed})
    else:
        key = "purge_postponed" if purged.postponed else "purge_done"
        typer.echo(text(key, language()).format(size=size(purged.bytes, language()), **numbers))
    raise typer.Exit(int(purged.postponed or purged.failed > 0))
