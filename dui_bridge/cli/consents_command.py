"""`dui-bridge consents declare|list|withdraw`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, at_desk, tell

app = typer.Typer(
    help="Declare that all usagers of an establishment were informed of a channel.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)


class To(StrEnum):
    """The channels that have a consent of their own."""

    DMP = "dmp"
    MSSANTE_PRO = "mssante_pro"
    MSSANTE_USAGER = "mssante_usager"


@app.callback()
def _group() -> None:
    """Declare that all usagers of an establishment were informed of a channel."""


@app.command("declare")
def declare(
    establishment: Annotated[str, typer.Option(help="Its FINESS.", metavar="FINESS", show_default=False)],
    channel: Annotated[To, typer.Option(help="What they were informed of.", show_default=False)],
    date: Annotated[
        datetime,
        typer.Option(
            help="The day on which all of them had been informed.",
            formats=["%Y-%m-%d"],
            metavar="AAAA-MM-JJ",
            show_default=False,
        ),
    ],
    evidence: Annotated[
        str,
        typer.Option(help="What shows it: a letter and its date, a record; no name of an usager.", show_default=False),
    ],
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Declare that all usagers who were there on a day had been informed; audited.

    It stands in for what the DUI leaves blank. An opposition recorded anywhere still holds, and whoever came after that
    day is not covered. Exit codes: 0 declared; 2 the establishment is not of this site, or the site, its policy or the
    journal cannot be read.
    """
    from dui_bridge.model.exchange import Channel
    from dui_bridge.pipeline.actions.consents import declare as record
    from dui_bridge.pipeline.reports.moments import given_day

    with at_desk(config, by, prepares=True) as desk:
        done = record(desk, establishment, Channel(channel.value), given_day(date), evidence)
    tell(done, json=json)


@app.command("list")
def list_(config: Config = SITE, json: AsJson = False) -> None:
    """List the declarations, those that were withdrawn too.

    Exit codes: 0 listed; 2 the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.consents import declarations

    with at_desk(config) as desk:
        done = declarations(desk)
    tell(done, json=json)


@app.command("withdraw")
def withdraw(
    number: Annotated[
        int, typer.Argument(metavar="ID", help="Its number, as `consents list` shows it.", show_default=False)
    ],
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Take a declaration back; what has left stays where it is, what has not is asked about again.

    Exit codes: 0 withdrawn; 2 there is no such declaration, or the site, its policy or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.consents import withdraw as take_back

    with at_desk(config, by) as desk:
        done = take_back(desk, number)
    tell(done, json=json)
