"""`dui-bridge config check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

app = typer.Typer(
    help="Check or show a site's configuration.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Check or show a site's configuration."""


@app.command("check")
def check(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Check the site file and the mappings it names; say what has no effect yet.

    Exit codes: 0 nothing wrong; 1 errors found; 2 the file cannot be read.
    """
    from dui_bridge.pipeline.check import check_configuration

    findings = check_configuration(config)
    errors = sum(f.is_error for f in findings)
    if json:
        as_json({"errors": errors, "findings": findings_as_dicts(findings, language())})
    else:
        print_findings(findings, language())
        typer.echo(f"{config}: {errors} error(s), {len(findings) - errors} remark(s)")
    raise typer.Exit(1 if errors else 0)


@app.command("show")
def show(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    effective: Annotated[
        bool, typer.Option("--effective", help="With every default filled and every path absolute.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the configuration as it is applied; a secret is shown by the place it stands in, never by its value.

    Exit codes: 0 shown; 2 the file has errors or cannot be read.
    """
    from dui_bridge.site.effective import as_yaml, written
    from dui_bridge.site.effective import effective as applied
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    values = applied(site) if effective else written(config)
    if json:
        as_json(values)
    else:
        typer.echo(as_yaml(values), nl=False)
