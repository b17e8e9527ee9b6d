"""`dui-bridge sandbox serve|pki`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language

app = typer.Typer(
    help="Start the stand-ins of a sandbox site, and make their test certificates.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


@app.callback()
def _group() -> None:
    """Start the stand-ins of a sandbox site, and make their test certificates."""


@app.command("serve")
def serve(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
) -> None:
    """Stay, and answer in the place of the national services, on this machine only.

    The address of each is printed and written to `sandbox/` in the site's data folder, where the other commands look.
    Ctrl-C or SIGTERM ends it. Exit codes: 0 stopped; 2 the site is not of the sandbox profile or declares none
    of them, or a file of theirs cannot be used.
    """
    from signal import SIGINT, SIGTERM, signal
    from threading import Event

    from dui_bridge.demo.stand_ins import stand_ins
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    stop = Event()
    before = {number: signal(number, lambda *_: stop.set()) for number in (SIGINT, SIGTERM)}
    try:
        with stand_ins(site) as addresses:
            for name, url in addresses.items():
                typer.echo(f"{name}  {url}")
            typer.echo("Ctrl-C : fin" if language() == "fr" else "Ctrl-C ends it")
            stop.wait()
    finally:
        for number, handler in before.items():
            signal(number, handler)


@app.command("pki")
def pki(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where they go; made when it is not there.")],
    finess: Annotated[str, typer.Option(help="Of the legal entity or establishment that they are of.")] = "",
) -> None:
    """Make a test certification authority, with good and bad certificates of servers and clients.

    Each file name says what is wrong with it (`client-expired`, `server-other-ca`…); `password.txt` opens the PKCS #12
    files. What has the same name in FOLDER is replaced. They are good for the sandbox and nothing else. Without
    --finess they are of a structure of the sandbox, which the stand-ins let act for every establishment; with it, the
    stand-in of the DMP refuses them for any other, as the DMP does. Exit codes: 0 made; 2 the folder cannot be written.
    """
    from dui_bridge.demo.prepare import write_pki
    from dui_bridge.model.profile import SANDBOX_STRUCTURE

    write_pki(folder, structure=f"1{finess}" if finess else SANDBOX_STRUCTURE)
    typer.echo(f"{folder}/ca.pem\n{folder}/client-insi-auto.p12")
