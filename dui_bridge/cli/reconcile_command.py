"""`dui-bridge reconcile`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, actor
from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json
from dui_bridge.cli.progress import progress

if TYPE_CHECKING:
    from dui_bridge.pipeline.reconcile import Reconciled

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def reconcile(
    config: Config = SITE,
    put_back: Annotated[
        bool, typer.Option("--put-back", help="The journal was put back without `restore` (pg_restore).")
    ] = False,
    by: By = None,
    json: AsJson = False,
) -> None:
    """After a restore, ask what left since the backup, read the exports, then let destinations send again.

    Sends nothing itself. A destination that cannot be asked (mail) stays paused, and what it may have is doubtful: a
    person decides with `review`, then `resume`. As long as a source has no complete export, all stay paused. Exit
    codes: 0 reconciled, or nothing to do; 1 something waits for a person or an export; 2 a destination, an export or
    the journal cannot be used; 3 a destination does not answer.
    """
    from dui_bridge.journal.backup import mark_restored
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reconcile import reconcile as reconcile_site
    from dui_bridge.pipeline.reports.texts import text
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    now, who = datetime.now(UTC), actor(by)
    with open_journal(site) as journal:
        if put_back:
            mark_restored(journal, now, by=who.by, destinations=tuple(site.destinations))
        if not journal.restoration.is_open():
            if json:
                as_json({"done": True, "destinations": {}, "not_read": []})
            else:
                typer.echo(text("reconcile_nothing", language()))
            return
        with progress() as steps:
            result = reconcile_site(site, journal, steps, by=who.by)
        journal.audit.add(who.by, who.origin, "reconcile", site.id, _as_dict(result), datetime.now(UTC))
    if json:
        as_json(_as_dict(result))
    else:
        _print(result)
    raise typer.Exit(result.exit_code())


def _as_dict(result: Reconciled) -> dict[str, Any]:
    destinations = {
        name: {
            "there": asked.there,
            "absent": asked.absent,
            "unknown": asked.unknown,
            "busy": asked.busy,
            "error": asked.error.code if asked.error is not None else None,
            "resumed": asked.resumed,
        }
        for name, asked in result.asked.items()
    }
    error = result.error.code if result.error is not None else None
    return {"done": result.done, "destinations": destinations, "not_read": list(result.not_read), "error": error}


def _print(result: Reconciled) -> None:
    from dui_bridge.pipeline.reports.texts import text

    shown = language()
    for name, asked in result.asked.items():
        counts = {"there": asked.there, "absent": asked.absent, "unknown": asked.unknown}
        line = text("reconcile_asked", shown).format(destination=name, **counts)
        state = "busy" if asked.busy else "resumed" if asked.resumed else "paused"
        sys.stdout.write(f"{line} ({text(f'reconcile_{state}', shown)})\n")
    for error in [result.error, *(asked.error for asked in result.asked.values())]:
        if error is not None:
            sys.stdout.write(f"{error.message(shown)} [{error.code}]\n{error.action(shown)}\n")
    if result.not_read:
        sys.stdout.write(text("reconcile_not_read", shown).format(sources=", ".join(result.not_read)) + "\n")
    if any(asked.unknown for asked in result.asked.values()):
        sys.stdout.write(text("reconcile_unknown", shown) + "\n")
    sys.stdout.write(text("reconcile_done" if result.done else "reconcile_open", shown) + "\n")
