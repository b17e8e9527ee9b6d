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
    "mapping": "Check a mapping, and run its own tests.",
    "config": "Check or show a site's configuration.",
    "cda": "Check CDA documents.",
    "pack": "Add, list or remove official material (the CI-SIS suite).",
    "schema": "Print the JSON Schema of a site file or of a mapping.",
}
"""Name → one line of help; the module is `dui_bridge.cli.<name>_command`, its typer application `app`."""

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
        module = import_module(f"dui_bridge.cli.{cmd_name}_command")
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
