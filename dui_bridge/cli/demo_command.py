"""`dui-bridge demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.progress import progress

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where everything goes.")] = Path("demo-out"),
    prepare: Annotated[bool, typer.Option("--prepare", help="Write the site and the samples, run nothing.")] = False,
) -> None:
    """Prepare a sandbox site on the invented samples and run it.

    Writes OUT/site (configuration and journal), OUT/export (what was read), OUT/insi (whom the stand-in of INSi knows),
    OUT/mssante (how recipients of mails behave, and mails to come), OUT/documents (what was built), OUT/sandbox (what
    the stand-ins took), OUT/inbox (documents that came) and OUT/report.html. The stand-ins answer as long as the demo
    runs. An existing site is kept: a second run makes nothing new. Exit code 0 when the demo ran.
    """
    from dui_bridge.demo.prepare import prepare_site

    config = prepare_site(out)
    if prepare:
        typer.echo(f"{config}\ndui-bridge run --config {config}")
        return
    from contextlib import nullcontext

    from dui_bridge.demo.informed import declare_informed
    from dui_bridge.demo.mails import read_mailboxes
    from dui_bridge.demo.stand_ins import stand_ins
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.summary import as_text
    from dui_bridge.pipeline.run import RunOptions, run_site
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    playing = nullcontext() if site.declaration.sandbox is None else stand_ins(site)
    with playing, progress() as steps:
        with open_journal(site, make=True) as journal:
            informed = declare_informed(site, journal)
        result = run_site(site, RunOptions(), steps)
        with open_journal(site) as journal:
            came = read_mailboxes(site, journal, language())
    typer.echo(as_text(result, language()))
    if came:
        typer.echo(f"\n{came}")
    if informed:
        said = "Déclaré pour la démonstration, informés du DMP et de MSSanté : tous les usagers de"
        if language() == "en":
            said = "Declared for the demo, informed of the DMP and of MSSanté: all usagers of"
        typer.echo(f"\n{said} {', '.join(informed)}.")
    typer.echo(f"\n{out}/documents\n{out}/report.html")
