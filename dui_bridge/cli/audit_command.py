"""`dui-bridge audit verify|list`."""

from __future__ import annotations

import json as writer
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dui_bridge.journal.records import AuditEntry
    from dui_bridge.journal.store import Journal

app = typer.Typer(
    help="Show who did what, and prove that nothing of it was changed.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)
_PAGE = 500


@app.callback()
def _group() -> None:
    """Show who did what, and prove that nothing of it was changed."""


@app.command()
def verify(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Follow the chain of the audit from its first row to its last.

    A row that was changed, put in or taken out, at the end too, is found. What cannot be seen from within is a whole
    journal that was put back to an earlier state. Exit codes: 0 whole; 1 it was changed; 2 the site or the journal
    cannot be read; 3 the database of the journal does not answer.
    """
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.texts import text
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    with open_journal(site) as journal:
        broken = journal.audit.verify()
        number = sum(1 for _ in _rows(journal, 0))
    if json:
        as_json({"whole": broken is None, "rows": number, "first_broken": broken})
    else:
        key = "audit_whole" if broken is None else "audit_broken"
        typer.echo(text(key, language()).format(number=number, row=broken))
    raise typer.Exit(int(broken is not None))


@app.command("list")
def list_(
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    after: Annotated[int, typer.Option(help="Only the rows that follow this one.", min=0, max=2**31 - 1)] = 0,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List who did what, when and from where, the first row first.

    Exit codes: 0 listed; 2 the site or the journal cannot be read; 3 the database of the journal does not answer.
    """
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.moments import moment
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    with open_journal(site) as journal:
        for row in _rows(journal, after):
            details = writer.dumps(row.details, ensure_ascii=False)
            if json:
                line = {"id": row.id, "at": row.at.isoformat(), "who": row.who, "origin": row.origin}
                sys.stdout.write(
                    writer.dumps(
                        {**line, "action": row.action, "subject": row.subject, "details": row.details},
                        ensure_ascii=False,
                    )
                    + "\n"
                )
            else:
                at = moment(row.at, site.zone, language())
                sys.stdout.write(f"{row.id}  {at}  {row.who} ({row.origin})  {row.action} {row.subject}  {details}\n")


def _rows(journal: Journal, after: int) -> Iterator[AuditEntry]:
    while page := journal.audit.entries(after, _PAGE):
        yield from page
        after = page[-1].id
