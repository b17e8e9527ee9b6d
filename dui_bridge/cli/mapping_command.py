"""`dui-bridge mapping check FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

app = typer.Typer(
    help="Check a mapping, and run its own tests.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Check a mapping, and run its own tests."""


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The mapping, a YAML file.", show_default=False)],
    export: Annotated[
        Path | None, typer.Option(help="An export folder: its header lines are checked against the mapping.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Check FILE before any export is read, then run its own tests.

    Exit codes: 0 nothing wrong; 1 errors found; 2 the file cannot be read.
    """
    from dui_bridge.pipeline.check import check_mapping

    checked = check_mapping(file, export=export)
    if json:
        as_json(checked.as_dict(findings_as_dicts(checked.findings, language())))
    else:
        print_findings(checked.findings, language())
        typer.echo(checked.summary(language()))
    raise typer.Exit(1 if checked.has_errors else 0)
