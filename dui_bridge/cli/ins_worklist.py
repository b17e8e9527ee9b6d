"""`dui-bridge ins worklist|import|accept|refuse|history`."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, Finess, Source, at_desk, tell, tell_imported
from dui_bridge.cli.language import language
from dui_bridge.cli.output import as_json

Dossier = Annotated[
    str, typer.Argument(metavar="DOSSIER", help="usager-12, or the number that the DUI shows.", show_default=False)
]
Professional = Annotated[str, typer.Option("--by", help="The professional who decided.", show_default=False)]


class State(StrEnum):
    """What an identity waits for."""

    TO_DECIDE = "to_decide"
    TO_CHECK = "to_check"
    BLOCKED = "blocked"
    RETRY = "retry"
    TO_CALL = "to_call"
    TO_VERIFY = "to_verify"


class Piece(StrEnum):
    """Documents of high trust."""

    CNI = "cni"
    CARTE_EUROPEENNE = "carte_europeenne"
    PASSEPORT = "passeport"
    TITRE_SEJOUR = "titre_sejour"
    DOCUMENT_CIRCULATION_MINEUR = "document_circulation_mineur"
    ACTE_NAISSANCE = "acte_naissance"
    LIVRET_FAMILLE = "livret_famille"
    ACTE_NAISSANCE_CARTE_VITALE = "acte_naissance_carte_vitale"
    APPLI_CARTE_VITALE = "appli_carte_vitale"
    IDENTIFICATION_ELECTRONIQUE = "identification_electronique"
    TIERS_CONFIANCE = "tiers_confiance"


_ALL: Final = tuple(State)


def worklist(
    state: Annotated[list[State] | None, typer.Option(help="Only this state; may be repeated.")] = None,
    source: Source = None,
    establishment: Finess = None,
    export: Annotated[
        Path | None,
        typer.Option(help="Write the list as a CSV file to fill in; new.", metavar="FILE", show_default=False),
    ] = None,
    limit: Annotated[int, typer.Option(help="Show so many of each state; JSON has all.", min=1, max=100_000)] = 10,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """List the identities that wait: the DUI's traits beside those of INSi, why, and what to do.

    Differences are marked ≠ (another value), ? (missing on one side) and ≈ (only written otherwise). With --export, the
    list is written for a spreadsheet, and its decisions come back with `ins import`. Exit codes: 0 nothing waits, or
    the list was written; 1 something waits; 2 the site or the journal cannot be read, or the file exists.
    """
    from dui_bridge.journal.identity_records import IdentityState
    from dui_bridge.pipeline.actions.desk import Done, Scope
    from dui_bridge.pipeline.actions.identity_sheet import export_identities
    from dui_bridge.pipeline.reports.identities import WorklistPage
    from dui_bridge.pipeline.reports.identities import worklist as waiting

    with at_desk(config, by) as desk:
        desk.check(Scope(finess=establishment, source=source))
        states = [IdentityState(one.value) for one in state or _ALL]
        found = waiting(desk.journal, states, source=source, finess=establishment)
        if export is not None:
            tell(export_identities(desk, export, found, language()), json=json)
        page = WorklistPage(limit, desk.zone, language())
    rows = tuple(one.row(language()) for one in found)
    done = Done("ins_worklist", {"number": len(found)}, rows, exit_code=int(bool(found)))
    if json:
        tell(done, json=True)
    for line in page.lines(found):
        typer.echo(line)
    typer.echo(done.words(language()))
    raise typer.Exit(done.exit_code)


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The CSV file, filled in.", show_default=False)],
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Carry out the decisions of a list of `ins worklist --export`; importing it twice changes nothing.

    A decision is accept or refuse, with who decided and why; a document that was checked, with its day, may go with
    accept. Lines without a decision stay open. Exit codes: 0 every decision was carried out, now or before; 1 lines
    have a problem, told with their number; 2 the file is not such a list, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.identity_sheet import import_identities

    with at_desk(config, by) as desk:
        imported = import_identities(desk, file)
    tell_imported(imported, json=json)


def accept(
    dossier: Dossier,
    by: Professional,
    document: Annotated[
        Piece | None, typer.Option(help="The document that was checked, of high trust.", show_default=False)
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option(
            help="The day on which it was checked.", formats=["%Y-%m-%d"], metavar="AAAA-MM-JJ", show_default=False
        ),
    ] = None,
    reason: Annotated[str, typer.Option(help="Why, for the audit; without any name of an usager.")] = "",
    source: Source = None,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """Accept the traits that INSi gave, where they wait for it; note that an identity document was checked.

    Both are acts of a professional, whom --by names. Documents that waited follow with the next run. Exit codes: 0
    done; 2 nothing waits and no document was given, the identity does not admit it, a run is under way, or the site or
    the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.identities import accept as decide
    from dui_bridge.pipeline.actions.identities import document_check, find, told
    from dui_bridge.pipeline.identity.errors import DocumentIncomplete
    from dui_bridge.pipeline.reports.moments import given_day

    if (document is None) != (on is None):
        raise DocumentIncomplete(known=", ".join(Piece))
    with at_desk(config, by) as desk:
        known = find(desk, dossier, source)
        seen = None
        if document is not None and on is not None:
            seen = document_check(desk, document.value, given_day(on), by)
        done = told("ins_accepted", decide(desk, known.dossier_id, reason, seen), language())
    tell(done, json=json)


def refuse(
    dossier: Dossier,
    by: Professional,
    reason: Annotated[str, typer.Option(help="Why, for the audit; without any name of an usager.", show_default=False)],
    source: Source = None,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """Refuse the identity that INSi gave: it is not this person's. The same traits are not searched again.

    Exit codes: 0 done; 2 no answer waits for a decision, a run is under way, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.identities import find, told
    from dui_bridge.pipeline.actions.identities import refuse as decide

    with at_desk(config, by) as desk:
        known = find(desk, dossier, source)
        done = told("ins_refused", decide(desk, known.dossier_id, reason), language())
    tell(done, json=json)


def history(dossier: Dossier, source: Source = None, config: Config = SITE, json: AsJson = False) -> None:
    """Tell what happened to an identity: readings, calls, decisions, and what was handed over with an INS of before.

    Exit codes: 0 told; 2 nothing is known of this dossier, or the site or the journal cannot be read.
    """
    from dui_bridge.pipeline.actions.identities import find
    from dui_bridge.pipeline.reports.identities import history as told

    with at_desk(config) as desk:
        found = told(desk.journal, find(desk, dossier, source))
        zone = desk.zone
    if json:
        as_json(found.as_dict(language()))
        return
    for line in found.lines(zone, language()):
        typer.echo(line)


def add_to(app: typer.Typer) -> None:
    """Adds these commands to `ins`."""
    for name, command in (
        ("worklist", worklist),
        ("import", import_),
        ("accept", accept),
        ("refuse", refuse),
        ("history", history),
    ):
        app.command(name)(command)
