"""`dui-bridge dmp hidden`: what the patients do not see yet."""

from __future__ import annotations

import typer

from dui_bridge.cli.acting import SITE, AsJson, Config, Finess, at_desk, tell
from dui_bridge.cli.language import language

app = typer.Typer(rich_markup_mode=None)


@app.command("hidden")
def hidden(establishment: Finess = None, config: Config = SITE, json: AsJson = False) -> None:
    """List what is to be made visible: deposited in the DMP, and hidden from the patient until a person releases it.

    Who undertook to release it, by when (`consultation.visible_within_days` after the deposit), and what to type. Exit
    codes: 0 nothing is hidden; 1 something is; 2 the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.desk import Done, Scope
    from dui_bridge.pipeline.dmp.hidden import hidden_there, lines

    with at_desk(config) as desk:
        desk.check(Scope(finess=establishment))
        found = hidden_there(desk.site, desk.journal, desk.now, establishment)
        zone = desk.zone
    late = sum(one.late for one in found)
    rows = tuple(one.row(language()) for one in found)
    done = Done("dmp_hidden", {"number": len(found), "late": late}, rows, exit_code=int(bool(found)))
    if json:
        tell(done, json=True)
    for line in lines(found, zone, language()):
        typer.echo(line)
    typer.echo(done.words(language()))
    raise typer.Exit(done.exit_code)
