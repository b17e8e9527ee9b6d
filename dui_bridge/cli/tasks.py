"""The commands by which an operator steers long work: the same for a replay and a backfill.

Annotations here are evaluated at once (no `from __future__ import annotations`): they hold values of the functions.
"""

from typing import Annotated, Literal

import typer

from dui_bridge.cli.acting import SITE, AsJson, By, Config, at_desk, tell

Kind = Literal["replay", "backfill"]
Steering = Literal["pause", "resume", "cancel"]

_HELPS: dict[Steering, tuple[str, str]] = {
    "pause": ("Keep back what has not left of a {kind}.", "0 paused"),
    "resume": ("Go on with a {kind} that was paused.", "0 it goes on"),
    "cancel": ("Cancel what has not left of a {kind}.", "0 cancelled"),
}


def add_task_commands(app: typer.Typer, kind: Kind) -> None:
    """Adds `list`, `pause`, `resume` and `cancel` to the commands of a kind of task."""
    listed = f"""List the {kind}s, the last one first, with what became of each.

    Exit codes: 0 listed; 2 the site or the journal cannot be read.
    """

    @app.command("list", help=listed)
    def list_(config: Config = SITE, json: AsJson = False) -> None:
        from dui_bridge.pipeline.actions.tasks import tasks

        with at_desk(config) as desk:
            done = tasks(desk, kind)
        tell(done, json=json)

    for action in _HELPS:
        _add_steering(app, kind, action)


def _add_steering(app: typer.Typer, kind: Kind, action: Steering) -> None:
    what, code = _HELPS[action]
    help_text = f"""{what.format(kind=kind)}

    Exit codes: {code}; 2 it is not under way, or the site or the journal cannot be read.
    """
    number = typer.Argument(
        metavar="TASK", help=f"Its number, as `{kind} list` shows it.", show_default=False, min=1, max=2**31 - 1
    )

    @app.command(action, help=help_text)
    def steer_it(task: Annotated[int, number], config: Config = SITE, by: By = None, json: AsJson = False) -> None:
        from dui_bridge.pipeline.actions.tasks import steer

        with at_desk(config, by) as desk:
            done = steer(desk, kind, task, action)
        tell(done, json=json)
