"""`dui-bridge run`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json
from dui_bridge.cli.progress import progress

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def run(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Build and check everything, write nothing.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 when anything was quarantined.")] = False,
    establishment: Annotated[
        str | None, typer.Option(help="Only this FINESS.", metavar="FINESS", show_default=False)
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only this source.", show_default=False)] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Read all again, also of a source that can give only what changed.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="The summary as JSON.")] = False,
) -> None:
    """Read the exports, build the documents that changed, hand them over.

    A bar shows progress on a terminal; elsewhere one JSON line a step goes to standard error. Exit codes: 0 done, even
    when rows were quarantined (with --strict: 1); 1 a document is invalid, the export is incomplete or a run is held;
    2 the site or a mapping does not check, or an export cannot be read.
    """
    from dui_bridge.pipeline.reports.summary import as_dict, as_text
    from dui_bridge.pipeline.run import RunOptions, run_site
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    options = RunOptions(dry_run=dry_run, establishment=establishment, source=source, at_once=True, whole=whole)
    with progress() as steps:
        result = run_site(site, options, steps)
    if json:
        as_json(as_dict(result))
    else:
        typer.echo(as_text(result, language()))
    raise typer.Exit(result.exit_code(strict=strict))
