"""How long the command takes to say anything, against a bare typer application in the same environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from processes import run
from table import Measure, Series, Target

_APP = '''\
import typer

app = typer.Typer({options})


@app.command()
def first(name: str) -> None:
    """The first command."""


@app.command()
def second(count: int = 1) -> None:
    """The second command."""
'''

_SCRIPT = """\
#!{python}
# -*- coding: utf-8 -*-
import sys
from {module} import app
if __name__ == "__main__":
    sys.exit(app())
"""


def measure_start_up(command: Path, folder: Path, rounds: int) -> list[Measure]:
    """`--version` and `--help` of the installed command, the bare applications' `--help` in turn with them."""
    bare = _bare_app(folder, "bare_app", "")
    plain = _bare_app(folder, "bare_app_without_rich", "rich_markup_mode=None")
    samples = _in_turn(
        {
            "bare": (bare, "--help"),
            "version": (command, "--version"),
            "plain": (plain, "--help"),
            "help": (command, "--help"),
        },
        rounds,
    )
    floor = Series("`--help` of a bare typer app of two commands", samples["bare"])
    without_rich = Series("the same bare app without rich", samples["plain"])
    version, shown = Series("`--version`", samples["version"]), Series("`--help`", samples["help"])
    return [
        Measure("start_version", version, "ms", floor, Target(1.2, at_most=True), {}),
        Measure("start_help", shown, "ms", floor, Target(1.8, at_most=True), {}),
        Measure("start_help_without_rich", shown, "ms", without_rich, None, {}),
    ]


def _bare_app(folder: Path, module: str, options: str) -> Path:
    """A script of the form that an installer writes for a console entry point."""
    (folder / f"{module}.py").write_text(_APP.format(options=options), encoding="utf-8")
    script = folder / module.replace("_", "-")
    script.write_text(_SCRIPT.format(python=sys.executable, module=module), encoding="utf-8")
    script.chmod(0o755)
    return script


def _in_turn(commands: Mapping[str, Sequence[str | os.PathLike[str]]], rounds: int) -> dict[str, tuple[float, ...]]:
    """Milliseconds of each command, one round after the other; before several, one that is not counted."""
    samples: dict[str, list[float]] = {name: [] for name in commands}
    for counted in (*[False] * (rounds > 1), *[True] * rounds):
        for name, words in commands.items():
            wall = run([os.fspath(word) for word in words]).wall
            if counted:
                samples[name].append(wall * 1000)
    return {name: tuple(values) for name, values in samples.items()}
