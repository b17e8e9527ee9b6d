"""`dui-bridge ins check|search|qualify|decode|nir`, and the worklist's own commands (`ins_worklist`)."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from dui_bridge.cli import ins_worklist
from dui_bridge.cli.acting import SITE, AsJson, By, Config, Source, actor, at_desk
from dui_bridge.cli.language import choose, language
from dui_bridge.cli.output import as_json, findings_as_dicts, print_findings

if TYPE_CHECKING:
    from dui_bridge.model.insi import Appel
    from dui_bridge.pipeline.identity.search import Searched

app = typer.Typer(
    help="Qualify identities: what will fail, searches at INSi, and what waits for a professional.",
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
)

_PARTIAL: Final = r"\d{4}(-\d{2}(-\d{2})?)?"
_LARGEST: Final = 20_000_000


class Sex(StrEnum):
    """As the registry of births has it."""

    M = "M"
    F = "F"


@app.callback()
def _group() -> None:
    """Qualify identities: what will fail, searches at INSi, and what waits for a professional."""


@app.command("check")
def check(
    source: Source = None,
    limit: Annotated[int, typer.Option(help="Show so many dossiers of each cause; JSON has all.", min=1)] = 10,
    config: Config = SITE,
    json: AsJson = False,
) -> None:
    """Say of each person of the exports what will make a search at INSi fail, and what may be right instead.

    Nobody is asked and nothing is changed: what is proposed is entered in the DUI by whoever has checked it. Exit
    codes: 0 nothing was found; 1 something was; 2 the site or a mapping does not check, or an export cannot be read.
    """
    from dui_bridge.cli.progress import progress
    from dui_bridge.pipeline.reports.identity_check import check as check_people
    from dui_bridge.site.settings import load_site

    site = load_site(config)
    choose(site.language)
    with progress() as steps:
        checked = check_people(site, [source] if source is not None else list(site.sources), steps)
    if json:
        as_json(checked.as_dict(language()))
    else:
        for line in checked.lines(language(), limit):
            typer.echo(line)
    raise typer.Exit(checked.exit_code)


@app.command("search")
def search(
    nom: Annotated[str, typer.Option(help="The birth name.", show_default=False)],
    prenom: Annotated[list[str], typer.Option(help="A given name; once for each, in order.", show_default=False)],
    sexe: Annotated[Sex, typer.Option(help="M or F.", show_default=False)],
    naissance: Annotated[str, typer.Option(help="The birth date.", metavar="AAAA-MM-JJ", show_default=False)],
    lieu: Annotated[
        str | None, typer.Option(help="The INSEE code of the birthplace.", metavar="COG", show_default=False)
    ] = None,
    capture: Annotated[
        Path | None,
        typer.Option(help="Keep the messages in this folder, persons and secrets masked.", show_default=False),
    ] = None,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Search one person at INSi, who is here: the calls of the ladder, and the answer.

    Each call is in the audit, without the person, and counts against the calls of the day. Exit codes: 0 found; 1 not
    found, or the traits or the cap of the day forbid the call; 2 the site or a certificate is wrong, or INSi refuses
    the software; 3 INSi could not be reached.
    """
    from dui_bridge.connectors.insi.messages import SHOWN
    from dui_bridge.connectors.wire.capture import Capture
    from dui_bridge.pipeline.identity.search import search_traits

    traits = {
        "nom_naissance": nom,
        "premier_prenom": prenom[0],
        "prenoms": " ".join(prenom),
        "sexe": sexe.value,
        "date_naissance": _date(naissance),
        "lieu_naissance": {"cog": lieu.upper()} if lieu else {},
    }
    calls: list[Appel] = []
    with at_desk(config, by, prepares=True) as desk:
        done = search_traits(
            desk.site,
            desk.journal,
            traits,
            by=desk.actor.by,
            origin=desk.actor.origin,
            told=calls.append if json else _tell_call,
            capture=Capture(capture, kept=SHOWN) if capture is not None else None,
        )
    if json:
        as_json({**_answer(done), "calls": [_call(one) for one in calls], "findings": _findings(done)})
    else:
        _tell_answer(done)
    raise typer.Exit(done.exit_code)


