"""The tree of commands: names and one-line helps here, the code imported only when its command is called.

`tests/unit/cli/test_commands.py` compares the table with the commands themselves.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

COMMANDS: dict[str, str] = {
    "run": "Read the exports, build the documents that changed, hand them over.",
    "demo": "Prepare a sandbox site on the invented samples and run it.",
    "status": "Say what did not leave, why, what to do, and who acts.",
    "report": "Write one page on one day: what was read, what left, what did not and why.",
    "quarantine": "List the dossiers and documents that are held: place in the export, cause, remedy, who acts.",
    "queue": "List what is about to leave for a destination, in that order, with the next time of each.",
    "trace": "Tell the way of one item, from the row of the export to the answers and the rows for the DUI.",
    "explain": "Print the chain of rules that says whether a document may go to each destination, in words.",
    "review": "Decide what only a person can: doubtful deliveries, and documents that policy asks about.",
    "replay": "Send again what was refused, came back or was cancelled; a preview first.",
    "deliver": "Send once all that is due and that policy lets go, without reading any export.",
    "send-now": "Send what waits of one document now, ahead of everything else; policy and pauses still decide.",
    "hold": "Keep back documents of an establishment, a type, a destination, a source, a dossier, or one document.",
    "release": "End holds: by their numbers, or with the same options as they were placed.",
    "pause": "Stop sending to a destination; nothing is lost, everything waits in its order.",
    "resume": "Send to a destination again: one document goes first, the others follow when it has arrived.",
    "ins": "Qualify identities: what will fail, searches at INSi, and what waits for a professional.",
    "consents": "Declare that all usagers of an establishment were informed of a channel.",
    "baseline": (
        "Say from which date on documents are sent; what is older is known and stays here, unless a backfill brings it."
    ),
    "backfill": "Bring what a start date, a baseline or a surge keeps back, so many a day, the oldest first.",
    "runs": "List the runs, and decide about one that is held.",
    "serve": "Stay: read each source when it is due, send what is ready, watch the urgent folders.",
    "backup": "Copy the journal while it is in use: the database at one moment, and all that it names.",
    "restore": "Put a backup back as the site's data folder, with every destination paused until `reconcile`.",
    "reconcile": "After a restore, ask what left since the backup, read the exports, then let destinations send again.",
    "purge": "Remove the bytes that `retention` of the site file no longer keeps; ids, hashes and states stay.",
    "audit": "Show who did what, and prove that nothing of it was changed.",
    "sandbox": "Start the stand-ins of a sandbox site, and make their test certificates.",
    "dmp": "Use the DMP by hand, and read its messages.",
    "mssante": "Use MSSanté by hand, and read its mails.",
    "inbox": "Decide about mails that came by MSSanté: file their documents, or refuse them.",
    "annuaire": "Look up MSSanté mailboxes in the Annuaire Santé.",
    "xdm": "Check or show an archive IHE_XDM.zip of MSSanté.",
    "mapping": "Check a mapping, and run its own tests.",
    "config": "Check or show a site's configuration.",
    "cda": "Check CDA documents.",
    "pack": "Add, list or remove official material (the CI-SIS suite, INSEE's places).",
    "schema": "Print the JSON Schema of a site file, of a mapping or of a policy file.",
}
"""Name → one line of help; the module is `dui_bridge.cli.<name>_command` (`_` for `-`), its typer application `app`."""

_HELP = """Beside an existing DUI: reads its exports, builds and hands over health documents.

A component, not certified by itself. Exit codes: 0 done; 1 something waits for a person, or a check found errors;
2 usage, configuration or unreadable input; 3 a service could not be reached."""


class Root(TyperGroup):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"dui_bridge.cli.{cmd_name.replace('-', '_')}_command")
        command: Any = typer.main.get_command(module.app)
        command.name = cmd_name
        return command  # type: ignore[no-any-return]

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        self.commands = dict.fromkeys(COMMANDS)  # type: ignore[assignment]  # only its keys are read, to suggest
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def root() -> TyperGroup:
    """The application."""
    app = typer.Typer(cls=Root, rich_markup_mode=None, add_completion=False, no_args_is_help=True, help=_HELP)
    app.callback()(_version)
    return typer.main.get_group(app)


def _version() -> None:
    """Only there so that the group takes options."""


_version.__doc__ = _HELP
