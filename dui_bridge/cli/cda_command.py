"""`dui-bridge cda validate FILE…`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

app = typer.Typer(
    help="Check CDA documents.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


class As(StrEnum):
    """What the documents are checked for."""

    SENT = "sent"
    RECEIVED = "received"


@app.callback()
def _group() -> None:
    """Check CDA documents."""


@app.command("validate")
def validate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="CDA documents.", show_default=False)],
    use: Annotated[
        As, typer.Option("--as", help="sent: as strict as before it leaves; received: as tolerant as others need.")
    ] = As.SENT,
    config: Annotated[
        Path | None,
        typer.Option(help="The bridge.yaml of the site that built them: tells where each value in fault came from."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Findings as JSON, one object per file.")] = False,
) -> None:
    """Check each FILE against the bridge's own rules.

    Exit codes: 0 nothing wrong; 1 errors found; 2 a file cannot be read.
    """
    from dui_bridge.pipeline.check import check_cda
    from dui_bridge.site.settings import load_site

    site = None if config is None else load_site(config)
    checked = [(file, check_cda(file, use.value, site)) for file in files]
    failed = any(finding.is_error for _, findings in checked for finding in findings)
    shown = language()
    if json:
        as_json(
            [
                {
                    "file": str(file),
                    "valid": not any(finding.is_error for finding in findings),
                    "findings": findings_as_dicts(findings, shown),
                }
                for file, findings in checked
            ]
        )
    else:
        for file, findings in checked:
            errors = sum(finding.is_error for finding in findings)
            typer.echo(f"{file}: {errors} error(s), {len(findings) - errors} remark(s)")
            print_findings(findings, shown, indent="  ")
    raise typer.Exit(1 if failed else 0)