@app.command("qualify")
def qualify(
    source: Annotated[str, typer.Option(help="The source to read.", metavar="NAME", show_default=False)],
    dossier: Annotated[
        list[str] | None,
        typer.Option(
            help="This person is here: INSi may be asked. Only the dossiers named are looked at.",
            metavar="NUMBER",
            show_default=False,
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask nobody, write nothing.")] = False,
    config: Config = SITE,
    by: By = None,
    json: AsJson = False,
) -> None:
    """Settle the identities of a source without making documents: these follow with the next run.

    INSi is asked for an event only (docs/uncertain.md), within the daily cap. Exit codes: 0 done; 1 identities wait for
    a person (`ins worklist`); 2 the site or a mapping does not check, a run is under way, INSi refuses the software, or
    the export lacks a dossier that was named; 3 INSi could not be reached, the others are asked at the next run.
    """
    from contextlib import ExitStack

    from dui_bridge.cli.progress import progress
    from dui_bridge.pipeline.identity.qualify import qualify as settle
    from dui_bridge.pipeline.identity.step import Asked
    from dui_bridge.pipeline.opening import journal_if_any
    from dui_bridge.pipeline.reports.texts import text
    from dui_bridge.site.settings import load_site

    asked = Asked(actor(by).by, visits=frozenset(dossier or ()), calls=not dry_run)
    with ExitStack() as stack:
        steps = stack.enter_context(progress())
        if dry_run:
            site = load_site(config)
            choose(site.language)
            opened = journal_if_any(site)
            journal = None if opened is None else stack.enter_context(opened)
        else:
            desk = stack.enter_context(at_desk(config, by, prepares=True))
            desk.audit("ins qualify", source, visits=len(dossier) if dossier else None)
            site, journal = desk.site, desk.journal
        done = settle(site, journal, source, asked, steps, dry_run=dry_run)
    failed = done.result.insi_down
    if json:
        why = None if failed is None else {"code": failed.code, "message": failed.message(language())}
        findings = [group.finding for group in done.result.groups.values()]
        as_json(
            {
                "source": source,
                "identities": dict(done.result.identities),
                "failed": why,
                "findings": findings_as_dicts(findings, language()),
            }
        )
        raise typer.Exit(done.exit_code)
    for state, number in done.result.identities.items():
        key = f"ins_{state}" if state in ("calls", "due", "held") else f"identity_{state}"
        typer.echo(f"{number:>6}  {text(key, language())}")
    if failed is not None:
        typer.echo(f"{failed.message(language())} [{failed.code}]\n{failed.action(language())}", err=True)
    elif not dry_run:
        typer.echo(text("ins_then_run", language()))
    raise typer.Exit(done.exit_code)


@app.command("decode")
def decode(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A captured message, as XML.", show_default=False)],
    json: Annotated[bool, typer.Option("--json", help="What it holds, as JSON.")] = False,
) -> None:
    """Tell what a captured message of INSi is and holds: request, answer, fault or context; what is odd about it.

    A wrong key, a fault and a code in no list are understood, and named. Numbers and traits are shown as they stand in
    the file. Exit codes: 0 understood; 1 not a message of INSi; 2 the file cannot be read.
    """
    from dui_bridge.connectors.insi.decode import decode as read_message
    from dui_bridge.pipeline.reports.insi_message import message_lines

    message = read_message(_read(file))
    if json:
        as_json(message)
    else:
        for line in message_lines(message, language()):
            typer.echo(line)
    raise typer.Exit(int(not message["understood"]))


@app.command("nir")
def nir(
    number: Annotated[
        str, typer.Argument(metavar="NUMBER", help="13 characters, or 15 with the key; spaces do.", show_default=False)
    ],
    json: Annotated[bool, typer.Option("--json", help="What it says, as JSON.")] = False,
) -> None:
    """Tell what a NIR or NIA says: structure, key, sex, month, birthplace.

    Nothing here knows whether it belongs to anybody. Exit codes: 0 nothing is wrong with it (a missing key is not
    wrong); 1 structure or key is wrong.
    """
    from dui_bridge.ins.nir import describe
    from dui_bridge.pipeline.reports.nir import nir_dict, nir_lines
    from dui_bridge.validation.packs import places

    reading = describe(number, places())
    if json:
        as_json(nir_dict(reading, language()))
    else:
        for line in nir_lines(reading, language()):
            typer.echo(line)
    raise typer.Exit(int(not reading.right))


ins_worklist.add_to(app)


def _date(given: str) -> str:
    import re

    if re.fullmatch(_PARTIAL, given, re.ASCII) is None:
        raise typer.BadParameter("AAAA-MM-JJ", param_hint="--naissance")
    return given


def _read(file: Path) -> bytes:
    from dui_bridge.errors import FileUnusable, os_reasons

    try:
        with file.open("rb") as stream:
            return stream.read(_LARGEST)
    except OSError as error:
        raise FileUnusable(file=str(file), **os_reasons(error)) from None


def _tell_call(call: Appel) -> None:
    """One line, as soon as the call is over."""
    answer = call.reponse
    came = call.erreur if answer is None else f"{answer.code.value} {answer.libelle}"
    asked = call.demande
    sent = " ".join(filter(None, (asked.nom_naissance, *asked.prenoms, asked.sexe, asked.date_naissance)))
    typer.echo(f"  {call.etape:<15} {' '.join(filter(None, (sent, asked.lieu_naissance)))} → {came}")


def _tell_answer(done: Searched) -> None:
    from dui_bridge.pipeline.reports.identities import shown_traits
    from dui_bridge.pipeline.reports.texts import text

    print_findings(done.findings, language())
    parcours = done.parcours
    if parcours is None:
        typer.echo(text("ins_not_asked", language()))
        return
    person = parcours.individu
    if person is None:
        typer.echo(text(f"ins_end_{parcours.end}", language()))
        return
    values = {"matricule": person.actif.matricule15, "oid": person.actif.oid}
    typer.echo(text("ins_found", language()).format_map(values))
    from dui_bridge.ins.traits import traits_answered

    for trait, value in shown_traits(traits_answered(person)):
        if value:
            typer.echo(f"  {text(f'trait_{trait}', language()):<24}{value}")
    for former in person.historique:
        typer.echo(f"  INSHISTO  {former.matricule15} ({former.oid})")


def _answer(done: Searched) -> dict[str, object]:
    from dataclasses import asdict

    parcours = done.parcours
    person = parcours.individu if parcours is not None else None
    return {
        "end": None if parcours is None else str(parcours.end),
        "individu": None if person is None else {**asdict(person), "matricule": person.actif.matricule15},
    }


def _call(call: Appel) -> dict[str, object]:
    answer = call.reponse
    return {
        "step": call.etape,
        "at": call.le.isoformat(timespec="seconds"),
        "prenoms": list(call.demande.prenoms),
        "lieu_naissance": call.demande.lieu_naissance,
        "code": answer.code.value if answer is not None else call.erreur,
        "libelle": answer.libelle if answer is not None else None,
        "message_id": answer.message_id if answer is not None else None,
    }


def _findings(done: Searched) -> list[dict[str, object]]:
    return findings_as_dicts(done.findings, language())
