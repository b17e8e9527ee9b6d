"""`dui-bridge dmp decode`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json

app = typer.Typer(help="Read messages of the DMP.", rich_markup_mode=None, add_completion=False, no_args_is_help=True)


@app.callback()
def _dmp() -> None:
    """Read messages of the DMP."""


@app.command("decode")
def decode(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A captured message.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="What it holds, as JSON.")] = False,
) -> None:
    """Tell what a captured message of the DMP holds: SOAP or MIME, request or answer, an assertion, a signature.

    Entries, codes, statuses, errors, the attributes of the assertion, the verdicts on signatures. The homologation
    number is never shown. Exit codes: 0 nothing is wrong with it; 1 it has defects, which are named; 2 the file cannot
    be read.
    """
    from dui_bridge.connectors.dmp.decode import MAX_BYTES
    from dui_bridge.connectors.dmp.decode import decode as read_message
    from dui_bridge.errors import FileUnusable, os_reasons
    from dui_bridge.pipeline.reports.dmp_message import message_lines

    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise FileUnusable(file=str(file), **os_reasons(error)) from None
    message = read_message(data)
    if json:
        as_json(message)
    else:
        for line in message_lines(message, language()):
            typer.echo(line)
    raise typer.Exit(int(bool(message["defects"])))
