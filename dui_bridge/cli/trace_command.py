"""`dui-bridge trace`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def trace(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="usager-12, document-34, delivery-56, a document's unique id, or the id of a run.",
            show_default=False,
        ),
    ] = None,
    dossier: Annotated[
        str | None, typer.Option(help="A dossier number, instead of an ID.", metavar="NUMBER", show_default=False)
    ] = None,
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    json: Annotated[bool, typer.Option("--json", help="As JSON, one object for each item.")] = False,
) -> None:
    """Tell the way of one item, from the row of the export to the answers and the rows for the DUI.

    Of a run: what it read, where that stands now, why it is held, and what was decided. Exit codes: 0 told; 2 there is
    no such item, or the site or the journal cannot be read.
    """
    from dui_bridge.cli.subjects import subjects
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.trace import trace_delivery, trace_item, trace_version
    from dui_bridge.pipeline.reports.trace_print import as_text
    from dui_bridge.pipeline.reports.trace_run import trace_run
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    zone, machine, pages = site.zone, [], []
    with open_journal(site) as journal:
        for one in subjects(journal, subject, dossier):
            if one.kind == "run":
                run = trace_run(journal, one.text)
                machine.append(run.as_dict(language()))
                pages.append(run.as_text(zone, language()))
                continue
            if one.kind == "delivery":
                traced = trace_delivery(site, journal, one.number, language())
            elif one.kind == "version":
                traced = trace_version(site, journal, one.text, language())
            else:
                traced = trace_item(site, journal, one.number, language(), one.kind)
            machine.append(traced)
            pages.append(as_text(traced, zone, language()))
    if json:
        as_json(machine)
        return
    typer.echo("\n\n".join(pages))
