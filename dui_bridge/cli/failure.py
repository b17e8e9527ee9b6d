"""What an operator sees when something goes wrong: words and an exit code, never a stack trace."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dui_bridge.cli.language import language
from dui_bridge.errors import DeclarationInvalid, DuiBridgeError, FileUnusable, os_reasons

INTERRUPTED = 130


def guarded(call: Callable[[], Any]) -> int:
    """Calls and returns the exit code. `DUI_BRIDGE_TRACE=1` shows the stack to a developer."""
    _open_closed_streams()
    try:
        code = _called(call)
        sys.stdout.flush()  # here, and not when the interpreter ends: a full disk is then still told in our words
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BrokenPipeError:
        _give_up_output()
        return 0
    except DuiBridgeError as error:
        _say(error)
        return error.exit_code
    except OSError as error:
        _give_up_output()
        _say(FileUnusable(file=str(error.filename or "stdout"), **os_reasons(error)))
        return FileUnusable.exit_code
    except Exception as error:  # the last resort: an operator must never see a stack trace
        _unexpected(error)
        return 2
    if code == INTERRUPTED:
        french = language() == "fr"
        words = "interrompu ; ce qui était fait est conservé" if french else "interrupted; what was done is kept"
        sys.stderr.write(f"\n{words}\n")
    return code


def _called(call: Callable[[], Any]) -> int:
    """Its exit code; typer ends by SystemExit, with 130 after Ctrl-C."""
    try:
        return int(call() or 0)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)


def _open_closed_streams() -> None:
    """Started without standard output or error (`>&-`), what is written there goes nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  (as long as the process)


def _give_up_output() -> None:
    """What is still to be written goes nowhere, so that the interpreter does not fail once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(error: DuiBridgeError) -> None:
    shown = language()
    if isinstance(error, DeclarationInvalid):
        for finding in error.findings:
            sys.stderr.write(finding.line(shown) + "\n")
    sys.stderr.write(f"{error.message(shown)} [{error.code}]\n")
    if action := error.action(shown):
        sys.stderr.write(f"{action}\n")


def _unexpected(error: Exception) -> None:
    """A fault of ours: its kind and the line of code, never its text, which could hold a value of a dossier."""
    if os.environ.get("DUI_BRIDGE_TRACE"):
        traceback.print_exception(error)
        return
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "dui_bridge" in f.filename]
    at = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    name = type(error).__name__
    if language() == "fr":
        sys.stderr.write(f"erreur interne {name} ({at}) : merci de la signaler. Rien de fait à moitié n'est gardé.\n")
    else:
        sys.stderr.write(f"internal error {name} at {at}: please report it. Nothing half done was kept.\n")
