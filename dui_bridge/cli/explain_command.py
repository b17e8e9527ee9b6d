"""`dui-bridge explain`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json

app = typer.Typer(rich_markup_mode=None, add_completion=False)


@app.command()
def explain(
    subject: Annotated[
        str | None,
        typer.Argument(
            metavar="[ID]", help="document-34, delivery-56, usager-12, or a document's unique id.", show_default=False
        ),
    ] = None,
    dossier: Annotated[
        str | None, typer.Option(help="A dossier number, instead of an ID.", metavar="NUMBER", show_default=False)
    ] = None,
    config: Annotated[Path, typer.Option(help="The site's bridge.yaml.")] = Path("bridge.yaml"),
    json: Annotated[bool, typer.Option("--json", help="As JSON, one object for each document.")] = False,
) -> None:
    """Print the chain of rules that says whether a document may go to each destination, in words.

    Of an usager, the chains of all its documents. Exit codes: 0 told; 2 there is no such item, or the site, its policy
    or the journal cannot be read.
    """
    from dui_bridge.cli.subjects import subjects
    from dui_bridge.pipeline.opening import open_journal
    from dui_bridge.pipeline.reports.errors import SubjectUnsuited
    from dui_bridge.pipeline.reports.explain import Explainer, as_text
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    with open_journal(site) as journal:
        explainer = Explainer(site, journal, datetime.now(UTC), language())
        explained = []
        for one in subjects(journal, subject, dossier):
            if one.kind == "delivery":
                explained.append(explainer.delivery(one.number))
            elif one.kind == "run":
                raise SubjectUnsuited(subject=one.text, takes="document-34, delivery-56, usager-12")
            elif one.kind == "version":
                explained.append(explainer.version(one.text))
            else:
                explained += explainer.item(one.number, one.kind)
    if json:
        as_json(explained)
        return
    typer.echo("\n".join(as_text(one, language()) for one in explained))
