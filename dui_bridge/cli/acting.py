"""What the commands of operators share: who acts, from where, the options, and telling what was done."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

if TYPE_CHECKING:
    from typer._click import Context

    from dui_bridge.pipeline.actions.desk import Actor, Desk, Done
    from dui_bridge.pipeline.actions.sheet import Imported

Config = Annotated[Path, typer.Option(help="The site's bridge.yaml.")]
By = Annotated[
    str | None, typer.Option(help="Who decided, for the audit; by default the system's user.", show_default=False)
]
Reason = Annotated[str, typer.Option(help="Why, for the audit; without any name of an usager.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="What was done, as JSON.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do it; without it only what would be done is shown.")]
Finess = Annotated[str | None, typer.Option(help="Only this FINESS.", metavar="FINESS", show_default=False)]
Type = Annotated[
    str | None, typer.Option("--type", help="Only this type of document.", metavar="TYPE", show_default=False)
]
Destination = Annotated[str | None, typer.Option(help="Only this destination.", metavar="NAME", show_default=False)]
Source = Annotated[str | None, typer.Option(help="Only this source.", metavar="NAME", show_default=False)]
Number = Annotated[
    str | None, typer.Option(help="Only this dossier, by its number.", metavar="NUMBER", show_default=False)
]
Until = Annotated[
    datetime | None,
    typer.Option(
        help="Until this day or time, local; by default until a person ends it.",
        formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
        metavar="AAAA-MM-JJ[THH:MM]",
        show_default=False,
    ),
]

SITE: Final = Path("bridge.yaml")
_WORDS: Final = {"state": "one_", "fate": "fate_", "who": "who_"}
"""Columns whose values are told in words: what the keys of these texts begin with."""
SHOWN: Final = 50
"""So many rows are shown to a person; JSON has all of them."""


class WithDefault(TyperGroup):
    """A group whose command `start` need not be named."""

    default = "start"

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [self.default, *args]
        return super().parse_args(ctx, args)


@contextmanager
def at_desk(config: Path, by: str | None = None, *, prepares: bool = False) -> Iterator[Desk]:
    """Opens the site and its journal for one action.

    Args:
        prepares: the action also prepares a site that has not run yet: its journal is made, and that is said.
    """
    from dui_bridge.pipeline.actions.desk import Desk
    from dui_bridge.pipeline.opening import journal_if_any, open_journal
    from dui_bridge.pipeline.reports.texts import text
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    journal = journal_if_any(site) if prepares else open_journal(site)
    if journal is None:
        journal = open_journal(site, make=True)
        typer.echo(text("journal_made", language()).format(file=journal.access.name), err=True)
    with journal:
        yield Desk(site, journal, actor(by), datetime.now(UTC))


def actor(by: str | None) -> Actor:
    """The name given, else the user of the system; and from where."""
    from dui_bridge.pipeline.actions.desk import Actor

    given = (by or "").strip()
    return Actor(given or _user(), _origin(), named=bool(given))


def local(at: datetime | None, desk: Desk) -> datetime | None:
    """A time that was given without a zone, as the site means it. Raises DayOutOfReach."""
    from dui_bridge.pipeline.reports.moments import given_moment

    return given_moment(at, desk.zone) if at is not None else None


def tell(done: Done, *, json: bool) -> None:
    """Says what was done, then ends with its exit code."""
    if json:
        as_json(done.as_dict())
    else:
        rows = done.rows if done.told is None else done.told
        for row in rows[:SHOWN]:
            typer.echo("  ".join(_cells(row)))
        if len(rows) > SHOWN:
            typer.echo(f"… +{len(rows) - SHOWN} (--json)")
        typer.echo(done.words(language()))
    raise typer.Exit(done.exit_code)


def tell_imported(imported: Imported, *, json: bool) -> None:
    """What an import of decisions did, with the lines that have a problem, and the exit code that goes with it."""
    if json:
        as_json({**imported.done.as_dict(), "findings": findings_as_dicts(imported.findings, language())})
        raise typer.Exit(imported.done.exit_code)
    print_findings(imported.findings, language())
    tell(imported.done, json=False)


def _cells(row: Any) -> Iterator[str]:
    from dui_bridge.pipeline.reports.texts import text

    for name, value in row.items():
        if isinstance(value, dict):
            yield " ".join(f"{inner}={told}" for inner, told in value.items())
        elif isinstance(value, int):
            yield f"{text(name, language())} {value}"
        elif value not in (None, ""):
            key = f"{_WORDS.get(name, '')}{value}"
            yield text(key, language()) if name in _WORDS else str(value)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # No name is known for this user id: in a container, for one.
        return f"uid {os.getuid()}"


def _origin() -> str:
    """`host/terminal`, or `host/-` where there is none."""
    try:
        terminal = os.ttyname(sys.stdin.fileno())
    except (OSError, ValueError, AttributeError):
        terminal = "-"
    return f"{socket.gethostname()}/{terminal}"
