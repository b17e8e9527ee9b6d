"""`dui-bridge serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def serve(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    port: Annotated[
        int | None,
        typer.Option(help="Instead of `serve.port`; 0 takes a free one.", min=0, max=65535, show_default=False),
    ] = None,
) -> None:
    """Stay: read each source when it is due, send what is ready, watch the urgent folders.

    Answers on 127.0.0.1 only: /health (it lives), /ready (it works), /metrics (Prometheus). One JSON line an event goes
    to standard error. SIGTERM or Ctrl-C: nothing new begins, what is under way is ended; a second one ends it at once,
    and nothing is lost or sent twice. Exit codes: 0 stopped; 1 stopped, and something did not end in time; 2 the site,
    a mapping, the journal or the port cannot be used, or another `serve` of this site runs; 3 the database of the
    journal does not answer.
    """
    from dui_bridge.cli.progress import JsonLines
    from dui_bridge.pipeline.serve.service import serve as serve_site
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    raise typer.Exit(serve_site(site, JsonLines(), port=port))
