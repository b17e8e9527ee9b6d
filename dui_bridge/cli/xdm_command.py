"""`dui-bridge xdm check` and `xdm show`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

if TYPE_CHECKING:
    from dui_bridge.xds.xdm_reading import Archive

app = typer.Typer(
    help="Check or show an archive IHE_XDM.zip of MSSanté.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)

_File = Annotated[Path, typer.Argument(metavar="FILE", help="An archive IHE_XDM.zip.", show_default=False)]


@app.callback()
def _xdm() -> None:
    """Check or show an archive IHE_XDM.zip of MSSanté."""


@app.command("check")
def check(file: _File, json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False) -> None:
    """Check an archive: its files, whether each document is whole, and its metadata as strictly as before it leaves.

    Exit codes: 0 nothing wrong; 1 errors found; 2 the file cannot be read.
    """
    from dui_bridge.pipeline.reports.xdm_archive import archive_findings

    findings = archive_findings(_read(file))
    errors = sum(one.is_error for one in findings)
    if json:
        as_json({"file": str(file), "valid": not errors, "findings": findings_as_dicts(findings, language())})
    else:
        print_findings(findings, language())
        typer.echo(f"{file}: {errors} error(s), {len(findings) - errors} remark(s)")
    raise typer.Exit(1 if errors else 0)


@app.command("show")
def show(
    file: _File, json: Annotated[bool, typer.Option("--json", help="With all metadata, as JSON.")] = False
) -> None:
    """Show the names of the files of an archive as they stand in the zip, its lots and its documents.

    Then what `check` finds. Nothing is written: files are read in memory, within bounds. Exit codes: 0 nothing wrong; 1
    errors found; 2 the file cannot be read.
    """
    from dui_bridge.pipeline.reports.xdm_archive import archive_findings, archive_json, archive_lines

    archive = _read(file)
    findings = archive_findings(archive)
    if json:
        as_json({**archive_json(archive), "findings": findings_as_dicts(findings, language())})
    else:
        for line in archive_lines(archive):
            typer.echo(line)
        print_findings(findings, language())
    raise typer.Exit(1 if any(one.is_error for one in findings) else 0)


def _read(file: Path) -> Archive:
    from dui_bridge.cli.reading import read_up_to
    from dui_bridge.xds.xdm_reading import read_xdm
    from dui_bridge.xds.xdm_zip import Bounds

    return read_xdm(read_up_to(file, Bounds().archive))
